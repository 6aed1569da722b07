"""What follows when an order moves: stock, coupon, digital lines, timeline, outbox. All on the locked order, inside
the caller's transaction; whether the move is allowed is asked in status.py.

Lock order: the order first, then stock, then the coupon.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit import clock
from kit.actor import Actor
from kit.db import db
from kit.errors import Conflict, NotFound
from kit.i18n import _
from models.catalog import Variant
from models.fulfilment import Fulfillment, ParcelStatus
from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus
from services import outbox, promotions, stock
from services.orders import derived, timeline


def lock_order(order_id: UUID) -> Order:
    """The order with its lines, read afresh, ours until the transaction ends."""
    order = db.session.scalar(
        select(Order)
        .where(Order.id == order_id)
        .options(selectinload(Order.items))
        .with_for_update(of=Order)
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound(_("There is no such order."))
    return order


def unsent(item: OrderItem) -> int:
    return item.quantity - item.fulfilled_quantity - item.cancelled_quantity


def unpacked(item: OrderItem) -> int:
    """What is neither sent nor cancelled nor lies in a packed parcel."""
    return unsent(item) - item.packed_quantity


def confirm(order: Order, *, actor: Actor, note: str = "") -> None:
    """The shop owes the goods now. From `expired` (late money) stock is taken again, if need be more than there is."""
    if order.status is OrderStatus.EXPIRED:
        _take_again(order, actor)
    order.status = OrderStatus.CONFIRMED
    order.confirmed_at = order.confirmed_at or clock.now()
    order.payment_due_at = None
    digital = [item for item in order.items if not item.requires_shipping]
    stock.ship([(i.stock_item_id, unsent(i)) for i in digital], actor=actor, reference=order.order_number)
    for item in digital:
        item.fulfilled_quantity += unsent(item)
    derived.refresh(order)
    timeline.record(order, "order.confirmed", actor=actor, message=note)
    outbox.post("order.confirmed", order_id=order.id)
    advance(order, actor=actor)


def _take_again(order: Order, actor: Actor) -> None:
    """An order that came back from expiry needs its units and its coupon again."""
    variants = {item.variant_id for item in order.items if item.variant_id}
    known = set(db.session.scalars(select(Variant.id).where(Variant.id.in_(variants))))
    lines = [i for i in order.items if i.product_id and (i.variant_id is None or i.variant_id in known)]
    is_short = any(item.product_id and item not in lines for item in order.items)
    try:
        taken = stock.allocate(lines)
    except Conflict:
        is_short = True
        taken = stock.allocate(lines, force=True)
    for item in order.items:
        product_id = item.product_id
        item.stock_item_id = (
            taken.get((product_id, item.variant_id)) if product_id and item in lines else None
        )
    promotions.use_again(order)
    if is_short:
        order.is_oversold = True
        timeline.record(order, "order.oversold", actor=actor)
        outbox.post("order.oversold", order_id=order.id)


def expire(order: Order, *, actor: Actor) -> None:
    """Nobody paid in time. Lines keep their numbers: late money may bring the order back."""
    order.status = OrderStatus.EXPIRED
    stock.release([(item.stock_item_id, unsent(item)) for item in order.items])
    promotions.give_back(order)
    derived.refresh(order)
    timeline.record(order, "order.expired", actor=actor)
    outbox.post("order.expired", order_id=order.id)


def cancel(order: Order, *, actor: Actor, note: str = "", restock: bool = True) -> None:
    """Nothing of it was sent. The coupon is free again only where no money came in."""
    was_unpaid = order.captured_total == 0
    cancel_units(order, actor=actor, restock=restock)
    order.status = OrderStatus.CANCELLED
    order.cancelled_at = clock.now()
    order.payment_due_at = None
    if was_unpaid:
        promotions.give_back(order)
    derived.refresh(order)
    timeline.record(order, "order.cancelled", actor=actor, message=note)
    outbox.post("order.cancelled", order_id=order.id)


def cancel_units(order: Order, *, actor: Actor, restock: bool = True) -> int:
    """What was not sent will not be sent; how many units. Packed parcels are opened again."""
    unpack(order, actor=actor)
    return drop_units(order, [(item, unsent(item)) for item in order.items], actor=actor, restock=restock)


def drop_units(
    order: Order, chosen: Sequence[tuple[OrderItem, int]], *, actor: Actor, restock: bool = True
) -> int:
    """These units will not be sent: they are free for others, or (not `restock`) lost to the shop."""
    moved = [(item.stock_item_id, quantity) for item, quantity in chosen]
    if restock:
        stock.release(moved)
    else:
        stock.write_off(moved, actor=actor, reference=order.order_number)
    for item, quantity in chosen:
        item.cancelled_quantity += quantity
    return sum(quantity for _item, quantity in chosen)


def unpack(order: Order, *, actor: Actor) -> None:
    """Every parcel that has not left is opened again."""
    packed = db.session.scalars(
        select(Fulfillment).where(
            Fulfillment.order_id == order.id, Fulfillment.status == ParcelStatus.PENDING
        )
    ).all()
    for parcel in packed:
        parcel.status = ParcelStatus.CANCELLED
        timeline.record(order, "parcel.cancelled", actor=actor, data={"parcel_id": str(parcel.id)})
    for item in order.items:
        item.packed_quantity = 0


def move(order: Order, to: OrderStatus, *, actor: Actor, note: str = "") -> None:
    """The moves that touch nothing but the status."""
    before = order.status
    order.status = to
    if to is OrderStatus.COMPLETED:
        order.completed_at = clock.now()
    elif before is OrderStatus.COMPLETED:
        order.completed_at = None
    derived.refresh(order)
    kind = "order.reopened" if before is OrderStatus.COMPLETED else f"order.{to}"
    timeline.record(order, kind, actor=actor, message=note, data={"from": str(before), "to": str(to)})
    if to is OrderStatus.COMPLETED:
        outbox.post("order.completed", order_id=order.id)


def advance(order: Order, *, actor: Actor) -> None:
    """Complete the order by itself when all has arrived (or nothing needs to) and all is paid."""
    done = order.fulfillment_status in (FulfillmentStatus.DELIVERED, FulfillmentStatus.NOT_REQUIRED)
    if not done or order.is_on_hold or order.status not in (OrderStatus.CONFIRMED, OrderStatus.PROCESSING):
        return
    money = derived.money_of(order)
    if money.balance == 0 and not money.is_disputed:
        move(order, OrderStatus.COMPLETED, actor=actor)
