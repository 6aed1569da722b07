"""The same call twice is one call: who holds an Idempotency-Key, and what its first use answered.

Each function is a transaction of its own, so that the second caller sees the first one at work.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from kit import clock
from kit.db import db, transaction
from kit.errors import Conflict, Invalid
from kit.i18n import _
from models.idempotency import IdempotencyRecord

KEPT = timedelta(hours=24)
# Longer than any request may take: after it the first call is dead, and the key is free again.
LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Replay:
    """What the first call answered."""

    status: int
    headers: dict[str, Any]
    body: bytes


@transaction()
def claim(owner: str, endpoint: str, key: str, body_hash: str) -> Replay | None:
    """None: the key is yours, go on and `finish` or `abandon`. A Replay: answer that.

    Invalid `idempotency-key-reused` where the key was used with another body, Conflict `request-in-progress` while
    the first call is still running.
    """
    record = _insert(owner, endpoint, key, body_hash)
    if record is None:
        return None
    now = clock.now()
    if record.created_at <= now - KEPT or (record.status is None and record.lease_until <= now):
        _take_over(record, body_hash)
        return None
    if record.body_hash != body_hash:
        raise Invalid(
            _("This Idempotency-Key was used for another request; take a new one."),
            code="idempotency-key-reused",
        )
    if record.status is None:
        raise Conflict(_("The first request with this key is still running."), code="request-in-progress")
    return Replay(record.status, dict(record.headers), record.body or b"")


def _insert(owner: str, endpoint: str, key: str, body_hash: str) -> IdempotencyRecord | None:
    """The record that is there already, locked; None where it was put there now."""
    now = clock.now()
    fresh = IdempotencyRecord(owner=owner, endpoint=endpoint, key=key, body_hash=body_hash, created_at=now,
                              lease_until=now + LEASE)  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(fresh)
        return None
    except IntegrityError:
        return db.session.scalars(
            select(IdempotencyRecord)
            .where(*_is(owner, endpoint, key))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()


def _take_over(record: IdempotencyRecord, body_hash: str) -> None:
    record.body_hash, record.status, record.headers, record.body = body_hash, None, {}, None
    record.created_at = clock.now()
    record.lease_until = clock.now() + LEASE


@transaction()
def finish(owner: str, endpoint: str, key: str, status: int, headers: dict[str, Any], body: bytes) -> None:
    """Keep what was answered. Not for faults of ours (5xx): those `abandon`."""
    db.session.execute(
        update(IdempotencyRecord)
        .where(*_is(owner, endpoint, key), IdempotencyRecord.status.is_(None))
        .values(status=status, headers=headers, body=body)
        .execution_options(synchronize_session=False)
    )


@transaction()
def abandon(owner: str, endpoint: str, key: str) -> None:
    """The call came to nothing: the key is free again."""
    db.session.execute(
        delete(IdempotencyRecord)
        .where(*_is(owner, endpoint, key), IdempotencyRecord.status.is_(None))
        .execution_options(synchronize_session=False)
    )


@transaction()
def sweep_old() -> int:
    """Delete what is older than a day. Works in one store, and across all of them."""
    done = db.session.execute(
        delete(IdempotencyRecord)
        .where(IdempotencyRecord.created_at <= clock.now() - KEPT)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def _is(owner: str, endpoint: str, key: str) -> tuple[Any, ...]:
    return (
        IdempotencyRecord.owner == owner,
        IdempotencyRecord.endpoint == endpoint,
        IdempotencyRecord.key == key,
    )
