"""The adapter that appends statements to a file, one on a line.

A line is whole or not there: what a crash has left of one is mended before the next is written. A statement that the
file holds already is not written again.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from reinforce.delivery.outgoing import Attachment, CheckReport, CheckStep, Delivered, Outcome, Outgoing
from reinforce.errors import DeliveryStopped, InvalidSettings

CHUNK = 64 * 2**10
LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")


class JsonLines:
    """Appends statements to one file; only one may write to a file at a time.

    The contents of attachments become files of their own beside it, in a folder `<name>.attachments`, named for their
    hashes.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._stream: IO[bytes] | None = None
        self._known: set[bytes] = set()

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "JsonLines":
        """The file that plain data describe: `{"path": …}`.

        Raises:
            InvalidSettings: they say something else.
        """
        path = settings.get("path")
        if set(settings) != {"path"} or not isinstance(path, str) or not path or "\0" in path:
            raise InvalidSettings(
                'the settings of JSON lines are the path of a file, such as path = "statements.jsonl"'
            )
        return cls(path)

    def send(self, batch: Sequence[Outgoing]) -> Iterator[Outcome]:
        """Append what the file does not hold yet, and tell it when it is on the disk.

        Raises:
            DeliveryStopped: the file cannot be written, or holds something else.
        """
        try:
            self._append(batch)
        except DeliveryStopped:
            self.close()
            raise
        except OSError as problem:
            self.close()  # what stands at the end of the file is looked at anew
            raise DeliveryStopped(f"{self.path} cannot be written: {problem.strerror or problem}") from problem
        yield from (Delivered(one.id) for one in batch)

    def check(self) -> CheckReport:
        """Whether the file can be appended to, or made."""
        target = self.path if self.path.exists() else self.path.parent
        is_ok = os.access(target, os.W_OK) and (target != self.path or target.is_file())
        return CheckReport((CheckStep("write", is_ok, f"{target} can{'' if is_ok else 'not'} be written"),))

    def close(self) -> None:
        """Close the file; the next batch opens it again."""
        stream, self._stream = self._stream, None
        self._known = set()
        if stream is not None:
            with suppress(OSError):
                stream.close()

    def _append(self, batch: Sequence[Outgoing]) -> None:
        stream = self._opened()
        news = {one.id.bytes: one for one in batch if one.id.bytes not in self._known}
        if not news:
            return
        for one in news.values():
            for attachment in one.attachments:
                self._keep(attachment)
        stream.write(b"".join(_line(one) for one in news.values()))
        stream.flush()
        os.fsync(stream.fileno())
        self._known.update(news)

    def _opened(self) -> IO[bytes]:
        """The file, mended, with the ids of its statements known."""
        if self._stream is None:
            is_new = not self.path.exists()
            self._stream = self.path.open("a+b")
            if is_new:
                _sync_folder(self.path.parent)
            _mend(self._stream)
            self._known = set(self._ids(self._stream))
        return self._stream

    def _ids(self, stream: IO[bytes]) -> Iterator[bytes]:
        stream.seek(0)
        for number, line in enumerate(stream, start=1):
            found = _id(line)
            if found is None:
                raise DeliveryStopped(
                    f"line {number} of {self.path} is no statement with an id: it is not a file of ours",
                    is_permanent=True,
                )
            yield found

    def _keep(self, attachment: Attachment) -> None:
        """Write the content of an attachment, whole or not at all, under a name that it cannot choose."""
        folder = self.path.with_name(f"{self.path.name}.attachments")
        target = folder / sha256(attachment.content).hexdigest()
        if target.exists():
            return
        folder.mkdir(exist_ok=True)
        unfinished = target.with_suffix(".part")
        with unfinished.open("wb") as stream:
            stream.write(attachment.content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(target)
        _sync_folder(folder)


make = JsonLines.from_settings
"""What the entry point `jsonl` names."""


def _line(statement: Outgoing) -> bytes:
    """A statement on one line: line ends can only stand between its tokens, where blanks mean the same."""
    return statement.body.translate(LINE_ENDS) + b"\n"


def _id(line: bytes) -> bytes | None:
    """The id of the statement on a line; None: there is no such thing on it."""
    try:
        return UUID(json.loads(line)["id"]).bytes
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


def _mend(stream: IO[bytes]) -> None:
    """End the last line if only its end is missing, and take it away if more is."""
    size = stream.seek(0, os.SEEK_END)
    start = _start_of_last_line(stream, size)
    if start == size:
        return
    stream.seek(start)
    if _id(stream.read(size - start)) is None:
        stream.truncate(start)
    else:
        stream.write(b"\n")
    stream.flush()
    os.fsync(stream.fileno())


def _start_of_last_line(stream: IO[bytes], size: int) -> int:
    """Where the text behind the last line end begins; `size` if there is none."""
    end = size
    while end > 0:
        begin = max(0, end - CHUNK)
        stream.seek(begin)
        found = stream.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _sync_folder(folder: Path) -> None:
    """Have the system keep that a file was made; not every one can."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
