"""The life of an order: which moves there are, who may make them, and what guards them.

Money, parcels and the clock move orders by themselves (payments, fulfilment, expiry). Here is what people ask for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from kit.actor import Actor, Role
from kit.db import transaction
from kit.drafts import Draft, Text
from kit.errors import Conflict, Invalid
from kit.i18n import _
from models.orders import Order, OrderStatus, PaymentMethod
from services import audit, fulfilment
from services.orders import cancelling, derived, effects, reading
from services.orders.cancelling import cancel_rest, nothing_shipped
from services.orders.words import status_word
from services.payments import offline

S = OrderStatus
REFUND_CALL = "POST /api/orders/{order_id}/refund"


class WantedStatus(StrEnum):
    """What a client may ask for; the last three are words of older clients."""

    DRAFT = "draft"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REFUNDED = "refunded"


class StatusDraft(Draft):
    status: WantedStatus
    note: Annotated[str, Text(2000)] = ""


def _anything(order: Order) -> bool:
    return True


def _is_free(order: Order) -> bool:
    return not order.is_on_hold


def _something_unsent(order: Order) -> bool:
    """Where a part was shipped, cancelling means the rest."""
    return nothing_shipped(order) or any(effects.unsent(item) for item in order.items)


def _undisputed(order: Order) -> bool:
    return not derived.money_of(order).is_disputed


@dataclass(frozen=True, slots=True)
class Move:
    least: Role
    guard: Callable[[Order], bool] = _anything


# Who asks, and what must hold. Moves that only the system makes (expiry, late money) are not here.
MOVES: dict[tuple[OrderStatus, OrderStatus], Move] = {
    (S.PENDING, S.CONFIRMED): Move(Role.MANAGER),
    (S.PENDING, S.CANCELLED): Move(Role.STAFF),
    (S.CONFIRMED, S.PROCESSING): Move(Role.STAFF, _is_free),
    (S.PROCESSING, S.CONFIRMED): Move(Role.STAFF, nothing_shipped),
    (S.CONFIRMED, S.COMPLETED): Move(Role.MANAGER, _undisputed),
    (S.PROCESSING, S.COMPLETED): Move(Role.MANAGER, _undisputed),
    (S.CONFIRMED, S.CANCELLED): Move(Role.MANAGER, _something_unsent),
    (S.PROCESSING, S.CANCELLED): Move(Role.MANAGER, _something_unsent),
    (S.COMPLETED, S.PROCESSING): Move(Role.MANAGER),
}


def may_move(order: Order, to: OrderStatus, *, actor: Actor) -> bool:
    move = MOVES.get((order.status, to))
    if move is None:
        return False
    is_owner = not actor.is_staff and to is S.CANCELLED and order.status is S.PENDING
    if is_owner:
        return reading.is_visible(order, actor) and actor.kind in ("user", "order")
    return (actor.kind == "system" or actor.is_at_least(move.least)) and move.guard(order)


def legal_moves(order: Order, *, actor: Actor) -> list[OrderStatus]:
    """What this actor may do with the order as it is now."""
    return [to for to in OrderStatus if may_move(order, to, actor=actor)]


def _illegal(order: Order, to: str, *, actor: Actor, **extra: Any) -> Conflict:
    allowed = [str(status) for status in legal_moves(order, actor=actor)]
    return Conflict(
        _("An order that is %(now)s can't become %(wanted)s.", now=status_word(order.status), wanted=status_word(to)),
        code="illegal-transition", allowed=allowed, current=str(order.status), **extra,
    )  # fmt: skip


def change_status(order_id: UUID, draft: StatusDraft, *, actor: Actor) -> Order:
    """Move the order, or Conflict `illegal-transition` with `allowed`.

    Confirming records the money of an order that is paid outside Stripe; one paid on delivery is only accepted.
    `shipped` and `delivered` send all that is left.
    """
    order = reading.get_order(order_id)
    match draft.status:
        case WantedStatus.REFUNDED:
            raise _illegal(order, "refunded", actor=actor, use=REFUND_CALL)
        case WantedStatus.SHIPPED | WantedStatus.DELIVERED:
            return _send(order, draft.status, actor=actor)
        case WantedStatus.CANCELLED:
            return cancel_order(order_id, actor=actor, note=draft.note)
    to = OrderStatus(draft.status)
    if not may_move(order, to, actor=actor):
        raise _illegal(order, to, actor=actor)
    if order.status is S.PENDING:
        return _confirm(order, actor=actor, note=draft.note)
    if order.status is S.COMPLETED and not draft.note:
        raise Invalid.field("note", "required", _("Say why the order is opened again."))
    return _move(order_id, to, actor=actor, note=draft.note)


@transaction()
def _move(order_id: UUID, to: OrderStatus, *, actor: Actor, note: str) -> Order:
    order = effects.lock_order(order_id)
    if not may_move(order, to, actor=actor):
        raise _illegal(order, to, actor=actor)
    before = order.status
    if to is S.COMPLETED and order.payment_method is PaymentMethod.CASH_ON_DELIVERY:
        # Money first. Where all has arrived, that completes the order by itself.
        offline.record_payment(order, actor=actor, note=note)
    if order.status is not to:
        effects.move(order, to, actor=actor, note=note)
    audit.record("update", order, actor=actor, changes={"status": [before, to]})
    return order


def _confirm(order: Order, *, actor: Actor, note: str) -> Order:
    is_owed_later = order.payment_method is PaymentMethod.CASH_ON_DELIVERY
    if not is_owed_later and derived.money_of(order).balance > 0:
        return offline.mark_paid(order.id, actor=actor, note=note)
    with transaction():
        order = effects.lock_order(order.id)
        if not may_move(order, S.CONFIRMED, actor=actor):
            raise _illegal(order, S.CONFIRMED, actor=actor)
        effects.confirm(order, actor=actor, note=note)
        audit.record("update", order, actor=actor, changes={"status": [S.PENDING, S.CONFIRMED]})
        return order


def _send(order: Order, wanted: WantedStatus, *, actor: Actor) -> Order:
    has_rest = any(effects.unsent(item) for item in order.items if item.requires_shipping)
    has_shipped = any(item.fulfilled_quantity for item in order.items if item.requires_shipping)
    is_possible = has_rest if wanted is WantedStatus.SHIPPED else has_rest or has_shipped
    if order.status not in fulfilment.SENDABLE or not is_possible:
        raise _illegal(order, wanted, actor=actor)
    if wanted is WantedStatus.SHIPPED:
        fulfilment.send_order(order.id, actor=actor)
    else:
        fulfilment.deliver_order(order.id, actor=actor)
    return reading.get_order(order.id)


def cancel_order(order_id: UUID, *, actor: Actor, note: str = "", restock: bool = True) -> Order:
    """Cancel it; of one that is partly shipped, only the rest, and it stays what it is. A shopper may cancel an own
    order that is not paid. Stripe is asked first: what turns out to be paid is not cancelled."""
    order = reading.get_own_order(order_id, actor=actor)
    if not may_move(order, S.CANCELLED, actor=actor):
        raise _illegal(order, S.CANCELLED, actor=actor)
    if order.status is S.PENDING:
        _close_payment(order_id, actor=actor)
    return cancel_closed(order_id, actor=actor, note=note, restock=restock)


@transaction()
def cancel_closed(order_id: UUID, *, actor: Actor, note: str = "", restock: bool = True) -> Order:
    """The same for an order of which it is known that nobody can pay for it just now: Stripe is not asked."""
    order = effects.lock_order(order_id)
    if not may_move(order, S.CANCELLED, actor=actor):
        raise _illegal(order, S.CANCELLED, actor=actor)
    before = order.status
    if nothing_shipped(order):
        effects.cancel(order, actor=actor, note=note, restock=restock)
    else:
        cancel_rest(order, actor=actor, note=note, restock=restock)
    audit.record("cancel", order, actor=actor, changes={"status": [before, order.status]})
    return order


def _close_payment(order_id: UUID, *, actor: Actor) -> None:
    if cancelling.close_payment(order_id, actor=actor):
        return
    order = reading.get_order(order_id)
    allowed = [str(status) for status in legal_moves(order, actor=actor)]
    raise Conflict(
        _("The order has just been paid, and is confirmed now."),
        code="illegal-transition", allowed=allowed, current=str(order.status),
    )  # fmt: skip
