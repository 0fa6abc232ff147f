"""Files of xAPI statements: JSON lines, an array, one statement, or a page of an LRS's answer; each may be gzipped.

Each statement keeps the bytes that it has in the file.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, cast

from attrs import frozen

from reinforce.errors import InvalidFile, InvalidStatement
from reinforce.exchange.lines import LONGEST_LINE
from reinforce.exchange.rejects import JSON_FIELDS
from reinforce.exchange.rows import BadRow
from reinforce.statements.json_bytes import parse_json
from reinforce.statements.pages import read_page
from reinforce.statements.reading import ReceivedStatement, check_statement
from reinforce.statements.versions import XapiVersion, version_of

MOST_BYTES = 1 << 30
"""A file that is no JSON lines is held in memory as a whole, so it may not be larger."""

_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"


@frozen
class GoodStatement:
    """A statement of a file, checked.

    Attributes:
        line: on which it begins, from 1.
    """

    line: int
    received: ReceivedStatement
    version: XapiVersion

    def rejected(self, reason: str) -> BadRow:
        """The statement as a bad row, for a reason that only shows later."""
        return BadRow(self.line, self.received.exact.decode(), f"line {self.line}: {reason}")


Row = GoodStatement | BadRow


@contextmanager
def unzipped(stream: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """The stream, unpacked if it is gzipped.

    Raises:
        InvalidFile: what it holds is broken.
    """
    peeking = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("Any", stream))
    if peeking.peek(2)[:2] != _GZIP:
        yield peeking
        return
    try:
        with gzip.open(peeking) as inner:
            yield cast("IO[bytes]", inner)
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise InvalidFile(f"{name}: the gzip file is broken or cut off ({problem})") from problem


def read_statement_file(stream: IO[bytes], name: str) -> Iterator[Row]:
    """Every statement of a file, good or bad, in its order.

    Args:
        stream: of bytes.
        name: what errors call it.

    Raises:
        InvalidFile: it holds something else, or is no JSON from some place on.
    """
    first = _line(stream, 1, name).removeprefix(_MARK)
    if _is_whole(first):
        yield from _lines(first, stream, name)
        return
    rest = stream.read(MOST_BYTES)
    if len(rest) == MOST_BYTES:
        raise InvalidFile(f"{name}: more than {MOST_BYTES >> 30} GiB in one piece; write one statement a line")
    yield from _whole(first + rest, name)


def _is_whole(line: bytes) -> bool:
    """Whether the first line is JSON lines' first: an object that ends where the line does."""
    if not line.lstrip().startswith(b"{") or len(line) == LONGEST_LINE:
        return False
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return line.rstrip().endswith(b"}")
    return "statements" not in found or "verb" in found


def _line(stream: IO[bytes], number: int, name: str) -> bytes:
    line = stream.readline(LONGEST_LINE)
    if len(line) == LONGEST_LINE and number > 1:
        raise InvalidFile(f"{name}, line {number}: no line may be longer than {LONGEST_LINE >> 20} MiB")
    return line


def _lines(line: bytes, stream: IO[bytes], name: str) -> Iterator[Row]:
    number = 1
    while line:
        if line.strip():
            yield _read(line.strip(b" \t\r\n"), number)
        number += 1
        line = _line(stream, number, name)


def _read(exact: bytes, line: int) -> Row:
    try:
        data = parse_json(exact)
        if isinstance(data, dict) and data.keys() == JSON_FIELDS and isinstance(data["raw"], str):
            return _read(data["raw"].encode("utf-8", "surrogateescape"), line)  # a line of rejects, mended
        return _checked(data, exact, line)
    except InvalidStatement as problem:
        return BadRow(line, exact.decode("utf-8", "surrogateescape"), f"line {line}: {problem}")


def _checked(data: Any, exact: bytes, line: int, whole: str = "$") -> Row:
    version = version_of(data) if isinstance(data, Mapping) else XapiVersion.V1
    try:
        check_statement(data, version, whole=whole)
    except InvalidStatement as problem:
        return BadRow(line, exact.decode(), f"line {line}: {problem}")
    return GoodStatement(line, ReceivedStatement(data, exact), version)


def _whole(content: bytes, name: str) -> Iterator[Row]:
    """The statements of a file that is one piece of JSON: a list, a page of an answer, or one statement."""
    try:
        is_list = content.lstrip().startswith(b"[")
        if not is_list and _is_statement(content):
            yield _read(content.strip(b" \t\r\n"), 1)
            return
        page = read_page(content)
    except InvalidStatement as problem:
        raise InvalidFile(f"{name}: {problem}") from problem
    line, seen = 1, 0
    for place, one in enumerate(page.statements):
        line, seen = line + page.text.count("\n", seen, one.begin), one.begin
        yield _checked(one.data, page.exact(one), line, whole=f"${'' if is_list else '.statements'}[{place}]")


def _is_statement(content: bytes) -> bool:
    """Whether the one object of a file is a statement, and not a page of them."""
    found = parse_json(content)
    return isinstance(found, dict) and "statements" not in found
