"""What is to happen after commit. `post` writes it in the same transaction; the worker delivers (jobs/outbox.py)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kit import clock, tenancy
from kit.db import db
from models.outbox import OutboxMessage

_delivering: ContextVar[UUID | None] = ContextVar("delivering", default=None)


def message_id() -> UUID | None:
    """The message whose handler is running, else None. The same at each repetition: the key by which the outside
    (a mailbox, Stripe, another shop's webhook) can tell that it has seen this before."""
    return _delivering.get()


@contextmanager
def delivering(message: UUID) -> Iterator[None]:
    token = _delivering.set(message)
    try:
        yield
    finally:
        _delivering.reset(token)


def post(topic: str, *, delay: timedelta = timedelta(0), **payload: Any) -> OutboxMessage:
    """Post `topic` (past tense, `order.placed`) with a JSON-able payload; UUIDs and times become text."""
    scope = tenancy.scope()
    message = OutboxMessage(
        tenant_id=scope if isinstance(scope, UUID) else None,
        topic=topic,
        payload={name: _plain(value) for name, value in payload.items()},
        created_at=clock.now(),
        run_at=clock.now() + delay,
    )
    db.session.add(message)
    return message


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
