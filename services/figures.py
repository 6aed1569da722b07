"""What a monitor is told of the whole installation, looked up when it asks: no store's data, counts only."""

from collections.abc import Iterator

from sqlalchemy import func, select

from kit.db import db, end_reading
from kit.meters import Figure
from kit.tenancy import every_tenant
from kit.version import VERSION
from models.outbox import OutboxMessage
from models.tenants import Tenant, TenantStatus
from services import deliveries, health


def figures() -> Iterator[Figure]:
    yield Figure("info", "The version that runs.", ("version",), [((VERSION,), 1)])
    is_up = health.database() == "ok"
    yield Figure("up", "Does the database answer?", (), [((), int(is_up))])
    if not is_up:
        return
    lag = deliveries.lag().total_seconds()
    yield Figure("outbox_lag_seconds", "For how long the oldest due message waits.", (), [((), lag)])
    with every_tenant():
        waiting, dead = _messages()
        stores = dict(_stores())
        end_reading()
    yield Figure("outbox_messages", "Messages that wait for delivery, or were given up after many tries.", ("state",),
                 [(("waiting",), waiting), (("dead",), dead)])  # fmt: skip
    yield Figure("stores", "Stores by their state.", ("status",),
                 [((str(status),), stores.get(status, 0)) for status in TenantStatus])  # fmt: skip


def _messages() -> tuple[int, int]:
    """Waiting and dead, of those that are not done."""
    dead = func.count(OutboxMessage.dead_at)
    query = select(func.count() - dead, dead).where(OutboxMessage.done_at.is_(None))
    waiting, died = db.session.execute(query).one()
    return waiting, died


def _stores() -> list[tuple[TenantStatus, int]]:
    rows = db.session.execute(select(Tenant.status, func.count()).group_by(Tenant.status))
    return [(row[0], row[1]) for row in rows]
