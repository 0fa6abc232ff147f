"""A tenant goes out as JSON lines and comes back as it was."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.errors import InvalidFile, InvalidValue, NaiveDatetime
from reinforce.exchange.atomic import written_whole
from reinforce.exchange.export import (
    KINDS,
    ExportHeader,
    ExportLine,
    LoggedCalibration,
    LoggedEvent,
    LoggedPostponement,
    LoggedReview,
    Void,
    read_export,
    write_export,
)
from reinforce.exchange.logged_parameters import LoggedAdoption, LoggedFit, LoggedParameters
from reinforce.exchange.logged_statements import (
    ErasedStatement,
    LoggedAttachment,
    LoggedDocument,
    LoggedStatement,
    base64_text,
)
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, DateRange, IdentifierKind, Learner, Team, XapiIdentifier
from reinforce.model.plans import Assignment
from reinforce.model.practice import Outcome, PracticeEvent, PracticeKind, Rating, SkillOutcome
from reinforce.model.rating_policy import Bands, RatingPolicy
from reinforce.model.skills import Criterion, RoleProfile, RoleSkill, Skill, SkillModel, Stage

MOMENT = datetime(2026, 3, 31, 7, 0, 0, 123456, UTC)
DAY = date(2026, 3, 31)
EVENT = PracticeEvent(
    learner="ann",
    occurred_at=MOMENT,
    outcomes=(
        SkillOutcome("pricing", Outcome.scaled(0.1 + 0.2), 0.5),
        SkillOutcome("opening", Outcome.rubric(1, of=4)),
    ),
    kind=PracticeKind.ROLE_PLAY,
    external_id="7",
    context={"z": "1", "a": "2"},
    note="Zoë\u2028said “no”",
)
ID = "00000000-0000-4000-8000-000000000000"
VALUES: list[Any] = [
    Skill("opening", encompasses={"pricing": 0.3}, parent="pricing"),
    Learner(
        "ann",
        time_zone="Europe/Berlin",
        absences=(DateRange(DAY, DAY),),
        xapi=XapiIdentifier(IdentifierKind.ACCOUNT, "a", "https://x.org"),
    ),
    Team("north", coaches=("bob",)),
    Calendar("office", working_days=(0, 6), holidays=(DAY,), blackouts=(DateRange(DAY, DAY),)),
    SkillModel(
        "spin", version=2, criteria=(Criterion("c", skill="opening"),), stages=(Stage("s", skills=("opening",)),)
    ),
    RoleProfile("seller", skills={"opening": RoleSkill(2, 0.95)}),
    Refresher("drill", skills={"opening": 1.0}, valid_from=DAY),
    RatingPolicy(name="strict", version=3, scaled=Bands(0.8, 0.9)),
    LoggedCalibration(True, (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)), 1),
    LoggedParameters(4, "FSRS-6", {"weights": [0.1, 0.2], "fuzz": False}, True),
    LoggedParameters(5, "FSRS-6", {"fuzz": True}, created_at=datetime(2026, 3, 1, tzinfo=UTC)),
    LoggedFit(5, {"compared_with": 4, "gained": 0.01, "noise": None}),
    LoggedAdoption(4, 5, datetime(2026, 3, 2, tzinfo=UTC), "Ann", is_roll_back=True),
    LoggedEvent(EVENT, "0" * 31 + "a", MOMENT, "default/1", 2, Void(MOMENT, "recorded twice")),
    LoggedEvent(EVENT, "0" * 31 + "b", MOMENT, "default/1", reviews=(LoggedReview("opening", 20500, Rating.GOOD),)),
    Assignment("0" * 32, "ann", "drill", "Drill", DAY, DAY, ("opening",), 5.0, "It fades.", 0.25),
    LoggedPostponement("ann", "pricing", "0" * 31 + "b", 20600),
    ErasedStatement(ID.replace("0", "1")),
    LoggedStatement(ID, '{ "actor": "\\u00e4" }', "1.0.3", MOMENT, True, {"name": "lms"}, ID),
    LoggedAttachment("ab" * 32, "text/plain", base64_text(bytes(range(256)))),
    LoggedDocument(1, "ab" * 16, "bookmark", "text/plain", "cGFnZSA3", MOMENT, "r", "cd" * 16),
]
HEADER = ExportHeader("acme", MOMENT)


def exported(values: list[Any] = VALUES, header: ExportHeader = HEADER) -> str:
    """The text of an export."""
    stream = io.StringIO()
    write_export(stream, header, values)
    return stream.getvalue()


def read(content: str | bytes) -> list[ExportLine]:
    """The lines of an export."""
    return list(read_export(io.BytesIO(content if isinstance(content, bytes) else content.encode()))[1])


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_export(version: int) -> None:
    """What was written before there were statements in it, or fits and adoptions of parameters, is read as it was."""
    lines = read(exported().replace('"reinforce_export":3', f'"reinforce_export":{version}'))
    assert [line.value for line in lines] == VALUES


def test_out_and_in() -> None:
    """Every kind of thing comes back as it was, in its order, with its line."""
    assert [line.value for line in read(exported())] == VALUES
    assert [line.line for line in read(exported())] == list(range(2, len(VALUES) + 2))
    assert {line.kind for line in read(exported())} == set(KINDS)


def test_header_and_counts(tmp_path: Path) -> None:
    """The header comes back before any line is read, and writing tells how many of each kind there were."""
    path = tmp_path / "acme.jsonl"
    with written_whole(path) as stream:
        counts = write_export(stream, HEADER, VALUES)
    header, lines = read_export(path)

    assert header == HEADER
    assert len(list(lines)) == len(VALUES)
    assert counts == {kind: 2 if kind in ("event", "parameters") else 1 for kind in KINDS}


def test_same_values_same_bytes() -> None:
    """The same values give the same bytes, however they were made, in the letters that they have."""
    other = attrs.evolve(EVENT, context={"a": "2", "z": "1"})
    mine, theirs = (exported([LoggedEvent(event, "0" * 32, MOMENT, "default/1")]) for event in (EVENT, other))

    assert mine == theirs
    assert "Zoë" in mine
    assert mine.splitlines()[0] == '{"exported_at":"2026-03-31T07:00:00.123456Z","reinforce_export":3,"tenant":"acme"}'


def test_an_empty_tenant() -> None:
    """An export without things is one, and its header need not tell a moment."""
    assert exported([], ExportHeader("acme")) == (
        '{"reinforce_export":3,"tenant":"acme"}\n{"counts":{},"kind":"end"}\n'
    )
    assert read(exported([])) == []


@given(
    st.floats(0, 1),
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    st.datetimes(timezones=st.just(UTC)),
)
def test_exactly_as_it_was(score: float, note: str, moment: datetime) -> None:
    """Numbers, texts and moments lose nothing on the way."""
    event = PracticeEvent("ann", MOMENT, (SkillOutcome("a", Outcome.scaled(score), score),), note=note)
    logged = LoggedEvent(event, "0" * 32, moment, "default/1")

    assert [line.value for line in read(exported([logged]))] == [logged]


@pytest.mark.parametrize("cut", [1, 2, 10])
def test_truncation_within_a_line(cut: int) -> None:
    """A file that was cut off within its last line is recognised, by that line."""
    with pytest.raises(InvalidFile, match=rf"<stream>, line {len(VALUES) + 2}: .* cut off"):
        read(exported()[:-cut])


def test_truncation_between_lines() -> None:
    """A file that was cut off at the end of any line is recognised."""
    lines = [line + "\n" for line in exported().split("\n")[:-1]]
    for kept in range(1, len(lines)):
        with pytest.raises(InvalidFile, match=f"it stops after line {kept} without the line that ends an export"):
            read("".join(lines[:kept]))


def test_lost_lines() -> None:
    """A line that was lost or added in the middle shows in the counts."""
    lines = [line + "\n" for line in exported().split("\n")[:-1]]
    for changed in ([*lines[:1], *lines[2:]], [*lines[:2], *lines[1:]]):
        with pytest.raises(InvalidFile, match="there should be 1 lines of kind 'skill' before it, and there are"):
            read("".join(changed))


SKILL = '{"kind":"skill","value":{"key":"a"}}'


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{}"], "line 1: an export begins with a line"),
        (['{"reinforce_export":true,"tenant":"a"}'], "line 1: an export begins with a line"),
        (['{"reinforce_export":4,"tenant":"a","new":1}'], "line 1: it was written in version 4 .* upgrade reinforce"),
        (['{"reinforce_export":1}'], "line 1: .*the field 'tenant' is missing"),
        (['{"reinforce_export":1,"tenant":"a","x":1}'], "line 1: there is no field 'x'"),
        ([None, "17"], "line 2: it must be a JSON object"),
        ([None, '{"kind":"unicorn","value":{}}'], "line 2: there is no kind 'unicorn'; there are skill, learner"),
        ([None, '{"kind":["skill"],"value":{}}'], "line 2: there is no kind"),
        ([None, '{"kind":"skill","value":{"key":"a"},"x":1}'], "line 2: a line must have the fields kind and value"),
        ([None, '{"kind":"skill","value":{"kee":"a"}}'], "line 2: skill: .*there is no field 'kee'"),
        ([None, '{"kind":"skill","value":{}}'], "line 2: skill: .*the field 'key' is missing"),
        ([None, '{"kind":"skill","value":7}'], "line 2: skill: expected the fields of a Skill, not 7"),
        ([None, '{"kind":"end"}'], "line 2: the line that ends an export must have the fields kind and counts"),
        ([None, '{"kind":"end","counts":{}}', SKILL], "line 3: there is more after the line that ends the export"),
        ([None, ""], "line 2: it is no JSON"),
    ],
)
def test_what_is_no_export(lines: list[str | None], said: str) -> None:
    """What does not belong into an export is refused with its line and what would be right."""
    head = '{"reinforce_export":3,"tenant":"acme"}'
    with pytest.raises(InvalidFile, match=f"<stream>, {said}"):
        read("".join((head if line is None else line) + "\n" for line in lines))


def test_wrong_bytes() -> None:
    """Bytes that are no UTF-8 are told by their place."""
    with pytest.raises(InvalidFile, match="line 2: byte 0xff at offset"):
        read(b'{"reinforce_export":3,"tenant":"acme"}\n\xff\n')


def test_an_empty_file() -> None:
    """An empty file is no export."""
    with pytest.raises(InvalidFile, match="<stream>: it is empty"):
        read("")


def test_only_known_things_go_out() -> None:
    """A value that no import would understand is not written."""
    with pytest.raises(InvalidValue, match="an export holds Skill, Learner"):
        exported([EVENT])


def test_logged_events_are_checked() -> None:
    """An event's id is 32 hex digits, and its moments have their time zone."""
    with pytest.raises(ValueError, match="event_id"):
        LoggedEvent(EVENT, "A" * 32, MOMENT, "default/1")
    with pytest.raises(NaiveDatetime, match=r"LoggedEvent\.recorded_at"):
        LoggedEvent(EVENT, "0" * 32, MOMENT.replace(tzinfo=None), "default/1")


def test_an_export_in_lines_of_json() -> None:
    """Every line is JSON by itself, so other programs can read it line by line."""
    assert all(isinstance(json.loads(line), dict) for line in exported().split("\n")[:-1])
