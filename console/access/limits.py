"""How often something may be tried: a window that moves on, kept in memory for as long as the console runs."""

import threading
from collections import deque
from datetime import datetime, timedelta

_KEYS = 10_000
"""That are remembered: more are an attack, and the oldest are forgotten."""


class Limit:
    """So many tries of one key within a time."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._tries: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def allows(self, key: str, now: datetime) -> bool:
        """Return whether another try is allowed, and count it if so."""
        with self._lock:
            tries = self._tries.setdefault(key, deque())
            while tries and now - tries[0] >= self._within:
                tries.popleft()
            if len(tries) >= self._most:
                return False
            tries.append(now)
            if len(self._tries) > _KEYS:
                del self._tries[next(iter(self._tries))]
        return True
