"""Parcels: what of an order was sent, how, and whether it arrived."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit import clock
from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.drafts import Draft, Flag, IdRef, Int, Text, wrong
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.i18n import _
from models.fulfilment import Fulfillment, FulfillmentItem, ParcelStatus
from models.orders import Order, OrderItem, OrderStatus, PaymentMethod
from services import audit, outbox, stock
from services.orders import derived, effects, timeline
from services.orders.words import status_word

SENDABLE = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING)


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise wrong("", "not_a_url", _("Must be a web address that starts with https://."))
    return value


class ParcelLine(Draft):
    order_item_id: IdRef
    quantity: Annotated[Int, Field(ge=1, le=100_000)]


class ParcelDraft(Draft):
    """`items` missing: all that is left."""

    items: Annotated[list[ParcelLine], Field(min_length=1, max_length=500)] | None = None
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
    chosen = _choose(order, draft)
    parcel = Fulfillment(
        order_id=order.id,
        status=ParcelStatus.SHIPPED,
        carrier=draft.carrier,
        tracking_number=draft.tracking_number,
        tracking_url=draft.tracking_url,
        items=[FulfillmentItem(order_item_id=item.id, quantity=quantity) for item, quantity in chosen],
    )
    db.session.add(parcel)
    stock.ship([(item.stock_item_id, n) for item, n in chosen], actor=actor, reference=order.order_number)
    for item, quantity in chosen:
        item.fulfilled_quantity += quantity
    if order.status is OrderStatus.CONFIRMED:
        effects.move(order, OrderStatus.PROCESSING, actor=actor)
    derived.refresh(order)
    units = sum(quantity for _item, quantity in chosen)
    timeline.record(order, "parcel.shipped", actor=actor, data={
        "parcel_id": str(parcel.id), "units": units, "carrier": draft.carrier,
        "tracking_number": draft.tracking_number})  # fmt: skip
    audit.record("fulfil", order, actor=actor, changes={"units": [0, units]})
    outbox.post("order.shipped", order_id=order.id, parcel_id=parcel.id, notify=draft.notify)
    return parcel


def _check_sendable(order: Order) -> None:
    if order.status not in SENDABLE:
        raise Conflict(
            _("Only a confirmed order can be sent; this one is %(status)s.", status=status_word(order.status)),
            code="not-fulfillable", status=str(order.status),
        )  # fmt: skip
    if order.is_on_hold:
        raise Conflict(_("The order is on hold."), code="not-fulfillable")
    money = derived.money_of(order)
    is_accepted = order.payment_method is PaymentMethod.CASH_ON_DELIVERY or money.authorized >= money.owed > 0
    if money.balance > 0 and not is_accepted:
        raise Conflict(_("The order is not paid yet."), code="not-fulfillable")


def _choose(order: Order, draft: ParcelDraft) -> list[tuple[OrderItem, int]]:
    """Which lines, how many of each. Invalid names the line that asks for more than is left."""
    if draft.items is None:
        every = [(i, effects.unsent(i)) for i in order.items if i.requires_shipping and effects.unsent(i)]
        if not every:
            raise Conflict(_("Nothing is left to send."), code="not-fulfillable")
        return every
    wanted: dict[UUID, int] = {}
    errors = []
    lines = {item.id: item for item in order.items}
    for at, line in enumerate(draft.items):
        wanted[line.order_item_id] = wanted.get(line.order_item_id, 0) + line.quantity
        item = lines.get(line.order_item_id)
        if item is None:
            errors.append(
                FieldError(f"items.{at}.order_item_id", "unknown_id", _("The order has no such line."))
            )
        elif wanted[item.id] > effects.unsent(item):
            text = _("Only %(left)s are left to send.", left=effects.unsent(item))
            errors.append(FieldError(f"items.{at}.quantity", "too_many", text))
    if errors:
        raise Invalid(_("Please correct the marked fields."), errors=errors)
    return [(lines[item_id], quantity) for item_id, quantity in wanted.items()]


@transaction()
def deliver_parcel(parcel_id: UUID, *, actor: Actor) -> Fulfillment:
    """It arrived. A second time changes nothing. With the last parcel a paid order is completed."""
    parcel, order = _lock_parcel(parcel_id)
    if parcel.status is ParcelStatus.CANCELLED:
        raise Conflict(_("This parcel was cancelled."), code="illegal-transition")
    if parcel.status is ParcelStatus.DELIVERED:
        return parcel
    parcel.status = ParcelStatus.DELIVERED
    parcel.delivered_at = clock.now()
    derived.refresh(order)
    timeline.record(order, "parcel.delivered", actor=actor, data={"parcel_id": str(parcel.id)})
    outbox.post("order.delivered", order_id=order.id, parcel_id=parcel.id)
    effects.advance(order, actor=actor)
    return parcel


@transaction()
def cancel_parcel(parcel_id: UUID, *, actor: Actor) -> Fulfillment:
    """It never left, or came back unopened: its units are in the house again, and still owed. Manager+."""
    if actor.kind != "system" and not actor.is_at_least(Role.MANAGER):
        raise Forbidden(_("Your role does not allow this."))
    parcel, order = _lock_parcel(parcel_id)
    if parcel.status is not ParcelStatus.SHIPPED or order.status not in SENDABLE:
        raise Conflict(_("This parcel can't be cancelled any more."), code="illegal-transition")
    lines = {item.id: item for item in order.items}
    back = [(lines[part.order_item_id], part.quantity) for part in parcel.items]
    if any(item.fulfilled_quantity - quantity < item.returned_quantity for item, quantity in back):
        raise Conflict(_("Units of this parcel were returned already."), code="illegal-transition")
    parcel.status = ParcelStatus.CANCELLED
    for item, quantity in back:
        item.fulfilled_quantity -= quantity
    stock.unship([(item.stock_item_id, n) for item, n in back], actor=actor, reference=order.order_number)
    derived.refresh(order)
    timeline.record(order, "parcel.cancelled", actor=actor, data={"parcel_id": str(parcel.id)})
    audit.record("cancel", parcel, actor=actor)
    outbox.post("parcel.cancelled", order_id=order.id, parcel_id=parcel.id)
    return parcel


class TrackingDraft(Draft):
    carrier: Annotated[str, Text(100)] = ""
    tracking_number: Annotated[str, Text(100)] = ""
    tracking_url: Annotated[str, Text(500), AfterValidator(_web_address)] = ""
    notify: Flag = False


@transaction()
def update_tracking(parcel_id: UUID, draft: TrackingDraft, *, actor: Actor) -> Fulfillment:
    parcel, order = _lock_parcel(parcel_id)
    if parcel.status is ParcelStatus.CANCELLED:
        raise Conflict(_("This parcel was cancelled."), code="illegal-transition")
    new = draft.model_dump(exclude={"notify"})
    changes = audit.difference({name: getattr(parcel, name) for name in new}, new)
    if changes:
        for name, value in new.items():
            setattr(parcel, name, value)
        timeline.record(order, "parcel.tracking", actor=actor, data={"parcel_id": str(parcel.id), **new})
        audit.record("update", parcel, actor=actor, changes=changes)
        if draft.notify:
            outbox.post("order.shipped", order_id=order.id, parcel_id=parcel.id, notify=True)
    return parcel


def _lock_parcel(parcel_id: UUID) -> tuple[Fulfillment, Order]:
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
def deliver_order(order_id: UUID, *, actor: Actor) -> None:
    """Send what is left, and say of every parcel that it arrived."""
    order = effects.lock_order(order_id)
    if any(effects.unsent(item) for item in order.items if item.requires_shipping):
        fulfil_order(order_id, ParcelDraft(), actor=actor)
    for parcel in list_parcels(order_id):
        if parcel.status is ParcelStatus.SHIPPED:
            deliver_parcel(parcel.id, actor=actor)
