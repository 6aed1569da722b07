"""What orders do to stock. Later moves go by the stock item that an order line remembers, not by the product."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from kit.actor import Actor
from kit.db import transaction
from models.stock import StockItem
from services.stock.holds import drop_holds, insist, is_limited
from services.stock.items import Key, Locked, Want, lock_for, lock_items, move, wanted
from services.stock.status import refresh

Moved = Iterable[tuple[UUID | None, int]]  # (order_item.stock_item_id, how many); None: stock was not tracked


@transaction()
def allocate(
    lines: Iterable[Want], *, cart_id: UUID | None = None, force: bool = False, locked: Locked | None = None
) -> dict[Key, UUID | None]:
    """Promise all lines to an order, or none: Conflict `out-of-stock` names every line that falls short.

    The cart's own holds are used up. Answers the stock item of each (product, variant), to be kept on the order
    line; None where stock is not tracked. `force` takes more than there is (money that came late must not be lost).
    `locked`: what lock_for answered for these lines, where the caller needs it too.
    """
    sums = wanted(lines)
    products, items = locked or lock_for(sums)
    if not force:
        limited = {key: n for key, n in sums.items() if is_limited(products.get(key[0]))}
        insist(limited, products, items, except_cart=cart_id)
    if cart_id is not None:
        drop_holds(cart_id)
    taken: dict[Key, UUID | None] = {}
    for key, quantity in sums.items():
        product = products.get(key[0])
        taken[key] = items[key].id if product is not None and product.track_stock else None
        if taken[key]:
            items[key].allocated += quantity
    refresh(products, locked=(products, items))
    return taken


@transaction()
def release(moved: Moved) -> None:
    """Units of a cancelled or expired order that were never shipped are free again."""
    for item, quantity in _locked(moved):
        item.allocated -= quantity


@transaction()
def ship(moved: Moved, *, actor: Actor, reference: str = "") -> None:
    """Units leave the house. `reference` is the order's number."""
    for item, quantity in _locked(moved):
        item.allocated -= quantity
        move(item, -quantity, "shipped", actor=actor, reference=reference)


@transaction()
def write_off(moved: Moved, *, actor: Actor, reference: str = "", reason: str = "") -> None:
    """Promised units that turned out broken or missing: nobody gets them, and they are not there any more."""
    for item, quantity in _locked(moved):
        item.allocated -= quantity
        move(item, -quantity, "written_off", actor=actor, reference=reference, reason=reason)


@transaction()
def unship(moved: Moved, *, actor: Actor, reference: str = "") -> None:
    """A parcel was cancelled: its units are back in the house, and still promised to the order."""
    for item, quantity in _locked(moved):
        item.allocated += quantity
        move(item, quantity, "unshipped", actor=actor, reference=reference)


@transaction()
def restock(moved: Moved, *, actor: Actor, reference: str = "", reason: str = "") -> None:
    """Returned units are back on the shelf and can be sold again."""
    for item, quantity in _locked(moved):
        move(item, quantity, "returned", actor=actor, reference=reference, reason=reason)


def _locked(moved: Moved) -> Iterable[tuple[StockItem, int]]:
    """Locked rows with their sums; what is shown is refreshed once the caller is through with them.

    An item that is gone (its variant was deleted) is passed over: there is nothing left to count.
    """
    sums: Counter[UUID] = Counter()
    for item_id, quantity in moved:
        if item_id is not None and quantity:
            sums[item_id] += quantity
    items = lock_items(sums)
    for item_id, item in items.items():
        yield item, sums[item_id]
    refresh({item.product_id for item in items.values()})
