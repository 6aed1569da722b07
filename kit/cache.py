"""Answers kept in memory under a key that says everything they depend on: a version in the key is the expiry.

One per process. What is old is never asked for again, and falls out as the least recently used.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakSet

T = TypeVar("T")
_caches: "WeakSet[Cache]" = WeakSet()


class Cache:
    def __init__(self, limit: int):
        self.limit = limit
        self.entries: OrderedDict[Hashable, Any] = OrderedDict()
        self.lock = threading.Lock()
        _caches.add(self)

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under the key, or what `make` makes. Two threads may make it twice; neither waits."""
        with self.lock:
            if key in self.entries:
                self.entries.move_to_end(key)
                return self.entries[key]
        made = make()
        self.put(key, made)
        return made

    def put(self, key: Hashable, value: Any) -> None:
        with self.lock:
            self.entries[key] = value
            while len(self.entries) > self.limit:
                self.entries.popitem(last=False)

    def find(self, key: Hashable) -> Any:
        """What is kept under the key; None where nothing is."""
        with self.lock:
            return self.entries.get(key)

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()


def clear_all() -> None:
    """Forget everything, in this process (a test's new database has old versions again)."""
    for cache in list(_caches):
        cache.clear()
