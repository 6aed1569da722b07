"""Stock rows: which row stands for what is bought, and how rows are locked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import bindparam, select

from kit import clock
from kit.actor import Actor
from kit.db import Id, db, reused
from models.catalog import Product
from models.stock import StockItem, StockMovement

Key = tuple[UUID, UUID | None]  # (product_id, variant_id)
Locked = tuple[dict[UUID, Product], dict[Key, StockItem]]  # products, and all their stock rows


class Want(Protocol):
    """Anything that says what is wanted: a cart line, an order line."""

    @property
    def product_id(self) -> UUID | None: ...
    @property
    def variant_id(self) -> UUID | None: ...
    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Line:
    """The plainest Want."""

    product_id: UUID
    variant_id: UUID | None
    quantity: int


def wanted(lines: Iterable[Want]) -> dict[Key, int]:
    """Sums per thing: two lines of one variant are checked together, or each would pass alone."""
    sums: Counter[Key] = Counter()
    for line in lines:
        if line.product_id is not None:
            sums[line.product_id, line.variant_id] += line.quantity
    return dict(sums)


def find_item(product_id: UUID, variant_id: UUID | None = None) -> StockItem | None:
    return db.session.scalar(
        select(StockItem).where(
            StockItem.product_id == product_id, StockItem.variant_key == str(variant_id or "")
        )
    )


def lock_products(ids: Iterable[UUID]) -> dict[UUID, Product]:
    """The products, locked in id order and read afresh.

    NO KEY UPDATE: lines that merely refer to a product need not wait.
    """
    rows = db.session.scalars(_products_to_lock(), {"ids": [*set(ids)]})
    return {row.id: row for row in rows}


@cache  # to put the statement together costs more than to run it
def _products_to_lock() -> Any:
    which = Product.id.in_(bindparam("ids", type_=Id(), expanding=True))
    query = select(Product).where(which).order_by(Product.id).with_for_update(key_share=True)
    return reused(query.execution_options(populate_existing=True))


def lock_items(ids: Iterable[UUID]) -> dict[UUID, StockItem]:
    """The stock items with these ids, locked (and their products before them) and read afresh."""
    wanted_ids = set(ids)
    if not wanted_ids:
        return {}
    of_items = select(StockItem.product_id).where(StockItem.id.in_(wanted_ids))
    lock_products(db.session.scalars(of_items).all())
    return {row.id: row for row in _locked(StockItem.id, wanted_ids)}


def lock_for(keys: Iterable[Key]) -> Locked:
    """Products and stock rows of what is wanted, locked. A thing that was never counted gets its row here."""
    keys = set(keys)
    products = lock_products(product_id for product_id, _ in keys)
    rows = _locked(StockItem.product_id, products)
    items: dict[Key, StockItem] = {(row.product_id, row.variant_id): row for row in rows}
    for key in keys:
        if key not in items and key[0] in products:
            items[key] = new_item(*key)
    return products, items


def new_item(product_id: UUID, variant_id: UUID | None) -> StockItem:
    item = StockItem(
        product_id=product_id,
        variant_id=variant_id,
        variant_key=str(variant_id or ""),
        on_hand=0,
        allocated=0,
    )
    db.session.add(item)
    db.session.flush()  # movements and holds refer to it
    return item


def _locked(column: Any, ids: Iterable[UUID]) -> Sequence[StockItem]:
    return db.session.scalars(_items_to_lock(column), {"ids": [*ids]}).all()


@cache
def _items_to_lock(column: Any) -> Any:
    which = column.in_(bindparam("ids", type_=Id(), expanding=True))
    query = select(StockItem).where(which).order_by(StockItem.id).with_for_update()
    return reused(query.execution_options(populate_existing=True))


def move(
    item: StockItem, quantity: int, kind: str, *, actor: Actor, reason: str = "", reference: str = ""
) -> None:
    """Change `on_hand` of a locked row, with its line in the ledger. Zero writes nothing."""
    if not quantity:
        return
    before = item.on_hand
    item.on_hand = before + quantity
    db.session.add(
        StockMovement(
            stock_item_id=item.id,
            kind=kind,
            quantity=quantity,
            before=before,
            after=item.on_hand,
            reason=reason[:300],
            reference=reference[:60],
            actor_name=(actor.name or actor.email)[:200],
            created_at=clock.now(),
        )
    )
