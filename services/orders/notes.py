"""What is written about an order: notes that colleagues leave for each other, and messages to the customer."""

from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.drafts import Draft, Flag, Text
from kit.errors import Conflict, Forbidden, NotFound
from kit.i18n import _
from models.orders import OrderEvent, OrderStatus
from services import outbox
from services.orders import effects, timeline

NOTE, MESSAGE = "order.note", "order.message"


class NoteDraft(Draft):
    """`to_customer`: mailed to whoever ordered; else customers never see it."""

    text: Annotated[str, Text(2000, min=1)]
    to_customer: Flag = False


@transaction()
def add_note(order_id: UUID, draft: NoteDraft, *, actor: Actor) -> OrderEvent:
    """Put a note on the order's timeline. Conflict `order-is-draft` for a message about what was never placed."""
    order = effects.lock_order(order_id)
    if not draft.to_customer:
        return timeline.record(order, NOTE, actor=actor, message=draft.text)
    if order.status is OrderStatus.DRAFT or not order.email:
        raise Conflict(_("This order was not placed yet."), code="order-is-draft")
    event = timeline.record(order, MESSAGE, actor=actor, message=draft.text, data={"to": order.email})
    db.session.flush()
    outbox.post("order.message", order_id=order.id, event_id=event.id)
    return event


def count_notes(order_id: UUID) -> int:
    """Those for colleagues that nobody has removed."""
    query = select(func.count()).select_from(OrderEvent)
    found = query.where(OrderEvent.order_id == order_id, OrderEvent.type == NOTE, OrderEvent.message != "")
    return db.session.scalar(found) or 0


@transaction()
def remove_note(order_id: UUID, event_id: UUID, *, actor: Actor) -> None:
    """Take back what one wrote for colleagues; managers any such note. What was mailed stays."""
    order = effects.lock_order(order_id)
    event = db.session.get(OrderEvent, event_id)
    if event is None or event.order_id != order.id or event.type != NOTE:
        raise NotFound(_("There is no such note."))
    if event.actor_id != actor.id and not actor.is_at_least(Role.MANAGER):
        raise Forbidden(_("Only who wrote a note, or a manager, may remove it."))
    event.message = ""
    event.data = {**event.data, "removed_by": actor.name or actor.email}
