"""The contents of requests: how much of them is taken in, from whom, and of how many at once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from anyio import CapacityLimiter, fail_after, to_thread
from starlette.requests import Request as WebRequest

from reinforce_adapters.lrs_server.exchange import Refused
from reinforce_adapters.lrs_server.settings import LrsSettings

_SMALL_BYTES = 256 << 10
"""Up to so much, a content is taken in without asking whose it is: the form of the alternate syntax holds the key."""

_CLOSE = {"Connection": "close"}
"""Goes with a refusal of what was not read."""


class Bodies:
    """Lets large requests in.

    Memory is bounded by it: a stranger's take at most `_SMALL_BYTES` each, and of others only a few are large at once.
    """

    def __init__(self, settings: LrsSettings, require_known: Callable[[str | None], object]) -> None:
        """Let in by settings.

        Args:
            settings: how large, how many, and for how long.
            require_known: refuses an `Authorization` that is nobody's; may ask the database.
        """
        self._settings = settings
        self._require_known = require_known
        self._places: CapacityLimiter | None = None

    @asynccontextmanager
    async def admitted(self, web: WebRequest) -> AsyncIterator[bytes]:
        """The content of a request, as long as it is worked on.

        Raises:
            Refused: it is larger than it may be, comes from nobody that is known, or too slowly; the rest is not read.
        """
        if _is_small(web, self._settings.most_body_bytes):
            yield await self._read(web)
            return
        if self._places is None:
            self._places = CapacityLimiter(self._settings.large_at_once)
        try:
            await to_thread.run_sync(self._require_known, web.headers.get("authorization"))
        except Refused as problem:
            raise Refused(problem.status, problem.rule, {**problem.headers, **_CLOSE}) from problem
        async with self._places:
            yield await self._read_in_time(web)

    async def _read_in_time(self, web: WebRequest) -> bytes:
        try:
            with fail_after(self._settings.body_seconds):
                return await self._read(web)
        except TimeoutError as problem:
            seconds = self._settings.body_seconds
            raise Refused(408, f"the content must be here within {seconds:g} seconds", _CLOSE) from problem

    async def _read(self, web: WebRequest) -> bytes:
        pieces: list[bytes] = []
        size = 0
        async for piece in web.stream():
            size += len(piece)
            if size > self._settings.most_body_bytes:
                raise _too_large(self._settings.most_body_bytes)
            pieces.append(piece)
        return b"".join(pieces)


def _is_small(web: WebRequest, most_bytes: int) -> bool:
    if "transfer-encoding" in web.headers:
        return False
    declared = web.headers.get("content-length") or "0"  # many WSGI hosts say "" where there is none
    if not (declared.isascii() and declared.isdigit()) or int(declared) > most_bytes:
        raise _too_large(most_bytes)
    return int(declared) <= _SMALL_BYTES


def _too_large(most_bytes: int) -> Refused:
    return Refused(413, f"a request may have {most_bytes} bytes; send it in parts", _CLOSE)


def require_few_values(content: bytes, most: int) -> None:
    """Refuse JSON that would take many times its size as objects in memory, or minutes to look at.

    Raises:
        Refused: it seems to hold more values than it may: there is a mark before each of them.
    """
    if sum(content.count(mark) for mark in (b",", b"{", b"[")) > most:
        raise Refused(413, f"a request may hold about {most} values of JSON; send it in parts")
