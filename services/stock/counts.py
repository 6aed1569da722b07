"""Counting by hand, and the ledger that every change of `on_hand` leaves."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select

from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Invalid, NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from models.stock import StockItem, StockMovement
from services import audit
from services.stock.items import Key, find_item, lock_for, lock_products, move
from services.stock.status import refresh

ON_HAND_MAX = 10_000_000


@transaction()
def ensure_item(
    product_id: UUID, variant_id: UUID | None = None, *, on_hand: int = 0, actor: Actor
) -> StockItem:
    """The stock row of a new product or variant. `on_hand` counts only where the row is new."""
    existing = find_item(product_id, variant_id)
    if existing is not None:
        return existing
    _products, items = lock_for([(product_id, variant_id)])
    item = items[product_id, variant_id]
    move(item, on_hand, "initial", actor=actor)
    return item


@transaction()
def set_on_hand(
    product_id: UUID, variant_id: UUID | None, on_hand: int, *, actor: Actor, reason: str = ""
) -> StockItem:
    """The shelf was counted: there are `on_hand`, promised ones among them. Fewer than are promised is allowed, and
    shows as none left."""
    item = _lock(product_id, variant_id, on_hand)
    return count_item(item, on_hand, actor=actor, reason=reason)


@transaction()
def set_sellable(
    product_id: UUID, variant_id: UUID | None, quantity: int, *, actor: Actor, reason: str = ""
) -> StockItem:
    """Say how many can be sold; what orders are still waiting for comes on top. It is the number that products show,
    so what was read can be written back and changes nothing."""
    item = _lock(product_id, variant_id, quantity)
    is_as_shown = quantity == max(0, item.on_hand - item.allocated)
    return count_item(
        item, item.on_hand if is_as_shown else quantity + item.allocated, actor=actor, reason=reason
    )


@transaction()
def ensure_items(product_id: UUID, on_hand: Mapping[UUID, int], *, actor: Actor) -> None:
    """The stock rows of new variants of one product, together: {variant: how many}."""
    lock_products([product_id])
    new_items({(product_id, variant_id): quantity for variant_id, quantity in on_hand.items()}, actor=actor)


@transaction()
def new_items(on_hand: Mapping[Key, int], *, actor: Actor) -> None:
    """The stock rows of things that were just made, and have none: nobody else can know them yet."""
    rows = {
        key: StockItem(
            product_id=key[0], variant_id=key[1], variant_key=str(key[1] or ""), on_hand=0, allocated=0
        )
        for key in on_hand
    }
    db.session.add_all(rows.values())
    db.session.flush()  # movements refer to them
    for key, row in rows.items():
        move(row, on_hand[key], "initial", actor=actor)


@transaction()
def set_sellable_of_variants(
    product_id: UUID, quantities: Mapping[UUID, int], *, actor: Actor, reason: str = ""
) -> None:
    """`set_sellable` for several variants of one product. What is shown is refreshed by the caller."""
    wanted: dict[Key, int] = {
        (product_id, variant_id): quantity for variant_id, quantity in quantities.items()
    }
    set_sellable_of_many(wanted, actor=actor, reason=reason)


@transaction()
def set_sellable_of_many(quantities: Mapping[Key, int], *, actor: Actor, reason: str = "") -> None:
    """The same for any things. The numbers are in their bounds."""
    if not quantities:
        return
    _products, items = lock_for(quantities)
    for key, quantity in quantities.items():
        item = items[key]
        if quantity != max(0, item.on_hand - item.allocated):
            move_to(item, quantity + item.allocated, actor=actor, reason=reason)


def _lock(product_id: UUID, variant_id: UUID | None, quantity: int) -> StockItem:
    if not 0 <= quantity <= ON_HAND_MAX:
        raise Invalid.field("stock_quantity", "out_of_range", _("Is out of range."))
    products, items = lock_for([(product_id, variant_id)])
    if product_id not in products:
        raise NotFound(_("There is no such product."))
    return items[product_id, variant_id]


def count_item(item: StockItem, on_hand: int, *, actor: Actor, reason: str) -> StockItem:
    if item.on_hand != on_hand:
        move_to(item, on_hand, actor=actor, reason=reason)
    refresh([item.product_id])
    return item


def move_to(item: StockItem, on_hand: int, *, actor: Actor, reason: str) -> None:
    """Another number on a locked shelf, in the ledger and the audit log. What is shown is for the caller to refresh."""
    before = item.on_hand
    move(item, on_hand - before, "count", actor=actor, reason=reason)
    audit.record("update", ("stock", item.id), actor=actor, changes={"on_hand": [before, on_hand]})


def list_movements(
    product_id: UUID, variant_id: UUID | None = None, *, page: int = 1, page_size: int = 20
) -> Page:
    """The ledger of one thing, newest first."""
    item = find_item(product_id, variant_id)
    query = select(StockMovement).where(StockMovement.stock_item_id == (item.id if item else None))
    return paginate(query.order_by(StockMovement.created_at.desc(), StockMovement.id.desc()), page, page_size)


def ledger_mismatches() -> list[UUID]:
    """Stock items whose ledger does not add up to `on_hand`. Checked each night; any is a bug."""
    moved = func.coalesce(func.sum(StockMovement.quantity), 0)
    return list(
        db.session.scalars(
            select(StockItem.id)
            .outerjoin(StockMovement, StockMovement.stock_item_id == StockItem.id)
            .group_by(StockItem.tenant_id, StockItem.id, StockItem.on_hand)
            .having(moved != StockItem.on_hand)
        )
    )
