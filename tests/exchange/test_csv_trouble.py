"""What is wrong with CSV is said, and nothing of it is lost."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.errors import InvalidFile
from reinforce.exchange.csv_records import FARTHEST_QUOTE, csv_records
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import FileFormat
from reinforce.exchange.lines import LONGEST_LINE, Line
from reinforce.exchange.mapping import ColumnMapping
from reinforce.exchange.rows import BadRow, GoodRow, Row
from reinforce.model.practice import OutcomeKind

MAPPING = ColumnMapping(
    occurred_at="at", learner="who", skill="what", outcome="how", outcome_kind=OutcomeKind.SUCCESS, note="note"
)
HEADER = "who,at,what,how,note\n"
GOOD = "ann,2026-03-31T09:00Z,opening,pass,fine\n"


def read(content: str | bytes, encoding: str = "utf-8") -> list[Row]:
    """All rows of a file."""
    stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return list(read_events(stream, FileFormat(encoding=encoding), MAPPING))


def bad(content: str | bytes) -> BadRow:
    """The one bad row of a file in which everything else is good."""
    rows = read(content)
    (row,) = [row for row in rows if isinstance(row, BadRow)]
    return row


def test_an_unclosed_quote_costs_its_row_alone() -> None:
    """A quote that is never closed is told by the line that it begins on, and the rows after it are read."""
    content = HEADER + GOOD + 'ann,2026-03-31T09:00Z,opening,pass,"oh\n' + GOOD * 100
    rows = read(content)

    assert [row.line for row in rows if isinstance(row, BadRow)] == [3]
    assert sum(isinstance(row, GoodRow) for row in rows) == 101
    assert bad(content).reason == "line 3: the quote that opens its field 5 is never closed"
    assert bad(content).raw == 'ann,2026-03-31T09:00Z,opening,pass,"oh'


def test_an_unclosed_quote_before_quoted_rows() -> None:
    """A quote that the opening quote of a later row would close is told by its own line."""
    content = HEADER + 'ann,2026-03-31T09:00Z,opening,pass,"oh\n' + GOOD + GOOD.replace("fine", '"a, b"')
    row = bad(content)

    assert row.line == 2
    assert "a closing quote is followed by 'a'" in row.reason


def test_an_unclosed_quote_is_not_followed_without_end() -> None:
    """The search for a closing quote ends after a while, so memory stays within bounds."""
    many = FARTHEST_QUOTE // len(GOOD) + 1000
    lines = (Line(n, '"oh\n' if n == 2 else GOOD) for n in range(1, many * 3))
    records = csv_records(lines, ",")
    next(records)
    record = next(records)

    assert record.line == 2
    assert "never closed" in (record.fault or "")
    assert next(lines).number < many + 100


def test_line_ends_inside_of_quotes() -> None:
    """A field in quotes may go over several lines; the row is known by its first."""
    (row, after) = read(HEADER + GOOD.replace("fine", '"one\r\ntwo\n\nthree"') + GOOD)

    assert isinstance(row, GoodRow)
    assert row.event.note == "one\r\ntwo\n\nthree"
    assert (row.line, after.line) == (2, 6)
    assert row.raw == GOOD.replace("fine", '"one\r\ntwo\n\nthree"').removesuffix("\n")


def test_a_quote_amid_a_field_is_a_character() -> None:
    """As in Python's csv module, a quote inside of a field without quotes opens nothing."""
    (row,) = read(HEADER + GOOD.replace("fine", '5" pipe'))

    assert isinstance(row, GoodRow)
    assert row.event.note == '5" pipe'


def test_wrong_bytes() -> None:
    """Bytes that are not of the encoding are told by line and place in the file; other rows are read."""
    content = "\ufeff".encode() + (HEADER + GOOD).encode() + GOOD.replace("fine", "Zo\xeb").encode("latin-1")
    row = bad(content + GOOD.encode())
    place = content.index(b"\xeb")

    assert row.line == 3
    assert row.reason.startswith(f"line 3: byte 0xeb at offset {place} of the file is no utf-8; save the file as UTF-8")
    assert row.raw.encode("utf-8", "surrogateescape") == content.split(b"\n")[2]


def test_another_encoding_is_recognised() -> None:
    """A file that its mark shows to be UTF-16 is refused with the setting that reads it."""
    with pytest.raises(InvalidFile, match="byte-order mark of utf-16, so it is no utf-8: name encoding 'utf-16'"):
        read((HEADER + GOOD).encode("utf-16"))


def test_broken_utf_16() -> None:
    """In an encoding whose lines cannot be told apart, wrong bytes refuse the file."""
    with pytest.raises(InvalidFile, match=r"<stream>, after line \d+: "):
        read((HEADER + GOOD).encode("utf-16") + b"\x00", "utf-16")


def test_missing_columns_are_told_at_once() -> None:
    """One error names all missing columns, the ones that are there, and what was probably meant."""
    with pytest.raises(
        InvalidFile,
        match=re.escape(
            "the columns lack 'at', 'what' (is it 'What?'?), 'how'; there are 'who', 'When', 'What?', 'note'"
        ),
    ):
        read("who,When,What?,note\n")


