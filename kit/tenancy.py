"""Which store are we in? The answer is ambient and fails closed: without one, no query runs.

The tenant is a context variable, so it follows the request, the job or the command, never a default. Reading
across stores is a word that can be grepped, `every_tenant()`, and a test counts its uses.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID


class NoTenant(RuntimeError):
    """A query was about to run outside every store. A bug, never a user's mistake."""


class _Every:
    def __repr__(self) -> str:
        return "EVERY_TENANT"


EVERY_TENANT: Final = _Every()
_tenant: ContextVar[UUID | _Every | None] = ContextVar("tenant", default=None)

# kit.db hangs its session handling here, so that this module need not know SQLAlchemy.
before_change: list[Callable[[], None]] = []
on_change: list[Callable[[], None]] = []


def scope() -> UUID | _Every | None:
    return _tenant.get()


def current_tenant_id() -> UUID:
    """The store we are in. Raises NoTenant outside of one, and inside `every_tenant()`."""
    tenant = _tenant.get()
    if not isinstance(tenant, UUID):
        raise NoTenant("No store is chosen here; use tenant_scope(...).")
    return tenant


@contextmanager
def _scoped(value: UUID | _Every) -> Iterator[None]:
    if _tenant.get() == value:
        yield
        return
    for finish in before_change:
        finish()
    token = _tenant.set(value)
    try:
        for changed in on_change:
            changed()
        yield
        for finish in before_change:
            finish()
    finally:
        _tenant.reset(token)
        for changed in on_change:
            changed()


def tenant_scope(tenant_id: UUID) -> AbstractContextManager[None]:
    """Be in one store for the length of the block.

    Entering starts a session of its own. Inside an open `every_tenant()` transaction it narrows that transaction
    instead, so that a store can be set up in one piece.
    """
    return _scoped(tenant_id)


def every_tenant() -> AbstractContextManager[None]:
    """Read and write across stores: host lookup, outbox, platform console. Nothing else has a reason to."""
    return _scoped(EVERY_TENANT)
