"""Parcels: what of an order was sent, how, and whether it arrived."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit import clock
from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.drafts import Draft, Flag, Text
from kit.errors import Conflict, Forbidden, NotFound
from kit.i18n import _
from models.fulfilment import Fulfillment, FulfillmentItem, ParcelStatus
from models.orders import Order, OrderItem, OrderStatus, PaymentMethod
from services import audit, carriers, outbox, stock
from services.orders import derived, effects, timeline
from services.orders.units import Units, choose
from services.orders.words import status_word

SENDABLE = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING)
NEXT: dict[ParcelStatus, tuple[ParcelStatus, ...]] = {
    ParcelStatus.PENDING: (ParcelStatus.SHIPPED, ParcelStatus.CANCELLED),
    ParcelStatus.SHIPPED: (ParcelStatus.DELIVERED, ParcelStatus.CANCELLED),
    ParcelStatus.DELIVERED: (),
    ParcelStatus.CANCELLED: (),
}


def _web_address(value: str) -> str:
    return value and carriers.web_address(value)


class ParcelDraft(Draft):
    """`items` missing: all that is left. `tracking_url` missing: the page of the carrier, where it is known."""

    items: Units | None = None
    carrier: Annotated[str, Text(100)] = ""
    tracking_number: Annotated[str, Text(100)] = ""
    tracking_url: Annotated[str, Text(500), AfterValidator(_web_address)] = ""
    notify: Flag = True


def list_parcels(order_id: UUID) -> Sequence[Fulfillment]:
    """The order's parcels, oldest first, with what is in them."""
    return db.session.scalars(
        select(Fulfillment)
        .where(Fulfillment.order_id == order_id)
        .options(selectinload(Fulfillment.items))
        .order_by(Fulfillment.id)
    ).all()


@transaction()
def fulfil_order(order_id: UUID, draft: ParcelDraft, *, actor: Actor) -> Fulfillment:
    """Send a parcel. Conflict `not-fulfillable`: the order is not confirmed, on hold, unpaid, or has nothing left."""
    order = effects.lock_order(order_id)
    _check_sendable(order)
    parcel, chosen = _fill(order, draft, ParcelStatus.SHIPPED)
    _send_off(order, parcel, chosen, notify=draft.notify, actor=actor)
    return parcel


@transaction()
def pack_order(order_id: UUID, draft: ParcelDraft, *, actor: Actor) -> Fulfillment:
    """Put units into a parcel that stays in the house for now: nobody else can send or cancel them. It leaves by
    `ship_parcel`. Refuses what `fulfil_order` refuses."""
    order = effects.lock_order(order_id)
    _check_sendable(order)
    parcel, chosen = _fill(order, draft, ParcelStatus.PENDING)
    for item, quantity in chosen:
        item.packed_quantity += quantity
    _take_into_work(order, actor)
    derived.refresh(order)
    units = sum(quantity for _item, quantity in chosen)
    timeline.record(order, "parcel.packed", actor=actor, data={"parcel_id": str(parcel.id), "units": units})
    audit.record("pack", order, actor=actor, changes={"units": [0, units]})
    return parcel


@transaction()
def ship_parcel(parcel_id: UUID, *, actor: Actor, notify: bool = True) -> Fulfillment:
    """A packed parcel leaves. A second time changes nothing."""
    parcel, order = lock_parcel(parcel_id)
    if parcel.status is ParcelStatus.SHIPPED:
        return parcel
    if parcel.status is not ParcelStatus.PENDING:
        raise _illegal(parcel)
    _check_sendable(order)
    lines = {item.id: item for item in order.items}
    chosen = [(lines[part.order_item_id], part.quantity) for part in parcel.items]
    for item, quantity in chosen:
        item.packed_quantity -= quantity
    parcel.status = ParcelStatus.SHIPPED
    _send_off(order, parcel, chosen, notify=notify, actor=actor)
    return parcel


def _fill(
    order: Order, draft: ParcelDraft, status: ParcelStatus
) -> tuple[Fulfillment, list[tuple[OrderItem, int]]]:
    chosen = _choose(order, draft)
    parcel = Fulfillment(
        order_id=order.id,
        status=status,
        carrier=draft.carrier,
        tracking_number=draft.tracking_number,
        tracking_url=_tracking_url(draft, order),
        items=[FulfillmentItem(order_item_id=item.id, quantity=quantity) for item, quantity in chosen],
    )
    db.session.add(parcel)
    return parcel, chosen


