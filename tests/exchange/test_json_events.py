"""JSON lines become events."""

import io
import json
from datetime import UTC, datetime

import pytest

from reinforce.errors import InvalidFile
from reinforce.exchange.event_builder import content_id
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import FileFormat, FormatName
from reinforce.exchange.mapping import ColumnMapping
from reinforce.exchange.rows import BadRow, GoodRow, Row
from reinforce.model.conversion import unstructure
from reinforce.model.practice import Outcome, OutcomeKind, PracticeEvent, SkillOutcome

OURS = FileFormat(FormatName.EVENTS)
THEIRS = FileFormat(FormatName.JSONL)
MAPPING = ColumnMapping(
    occurred_at="when",
    time_format="epoch_ms",
    learner="user.id",
    skill="tags",
    outcome="result.ok",
    outcome_kind=OutcomeKind.SUCCESS,
    context={"page": "page"},
)
EVENT = PracticeEvent(
    learner="ann",
    occurred_at=datetime(2026, 3, 31, 7, 0, 0, 123456, UTC),
    outcomes=(SkillOutcome("open", Outcome.rubric(3, of=4), 0.5), SkillOutcome("close", Outcome.scaled(0.5))),
    external_id="7",
    context={"account": "Acme"},
    note="\u201cgreat\u201d",
)


def rows(*lines: str, file: FileFormat = OURS, mapping: ColumnMapping | None = None) -> list[Row]:
    """The rows of these lines."""
    return list(read_events(io.StringIO("".join(line + "\n" for line in lines)), file, mapping))


def test_our_own_shape() -> None:
    """What `unstructure` gives is read to the same event."""
    (row,) = rows(json.dumps(unstructure(EVENT)))

    assert isinstance(row, GoodRow)
    assert row.event == EVENT


def test_our_own_shape_without_an_id() -> None:
    """An event without an external id gets one that is made of its content."""
    data = unstructure(EVENT)
    del data["external_id"]
    (row,) = rows(json.dumps(data))

    assert isinstance(row, GoodRow)
    assert row.event.external_id == content_id(EVENT)


def test_fields_of_any_name() -> None:
    """A mapping reads other people's objects, inner fields and lists of skills included."""
    (row,) = rows(
        '{"when": 1774940400123, "user": {"id": 17}, "tags": ["open", "close"], "result": {"ok": true}, "page": 4}',
        file=THEIRS,
        mapping=MAPPING,
    )

    assert isinstance(row, GoodRow)
    assert row.event.learner == "17"
    assert row.event.occurred_at == datetime(2026, 3, 31, 7, 0, 0, 123000, UTC)
    assert [one.skill for one in row.event.outcomes] == ["open", "close"]
    assert row.event.context == {"page": "4"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"learner": "ann"', "line 2: it is no JSON: Expecting ',' delimiter at character 18"),
        ("17", "line 2: it must be a JSON object"),
        ('{"learner": "ann", "learner": "bob"}', "line 2: it holds the field 'learner' twice"),
        ('{"weight": NaN}', "line 2: NaN is no number of JSON"),
        ('{"a":' * 100_000, "line 2: it is nested too deeply"),
        ('{"learner": "ann"}', "the field 'occurred_at' is missing"),
        (
            '{"learner": "ann", "occurred_at": "2026-03-31T09:00:00", "outcomes": []}',
            "occurred_at: it is 2026-03-31T09:00:00, a moment without its time zone",
        ),
        ('{"lerner": "ann", "occurred_at": "2026-03-31T09:00:00Z", "outcomes": []}', "there is no field 'lerner'"),
    ],
)
def test_bad_lines(line: str, said: str) -> None:
    """A bad line names its number and what would be right, and keeps its text; the others are read."""
    good = json.dumps(unstructure(EVENT))
    first, row, last = rows(good, line, good)

    assert isinstance(first, GoodRow)
    assert isinstance(last, GoodRow)
    assert isinstance(row, BadRow)
    assert (row.line, row.raw) == (2, line)
    assert said in row.reason


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("user", {}, "line 1, column 'user.id': it is empty"),
        ("user", {"id": [1]}, "line 1, column 'user.id': [1] is no text"),
        ("tags", [], "line 1, column 'tags': [] is no list of the keys of skills"),
        ("tags", ["a", "a"], "line 1, column 'tags': PracticeEvent.outcomes names a skill twice"),
        ("when", None, "line 1, column 'when': None is no number of milliseconds"),
        ("when", True, "line 1, column 'when': True is no number of milliseconds"),
        ("result", None, "line 1, column 'result.ok': 'None' is neither passed nor failed"),
    ],
)
def test_bad_fields(field: str, value: object, said: str) -> None:
    """A field that is not what it is mapped to is named."""
    line = {"when": 1774940400123, "user": {"id": "ann"}, "tags": "open", "result": {"ok": True}} | {field: value}
    (row,) = rows(json.dumps(line), file=THEIRS, mapping=MAPPING)

    assert isinstance(row, BadRow)
    assert row.reason.startswith(said)


def test_wrong_bytes() -> None:
    """Bytes that are not of the encoding make a bad row, which keeps them."""
    (row,) = read_events(io.BytesIO(b'{"learner": "Zo\xeb"}\n'), OURS)

    assert isinstance(row, BadRow)
    assert "byte 0xeb at offset 15" in row.reason
    assert row.raw == '{"learner": "Zo\udceb"}'


def test_an_array_is_no_json_lines() -> None:
    """A JSON document in place of JSON lines is refused as a whole."""
    with pytest.raises(InvalidFile, match="line 1: this is a JSON array; JSON lines hold one object a line"):
        rows("[", json.dumps(unstructure(EVENT)), "]")


def test_blank_lines_are_no_rows() -> None:
    """Blank lines are left out, and an empty file has no events."""
    assert rows("", "  ") == []
