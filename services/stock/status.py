"""What a shopper reads: "in stock", "only 3 left". Kept on product and variant, so that listings read one row.

Temporary holds of open checkouts do not show here: they come and go by the minute and would throw every cached
page away. They count where it matters, when something is put aside or ordered.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from models.catalog import Product, StockStatus, Variant
from models.stock import StockItem
from services import outbox, tenants
from services.stock.items import Locked, lock_products

_BEST_FIRST = (
    StockStatus.IN_STOCK,
    StockStatus.LOW_STOCK,
    StockStatus.ON_BACKORDER,
    StockStatus.OUT_OF_STOCK,
)
_WORTH_A_WARNING = (StockStatus.LOW_STOCK, StockStatus.OUT_OF_STOCK)


def status_of(product: Product, quantity: int, threshold: int) -> StockStatus:
    """`threshold`: the store's, where the product has none of its own. `quantity` is below 0 where more was promised
    than there is."""
    if not product.track_stock:
        return StockStatus.IN_STOCK
    if quantity <= 0:
        limit = product.backorder_limit
        may_wait = product.allow_backorder and (limit is None or quantity > -limit)
        return StockStatus.ON_BACKORDER if may_wait else StockStatus.OUT_OF_STOCK
    limit = threshold if product.low_stock_threshold is None else product.low_stock_threshold
    return StockStatus.LOW_STOCK if quantity <= limit else StockStatus.IN_STOCK


def refresh(product_ids: Iterable[UUID], *, locked: Locked | None = None) -> None:
    """Bring the shown status and quantity of these products and their variants up to date.

    Inside the writing transaction. Pages are made anew only where something visible changed: all of them for a
    status, those of products for a number that the store shows. `locked`: what lock_for answered for them.
    """
    ids = set(product_ids)
    if not ids:
        return
    if not locked:
        db.session.flush()  # they are read afresh
    products = locked[0] if locked else lock_products(ids)
    items = list(locked[1].values()) if locked else _items_of(ids)
    quantities = {(row.product_id, row.variant_id): row.on_hand - row.allocated for row in items}
    has_variants = any(row.variant_id for row in items) or any(row.variant_count for row in products.values())
    variants = _variants_of(ids) if has_variants else ()
    out = {v.id for v in variants if v.stock_status is StockStatus.OUT_OF_STOCK}
    sold_out = {row.id for row in products.values() if row.stock_status is StockStatus.OUT_OF_STOCK}
    changes = [_refresh_variant(products[v.product_id], v, quantities) for v in variants]
    of_product: dict[UUID, list[Variant]] = {}
    for v in variants:
        of_product.setdefault(v.product_id, []).append(v)
    changes += [
        _refresh_product(product, of_product.get(product.id, []), quantities) for product in products.values()
    ]
    back = {v.product_id for v in variants if v.id in out and v.stock_status is not StockStatus.OUT_OF_STOCK}
    for product_id in sorted(back - sold_out):  # of one that was sold out as a whole it is said already
        outbox.post("stock.back", product_id=product_id)
    if any(status for status, _number in changes):
        tenants.touch_catalog()
    elif tenants.current().show_stock and any(number for _status, number in changes):
        tenants.touch_stock()


def _items_of(product_ids: set[UUID]) -> Sequence[StockItem]:
    query = select(StockItem).where(StockItem.product_id.in_(product_ids))
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _variants_of(product_ids: set[UUID]) -> Sequence[Variant]:
    return db.session.scalars(
        select(Variant).where(Variant.product_id.in_(product_ids)).order_by(Variant.id)
    ).all()


def _refresh_variant(product: Product, variant: Variant, quantities: dict) -> tuple[bool, bool]:
    quantity = quantities.get((product.id, variant.id), 0)
    status = status_of(product, quantity, tenants.current().low_stock_threshold)
    quantity = max(0, quantity)
    changed = variant.stock_status is not status, variant.stock_quantity != quantity
    variant.stock_status, variant.stock_quantity = status, quantity
    return changed


def _refresh_product(product: Product, variants: list[Variant], quantities: dict) -> tuple[bool, bool]:
    """Of variants only those that can be bought count; the best of them speaks for the product."""
    if variants:
        live = [v for v in variants if v.is_active]
        quantity = sum(v.stock_quantity for v in live)
        found = {v.stock_status for v in live}
        status = next((s for s in _BEST_FIRST if s in found), StockStatus.OUT_OF_STOCK)
    else:
        quantity = quantities.get((product.id, None), 0)
        status = status_of(product, quantity, tenants.current().low_stock_threshold)
        quantity = max(0, quantity)
    before = product.stock_status
    changed = before is not status, product.stock_quantity != quantity
    product.stock_status, product.stock_quantity = status, quantity
    if changed[0] and status in _WORTH_A_WARNING and before is StockStatus.IN_STOCK:
        outbox.post("stock.low", product_id=product.id, status=str(status), quantity=quantity)
    if changed[0] and before is StockStatus.OUT_OF_STOCK:
        outbox.post("stock.back", product_id=product.id)
    return changed
