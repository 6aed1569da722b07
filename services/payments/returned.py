"""Units that go back on the shelf with a refund: what was never sent is free for others, what was sent is returned."""

from kit.actor import Actor
from models.orders import Order, OrderItem
from models.payments import Refund
from services import stock
from services.orders import effects


def take_back(order: Order, refund: Refund, *, actor: Actor) -> None:
    """On the locked order, once per refund."""
    lines = {item.id: item for item in order.items}
    freed, back = [], []
    for part in refund.items:
        if not part.restock:
            continue
        item = lines[part.order_item_id]
        unsent, sent = split(item, part.quantity)
        if unsent > effects.unpacked(item):  # some lie in a parcel: it is opened again
            effects.unpack(order, actor=actor)
        item.cancelled_quantity += unsent
        item.returned_quantity += sent
        freed.append((item.stock_item_id, unsent))
        back.append((item.stock_item_id, sent))
    stock.release(freed)
    stock.restock(back, actor=actor, reference=order.order_number, reason=refund.reason)


def split(item: OrderItem, quantity: int) -> tuple[int, int]:
    """(never sent, sent and back) of `quantity` units that are being refunded and count as refunded already.

    Units that were cancelled or came back before, and were not refunded until now, come first: they are on the shelf.
    """
    refunded_before = item.refunded_quantity - quantity
    on_shelf = max(0, item.cancelled_quantity + item.returned_quantity - refunded_before)
    left = quantity - min(quantity, on_shelf)
    unsent = min(left, effects.unsent(item))
    return unsent, min(left - unsent, item.fulfilled_quantity - item.returned_quantity)