@pytest.mark.parametrize(("delimiter", "named"), [("|", None), (";", ","), ("\t", ",")])
def test_another_delimiter(delimiter: str, named: str | None) -> None:
    """Where all columns stand in one, the error says what seems to separate them."""
    with pytest.raises(InvalidFile, match=re.escape(f"separated by {delimiter!r}: is that the delimiter?")):
        list(read_events(io.StringIO(HEADER.replace(",", delimiter)), FileFormat(delimiter=named), MAPPING))


@pytest.mark.parametrize(
    "header",
    [
        "who,at;what,how;note",
        "who;at\twhat,how\tnote",
        "x;who;at;what;how;note;y,who,at,what,how,note,z",
    ],
)
def test_a_delimiter_that_cannot_be_told(header: str) -> None:
    """A header that several delimiters part, and not exactly one of them into what is needed, is refused."""
    with pytest.raises(
        InvalidFile, match=r"<stream>, line 2: it cannot be told what stands between the columns: .*'at'"
    ):
        read(f"\n{header}\n" + GOOD)


def test_columns_that_come_twice() -> None:
    """A needed column that is there twice is refused, because one of them would be passed over."""
    with pytest.raises(InvalidFile, match="the columns have 'how' more than once"):
        read("who,at,what,how,note,how\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ann,2026-03-31T09:00Z,opening,pass", "it has 4 fields, and the header has 5"),
        (GOOD.replace("fine", "a,b").strip(), "it has 6 fields, and the header has 5"),
        (GOOD.replace("fine", "a\0b").strip(), "it holds a NUL character"),
        (GOOD.replace("fine", '"a\0b"').strip(), "it holds a NUL character"),
        (GOOD.replace("fine", "a\rb").strip(), "a carriage return stands inside of a field"),
        (GOOD.replace("ann", "").strip(), "column 'who': it is empty, and every event needs its learner"),
        (GOOD.replace("ann", "a" * 256).strip(), "column 'who': PracticeEvent.learner must be text of 1 to 255"),
        (GOOD.replace("opening", "a\tb").strip(), "column 'what': SkillOutcome.skill may not hold control characters"),
        (GOOD.replace("pass", "maybe").strip(), "column 'how': 'maybe' is neither passed nor failed"),
        (GOOD.replace("2026-03-31T09:00Z", "yesterday").strip(), "column 'at': 'yesterday' is no moment in ISO 8601"),
        (GOOD.replace("2026", "0001").strip(), "column 'at': PracticeEvent.occurred_at must lie in the years"),
    ],
)
def test_bad_rows(line: str, said: str) -> None:
    """A bad row names its line, the column and what would be right, and keeps its text."""
    row = bad(HEADER + GOOD + line + "\n" + GOOD)

    assert (row.line, row.raw) == (3, line)
    assert row.reason.startswith(f"line 3: {said}" if not said.startswith("column") else f"line 3, {said}")


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_empty_files(content: str) -> None:
    """An empty file is refused with the columns that it should have."""
    with pytest.raises(InvalidFile, match="it is empty; the first line must name the columns: at, who, what, how"):
        read(content)


def test_a_header_alone() -> None:
    """A header without rows is a file without events."""
    assert read(HEADER) == []


def test_huge_fields() -> None:
    """Fields longer than the csv module's limit are read."""
    (row,) = read(HEADER + GOOD.replace("fine", "x" * 1_000_000))

    assert isinstance(row, GoodRow)
    assert row.event.note == "x" * 1_000_000


def test_lines_without_end() -> None:
    """A file that is no text is not read into memory."""
    with pytest.raises(InvalidFile, match="line 1: no line may be longer than 16 MiB"):
        read(b"x" * (LONGEST_LINE + 1))


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=4), max_size=6
    )
)
def test_what_the_csv_module_writes(table: list[list[str]]) -> None:
    """Whatever Python's csv module writes is read to the same cells, and the raw texts are the whole file."""
    table = [[cell.replace("\r\n", "\n").replace("\r", "") for cell in row] for row in table]
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    lines = [Line(n, text) for n, text in enumerate(io.StringIO(stream.getvalue(), newline="\n"), start=1)]
    records = list(csv_records(lines, ","))

    assert [record.fault for record in records] == [None] * len(table)
    assert [record.cells for record in records] == table
    assert "".join(record.raw + "\n" for record in records) == stream.getvalue()


@given(st.text(st.sampled_from('ab,"\n\r '), max_size=60))
def test_nothing_is_lost(content: str) -> None:
    """However the quotes stand, every line that is not blank is in the text of exactly one record."""
    lines = [Line(n, text) for n, text in enumerate(io.StringIO(content, newline="\n"), start=1)]
    records = list(csv_records(lines, ","))
    covered = [n for record in records for n in range(record.line, record.line + record.raw.count("\n") + 1)]

    assert covered == [
        line.number for line in lines if line.text.strip(" ,\t\n") not in ("", "\r") or line.number in covered
    ]
    assert len(set(covered)) == len(covered)
