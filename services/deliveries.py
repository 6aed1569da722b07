"""The outbox from the worker's side: which message is next, what of it is done, what comes after a failure.

A message is delivered at least once. What a handler writes, it writes once: its receipt stands in the same
transaction. Who claims a message holds a lease on it; a worker that died loses the lease, and the message returns.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from kit import clock
from kit.db import db, transaction
from kit.errors import Invalid, NotFound
from kit.i18n import _
from kit.tenancy import every_tenant
from models.outbox import OutboxMessage, OutboxReceipt

# What to wait after the first, second … failure; one more failure and the message is dead.
DELAYS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 7200, 21_600, 43_200))
ERROR_MAX = 2000
QUEUES = ("prompt", "slow")  # of RQ, where there is Redis
KEPT = timedelta(days=14)  # delivered messages, for who wonders what happened


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours until the lease ends. `attempt` counts from 1 and tells two claims apart."""

    id: UUID
    tenant_id: UUID | None
    topic: str
    payload: dict[str, Any]
    attempt: int


class Superseded(Exception):
    """The lease ran out and somebody else has the message now, or it is done. Nothing of ours was kept."""


def _waiting(moment: datetime) -> ColumnElement[bool]:
    return and_(
        OutboxMessage.done_at.is_(None),
        OutboxMessage.dead_at.is_(None),
        OutboxMessage.run_at <= moment,
    )


def _free(moment: datetime) -> ColumnElement[bool]:
    return or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until <= moment)


def _of(only: Collection[str] | None, without: Collection[str]) -> Sequence[ColumnElement[bool]]:
    chosen = [OutboxMessage.topic.in_(sorted(only))] if only is not None else []
    return [*chosen, OutboxMessage.topic.not_in(sorted(without))] if without else chosen


def next_due(
    limit: int = 1, *, only: Collection[str] | None = None, without: Collection[str] = ()
) -> list[tuple[UUID, str]]:
    """Id and topic of the messages that wait longest, without taking them. One indexed read."""
    moment = clock.now()
    with every_tenant():
        found = db.session.execute(
            select(OutboxMessage.id, OutboxMessage.topic)
            .where(_waiting(moment), _free(moment), *_of(only, without))
            .order_by(OutboxMessage.run_at, OutboxMessage.id)
            .limit(limit)
        )
        return [(row.id, row.topic) for row in found]


def claim(message_id: UUID, lease: Callable[[str], timedelta]) -> Claim | None:
    """Take this message, due or not, for as long as `lease` gives its topic. None where it is done, dead, taken by
    another, or unknown."""
    moment = clock.now()
    with every_tenant(), transaction() as session:
        message = session.scalar(
            select(OutboxMessage)
            .where(
                OutboxMessage.id == message_id,
                OutboxMessage.done_at.is_(None),
                OutboxMessage.dead_at.is_(None),
                _free(moment),
            )
            .with_for_update(skip_locked=True)
        )
        if message is None:
            return None
        message.attempts += 1
        message.lease_until = moment + lease(message.topic)
        return Claim(message.id, message.tenant_id, message.topic, dict(message.payload), message.attempts)


@contextmanager
def once(held: Claim, handler: str) -> Iterator[bool]:
    """One transaction with the handler's receipt in it. False inside: the handler has done its work before.

    The message's row is locked meanwhile, so that of two workers only one gets True. Raises Superseded.
    """
    with every_tenant(), transaction() as session:
        _keep(held)
        fresh = session.get(OutboxReceipt, (held.id, handler)) is None
        if fresh:
            session.add(OutboxReceipt(message_id=held.id, handler=handler, done_at=clock.now()))
        yield fresh


def is_done(held: Claim, handler: str) -> bool:
    with every_tenant():
        return db.session.get(OutboxReceipt, (held.id, handler)) is not None


def _keep(held: Claim) -> OutboxMessage:
    """Lock the message's row, and see that it is still ours."""
    message = db.session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.id == held.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if message is None or message.done_at is not None or message.attempts != held.attempt:
        raise Superseded
    return message


def finish(held: Claim) -> None:
    with every_tenant(), transaction():
        message = _keep(held)
        message.done_at = clock.now()
        message.lease_until = None
        message.last_error = ""


