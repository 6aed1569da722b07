"""Putting what is over out of the way. Nothing else follows from it, and it comes back by the same door."""

from uuid import UUID

from kit import clock
from kit.actor import Actor
from kit.db import transaction
from kit.errors import Conflict
from kit.i18n import _
from models.orders import Order, OrderStatus
from services import audit
from services.orders import effects, timeline

OVER = (OrderStatus.COMPLETED, OrderStatus.CANCELLED, OrderStatus.EXPIRED)


@transaction()
def archive_order(order_id: UUID, *, actor: Actor) -> Order:
    """Conflict `order-is-open` where there is still something to do."""
    order = effects.lock_order(order_id)
    if order.status not in OVER:
        raise Conflict(
            _("Only what is completed, cancelled or expired can be archived."), code="order-is-open"
        )
    if order.archived_at is None:
        order.archived_at = clock.now()
        order.version += 1
        timeline.record(order, "order.archived", actor=actor)
        audit.record("update", order, actor=actor, changes={"archived": [False, True]})
    return order


@transaction()
def restore_order(order_id: UUID, *, actor: Actor) -> Order:
    order = effects.lock_order(order_id)
    if order.archived_at is not None:
        order.archived_at = None
        order.version += 1
        timeline.record(order, "order.unarchived", actor=actor)
        audit.record("update", order, actor=actor, changes={"archived": [True, False]})
    return order
