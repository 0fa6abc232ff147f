"""Numbered lines of text out of files and streams, in constant memory and without losing a byte."""

import codecs
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, cast

from reinforce.errors import InvalidFile, InvalidSettings

Source = str | os.PathLike[str] | IO[str] | IO[bytes]

LONGEST_LINE = 16 * 2**20
"""No line of a table is longer; what is, is no table, and is not read into memory."""

_FOREIGN_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Line(NamedTuple):
    """A line with its end.

    Attributes:
        number: from 1.
        fault: why it is no text of the encoding; None: it is.
    """

    number: int
    text: str
    fault: str | None = None


def without_end(text: str) -> str:
    """The line without its one line end."""
    if text.endswith("\n"):
        return text[:-2] if text.endswith("\r\n") else text[:-1]
    return text


def name_of(source: Source) -> str:
    """What errors call the file or stream."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "<stream>"


@contextmanager
def opened(source: Source) -> Iterator[IO[str] | IO[bytes]]:
    """The source as a stream; a path is opened in binary and closed again, a stream is left open.

    Raises:
        InvalidFile: the path cannot be opened.
    """
    if not isinstance(source, str | os.PathLike):
        yield source
        return
    try:
        stream = Path(source).open("rb")  # noqa: SIM115 -- closed below; here only what opening it says is caught
    except OSError as problem:
        raise InvalidFile(f"{name_of(source)}: cannot be read: {problem.strerror or problem}") from problem
    with stream:
        yield stream


def read_lines(
    stream: IO[str] | IO[bytes], name: str, encoding: str = "utf-8", longest: int = LONGEST_LINE
) -> Iterator[Line]:
    """Every line of a stream.

    A line with bytes that are not of the encoding comes with its fault, and with those bytes as lone
    surrogates. A byte-order mark at the beginning is left out.

    Args:
        stream: text, or bytes to be decoded.
        name: what errors call it.
        encoding: of the bytes; a stream of text has been decoded already.
        longest: how many characters or bytes a line may have.

    Raises:
        InvalidSettings: there is no such encoding.
        InvalidFile: the file is of another encoding, or a line is longer than any table's.
    """
    if isinstance(stream.read(0), str):
        return _text_lines(cast("IO[str]", stream), name, longest)
    if not _extends_ascii(encoding):
        return _wide_lines(cast("IO[bytes]", stream), name, encoding, longest)
    return _byte_lines(cast("IO[bytes]", stream), name, encoding, longest)


def _extends_ascii(encoding: str) -> bool:
    """Whether lines can be told apart before they are decoded."""
    try:
        return "\n,a".encode(encoding) == b"\n,a" and b"\n,a".decode(encoding) == "\n,a"
    except LookupError as problem:
        raise InvalidSettings(f"there is no encoding {encoding!r}: try 'utf-8', 'cp1252' or 'utf-16'") from problem
    except UnicodeError:
        return False


def _text_lines(stream: IO[str], name: str, longest: int) -> Iterator[Line]:
    number = 0
    try:
        for number, text in enumerate(iter(lambda: stream.readline(longest), ""), start=1):
            _refuse_endless(text, number, name, longest)
            yield Line(number, text.removeprefix("\ufeff") if number == 1 else text)
    except UnicodeError as problem:
        raise InvalidFile(f"{name}, after line {number}: {problem}; set the encoding that it is in") from problem


def _wide_lines(stream: IO[bytes], name: str, encoding: str, longest: int) -> Iterator[Line]:
    """Lines of an encoding such as UTF-16, in which they cannot be told apart before they are decoded."""
    text = io.TextIOWrapper(stream, encoding=encoding, newline="\n")
    try:
        yield from _text_lines(text, name, longest)
    finally:
        text.detach()


def _byte_lines(stream: IO[bytes], name: str, encoding: str, longest: int) -> Iterator[Line]:
    offset = 0
    for number, raw in enumerate(iter(lambda: stream.readline(longest), b""), start=1):
        _refuse_endless(raw, number, name, longest)
        length = len(raw)
        if number == 1:
            _refuse_foreign_mark(raw, name, encoding)
            raw = raw.removeprefix(codecs.BOM_UTF8)
            offset = length - len(raw)
            length = len(raw)
        try:
            yield Line(number, raw.decode(encoding))
        except UnicodeDecodeError as problem:
            yield _undecodable(number, raw, offset, problem)
        offset += length


def _undecodable(number: int, raw: bytes, offset: int, problem: UnicodeDecodeError) -> Line:
    fault = (
        f"byte 0x{raw[problem.start]:02x} at offset {offset + problem.start} of the file is no {problem.encoding}; "
        "save the file as UTF-8, or set the encoding that it is in, such as cp1252"
    )
    try:
        text = raw.decode(problem.encoding, "surrogateescape")
    except UnicodeDecodeError:  # some encodings of several bytes cannot mark a broken character
        text = raw.decode("ascii", "surrogateescape")
    return Line(number, text, fault)


def _refuse_endless(line: str | bytes, number: int, name: str, longest: int) -> None:
    if len(line) >= longest:
        raise InvalidFile(f"{name}, line {number}: no line may be longer than {longest // 2**20} MiB; is it text?")


def _refuse_foreign_mark(raw: bytes, name: str, encoding: str) -> None:
    for mark, meant in _FOREIGN_MARKS.items():
        if raw.startswith(mark):
            raise InvalidFile(
                f"{name}: begins with the byte-order mark of {meant}, so it is no {encoding}: name encoding {meant!r}"
            )
