"""Bad rows land in a file that can be mended and read again."""

import csv
import io
import json
from pathlib import Path

import attrs
import pytest

from reinforce.errors import InvalidFile
from reinforce.exchange.events import read_events
from reinforce.exchange.formats import FileFormat, FormatName
from reinforce.exchange.mapping import ColumnMapping
from reinforce.exchange.rejects import RejectsFile
from reinforce.exchange.rows import BadRow, GoodRow, Header, Row
from reinforce.model.practice import OutcomeKind, PracticeEvent

MAPPING = ColumnMapping(
    occurred_at="at", learner="who", skill="what", outcome="how", outcome_kind=OutcomeKind.SUCCESS, note="note"
)
HEADER = "who,at,what,how,note\n"
GOOD = "ann,2026-03-31T09:00Z,opening,pass,fine\n"
COMMAS = FileFormat()


def written(path: Path, content: bytes, file: FileFormat, mapping: ColumnMapping | None = MAPPING) -> list[Row]:
    """All rows of a file, of which the bad ones are written to `path`."""
    rows = list(read_events(io.BytesIO(content), file, mapping))
    with RejectsFile(path, file) as rejects:
        for row in rows:
            if isinstance(row, BadRow):
                rejects.add(row)
    assert rejects.count == sum(isinstance(row, BadRow) for row in rows)
    return rows


def events(rows: list[Row]) -> list[PracticeEvent]:
    """The events of the good rows."""
    return [row.event for row in rows if isinstance(row, GoodRow)]


def test_csv_has_the_same_columns_and_two_more(tmp_path: Path) -> None:
    """Rejects of CSV have the file's columns, and the reason and line of each row."""
    bad = GOOD.replace("pass", "maybe").replace("fine", '"a, ""b""\nc"')
    written(tmp_path / "rejects.csv", (HEADER + GOOD + bad).encode(), COMMAS)
    with (tmp_path / "rejects.csv").open(newline="", encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)

    assert list(row) == ["who", "at", "what", "how", "note", "reason", "line"]
    assert row["note"] == 'a, "b"\nc'
    assert row["reason"].startswith("line 3, column 'how': 'maybe' is neither passed nor failed")
    assert row["line"] == "3"


def test_mended_csv_is_read_with_the_same_settings(tmp_path: Path) -> None:
    """Once mended, the rejects give the events that were missing, and rows left as they are stay bad."""
    path = tmp_path / "rejects.csv"
    broken = HEADER + GOOD + GOOD.replace("pass", "maybe") + 'bob,2026-03-31T09:00Z,"opening,pass,fine\n'
    rows = written(path, broken.encode(), COMMAS)
    mended = path.read_text(encoding="utf-8").replace(",maybe,", ",fail,")
    again = list(read_events(io.StringIO(mended), COMMAS, MAPPING))

    assert len(events(rows)) == 1
    assert [event.outcomes[0].outcome.value for event in events(again)] == [0]
    assert [row.raw for row in again if isinstance(row, BadRow)] == [
        mended.splitlines()[2],
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_delimiter_stays(tmp_path: Path, delimiter: str) -> None:
    """Rejects have the delimiter that the file's header told, and tell it again."""
    path = tmp_path / "rejects.csv"
    content = HEADER + GOOD.replace("pass", "maybe").replace("fine", "a")
    rows = written(path, content.replace(",", delimiter).encode(), COMMAS)
    again = list(read_events(io.StringIO(path.read_text().replace("maybe", "pass", 1)), COMMAS, MAPPING))

    assert events(rows) == []
    assert path.read_text().startswith(delimiter.join(["who", "at", "what", "how", "note", "reason", "line\n"]))
    assert [event.learner for event in events(again)] == ["ann"]


def test_mended_csv_without_header(tmp_path: Path) -> None:
    """Rejects of a file without a header have one, and are read with the same settings all the same."""
    path = tmp_path / "rejects.csv"
    file = FileFormat(delimiter=";", columns=("who", "at", "what", "how", "note"))
    written(path, GOOD.replace("pass", "maybe").replace(",", ";").encode(), file)
    again = list(read_events(io.StringIO(path.read_text().replace("maybe;", "pass;")), file, MAPPING))

    assert len(events(again)) == 1


def test_rejects_of_rejects(tmp_path: Path) -> None:
    """Rows that stay bad stand in the next rejects with their reason and line written anew, once."""
    path = tmp_path / "rejects.csv"
    broken = 'ann,2026-03-31T09:00Z,"opening,pass,fine\n'
    written(path, (HEADER + GOOD + GOOD.replace("pass", "maybe") + broken).encode(), COMMAS)
    path.write_text(path.read_text().replace("maybe", "never", 1))
    written(path, path.read_bytes(), COMMAS)
    with path.open(newline="", encoding="utf-8") as stream:
        header, never, unclosed = csv.reader(stream)

    assert header == ["who", "at", "what", "how", "note", "reason", "line"]
    assert [*never[:5], never[6]] == ["ann", "2026-03-31T09:00Z", "opening", "never", "fine", "2"]
    assert never[5].startswith("line 2, column 'how': 'never' is neither passed nor failed")
    assert [*unclosed[:5], unclosed[6]] == [broken.strip(), "", "", "", "", "3"]


def test_columns_of_these_names_that_are_read(tmp_path: Path) -> None:
    """A file's own columns reason and line stay where the mapping reads them; its rejects have ours beside them."""
    path = tmp_path / "rejects.csv"
    mapping = attrs.evolve(MAPPING, note="reason")
    bad = "who,at,what,how,reason,line\nann,2026-03-31T09:00Z,opening,maybe,ill,7\n"
    for _ in range(2):
        written(path, bad.encode(), COMMAS, mapping)
        bad = path.read_text()

    assert bad.splitlines()[0] == "who,at,what,how,reason,line,reason_2,line_2"
    assert bad.splitlines()[1].startswith("ann,2026-03-31T09:00Z,opening,maybe,ill,7,")


def test_rows_that_cannot_be_taken_apart_are_kept_whole(tmp_path: Path) -> None:
    """A row with a broken quote or with too many fields stands in the first column, exactly as it was."""
    path = tmp_path / "rejects.csv"
    broken = ['ann,2026-03-31T09:00Z,"opening,pass,fine', "a,b,c,d,e,f,g", "a,b"]
    written(path, (HEADER + "\n".join(broken) + "\n").encode(), COMMAS)
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))

    assert [row[0] for row in rows[1:]] == broken
    assert {len(row) for row in rows} == {7}


