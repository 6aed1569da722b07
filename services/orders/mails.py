"""Sending a customer the order's mail once more."""

from uuid import UUID

from kit.actor import Actor
from kit.db import transaction
from kit.errors import Conflict
from kit.i18n import _
from models.orders import Order, OrderStatus
from services import outbox
from services.orders import effects, timeline


@transaction()
def resend_mail(order_id: UUID, *, actor: Actor) -> Order:
    """The confirmation, or how to pay while it is owed; the worker sends it. Conflict for what was never placed."""
    order = effects.lock_order(order_id)
    if order.status is OrderStatus.DRAFT:
        raise Conflict(_("This order was not placed yet."), code="order-is-draft")
    timeline.record(order, "order.mail", actor=actor, data={"to": order.email})
    outbox.post("order.mail_requested", order_id=order.id)
    return order
