"""Each requirement on statements that an LRS is judged by, in our words: what is refused and where, what is taken."""

import re
from typing import Any

import pytest

from reinforce.errors import InvalidStatement
from reinforce.statements import rules
from reinforce.statements.conversion import parse_statement
from reinforce.statements.faults import Rule
from reinforce.statements.reading import read_statements
from reinforce.statements.versions import XapiVersion
from statements.examples import (
    ACTIVITY,
    AGENT,
    ATTACHMENT,
    CONTEXT,
    FULL,
    GONE,
    GROUP,
    IN_ROLES,
    PLANNED,
    SMALL,
    Plain,
    as_bytes,
    changed,
)

both_versions = pytest.mark.parametrize("version", list(XapiVersion))
A_REF = {"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"}
VOID = {"id": "http://adlnet.gov/expapi/verbs/voided"}
NAMELESS_GROUP = {"objectType": "Group", "member": [AGENT, {"mbox": "mailto:bob@example.com"}]}
NO_SCHEME = "example.com/x"

Case = tuple[str, Plain, str]


def _at(*steps: Any) -> Plain:
    return changed(FULL, *steps)


def _actor(value: Any) -> Plain:
    return _at("actor", value)


def _context(name: str, value: Any) -> Plain:
    return _at("context", name, value)


def _definition(**members: Any) -> Plain:
    return _at("object", "definition", members)


