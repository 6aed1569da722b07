"""What is worked out from the catalogue, kept in memory while the store's catalogue stays as it is."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from kit.cache import Cache
from kit.db import is_writing
from services import tenants

T = TypeVar("T")


def remember(kept: Cache, what: Hashable, make: Callable[[], T]) -> T:
    """The answer that is in `kept` for `what` and this version of the catalogue, else what `make` makes. Callers share
    it, so it must not be changed. In a transaction that writes it is made anew: what it shows may yet be undone."""
    if is_writing():
        return make()
    store = tenants.current()
    return kept.remember((store.id, store.catalog_version, what), make)
