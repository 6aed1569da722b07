"""The outbox as the platform's people look at it: by state, topic and store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from kit.errors import NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from kit.tenancy import every_tenant
from models.outbox import OutboxMessage, OutboxReceipt
from models.tenants import Tenant
from services.audit import MASKED
from services.deliveries import in_state


@dataclass(frozen=True, slots=True)
class Job:
    """`store`: its name; empty for a message of the platform itself."""

    message: OutboxMessage
    store: str


def list_jobs(
    state: str = "dead", *, topic: str = "", tenant_id: UUID | None = None, page: int = 1, page_size: int = 20
) -> Page[Job]:
    """Dead, done and dropped ones with the latest first; waiting ones in the order in which they are due."""
    query = select(OutboxMessage).where(in_state(state))
    if topic:
        query = query.where(OutboxMessage.topic == topic)
    if tenant_id:
        query = query.where(OutboxMessage.tenant_id == tenant_id)
    by = (OutboxMessage.run_at, OutboxMessage.id) if state == "waiting" else (OutboxMessage.id.desc(),)
    with every_tenant():
        found = paginate(query.order_by(*by), page, page_size)
        return Page(_with_stores(found.items), found.total, found.page, found.page_size)


def _with_stores(messages: Sequence[OutboxMessage]) -> list[Job]:
    ids = {message.tenant_id for message in messages if message.tenant_id}
    rows = db.session.execute(select(Tenant.id, Tenant.name).where(Tenant.id.in_(ids)))
    names: dict[UUID | None, str] = {row[0]: row[1] for row in rows}
    return [Job(message, names.get(message.tenant_id, "")) for message in messages]


def topics_of(state: str) -> list[str]:
    with every_tenant():
        query = select(OutboxMessage.topic).where(in_state(state)).distinct().order_by(OutboxMessage.topic)
        return list(db.session.scalars(query))


def get_job(message_id: UUID) -> tuple[Job, list[OutboxReceipt]]:
    """The message, and which of its handlers have done their work."""
    with every_tenant():
        message = db.session.get(OutboxMessage, message_id)
        if message is None:
            raise NotFound(_("There is no such message."))
        query = (
            select(OutboxReceipt)
            .where(OutboxReceipt.message_id == message_id)
            .order_by(OutboxReceipt.done_at)
        )
        return _with_stores([message])[0], list(db.session.scalars(query))


def shown_payload(message: OutboxMessage) -> dict[str, Any]:
    """Without what opens a door."""
    return {
        name: "•••" if any(word in name for word in MASKED) else value
        for name, value in message.payload.items()
    }