REFUSED: list[Case] = [
    # formatting
    ("an actor is required", changed(SMALL, "actor", GONE), "$.actor"),
    ("a verb is required", changed(SMALL, "verb", GONE), "$.verb"),
    ("an object is required", changed(SMALL, "object", GONE), "$.object"),
    ("null is refused outside of extensions", _at("context", "registration", None), "$.context.registration"),
    ("null is refused in a language map", _at("verb", "display", "en-US", None), "$.verb.display['en-US']"),
    ("text is no number", _at("result", "score", "max", "100"), "$.result.score.max"),
    ("text is no truth value", _at("result", "success", "true"), "$.result.success"),
    ("a number is no truth value", _at("result", "completion", 1), "$.result.completion"),
    ("a truth value is no number", _at("result", "score", "raw", True), "$.result.score.raw"),
    ("an empty text is no IRI", _at("verb", "id", ""), "$.verb.id"),
    ("the case of a key counts", _at("timeStamp", "2026-01-01T00:00:00Z"), "$.timeStamp"),
    ("the case of an enumerated value counts", _at("object", "objectType", "activity"), "$.object.objectType"),
    ("an unknown key is refused", _at("mood", "good"), "$.mood"),
    ("an unknown key is refused in a verb", _at("verb", "mood", "good"), "$.verb.mood"),
    ("an unknown key is refused in a result", _at("result", "mood", 1), "$.result.mood"),
    ("an unknown key is refused in a score", _at("result", "score", "mean", 1), "$.result.score.mean"),
    ("an unknown key is refused in an account", _at("authority", "account", "id", "1"), "$.authority.account.id"),
    ("an unknown key is refused in an attachment", _at("attachments", 0, "size", 1), "$.attachments[0].size"),
    ("an IRI has a scheme", _at("verb", "id", NO_SCHEME), "$.verb.id"),
    ("an IRI's scheme has no =", _at("verb", "id", "ab=c://should.fail.com"), "$.verb.id"),
    ("an IRI has no blanks", _at("object", "id", "http://example.com/a b"), "$.object.id"),
    ("an activity type has a scheme", _definition(type=NO_SCHEME), "$.object.definition.type"),
    ("moreInfo has a scheme", _definition(moreInfo=NO_SCHEME), "$.object.definition.moreInfo"),
    # ids
    ("an id is a UUID", _at("id", "should fail"), "$.id"),
    ("an id is text", _at("id", 12345), "$.id"),
    ("a UUID has 32 digits", _at("id", "AA97B177-9383-4934-8543-0F91A7A028368"), "$.id"),
    ("a UUID's digits are hexadecimal", _at("id", "MA97B177-9383-4934-8543-0F91A7A02836"), "$.id"),
    # actors
    ("an actor is an object", _actor("Ada"), "$.actor"),
    ("an actor is an Agent or a Group", _actor({**AGENT, "objectType": "Person"}), "$.actor.objectType"),
    ("an actor's objectType is text", _actor({**AGENT, "objectType": 1}), "$.actor.objectType"),
    ("a name is text", _actor({**AGENT, "name": 123}), "$.actor.name"),
    ("an Agent has an identifier", _actor({"name": "Ada"}), "$.actor"),
    ("an Agent has only one identifier", _actor({**AGENT, "mbox": "mailto:a@example.com"}), "$.actor"),
    ("an identified Group has only one identifier", _actor({**GROUP, "openid": "http://a.example"}), "$.actor"),
    ("a Group without identifier lists its members", _actor({"objectType": "Group"}), "$.actor.member"),
    ("members are an array", _actor({"objectType": "Group", "member": AGENT}), "$.actor.member"),
    ("members are Agents", _actor({"objectType": "Group", "member": [GROUP]}), "$.actor.member[0].objectType"),
    ("a member is an object", _actor({"objectType": "Group", "member": ["Ada"]}), "$.actor.member[0]"),
    ("only Groups have members", _actor({**AGENT, "member": []}), "$.actor.member"),
    ("an mbox begins with mailto:", _actor({"mbox": "http://should.fail.com"}), "$.actor.mbox"),
    ("an mbox holds an address", _actor({"mbox": "mailto:should.fail.com"}), "$.actor.mbox"),
    ("a hash has 40 hex digits", _actor({"mbox_sha1sum": "cd9b00"}), "$.actor.mbox_sha1sum"),
    ("an openid is a URI", _actor({"openid": "ab=c://should.fail.com"}), "$.actor.openid"),
    ("an account is an object", _actor({"account": "17"}), "$.actor.account"),
    ("an account has a homePage", _at("authority", "account", "homePage", GONE), "$.authority.account.homePage"),
    ("an account has a name", _at("authority", "account", "name", GONE), "$.authority.account.name"),
    ("a homePage is an IRL", _at("authority", "account", "homePage", NO_SCHEME), "$.authority.account.homePage"),
    # verbs
    ("a verb has an id", _at("verb", "id", GONE), "$.verb.id"),
    ("a verb is an object", _at("verb", "did"), "$.verb"),
    ("a display is a language map", _at("verb", "display", "did"), "$.verb.display"),
    ("a language tag's parts have the lengths of RFC 5646", _at("verb", "display", {"a12345678": "x"}), ""),
    ("a primary language has at most 8 letters", _at("verb", "display", {"something": "x"}), ""),
    ("a subtag has at most 8 letters", _at("verb", "display", {"en-something-AU": "x"}), ""),
    ("a single letter is no language", _at("verb", "display", {"s-something": "x"}), ""),
    ("the text of a language is text", _at("verb", "display", {"en": 12345}), "$.verb.display.en"),
    # objects
    ("an object is an object", _at("object", "thing"), "$.object"),
    ("an object is of a known kind", _at("object", "objectType", "Thing"), "$.object.objectType"),
    ("an activity has an id", _at("object", {"objectType": "Activity"}), "$.object.id"),
    ("a definition is an object", _at("object", "definition", "x"), "$.object.definition"),
    ("a name is a language map", _definition(name="x"), "$.object.definition.name"),
    ("a description is a language map", _definition(description=1), "$.object.definition.description"),
    ("extensions are an object", _definition(extensions="x"), "$.object.definition.extensions"),
    ("an extension's key is an IRI", _definition(extensions={"x": 1}), "$.object.definition.extensions.x"),
    ("an interactionType is known", _definition(interactionType="essay"), "$.object.definition.interactionType"),
    ("an interactionType's case counts", _definition(interactionType="Other"), "$.object.definition.interactionType"),
    ("an Agent as the object says so", _at("object", {"mbox": "mailto:a@example.com"}), "$.object.mbox"),
    # interactions
    ("what has patterns is an interaction", _definition(correctResponsesPattern=["a"]), ".interactionType"),
    ("what has components is an interaction", _definition(choices=[{"id": "a"}]), ".interactionType"),
    ("patterns are an array", _definition(interactionType="other", correctResponsesPattern="a"), "Pattern"),
    ("a pattern is text", _definition(interactionType="other", correctResponsesPattern=[1]), "Pattern[0]"),
    ("true or false", _definition(interactionType="true-false", correctResponsesPattern=["t"]), "Pattern[0]"),
    ("a number or a range", _definition(interactionType="numeric", correctResponsesPattern=["4", "x"]), "Pattern[1]"),
    ("pairs", _definition(interactionType="matching", correctResponsesPattern=["a[,]b"]), "Pattern[0]"),
    ("steps", _definition(interactionType="performance", correctResponsesPattern=["a"]), "Pattern[0]"),
    ("one point", _definition(interactionType="likert", correctResponsesPattern=["a[,]b"]), "Pattern[0]"),
    ("components are objects", _definition(interactionType="choice", choices=["a"]), ".choices[0]"),
    ("components have ids", _definition(interactionType="choice", choices=[{}]), ".choices[0].id"),
    ("ids of components differ", _definition(interactionType="likert", scale=[{"id": "a"}] * 2), ".scale[1].id"),
    ("fill-in has no choices", _definition(interactionType="fill-in", choices=[]), ".choices"),
    ("choice has no steps", _definition(interactionType="choice", steps=[]), ".steps"),
    ("components are an array", _definition(interactionType="choice", choices={}), ".choices"),
    # references and SubStatements
    ("a StatementRef has an id", _at("object", {"objectType": "StatementRef"}), "$.object.id"),
    ("a StatementRef's id is a UUID", _at("object", {**A_REF, "id": "x"}), "$.object.id"),
    ("a SubStatement is held to the rules of statements", changed(PLANNED, "object", "verb", GONE), "$.object.verb"),
    ("a SubStatement has no SubStatement", changed(PLANNED, "object", "object", PLANNED["object"]), "$.object.object"),
    ("a SubStatement has no id", changed(PLANNED, "object", "id", FULL["id"]), "$.object.id"),
    ("a SubStatement has no stored", changed(PLANNED, "object", "stored", FULL["stored"]), "$.object.stored"),
    ("a SubStatement has no version", changed(PLANNED, "object", "version", "1.0.0"), "$.object.version"),
    ("a SubStatement has no authority", changed(PLANNED, "object", "authority", AGENT), "$.object.authority"),
    # results
    ("a result is an object", _at("result", []), "$.result"),
    ("a response is text", _at("result", "response", 12345), "$.result.response"),
    ("a duration is ISO 8601", _at("result", "duration", "should fail"), "$.result.duration"),
    ("a duration is text", _at("result", "duration", 12345), "$.result.duration"),
    ("weeks stand alone in a duration", _at("result", "duration", "P4W1D"), "$.result.duration"),
    ("a duration's designators are known", _at("result", "duration", "PA1H0M0S"), "$.result.duration"),
    ("a score is an object", _at("result", "score", 0.5), "$.result.score"),
    ("scaled is at most 1", _at("result", "score", "scaled", 1.01), "$.result.score.scaled"),
    ("scaled is at least -1", _at("result", "score", "scaled", -1.00001), "$.result.score.scaled"),
    ("raw is at least min", _at("result", "score", "raw", -0.1), "$.result.score.raw"),
    ("raw is at most max", _at("result", "score", "raw", 10.1), "$.result.score.raw"),
    ("min is less than max", _at("result", "score", {"min": 1, "max": 1}), "$.result.score.min"),
    # contexts
    ("a context is an object", _at("context", "x"), "$.context"),
    ("a registration is a UUID", _context("registration", "x"), "$.context.registration"),
    ("an instructor is an actor", _context("instructor", "x"), "$.context.instructor"),
    ("a team is a Group", _context("team", AGENT), "$.context.team"),
    ("contextActivities are an object", _context("contextActivities", "x"), "$.context.contextActivities"),
    ("contextActivities have known kinds", _context("contextActivities", {"child": []}), ".child"),
    ("a contextActivity is an activity", _context("contextActivities", {"parent": AGENT}), ".parent"),
    ("a contextActivity is an object", _context("contextActivities", {"parent": "x"}), ".parent"),
    ("contextActivities are activities", _context("contextActivities", {"other": ["x"]}), ".other[0]"),
    ("a revision is text", _context("revision", 1), "$.context.revision"),
    ("a platform is text", _context("platform", 1), "$.context.platform"),
    ("a revision is an activity's", {**SMALL, "object": AGENT, "context": {"revision": "1"}}, "$.context.revision"),
    ("a platform is an activity's", {**SMALL, "object": A_REF, "context": {"platform": "x"}}, "$.context.platform"),
    ("a language is a tag", _context("language", "something"), "$.context.language"),
    ("a context's statement is a StatementRef", _context("statement", {"id": FULL["id"]}), ".statement.objectType"),
    ("a context's statement is an object", _context("statement", "x"), "$.context.statement"),
    # moments, versions, authority
    ("a timestamp is a moment", _at("timestamp", "01/011/2015"), "$.timestamp"),
    ("a timestamp is on the calendar", _at("timestamp", "2026-02-30T09:00:00Z"), "$.timestamp"),
    ("the offset -00 is refused", _at("timestamp", "2008-09-15T15:53:00.601-00"), "$.timestamp"),
    ("the offset -0000 is refused", _at("timestamp", "2008-09-15T15:53:00.601-0000"), "$.timestamp"),
    ("the offset -00:00 is refused", _at("timestamp", "2008-09-15T15:53:00.601-00:00"), "$.timestamp"),
    ("stored is a moment", _at("stored", "yesterday"), "$.stored"),
    ("a version of 0.9 is refused", _at("version", "0.9.9"), "$.version"),
    ("a version of 1.1 is refused", _at("version", "1.1.0"), "$.version"),
    ("an authority is an actor", _at("authority", {"objectType": "Activity", "id": "http://a.example"}), ""),
    ("an authority Group has two members", _at("authority", {"objectType": "Group", "member": [AGENT]}), ""),
    ("an authority Group has no identifier", _at("authority", {**NAMELESS_GROUP, "mbox": "mailto:a@b.c"}), ""),
    # voiding
    ("what is voided is a StatementRef", {**SMALL, "verb": VOID}, "$.object"),
    # attachments
    ("attachments are an array", _at("attachments", ATTACHMENT), "$.attachments"),
    ("an attachment is an object", _at("attachments", ["x"]), "$.attachments[0]"),
    *(
        (f"an attachment has its {name}", _at("attachments", 0, name, GONE), f"$.attachments[0].{name}")
        for name in ("usageType", "display", "contentType", "length", "sha2")
    ),
    ("a usageType is an IRI", _at("attachments", 0, "usageType", NO_SCHEME), "$.attachments[0].usageType"),
    ("a contentType is a media type", _at("attachments", 0, "contentType", "x"), "$.attachments[0].contentType"),
    ("a length is whole", _at("attachments", 0, "length", 1.5), "$.attachments[0].length"),
    ("a length is not negative", _at("attachments", 0, "length", -1), "$.attachments[0].length"),
    ("a sha2 is text", _at("attachments", 0, "sha2", 12345), "$.attachments[0].sha2"),
    ("a sha2 is a hash", _at("attachments", 0, "sha2", "abc"), "$.attachments[0].sha2"),
    ("a fileUrl is an IRL", _at("attachments", 0, "fileUrl", NO_SCHEME), "$.attachments[0].fileUrl"),
    (
        "a signature is of octets",
        _at("attachments", 0, "usageType", "http://adlnet.gov/expapi/attachments/signature"),
        "$.attachments[0].contentType",
    ),
]


