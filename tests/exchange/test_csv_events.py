"""Rows of CSV become events."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reinforce.errors import InvalidFile, InvalidSettings, NaiveDatetime
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import ANKI, LKT, FileFormat, FormatName, import_settings
from reinforce.exchange.mapping import ColumnMapping
from reinforce.exchange.rows import BadRow, GoodRow
from reinforce.model.practice import Outcome, OutcomeKind, PracticeEvent, PracticeKind, SkillOutcome

EXCERPT = Path(__file__).parent / "data" / "anki_excerpt.csv"
CLASS = """\
student,time_utc_naive,kc,item,outcome,duration_s,unit
s1,2015-10-22 17:36:23,algebra,q1,INCORRECT,49,Practice
s1,2015-10-22 17:36:50,graphs,q2,CORRECT,27,Practice
s2,2015-10-22 17:37:18,graphs,q3,STUDY,28,Posttest
"""
COMMAS = FileFormat()
SMALL = ColumnMapping(occurred_at="at", learner="who", skill="what", outcome="how", outcome_kind=OutcomeKind.SUCCESS)


def events(text: str, mapping: ColumnMapping = SMALL, file: FileFormat = COMMAS) -> list[PracticeEvent]:
    """The events of a text without bad rows."""
    rows = list(read_events(io.StringIO(text), file, mapping))
    assert [row.reason for row in rows if isinstance(row, BadRow)] == []
    return [row.event for row in rows if isinstance(row, GoodRow)]


def test_anki_log() -> None:
    """A review log of Anki is read as it is: one person, each card a skill, each review a rating."""
    rows = list(read_events(EXCERPT, ANKI.file, ANKI.mapping))
    first = rows[0]

    assert len(rows) == 50
    assert isinstance(first, GoodRow)
    assert (first.line, first.raw) == (2, "1711684180217,1,2024-03-29T20:32:32.250000+00:00,25060")
    assert first.event.learner == "me"
    assert first.event.occurred_at == datetime(2024, 3, 29, 20, 32, 32, 250000, UTC)
    assert first.event.outcomes == (SkillOutcome("1711684180217", Outcome.rated(1)),)
    assert first.event.context == {"duration_ms": "25060"}


def test_class_data() -> None:
    """A class's practice is read as it is: correct and incorrect are outcomes, and study is an exposure."""
    rows = events(CLASS, LKT.mapping or SMALL)

    assert [(one.learner, one.outcomes[0].skill, one.outcomes[0].outcome) for one in rows] == [
        ("s1", "algebra", Outcome.success(False)),
        ("s1", "graphs", Outcome.success(True)),
        ("s2", "graphs", Outcome.exposure()),
    ]
    assert rows[0].occurred_at == datetime(2015, 10, 22, 17, 36, 23, tzinfo=UTC)
    assert rows[0].context == {"item": "q1", "unit": "Practice", "duration_s": "49"}


def test_class_data_by_item() -> None:
    """By an option the skill of class data is the item."""
    settings = import_settings({"preset": "lkt", "skill": "item"})

    assert settings.mapping is not None
    assert [one.outcomes[0].skill for one in events(CLASS, settings.mapping)] == ["q1", "q2", "q3"]


def test_every_field() -> None:
    """Every part of an event can come from a column."""
    mapping = ColumnMapping(
        occurred_at="at",
        learner="who",
        skill="what",
        skill_separator="|",
        outcome="score",
        outcome_kind=OutcomeKind.SCALED,
        highest_column="of",
        kind="how",
        kinds={"RP": PracticeKind.ROLE_PLAY},
        source="from",
        external_id="id",
        assessor="judge",
        refresher="with",
        weight="share",
        note="remark",
        context={"account": "Account Name"},
    )
    text = (
        "id;who;at;what;score;of;how;from;judge;with;share;remark;Account Name\n"
        '7;ann;2026-03-31T09:00+02:00;open|close;15;20;RP;crm;bob;drill;0.5;"said ""no""; twice";Acme\n'
    )

    assert events(text, mapping, FileFormat(delimiter=";")) == [
        PracticeEvent(
            learner="ann",
            occurred_at=datetime(2026, 3, 31, 7, tzinfo=UTC),
            outcomes=(
                SkillOutcome("open", Outcome.scaled(0.75), 0.5),
                SkillOutcome("close", Outcome.scaled(0.75), 0.5),
            ),
            kind=PracticeKind.ROLE_PLAY,
            source="crm",
            external_id="7",
            assessor="bob",
            refresher="drill",
            context={"account": "Acme"},
            note='said "no"; twice',
        )
    ]


def test_constants_stand_in_for_empty_cells() -> None:
    """Where a cell is empty, the file's constant holds; context without content is left out."""
    mapping = ColumnMapping(
        occurred_at="at",
        learner_is="ann",
        skill_is="opening",
        outcome_kind=OutcomeKind.EXPOSURE,
        kind="how",
        kind_is=PracticeKind.FIELD,
        weight="share",
        weight_is=0.25,
        context={"account": "account"},
    )
    (event,) = events("at,how,share,account\n2026-03-31T09:00Z,,,\n", mapping)

    assert (event.kind, event.outcomes[0].weight, event.context) == (PracticeKind.FIELD, 0.25, {})


def test_ids_are_made_of_content() -> None:
    """Without an id column, the same content has the same id in every file, and other content another."""
    first = events("who,at,what,how\nann,2026-03-31T09:00Z,opening,pass\nann,2026-03-31T09:00Z,opening,fail\n")
    again = events("how,what,at,who,x\npass,opening,2026-03-31 11:00+02:00,ann,1\n")

    assert first[0].external_id == again[0].external_id
    assert first[0].external_id != first[1].external_id


