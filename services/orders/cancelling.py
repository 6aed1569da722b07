"""Cancelling: an order, what is left of one, or chosen units of it. What that means for stock and for what is owed.

Stripe is asked first where nothing was paid yet: what turns out to be paid is not cancelled.
"""

from typing import Annotated
from uuid import UUID

from kit.actor import Actor, Role
from kit.db import transaction
from kit.drafts import Draft, Flag, Text
from kit.errors import Conflict, Forbidden
from kit.i18n import _
from models.orders import Order, OrderItem, OrderStatus
from services import audit, outbox
from services.orders import derived, effects, reading, timeline
from services.orders.units import Units, choose
from services.orders.words import status_word
from services.payments import attempts
from services.payments.attempts import Outcome

S = OrderStatus
CANCELLABLE = (S.PENDING, S.CONFIRMED, S.PROCESSING)


class UnitsDraft(Draft):
    """`restock`: the units are free for others; else they are written off. `notify`: the customer is told by mail."""

    items: Units
    reason: Annotated[str, Text(500)] = ""
    restock: Flag = True
    notify: Flag = False


def close_payment(order_id: UUID, *, actor: Actor) -> bool:
    """See to it that nobody pays for what is about to be cancelled. False: it was paid meanwhile, and that counts.
    Conflict `payment-in-progress` where a transfer is on its way."""
    outcome = attempts.close(order_id, void=actor.is_staff)
    if outcome is Outcome.PROCESSING:
        raise Conflict(_("A payment for this order is on its way."), code="payment-in-progress")
    return outcome is not Outcome.PAID


def nothing_shipped(order: Order) -> bool:
    return all(item.fulfilled_quantity == 0 for item in order.items if item.requires_shipping)


def cancel_units(order_id: UUID, draft: UnitsDraft, *, actor: Actor) -> Order:
    """Cancel chosen units that were not sent; the last ones of an order of which nothing was sent cancel it.

    What was paid for them counts as a credit from now on: `payment_status` proposes the refund. Managers; staff where
    nothing was paid. Conflict `not-cancellable`.
    """
    order = reading.get_order(order_id)
    _check(order, actor)
    _choose(order, draft)
    if order.status is S.PENDING and not close_payment(order_id, actor=actor):
        raise Conflict(_("The order has just been paid, and is confirmed now."), code="not-cancellable")
    with transaction():
        order = effects.lock_order(order_id)
        _check(order, actor)
        chosen = _choose(order, draft)
        left = sum(effects.unsent(item) for item in order.items)
        if nothing_shipped(order) and left == sum(quantity for _item, quantity in chosen):
            effects.cancel(order, actor=actor, note=draft.reason, restock=draft.restock)
        else:
            _cancel_some(order, chosen, draft, actor)
        audit.record("cancel", order, actor=actor, changes={
            "units": [None, {item.name: quantity for item, quantity in chosen}]})  # fmt: skip
        return order


def _check(order: Order, actor: Actor) -> None:
    if order.status not in CANCELLABLE:
        raise Conflict(
            _("Of an order that is %(now)s nothing can be cancelled.", now=status_word(order.status)),
            code="not-cancellable", status=str(order.status),
        )  # fmt: skip
    least = Role.STAFF if order.status is S.PENDING else Role.MANAGER
    if actor.kind != "system" and not actor.is_at_least(least):
        raise Forbidden(_("Your role does not allow this."))


def _choose(order: Order, draft: UnitsDraft) -> list[tuple[OrderItem, int]]:
    return choose(
        order, draft.items, effects.unpacked, lambda left: _("Only %(left)s can be cancelled.", left=left)
    )


def _cancel_some(order: Order, chosen: list[tuple[OrderItem, int]], draft: UnitsDraft, actor: Actor) -> None:
    units = effects.drop_units(order, chosen, actor=actor, restock=draft.restock)
    derived.refresh(order)
    lines = [
        {"order_item_id": str(item.id), "name": item.name, "quantity": quantity} for item, quantity in chosen
    ]
    timeline.record(order, "order.units_cancelled", actor=actor, message=draft.reason,
                    data={"units": units, "lines": lines})  # fmt: skip
    outbox.post("order.units_cancelled", order_id=order.id, lines=lines, notify=draft.notify)
    if order.status is S.PENDING and derived.money_of(order).balance <= 0:
        effects.confirm(order, actor=actor)  # what is left costs nothing
    else:
        effects.advance(order, actor=actor)


def cancel_rest(order: Order, *, actor: Actor, note: str = "", restock: bool = True) -> None:
    """On the locked order, of which a part was sent: it stays what it is, and waits for nothing more."""
    units = effects.cancel_units(order, actor=actor, restock=restock)
    derived.refresh(order)
    timeline.record(order, "order.units_cancelled", actor=actor, message=note, data={"units": units})
    effects.advance(order, actor=actor)