def _tracking_url(draft: "ParcelDraft | TrackingDraft", order: Order) -> str:
    address = order.shipping_address
    return draft.tracking_url or carriers.tracking_url(draft.carrier, draft.tracking_number, address)


def _take_into_work(order: Order, actor: Actor) -> None:
    if order.status is OrderStatus.CONFIRMED:
        effects.move(order, OrderStatus.PROCESSING, actor=actor)


def _send_off(order: Order, parcel: Fulfillment, chosen: Sequence[tuple[OrderItem, int]], *, notify: bool,
              actor: Actor) -> None:  # fmt: skip
    parcel.shipped_at = clock.now()
    stock.ship([(item.stock_item_id, n) for item, n in chosen], actor=actor, reference=order.order_number)
    for item, quantity in chosen:
        item.fulfilled_quantity += quantity
    _take_into_work(order, actor)
    derived.refresh(order)
    units = sum(quantity for _item, quantity in chosen)
    timeline.record(order, "parcel.shipped", actor=actor, data={
        "parcel_id": str(parcel.id), "units": units, "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number})  # fmt: skip
    audit.record("fulfil", order, actor=actor, changes={"units": [0, units]})
    outbox.post("order.shipped", order_id=order.id, parcel_id=parcel.id, notify=notify)


def _illegal(parcel: Fulfillment) -> Conflict:
    """A move that the parcel can't make, with those that it can."""
    allowed = [str(status) for status in NEXT[parcel.status]]
    text = {
        ParcelStatus.PENDING: _("This parcel has not been sent yet."),
        ParcelStatus.SHIPPED: _("This parcel was sent already."),
        ParcelStatus.DELIVERED: _("This parcel has arrived already."),
        ParcelStatus.CANCELLED: _("This parcel was cancelled."),
    }[parcel.status]
    return Conflict(text, code="illegal-transition", current=str(parcel.status), allowed=allowed)


def _check_sendable(order: Order) -> None:
    if order.status not in SENDABLE:
        raise Conflict(
            _("Only a confirmed order can be sent; this one is %(status)s.", status=status_word(order.status)),
            code="not-fulfillable", current=str(order.status),
        )  # fmt: skip
    if order.is_on_hold:
        why = _("The order is on hold: %(reason)s", reason=order.hold_reason or "–")
        raise Conflict(why, code="not-fulfillable")
    money = derived.money_of(order)
    is_accepted = order.payment_method is PaymentMethod.CASH_ON_DELIVERY or money.authorized >= money.owed > 0
    if money.balance > 0 and not is_accepted:
        raise Conflict(_("The order is not paid yet."), code="not-fulfillable")


def _choose(order: Order, draft: ParcelDraft) -> list[tuple[OrderItem, int]]:
    """Which lines, how many of each. Invalid names the line that asks for more than is left."""
    if draft.items is None:
        every = [(i, effects.unpacked(i)) for i in order.items if i.requires_shipping and effects.unpacked(i)]
        if not every:
            raise Conflict(_("Nothing is left to send."), code="not-fulfillable")
        return every
    return choose(
        order, draft.items, effects.unpacked, lambda left: _("Only %(left)s are left to send.", left=left)
    )


@transaction()
def deliver_parcel(parcel_id: UUID, *, actor: Actor) -> Fulfillment:
    """It arrived. A second time changes nothing. With the last parcel a paid order is completed."""
    parcel, order = lock_parcel(parcel_id)
    if parcel.status is ParcelStatus.DELIVERED:
        return parcel
    if parcel.status is not ParcelStatus.SHIPPED:
        raise _illegal(parcel)
    parcel.status = ParcelStatus.DELIVERED
    parcel.delivered_at = clock.now()
    derived.refresh(order)
    timeline.record(order, "parcel.delivered", actor=actor, data={"parcel_id": str(parcel.id)})
    outbox.post("order.delivered", order_id=order.id, parcel_id=parcel.id)
    effects.advance(order, actor=actor)
    return parcel


@transaction()
def cancel_parcel(parcel_id: UUID, *, actor: Actor) -> Fulfillment:
    """It never left, or came back unopened: its units are in the house again, and still owed. What was sent already
    only managers take back."""
    parcel, order = lock_parcel(parcel_id)
    may_take_back = actor.kind == "system" or actor.is_at_least(Role.MANAGER)
    if parcel.status is ParcelStatus.SHIPPED and not may_take_back:
        raise Forbidden(_("Your role does not allow this."))
    if ParcelStatus.CANCELLED not in NEXT[parcel.status]:
        raise _illegal(parcel)
    if order.status not in SENDABLE:
        raise Conflict(_("This parcel can't be cancelled any more."), code="illegal-transition", allowed=[])
    lines = {item.id: item for item in order.items}
    back = [(lines[part.order_item_id], part.quantity) for part in parcel.items]
    if parcel.status is ParcelStatus.PENDING:
        for item, quantity in back:
            item.packed_quantity -= quantity
    else:
        _take_back(order, back, actor)
    parcel.status = ParcelStatus.CANCELLED
    derived.refresh(order)
    timeline.record(order, "parcel.cancelled", actor=actor, data={"parcel_id": str(parcel.id)})
    audit.record("cancel", parcel, actor=actor)
    outbox.post("parcel.cancelled", order_id=order.id, parcel_id=parcel.id)
    return parcel


def _take_back(order: Order, back: Sequence[tuple[OrderItem, int]], actor: Actor) -> None:
    if any(item.fulfilled_quantity - quantity < item.returned_quantity for item, quantity in back):
        raise Conflict(
            _("Units of this parcel were returned already."), code="illegal-transition", allowed=[]
        )
    for item, quantity in back:
        item.fulfilled_quantity -= quantity
    stock.unship([(item.stock_item_id, n) for item, n in back], actor=actor, reference=order.order_number)


class TrackingDraft(Draft):
    """`tracking_url` missing: the page of the carrier, where it is known."""

    carrier: Annotated[str, Text(100)] = ""
    tracking_number: Annotated[str, Text(100)] = ""
    tracking_url: Annotated[str, Text(500), AfterValidator(_web_address)] = ""
    notify: Flag = False


@transaction()
def update_tracking(parcel_id: UUID, draft: TrackingDraft, *, actor: Actor) -> Fulfillment:
    parcel, order = lock_parcel(parcel_id)
    if parcel.status is ParcelStatus.CANCELLED:
        raise _illegal(parcel)
    new = draft.model_dump(exclude={"notify"}) | {"tracking_url": _new_tracking_url(parcel, draft, order)}
    changes = audit.difference({name: getattr(parcel, name) for name in new}, new)
    if changes:
        for name, value in new.items():
            setattr(parcel, name, value)
        timeline.record(order, "parcel.tracking", actor=actor, data={"parcel_id": str(parcel.id), **new})
        audit.record("update", parcel, actor=actor, changes=changes)
        if draft.notify and parcel.status is not ParcelStatus.PENDING:
            outbox.post("order.shipped", order_id=order.id, parcel_id=parcel.id, notify=True)
    return parcel


def _new_tracking_url(parcel: Fulfillment, draft: TrackingDraft, order: Order) -> str:
    """An address that followed from carrier and number follows from the new ones, also where it was sent along."""
    followed = carriers.tracking_url(parcel.carrier, parcel.tracking_number, order.shipping_address)
    if draft.tracking_url and draft.tracking_url == parcel.tracking_url == followed:
        draft = draft.model_copy(update={"tracking_url": ""})
    return _tracking_url(draft, order)


def lock_parcel(parcel_id: UUID) -> tuple[Fulfillment, Order]:
    """The order is locked first, as everywhere; then the parcel is read afresh."""
    order_id = db.session.scalar(select(Fulfillment.order_id).where(Fulfillment.id == parcel_id))
    if order_id is None:
        raise NotFound(_("There is no such parcel."))
    order = effects.lock_order(order_id)
    parcel = db.session.get_one(
        Fulfillment, parcel_id, options=[selectinload(Fulfillment.items)], populate_existing=True
    )
    return parcel, order


@transaction()
def send_order(order_id: UUID, *, actor: Actor, notify: bool = True) -> None:
    """Send all that is left: what is packed as it is packed, the rest in one parcel."""
    order = effects.lock_order(order_id)
    for parcel in list_parcels(order_id):
        if parcel.status is ParcelStatus.PENDING:
            ship_parcel(parcel.id, actor=actor, notify=notify)
    if any(effects.unpacked(item) for item in order.items if item.requires_shipping):
        fulfil_order(order_id, ParcelDraft(notify=notify), actor=actor)


@transaction()
def deliver_order(order_id: UUID, *, actor: Actor) -> None:
    """Send what is left, and say of every parcel that it arrived."""
    send_order(order_id, actor=actor)
    for parcel in list_parcels(order_id):
        if parcel.status is ParcelStatus.SHIPPED:
            deliver_parcel(parcel.id, actor=actor)