def test_identical_rows_are_one_event() -> None:
    """Two rows of the same content come as two rows with one id; whoever records them tells of the repetition."""
    one, two = events("who,at,what,how\n" + "ann,2026-03-31T09:00Z,opening,pass\n" * 2)

    assert one == two


def test_shared_ids_are_not_merged() -> None:
    """Rows that share an external id all come, whatever they say."""
    mapping = ColumnMapping(
        occurred_at="at", learner="who", skill_is="x", outcome="how", outcome_kind=OutcomeKind.SUCCESS, external_id="id"
    )
    rows = events("id,who,at,how\n1,ann,2026-03-31T09:00Z,pass\n1,bob,2026-03-31T09:00Z,fail\n", mapping)

    assert [(one.external_id, one.learner) for one in rows] == [("1", "ann"), ("1", "bob")]


@pytest.mark.parametrize(
    "content",
    [
        "who,at,what,how\r\nann,2026-03-31T09:00Z,opening,pass\r\n",
        "\ufeffwho,at,what,how\nann,2026-03-31T09:00Z,opening,pass",
        "\n \nwho,at,what,how\n\n,,,\nann,2026-03-31T09:00Z,opening,pass\n\n",
        '"who","at","what","how"\n"ann","2026-03-31T09:00Z","opening","pass"\n',
        " who , at , what , how \n ann , 2026-03-31T09:00Z , opening , pass \n",
    ],
)
def test_ways_to_write_the_same(content: str) -> None:
    """CR LF, a byte-order mark, blank lines, quotes and blanks around cells make no difference."""
    (row,) = read_events(io.BytesIO(content.encode()), FileFormat(), SMALL)

    assert isinstance(row, GoodRow)
    assert row.event.learner == "ann"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "shift_jis"])
def test_encodings(encoding: str) -> None:
    """A file is read in the encoding that is named, and the caller's stream stays open."""
    name = "オ" if encoding == "shift_jis" else "Zoë"
    stream = io.BytesIO(f"who,at,what,how\n{name},2026-03-31T09:00Z,opening,pass\n".encode(encoding))
    (row,) = read_events(stream, FileFormat(encoding=encoding), SMALL)

    assert isinstance(row, GoodRow)
    assert row.event.learner == name
    assert not stream.closed


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("begins", ['"who"', '"a,b;c\td"|who', '"a\nb"|who', "\n|||\nwho"])
def test_the_header_tells_the_delimiter(delimiter: str, begins: str) -> None:
    """Commas, semicolons and tabs are told apart by the header, also beside quotes, line ends and blank lines."""
    spare = '"x,y;z\t"|' if begins.endswith("|who") else ""
    text = f"{begins}|at|what|how\n{spare}ann|2026-03-31T09:00Z|opening|pass\n"
    (event,) = events(text.replace("|", delimiter))

    assert (event.learner, event.outcomes[0].skill) == ("ann", "opening")


def test_a_name_with_another_delimiter() -> None:
    """Where two delimiters part the header, the one that gives the columns of the mapping is the file's."""
    mapping = ColumnMapping(
        occurred_at="Date, time", learner="who", skill="what", outcome="how", outcome_kind=OutcomeKind.SUCCESS
    )
    (event,) = events("who;Date, time;what;how\nann;2026-03-31T09:00Z;opening;pass\n", mapping)

    assert event.learner == "ann"


def test_without_header() -> None:
    """The columns of a file without a header can be named."""
    file = FileFormat(delimiter="\t", columns=("at", "who", "what", "how"))
    (event,) = events("2026-03-31T09:00Z\tann\topening\tpass\n", file=file)

    assert event.learner == "ann"


def test_a_first_moment_without_a_zone_refuses_the_file() -> None:
    """A file whose moments name no time zone is refused as a whole, with the setting that mends it."""
    with pytest.raises(NaiveDatetime, match=r"<stream>, line 2: 2026-03-31 09:00:00 .* set time_zone"):
        events("who,at,what,how\nann,2026-03-31 09:00,opening,pass\n")


def test_a_later_moment_without_a_zone_is_a_bad_row() -> None:
    """Where moments have named their zones, one that does not is that row's fault alone."""
    text = "who,at,what,how\nann,2026-03-31T09:00Z,opening,pass\nann,2026-03-31 10:00,opening,pass\n"
    _, row = read_events(io.StringIO(text), FileFormat(), SMALL)

    assert isinstance(row, BadRow)
    assert "set time_zone" in row.reason


def test_a_mapping_is_needed_and_only_where_columns_are() -> None:
    """CSV without a mapping, and our own shape with one, are refused."""
    for file, mapping in ((FileFormat(), None), (FileFormat(FormatName.EVENTS), SMALL)):
        with pytest.raises(InvalidSettings, match="mapping"):
            list(read_events(io.StringIO(""), file, mapping))


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is told by its name."""
    with pytest.raises(InvalidFile, match=r"nothing\.csv: cannot be read: No such file"):
        list(read_events(tmp_path / "nothing.csv", FileFormat(), SMALL))


def test_an_unknown_encoding() -> None:
    """An encoding that does not exist is an error in the settings."""
    with pytest.raises(InvalidSettings, match="there is no encoding 'klingon'"):
        list(read_events(io.BytesIO(b"a"), FileFormat(encoding="klingon"), SMALL))


def test_rows_are_read_as_they_are_asked_for() -> None:
    """A file longer than memory is no obstacle: rows come before the file has been read to its end."""
    text = "who,at,what,how\n" + "ann,2026-03-31T09:00Z,opening,pass\n" * 100_000
    stream = io.StringIO(text)
    rows = read_events(stream, FileFormat(), SMALL)
    taken = [next(rows) for _ in range(1000)]

    assert len(taken) == 1000
    assert stream.tell() < len(text) / 90
