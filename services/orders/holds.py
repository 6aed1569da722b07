"""Keeping an order back, with the reason for it: while it is held nothing of it is packed, sent, expired or completed
by itself."""

from typing import Annotated
from uuid import UUID

from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, Text
from kit.errors import Conflict
from kit.i18n import _
from models.orders import Order, OrderStatus
from services import audit
from services.orders import effects, timeline
from services.orders.words import status_word

HOLDABLE = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING)


class HoldDraft(Draft):
    reason: Annotated[str, Text(500, min=1)]


@transaction()
def hold_order(order_id: UUID, draft: HoldDraft, *, actor: Actor) -> Order:
    """Hold it, or say anew why it is held. Conflict `not-holdable` for what is over, or was never placed."""
    order = effects.lock_order(order_id)
    if order.status not in HOLDABLE:
        raise Conflict(
            _("An order that is %(now)s can't be put on hold.", now=status_word(order.status)),
            code="not-holdable",
        )
    if order.is_on_hold and order.hold_reason == draft.reason:
        return order
    before = order.hold_reason if order.is_on_hold else None
    order.is_on_hold, order.hold_reason = True, draft.reason
    order.version += 1
    timeline.record(order, "order.held", actor=actor, message=draft.reason)
    audit.record("hold", order, actor=actor, changes={"hold_reason": [before, draft.reason]})
    return order


@transaction()
def release_order(order_id: UUID, *, actor: Actor) -> Order:
    """Let it go on. An order that is not held stays as it is."""
    order = effects.lock_order(order_id)
    if not order.is_on_hold:
        return order
    reason, order.is_on_hold, order.hold_reason = order.hold_reason, False, ""
    order.version += 1
    timeline.record(order, "order.released", actor=actor)
    audit.record("release", order, actor=actor, changes={"hold_reason": [reason, None]})
    effects.advance(order, actor=actor)
    return order
