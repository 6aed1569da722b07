"""What products were before a batch changed them, and how they become that again.

A snapshot says everything that people decide about a product, in JSON: its own columns, categories, tags, variants
and what is on the shelf. What services work out from that (prices of listings, stock status, the search index) is not
in it, and follows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import class_mapper

from kit import clock
from kit.actor import Actor
from kit.db import Id, UtcTime, Word, db
from kit.errors import Conflict
from kit.i18n import _
from models.catalog import AttributeValue, Category, Product, SlugRedirect, Tag, Variant
from models.orders import OrderItem
from models.stock import StockItem
from services import stock
from services.catalog import addresses
from services.catalog.products import WHOLE
from services.catalog.wording import VARIANT, label_of
from services.stock.items import move

Snapshot = dict[str, Any]
# Worked out, counted or kept elsewhere: not decided by anybody.
_DERIVED = frozenset({
    "tenant_id", "id", "product_id", "created_at", "updated_at", "version", "view_count", "price_from", "price_to",
    "sale_price_from", "prior_price", "variant_count", "stock_status", "stock_quantity", "rating_sum", "review_count",
    "sold_count", "preview_key",
})  # fmt: skip


@dataclass(slots=True)
class Shelf:
    """Locked products with all that their snapshots are made of, for a slice of rows at a time."""

    products: dict[UUID, Product]
    items: dict[tuple[UUID, UUID | None], StockItem] = field(default_factory=dict)

    def take(self, product_id: UUID) -> Snapshot | None:
        """None where there is no such product."""
        product = self.products.get(product_id)
        return None if product is None else self._of(product)

    def _of(self, product: Product) -> Snapshot:
        found: Snapshot = {name: plain_value(getattr(product, name)) for name in columns(Product)}
        found["categories"] = sorted(str(row.id) for row in product.categories)
        found["tags"] = sorted(str(row.id) for row in product.tags)
        found["on_hand"] = self._on_hand(product.id, None)
        for variant in product.variants:
            found[VARIANT + str(variant.id)] = {
                **{name: plain_value(getattr(variant, name)) for name in columns(Variant)},
                "values": sorted(str(value.id) for value in variant.values),
                "on_hand": self._on_hand(product.id, variant.id),
            }
        return found

    def _on_hand(self, product_id: UUID, variant_id: UUID | None) -> int:
        item = self.items.get((product_id, variant_id))
        return item.on_hand if item else 0


def load(product_ids: Iterable[UUID]) -> Shelf:
    """Lock these products and read what hangs on them: six queries for any number of them."""
    db.session.flush()
    ids = set(product_ids)
    stock.lock_products(ids)
    query = select(Product).where(Product.id.in_(ids)).options(*WHOLE)
    rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
    items = db.session.scalars(
        select(StockItem)
        .where(StockItem.product_id.in_(ids))
        .order_by(StockItem.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return Shelf({row.id: row for row in rows}, {(item.product_id, item.variant_id): item for item in items})


def difference(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
    """What is not the same, as it was and as it is. A variant that was made or removed is None on its other side."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def changed_since(now: Snapshot, after: Snapshot) -> list[str]:
    """Names of what `after` says and what is not so any more."""
    return [name for name, value in after.items() if now.get(name) != value]


def put_back(
    shelf: Shelf, product: Product, before: Snapshot, after: Snapshot, *, actor: Actor, reason: str
) -> None:
    """Make of the product what `before` says. Conflict where something of `after` was changed since: then nothing is
    done. The version goes up, so that an editor that is open on it can't write the undone values back. What follows
    (prices of listings, search) is the caller's: `products.all_changed`, once for all that were put back."""
    now = shelf.take(product.id) or {}
    if moved := changed_since(now, after):
        raise Conflict(_("Changed since: %(fields)s.", fields=", ".join(label_of(name) for name in moved)))
    addresses.check_sku(before.get("sku"), product_id=product.id)
    _put_slug_back(product, before, after)
    for name, value in before.items():
        if name == "categories":
            product.categories = _rows(Category, value)
        elif name == "tags":
            product.tags = _rows(Tag, value)
        elif name == "on_hand":
            _put_on_shelf(shelf, product.id, None, value, actor, reason)
        elif name.startswith(VARIANT):
            _put_variant_back(shelf, product, UUID(name.removeprefix(VARIANT)), value, actor, reason)
        elif name != "slug":
            setattr(product, name, read_value(Product, name, value))
    product.version += 1
    product.updated_at = clock.now()


def _put_slug_back(product: Product, before: Snapshot, after: Snapshot) -> None:
    """The redirect that the change left goes, too."""
    if "slug" not in before:
        return
    slug = before["slug"]
    if db.session.scalar(select(Product.id).where(Product.slug == slug, Product.id != product.id)):
        raise Conflict(_("Another product has its former address by now: “%(slug)s”.", slug=slug))
    db.session.execute(delete(SlugRedirect).where(SlugRedirect.kind == "product", SlugRedirect.slug == slug))
    product.slug = slug


def _put_variant_back(
    shelf: Shelf, product: Product, variant_id: UUID, value: Snapshot | None, actor: Actor, reason: str
) -> None:
    variant = next((row for row in product.variants if row.id == variant_id), None)
    if value is None:
        if variant is not None:
            if db.session.scalar(select(exists().where(OrderItem.variant_id == variant_id))):
                raise Conflict(_("It was ordered since."))
            product.variants.remove(variant)
            db.session.flush()
        return
    if variant is None:
        variant = Variant(id=variant_id, product_id=product.id, values=[])
        product.variants.append(variant)
    addresses.check_sku(value["sku"], variant_id=variant_id)
    for name in columns(Variant):
        setattr(variant, name, read_value(Variant, name, value[name]))
    variant.values = _rows(AttributeValue, value["values"])
    variant.version = (variant.version or 0) + 1
    db.session.flush()
    _put_on_shelf(shelf, product.id, variant_id, value["on_hand"], actor, reason)


def _put_on_shelf(
    shelf: Shelf, product_id: UUID, variant_id: UUID | None, on_hand: int, actor: Actor, reason: str
) -> None:
    item = shelf.items.get((product_id, variant_id))
    if item is None:
        item = shelf.items[product_id, variant_id] = stock.lock_for([(product_id, variant_id)])[1][
            product_id, variant_id
        ]
    move(item, on_hand - item.on_hand, "count", actor=actor, reason=reason)


def _rows(kind: Any, ids: list[str]) -> list[Any]:
    """Those that are still there."""
    wanted = [UUID(ident) for ident in ids]
    return (
        list(db.session.scalars(select(kind).where(kind.id.in_(wanted)).order_by(kind.id))) if wanted else []
    )


@cache
def columns(kind: type[Product] | type[Variant]) -> tuple[str, ...]:
    """The columns that people decide about."""
    return tuple(c.key for c in class_mapper(kind).column_attrs if c.key not in _DERIVED)


def plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | StrEnum) else value


def read_value(kind: type[Product] | type[Variant], name: str, value: Any) -> Any:
    """A snapshot's value as the column has it."""
    type_ = class_mapper(kind).columns[name].type
    if value is None:
        return None
    if isinstance(type_, UtcTime):
        return datetime.fromisoformat(value)
    if isinstance(type_, Id):
        return UUID(value)
    return type_.kind(value) if isinstance(type_, Word) else value
