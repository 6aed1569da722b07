"""What happened to an order, in the order in which it happened."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.actor import Actor
from kit.db import db
from models.orders import Order, OrderEvent


def record(
    order: Order, type: str, *, actor: Actor, message: str = "", data: dict[str, Any] | None = None
) -> OrderEvent:
    """Add one line, in the transaction of what it tells. `type` is past tense (`order.confirmed`), `message` what a
    person wrote, `data` plain JSON."""
    event = OrderEvent(
        order_id=order.id,
        type=type,
        message=message,
        data=data or {},
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_role=str(actor.role or ""),
        created_at=clock.now(),
    )
    db.session.add(event)
    return event


def list_events(order_id: UUID) -> Sequence[OrderEvent]:
    """Oldest first."""
    return db.session.scalars(
        select(OrderEvent)
        .where(OrderEvent.order_id == order_id)
        .order_by(OrderEvent.created_at, OrderEvent.id)
    ).all()