@both_versions
@pytest.mark.parametrize(("requirement", "statement", "path"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_breaks_a_requirement_is_refused_with_its_place(
    requirement: str, statement: Plain, path: str, version: XapiVersion
) -> None:
    """The fault names the JSON path, the rule in words, and the section of that version of the specification."""
    with pytest.raises(InvalidStatement) as caught:
        read_statements(as_bytes(statement), version)

    assert any(path in fault.path for fault in caught.value.faults)
    for fault in caught.value.faults:
        assert len(fault.rule) > 10
        assert re.fullmatch(
            r"xAPI 1\.0\.3, Data [\d., ]+" if version is XapiVersion.V1 else r"xAPI 2\.0, [\d., ]+", fault.section
        )


TAKEN: list[tuple[str, Plain]] = [
    ("the least that a statement holds", SMALL),
    ("everything that a statement can hold", FULL),
    ("a SubStatement with everything", PLANNED),
    *((f"a {kind} as the object", changed(SMALL, "object", value)) for kind, value in [
        ("Agent", AGENT), ("Group", GROUP), ("nameless Group", NAMELESS_GROUP), ("StatementRef", A_REF),
        ("full Activity", ACTIVITY),
    ]),
    ("a Group that is identified and lists nobody", _actor({"objectType": "Group", "openid": "https://g.example"})),
    ("null, empty text and empty objects in extensions",
     _at("result", "extensions", {"http://a.example/x": None, "http://a.example/y": "", "http://a.example/z": {}})),
    ("no extensions at all", _at("result", "extensions", {})),
    ("empty objects", {**SMALL, "result": {}, "context": {}, "attachments": []}),
    ("an authority of an application and a user", _at("authority", NAMELESS_GROUP)),
    ("a version of 1.0", _at("version", "1.0")),
    ("a version of 1.0.9", _at("version", "1.0.9")),
    ("a time to come", _at("timestamp", "2031-01-01T00:00:00.000Z")),
    ("a language with script and region", _at("verb", "display", {"zh-Hans-CN": "x", "sr-Cyrl": "x", "cmn": "x"})),
    ("an IRI beyond ASCII", _at("verb", "id", "http://example.com/verbs/gelöst")),
    ("an IRI that is a URN", _at("object", "id", "urn:uuid:fd41c918-b88b-4b20-a0a5-a4c32391aaa0")),
    ("a voiding of a statement that may not exist", {**SMALL, "verb": VOID, "object": A_REF}),
    *(
        (f"a {kind} interaction", _definition(interactionType=kind, correctResponsesPattern=patterns))
        for kind, patterns in [
            ("true-false", ["true"]), ("choice", ["golf[,]tetris"]), ("fill-in", ["Bob's your uncle"]),
            ("long-fill-in", ["{case_matters=false}{lang=en}To share"]), ("likert", ["likert_3"]),
            ("matching", ["ben[.]3[,]chris[.]2"]), ("performance", ["pong[.]1:[,]dg[.]:10[,]lunch[.]"]),
            ("sequencing", ["tim[,]mike"]), ("numeric", ["4[:]", "[:]4", "-1.5[:]1e3", "4"]), ("other", ["(35,-86)"]),
            ("choice", []),
        ]
    ),
    *((f"the duration {text}", _at("result", "duration", text)) for text in [
        "PT4H35M59.14S", "PT16559.14S", "P3Y1M29DT4H35M59.14S", "P3Y", "P4W", "PT1H0M0.123456S",
    ]),
]  # fmt: skip


@both_versions
@pytest.mark.parametrize(("what", "statement"), TAKEN, ids=[case[0] for case in TAKEN])
def test_what_the_specification_allows_is_taken(what: str, statement: Plain, version: XapiVersion) -> None:
    """What an LRS must accept is accepted, in both versions, and can be made into values."""
    (received,) = read_statements(as_bytes(statement), version)

    assert received.data == statement
    assert parse_statement(statement, version).verb.id == statement["verb"]["id"]


IN_2_0_ONLY: list[Case] = [
    ("a contextAgent says that it is one", changed(IN_ROLES, "context", "contextAgents", 0, "objectType", "Agent"), ""),
    ("a contextAgent has an agent", changed(IN_ROLES, "context", "contextAgents", 0, "agent", GONE), ".agent"),
    ("a contextAgent's agent is an Agent", changed(IN_ROLES, "context", "contextAgents", 0, "agent", GROUP), ".agent"),
    ("relevantTypes hold one", changed(IN_ROLES, "context", "contextAgents", 0, "relevantTypes", []), "Types"),
    ("relevantTypes are IRIs", changed(IN_ROLES, "context", "contextAgents", 0, "relevantTypes", ["abc"]), "Types[0]"),
    ("a contextGroup says that it is one", changed(IN_ROLES, "context", "contextGroups", 0, "objectType", "x"), ""),
    ("a contextGroup's group is a Group", changed(IN_ROLES, "context", "contextGroups", 0, "group", AGENT), ".group"),
    ("a contextAgent is an object", changed(IN_ROLES, "context", "contextAgents", ["x"]), "$.context.contextAgents[0]"),
    ("a contextGroup is an object", changed(IN_ROLES, "context", "contextGroups", ["x"]), "$.context.contextGroups[0]"),
    ("a contextGroup has a group", changed(IN_ROLES, "context", "contextGroups", 0, "group", GONE), ".group"),
    ("contextGroups are an array", changed(IN_ROLES, "context", "contextGroups", {}), "$.context.contextGroups"),
    ("a group is an object", changed(IN_ROLES, "context", "contextGroups", 0, "group", "x"), ".group"),
    ("contextAgents are an array", changed(IN_ROLES, "context", "contextAgents", {}), "$.context.contextAgents"),
    ("a timestamp has a time zone", _at("timestamp", "2026-03-31T09:00:00"), "$.timestamp"),
    ("a timestamp has seconds", _at("timestamp", "2026-03-31T09:00Z"), "$.timestamp"),
    ("a version of 2.1 is refused", _at("version", "2.1.0"), "$.version"),
]


@pytest.mark.parametrize(("requirement", "statement", "path"), IN_2_0_ONLY, ids=[case[0] for case in IN_2_0_ONLY])
def test_what_breaks_a_requirement_of_2_0_is_refused(requirement: str, statement: Plain, path: str) -> None:
    """Version 2.0 knows contextAgents and contextGroups, and asks for moments as in RFC 3339."""
    with pytest.raises(InvalidStatement) as caught:
        read_statements(as_bytes(statement), XapiVersion.V2)

    assert any(path in fault.path for fault in caught.value.faults)


def test_every_rule_is_tried() -> None:
    """No rule is without a case, but for those of what holds statements and those that choosing a kind makes moot."""
    broken = set()
    for _, statement, _ in REFUSED + IN_2_0_ONLY:
        with pytest.raises(InvalidStatement) as caught:
            read_statements(as_bytes(statement), XapiVersion.V2)
        broken |= {fault.rule for fault in caught.value.faults}
    known = {name: rule.says for name, rule in vars(rules).items() if isinstance(rule, Rule) and rule.says}
    untried = {name for name, says in known.items() if not any(rule.startswith(says) for rule in broken)}

    assert untried <= {"STATEMENT", "BATCH", "TWICE", "SUB_STATEMENT", "SUB_STATEMENT_KIND"}


@pytest.mark.parametrize("statement", [IN_ROLES, changed(PLANNED, "object", "context", IN_ROLES["context"])])
def test_roles_are_of_2_0(statement: Plain) -> None:
    """Roles are taken in 2.0, also in a SubStatement, and are unknown in 1.0.3."""
    read_statements(as_bytes(statement), XapiVersion.V2)

    with pytest.raises(InvalidStatement, match="there is no such property here"):
        read_statements(as_bytes(statement), XapiVersion.V1)


def test_a_version_of_2_0_is_of_2_0() -> None:
    """A statement that says that it is 2.0.0 is taken in requests of 2.0 and refused in those of 1.0.3."""
    statement = as_bytes(_at("version", "2.0.0"))

    read_statements(statement, XapiVersion.V2)
    with pytest.raises(InvalidStatement, match=r"\$\.version"):
        read_statements(statement, XapiVersion.V1)


def test_every_fault_is_told_at_once() -> None:
    """Who mends a statement learns of all that is wrong with it, not of the first."""
    statement = {**FULL, "actor": {}, "verb": {"id": "x"}, "result": {"score": {"scaled": 7}}, "context": CONTEXT}

    with pytest.raises(InvalidStatement) as caught:
        read_statements(as_bytes(statement), XapiVersion.V2)

    assert [fault.path for fault in caught.value.faults] == ["$.actor", "$.verb.id", "$.result.score.scaled"]
    assert "$.verb.id: it must be an IRI" in str(caught.value)


def test_faults_are_bounded() -> None:
    """A statement with a million faults gives no message of a million lines."""
    statement = {**SMALL, **{f"x{number}": 1 for number in range(10_000)}}

    with pytest.raises(InvalidStatement) as caught:
        read_statements(as_bytes(statement), XapiVersion.V2)

    assert len(caught.value.faults) == 50


def test_the_case_that_was_meant_is_told() -> None:
    """Who wrote `timeStamp` learns that it is `timestamp`."""
    with pytest.raises(InvalidStatement, match="its case must be 'timestamp'"):
        read_statements(as_bytes(_at("timeStamp", "2026-01-01T00:00:00Z")), XapiVersion.V1)
