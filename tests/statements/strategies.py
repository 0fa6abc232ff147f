"""Hypothesis strategies for every value of xAPI's data model, each within the specification's rules."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from reinforce.statements.activities import Activity, ActivityDefinition, InteractionComponent, Verb
from reinforce.statements.actors import Account, Agent, Group
from reinforce.statements.contexts import (
    Attachment,
    Context,
    ContextActivities,
    ContextAgent,
    ContextGroup,
    Result,
    Score,
    StatementRef,
)
from reinforce.statements.statement import Statement, SubStatement

texts = st.text(st.characters(codec="utf-8"), max_size=6)
iris = st.sampled_from(["http://example.com/", "urn:x:", "https://例え.jp/", "tag:a.example,2026:"]).flatmap(
    lambda start: st.text("abcäß日%20/?#&=", min_size=1, max_size=6).map(lambda rest: start + rest)
)
language_maps = st.dictionaries(st.sampled_from(["en", "de-CH", "zh-Hans-CN", "x-a", "es-419"]), texts, max_size=2)
json_leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | texts
extensions = st.dictionaries(
    iris,
    st.recursive(json_leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2)),
    max_size=2,
)
moments = st.integers(0, 4 * 10**12).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
durations = st.sampled_from(["PT1S", "P4W", "P1Y2M3DT4H5M6.78S", "PT0.001S"])

identifiers = st.one_of(
    st.fixed_dictionaries({"mbox": st.sampled_from(["mailto:a@example.com", "mailto:B.c+d@EXAMPLE.com"])}),
    st.fixed_dictionaries({"mbox_sha1sum": st.text("0123456789abcdefABCDEF", min_size=40, max_size=40)}),
    st.fixed_dictionaries({"openid": st.sampled_from(["https://id.example/a", "urn:x:y"])}),
    st.fixed_dictionaries({"account": st.builds(Account, iris, texts)}),
)
names = st.none() | texts
agents = st.builds(lambda name, identifier: Agent(name=name, **identifier), names, identifiers)
members = st.lists(agents, max_size=2).map(tuple)
groups = st.builds(lambda name, member: Group(name=name, member=member), names, members) | st.builds(
    lambda name, member, identifier: Group(name=name, member=member, **identifier),
    names,
    st.none() | members,
    identifiers,
)
actors = agents | groups

verbs = st.builds(Verb, iris, language_maps)
components = st.lists(st.builds(InteractionComponent, texts, language_maps), max_size=2, unique_by=lambda c: c.id).map(
    tuple
)
plain_definitions = st.builds(
    ActivityDefinition,
    name=language_maps,
    description=language_maps,
    type=st.none() | iris,
    more_info=st.none() | iris,
    extensions=extensions,
)
questions = st.one_of(
    st.builds(
        ActivityDefinition,
        interaction_type=st.sampled_from(["choice", "sequencing"]),
        correct_responses_pattern=st.none() | st.lists(texts, max_size=2).map(tuple),
        choices=components,
    ),
    st.builds(
        ActivityDefinition,
        interaction_type=st.just("matching"),
        correct_responses_pattern=st.sampled_from([None, (), ("a[.]b[,]c[.]d",)]),
        source=components,
        target=components,
    ),
    st.builds(ActivityDefinition, interaction_type=st.just("performance"), steps=components),
    st.builds(ActivityDefinition, interaction_type=st.just("likert"), scale=components),
    st.builds(
        ActivityDefinition,
        interaction_type=st.just("numeric"),
        correct_responses_pattern=st.sampled_from([("1[:]2",), ("4",), ("[:]",)]),
    ),
)
activities = st.builds(Activity, iris, st.none() | plain_definitions | questions)
several = st.lists(activities, max_size=2).map(tuple)

numbers = st.integers(-100, 100) | st.floats(-100, 100)
scores = st.builds(Score, scaled=st.none() | st.floats(-1, 1), raw=st.none() | numbers) | st.builds(
    lambda low, raw, high: Score(raw=raw, min=low, max=high), st.floats(-9, -1), st.floats(-1, 1), st.floats(1, 9)
)
results = st.builds(
    Result,
    score=st.none() | scores,
    success=st.none() | st.booleans(),
    completion=st.none() | st.booleans(),
    response=st.none() | texts,
    duration=st.none() | durations,
    extensions=extensions,
)
references = st.builds(StatementRef, st.uuids())
relevant = st.lists(iris, min_size=1, max_size=2).map(tuple)
contexts = st.builds(
    Context,
    registration=st.none() | st.uuids(),
    instructor=st.none() | actors,
    team=st.none() | groups,
    context_activities=st.none() | st.builds(ContextActivities, several, several, several, several),
    context_agents=st.lists(st.builds(ContextAgent, agents, relevant), max_size=1).map(tuple),
    context_groups=st.lists(st.builds(ContextGroup, groups, relevant), max_size=1).map(tuple),
    language=st.none() | st.sampled_from(["en", "de-CH"]),
    statement=st.none() | references,
    extensions=extensions,
)
attachments = st.lists(
    st.builds(
        Attachment,
        usage_type=iris,
        display=language_maps,
        content_type=st.sampled_from(["text/plain; charset=utf-8", "application/pdf"]),
        length=st.integers(0, 10**9),
        sha2=st.text("0123456789abcdef", min_size=64, max_size=64),
        description=language_maps,
        file_url=st.none() | iris,
    ),
    max_size=1,
).map(tuple)
sub_statements = st.builds(
    SubStatement,
    actor=actors,
    verb=verbs,
    object=activities | actors | references,
    result=st.none() | results,
    context=st.none() | contexts,
    timestamp=st.none() | moments,
    attachments=attachments,
)
statements = st.builds(
    Statement,
    id=st.none() | st.uuids(),
    actor=actors,
    verb=verbs,
    object=activities | actors | references | sub_statements,
    result=st.none() | results,
    context=st.none() | contexts,
    timestamp=st.none() | moments,
    stored=st.none() | moments,
    authority=st.none() | agents,
    version=st.sampled_from([None, "1.0.0", "2.0.0"]),
    attachments=attachments,
)
