"""How often somebody may come: buckets that fill by themselves."""

import time
from collections import OrderedDict
from threading import Lock

_MOST_BUCKETS = 10_000


class Buckets:
    """A bucket for each name, of which each visit takes one."""

    def __init__(self, per_second: float, size: float) -> None:
        self._per_second = per_second
        self._size = size
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, name: str) -> float:
        """Take one; if there is none, how many seconds it takes until there is."""
        now = time.monotonic()
        with self._lock:
            level = self._level(name, now)
            if level < 1:
                return (1 - level) / self._per_second
            self._put(name, level - 1, now)
            return 0.0

    def give_back(self, name: str) -> None:
        """Undo a visit."""
        now = time.monotonic()
        with self._lock:
            self._put(name, min(self._size, self._level(name, now) + 1), now)

    def _level(self, name: str, now: float) -> float:
        level, since = self._levels.get(name, (self._size, now))
        return min(self._size, level + (now - since) * self._per_second)

    def _put(self, name: str, level: float, now: float) -> None:
        self._levels[name] = level, now
        self._levels.move_to_end(name)
        if len(self._levels) > _MOST_BUCKETS:
            self._levels.popitem(last=False)
