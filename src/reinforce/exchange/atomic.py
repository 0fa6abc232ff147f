"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from reinforce.errors import InvalidFile


@contextmanager
def written_whole(
    path: str | os.PathLike[str], *, encoding: str = "utf-8", errors: str = "strict"
) -> Iterator[IO[str]]:
    """A stream whose text becomes the file `path` when the block ends, and leaves nothing if it fails.

    Lines end as they are written, on every system. An older file of that name is replaced in one step; a device or a
    pipe is written to.

    Raises:
        InvalidFile: nothing can be written there.
    """
    target = Path(path)
    if target.exists() and not target.is_file() and not target.is_dir():
        with target.open("w", encoding=encoding, errors=errors, newline="") as device:
            yield device
        return
    with _beside(target, encoding, errors) as stream:
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        except BaseException:
            stream.close()
            with suppress(OSError):
                Path(stream.name).unlink()
            raise
    Path(stream.name).replace(target)


def _beside(target: Path, encoding: str, errors: str) -> IO[str]:
    try:
        return NamedTemporaryFile(
            "w",
            dir=target.parent,
            prefix=f".{target.name}.",
            delete=False,
            encoding=encoding,
            errors=errors,
            newline="",
        )
    except OSError as problem:
        raise InvalidFile(f"{target}: cannot be written: {problem.strerror or problem}") from problem