def test_wrong_bytes_are_kept(tmp_path: Path) -> None:
    """Bytes that could not be decoded are in the rejects as they were."""
    path = tmp_path / "rejects.csv"
    bad = GOOD.encode().replace(b"fine", b"Zo\xeb")
    written(path, HEADER.encode() + bad, COMMAS)

    assert bad.strip() in path.read_bytes()


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8"])
def test_reasons_fit_the_encoding(tmp_path: Path, encoding: str) -> None:
    """A reason with letters that the file's encoding lacks is written all the same."""
    path = tmp_path / "rejects.csv"
    row = BadRow(2, "Zo\xeb", "line 2: there is no learner '\u5c71'", header=Header(("who",)))
    with RejectsFile(path, FileFormat(encoding=encoding)) as rejects:
        rejects.add(row)

    letter = r"\u5c71" if encoding == "cp1252" else "\u5c71"
    assert path.read_text(encoding=encoding) == f"who,reason,line\nZo\xeb,line 2: there is no learner '{letter}',2\n"


def test_json_lines(tmp_path: Path) -> None:
    """Rejects of JSON lines hold line, reason and raw text, and are read again once the text is mended."""
    path = tmp_path / "rejects.jsonl"
    file = FileFormat(FormatName.JSONL)
    good = {"who": "ann", "at": "2026-03-31T09:00Z", "what": "opening", "how": True}
    bad = json.dumps(good | {"who": None}).encode() + b"\n" + b'{"who": "Zo\xeb"\n'
    written(path, json.dumps(good).encode() + b"\n" + bad, file)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    mended = path.read_text(encoding="utf-8").replace(r"\"who\": null", r"\"who\": \"bob\"")
    again = list(read_events(io.StringIO(mended), file, MAPPING))

    assert [(line["line"], line["raw"].encode("utf-8", "surrogateescape")) for line in lines] == [
        (n, raw) for n, raw in enumerate(bad.splitlines(), start=2)
    ]
    assert lines[0]["reason"].startswith("line 2, column 'who': it is empty")
    assert [event.learner for event in events(again)] == ["bob"]
    assert [row.raw for row in again if isinstance(row, BadRow)] == ['{"who": "Zo\udceb"']


def test_a_good_row_can_be_rejected_later(tmp_path: Path) -> None:
    """A row that only the database refuses lands in the file too, with that reason."""
    path = tmp_path / "rejects.csv"
    (row,) = read_events(io.StringIO(HEADER + GOOD), COMMAS, MAPPING)
    assert isinstance(row, GoodRow)
    with RejectsFile(path, COMMAS) as rejects:
        rejects.add(row.rejected("there is no learner 'ann'"))

    assert (
        path.read_text() == HEADER.strip() + ",reason,line\n" + GOOD.strip() + ",line 2: there is no learner 'ann',2\n"
    )


def test_nothing_appears_before_the_end(tmp_path: Path) -> None:
    """An older file stays until the new one is whole, and if anything fails it stays for good."""
    path = tmp_path / "rejects.csv"
    path.write_text("older")
    row = BadRow(2, "a", "line 2: no", header=Header(("x",)))

    def fail() -> None:
        with RejectsFile(path, COMMAS) as rejects:
            rejects.add(row)
            assert path.read_text() == "older"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert [one.name for one in tmp_path.iterdir()] == ["rejects.csv"]
    assert path.read_text() == "older"


def test_no_bad_rows_no_file(tmp_path: Path) -> None:
    """Without bad rows nothing is written."""
    written(tmp_path / "rejects.csv", (HEADER + GOOD).encode(), COMMAS)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Rejects that cannot be written are an error that names the file."""
    with pytest.raises(InvalidFile, match=r"rejects\.csv: cannot be written: No such file"):
        written(tmp_path / "no" / "rejects.csv", (HEADER + "a,b\n").encode(), COMMAS)