def fail(held: Claim, error: str) -> datetime | None:
    """Try again later; the moment of that, or None: it has failed too often and is dead."""
    moment = clock.now()
    with every_tenant(), transaction():
        message = _keep(held)
        message.lease_until = None
        message.last_error = error[-ERROR_MAX:]
        if held.attempt > len(DELAYS):
            message.dead_at = moment
            return None
        message.run_at = moment + DELAYS[held.attempt - 1]
        return message.run_at


def postpone(ids: Collection[UUID], by: timedelta) -> None:
    """They are on their way elsewhere: look at them again after `by`, in case they got lost."""
    moment = clock.now()
    with every_tenant(), transaction() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(list(ids)), _waiting(moment), _free(moment))
            .values(run_at=moment + by)
            .execution_options(synchronize_session=False)
        )


# --- for people -------------------------------------------------------------------------------------------------

STATES = ("waiting", "dead", "done", "dropped")
REASON_MAX = 500


def in_state(state: str) -> ColumnElement[bool]:
    """One of STATES as a condition. A dropped message is a dead one that somebody gave up."""
    done, dead = OutboxMessage.done_at, OutboxMessage.dead_at
    return {
        "waiting": and_(done.is_(None), dead.is_(None)),
        "dead": and_(done.is_(None), dead.is_not(None)),
        "done": and_(done.is_not(None), dead.is_(None)),
        "dropped": and_(done.is_not(None), dead.is_not(None)),
    }[state]


def list_messages(state: str = "dead", limit: int = 50) -> list[OutboxMessage]:
    """The latest messages in a state, of every store and of the platform."""
    with every_tenant():
        latest = select(OutboxMessage).where(in_state(state)).order_by(OutboxMessage.id.desc()).limit(limit)
        return list(db.session.scalars(latest))


def replay(message_id: UUID) -> None:
    """A dead message starts over: at once, with all its attempts; what its handlers have done stays done."""
    with every_tenant(), transaction() as session:
        message = session.get(OutboxMessage, message_id, with_for_update=True)
        if message is None or message.dead_at is None or message.done_at is not None:
            raise NotFound(_("There is no dead message with this id."))
        message.dead_at = message.lease_until = None
        message.attempts = 0
        message.run_at = clock.now()


def replay_all(topic: str = "") -> int:
    """Every dead message, or every one of a topic; how many."""
    of_topic = [OutboxMessage.topic == topic] if topic else []
    with every_tenant(), transaction() as session:
        found = session.execute(
            update(OutboxMessage)
            .where(in_state("dead"), *of_topic)
            .values(dead_at=None, lease_until=None, attempts=0, run_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        return int(found.rowcount)  # type: ignore[attr-defined]


def drop(message_id: UUID, reason: str, *, by: str) -> None:
    """Give a dead message up: it is never delivered. Invalid without a reason; it is kept as long as delivered ones."""
    reason = reason.strip()
    if not reason:
        raise Invalid.field("reason", "required", _("Say why, for who asks later."))
    if len(reason) > REASON_MAX:
        raise Invalid.field("reason", "too_long", _("At most %(limit)s characters.", limit=REASON_MAX))
    with every_tenant(), transaction() as session:
        message = session.get(OutboxMessage, message_id, with_for_update=True)
        if message is None or message.dead_at is None or message.done_at is not None:
            raise NotFound(_("There is no dead message with this id."))
        message.done_at, message.dropped_because, message.dropped_by = clock.now(), reason, by


def lag() -> timedelta:
    """How long the oldest message that could be delivered has been waiting. Zero where none is."""
    moment = clock.now()
    with every_tenant():
        oldest = db.session.scalar(select(func.min(OutboxMessage.run_at)).where(_waiting(moment)))
    return max(timedelta(0), moment - oldest) if oldest else timedelta(0)


def purge(limit: int = 1000) -> int:
    """Forget messages delivered long ago, with their receipts; how many. A part at a time: locks stay short."""
    with every_tenant(), transaction() as session:
        old = list(session.scalars(
            select(OutboxMessage.id).where(OutboxMessage.done_at < clock.now() - KEPT)
            .order_by(OutboxMessage.done_at).limit(limit)
        ))  # fmt: skip
        if old:
            session.execute(delete(OutboxReceipt).where(OutboxReceipt.message_id.in_(old)))
            session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(old)))
        return len(old)
