"""How much of what there is, who holds it, and the ledger of what came and went.

Lock order, everywhere: products by id, then stock items by id, then (for numbers and coupons) the store's own row.
Every function here keeps to it; so a caller takes stock before it takes a number or a coupon.
"""

from services.stock.counts import (
    ensure_item,
    ensure_items,
    ledger_mismatches,
    list_movements,
    new_items,
    set_on_hand,
    set_sellable,
    set_sellable_of_many,
    set_sellable_of_variants,
)
from services.stock.holds import availabilities, available, drop_holds, reserve, sellable, sweep_expired
from services.stock.items import Key, Line, Want, find_item, lock_for, lock_items, lock_products
from services.stock.moves import allocate, release, restock, ship, unship, write_off
from services.stock.status import refresh, status_of

__all__ = [
    "Key",
    "Line",
    "Want",
    "allocate",
    "availabilities",
    "available",
    "drop_holds",
    "ensure_item",
    "ensure_items",
    "find_item",
    "ledger_mismatches",
    "list_movements",
    "lock_for",
    "lock_items",
    "lock_products",
    "new_items",
    "refresh",
    "release",
    "reserve",
    "restock",
    "sellable",
    "set_on_hand",
    "set_sellable",
    "set_sellable_of_many",
    "set_sellable_of_variants",
    "ship",
    "status_of",
    "sweep_expired",
    "unship",
    "write_off",
]
