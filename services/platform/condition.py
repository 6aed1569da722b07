"""Is there trouble? What waits, what failed for good: of the whole platform, and store by store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, select

from kit.db import db
from kit.tenancy import every_tenant
from models.outbox import OutboxMessage
from models.payments import WebhookEvent
from services import deliveries, health


@dataclass(frozen=True, slots=True)
class Condition:
    """`dead` messages wait for somebody; those that are `retried` failed and are tried again by themselves."""

    lag: timedelta
    waiting: int
    retried: int
    dead: int
    failed_events: int

    @property
    def is_late(self) -> bool:
        return self.lag.total_seconds() >= health.LAG_WORRIES_AFTER


def condition() -> Condition:
    undone = OutboxMessage.done_at.is_(None)
    alive = and_(undone, OutboxMessage.dead_at.is_(None))
    query = select(
        func.count().filter(alive),
        func.count().filter(and_(alive, OutboxMessage.attempts > 0)),
        func.count().filter(OutboxMessage.dead_at.is_not(None)),
    ).where(undone)
    with every_tenant():
        waiting, retried, dead = db.session.execute(query).one()
        events = db.session.scalar(select(func.count(WebhookEvent.id)).where(WebhookEvent.status == "failed"))
    return Condition(deliveries.lag(), waiting, retried, dead, events or 0)


def dead_letters_of(ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many messages of these stores failed for good, by one query."""
    query = (
        select(OutboxMessage.tenant_id, func.count())
        .where(
            OutboxMessage.done_at.is_(None), OutboxMessage.dead_at.is_not(None), OutboxMessage.tenant_id.in_(ids)
        )
        .group_by(OutboxMessage.tenant_id)
    )  # fmt: skip
    with every_tenant():
        return {tenant_id: count for tenant_id, count in db.session.execute(query) if tenant_id is not None}
