"""A file of statements, one on a line, whatever happens to whoever writes it."""

import json
import os
import random
import subprocess
import sys
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.jsonl_victim import COUNT
from reinforce.delivery.outgoing import Attachment, Delivered, Outgoing
from reinforce.errors import DeliveryStopped, InvalidSettings
from reinforce.testing import sample_statement
from reinforce_adapters.jsonl import JsonLines, make

TESTS = Path(__file__).parents[1]
FIVE = [sample_statement(number) for number in range(5)]
WHOLE = b"".join(one.body + b"\n" for one in FIVE)
KILLS = 12


def send(path: Path, batch: list[Outgoing]) -> None:
    """Have a new adapter take a batch."""
    with closing(JsonLines(path)) as adapter:
        assert list(adapter.send(batch)) == [Delivered(one.id) for one in batch]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(0, len(WHOLE)))
def test_a_file_that_was_cut_anywhere_is_mended(tmp_path: Path, length: int) -> None:
    """Wherever a crash left the last line, the batch that comes again makes the file whole, byte for byte."""
    path = tmp_path / "statements.jsonl"
    path.write_bytes(WHOLE[:length])

    send(path, FIVE)

    assert path.read_bytes() == WHOLE


@pytest.mark.parametrize("torn", [b"\0" * 5000, b'{"id": "4', b"{}", b"\xff\xfe", b"x" * 200_000])
def test_what_is_no_statement_at_the_end_is_cut(tmp_path: Path, torn: bytes) -> None:
    """Zeros that a power cut leaves, and half lines of any length, make room for the statement."""
    path = tmp_path / "statements.jsonl"
    path.write_bytes(WHOLE + torn)

    send(path, [*FIVE, sample_statement(6)])

    assert path.read_bytes() == WHOLE + sample_statement(6).body + b"\n"


def test_a_statement_on_several_lines_becomes_one(tmp_path: Path) -> None:
    """Line ends between the tokens of a statement do not tear its line."""
    path = tmp_path / "statements.jsonl"
    pretty = evolve(FIVE[0], body=json.dumps(json.loads(FIVE[0].body), indent=2).replace("\n", "\r\n").encode())

    send(path, [pretty, FIVE[1]])

    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [json.loads(one.body) for one in FIVE[:2]]


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A file that holds anything but statements is not written to, and somebody is to look."""
    path = tmp_path / "notes.txt"
    path.write_text("shopping list\nmilk\n", encoding="utf-8")

    with pytest.raises(DeliveryStopped, match=r"line 1 of .*notes\.txt is no statement") as caught:
        list(JsonLines(path).send(FIVE))

    assert caught.value.is_permanent
    assert path.read_text(encoding="utf-8") == "shopping list\nmilk\n"


def test_a_place_that_cannot_be_written_stops(tmp_path: Path) -> None:
    """A missing folder is a stop, shown by the check too, and when it is there delivery goes on."""
    path = tmp_path / "later" / "statements.jsonl"
    with closing(JsonLines(path)) as adapter:
        assert not adapter.check().is_ok
        with pytest.raises(DeliveryStopped, match="cannot be written"):
            list(adapter.send(FIVE))
        path.parent.mkdir()
        assert list(adapter.send(FIVE)) == [Delivered(one.id) for one in FIVE]
        assert adapter.check().is_ok


def test_a_full_disk_tears_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails after some bytes, the next try mends the line and goes on."""
    path = tmp_path / "statements.jsonl"
    with closing(JsonLines(path)) as adapter:
        list(adapter.send(FIVE[:1]))

        def fail(number: int) -> None:
            os.truncate(path, path.stat().st_size - 20)
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as full:
            full.setattr(os, "fsync", fail)
            with pytest.raises(DeliveryStopped, match="No space left on device"):
                list(adapter.send(FIVE))
        list(adapter.send(FIVE))

    assert path.read_bytes() == WHOLE


def test_attachments_lie_beside_the_file(tmp_path: Path) -> None:
    """Contents become files that are named for what they hold, whatever the statement calls them."""
    path = tmp_path / "statements.jsonl"

    send(path, [evolve(FIVE[0], attachments=(Attachment("../../etc/passwd", "text/plain", b"notes"),))])

    (kept,) = (tmp_path / "statements.jsonl.attachments").iterdir()
    assert (kept.name, kept.read_bytes()) == (sha256(b"notes").hexdigest(), b"notes")


def test_a_writer_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Killed at random moments and started again, it leaves every statement once, in order, on a line of its own."""
    path, kept = tmp_path / "statements.jsonl", tmp_path / "cursor"
    chance = random.Random(7)
    for kill in range(KILLS + 1):
        with subprocess.Popen(
            [sys.executable, "-m", "adapters.jsonl_victim", str(path), str(kept)], cwd=TESTS, stdout=subprocess.PIPE
        ) as victim:
            assert victim.stdout is not None
            assert victim.stdout.readline() == b"ready\n"
            if kill < KILLS:
                time.sleep(chance.uniform(0, 0.02))
                victim.kill()
        if kill < KILLS and path.exists():  # and what the system had not written yet is gone with it
            os.truncate(path, max(0, path.stat().st_size - chance.randrange(300)))
            kept.write_text(str(path.read_bytes().count(b"\n") // 100 * 100), encoding="utf-8")

    assert path.read_bytes() == b"".join(sample_statement(number).body + b"\n" for number in range(COUNT))


@pytest.mark.parametrize("wrong", [{}, {"path": ""}, {"path": 5}, {"path": "a\0b"}, {"path": "a", "mode": "w"}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    """The settings are a path and nothing else."""
    with pytest.raises(InvalidSettings, match="path of a file"):
        make(wrong)
