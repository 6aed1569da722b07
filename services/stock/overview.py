"""Everything that is counted, as staff look through it: what is on the shelf, promised, held, and free to be sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, union
from sqlalchemy.orm import aliased, load_only, selectinload

from kit import clock
from kit.cache import Cache
from kit.db import db
from kit.errors import NotFound
from kit.i18n import _
from kit.paging import Page
from models.catalog import AttributeValue, Product, ProductImage, StockStatus, Variant
from models.stock import StockItem, StockReservation
from services import search
from services.kept import remember
from services.stock.levels import Level

FIRST = 200  # of what a search finds: so many are remembered
_kept = Cache(1_000)  # names, and whether something is sold out, belong to the catalogue
LOW = (StockStatus.LOW_STOCK, StockStatus.OUT_OF_STOCK)


@dataclass(frozen=True, slots=True)
class StockFilter:
    """`low`: what is running out or sold out. `search` looks where the shop's own search does."""

    search: str = ""
    low: bool = False
    status: StockStatus | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing on the shelf."""

    item: StockItem
    product: Product
    variant: Variant | None
    level: Level

    @property
    def sku(self) -> str:
        return (self.variant.sku if self.variant else self.product.sku) or ""

    @property
    def status(self) -> StockStatus:
        return self.variant.stock_status if self.variant else self.product.stock_status


def list_stock(wanted: StockFilter, *, page: int = 1, page_size: int = 50) -> Page[Counted]:
    """By name, variants in their order. Six queries, five where the number of all is known."""
    offset = (page - 1) * page_size
    if wanted.search and offset + page_size <= FIRST:
        ids = _first(wanted)[offset : offset + page_size]
    else:
        query = (_found if wanted.search else _all)(wanted).offset(offset).limit(page_size)
        ids = list(db.session.scalars(query))
    total = _count(wanted)
    found = _read(ids)
    return Page([found[ident] for ident in ids if ident in found], total, page, page_size)


def get_counted(item_id: UUID) -> Counted:
    found = _read([item_id]).get(item_id)
    if found is None:
        raise NotFound(_("There is no such thing in stock."))
    return found


def count_low() -> int:
    return _count(StockFilter(low=True))


def _count(wanted: StockFilter) -> int:
    def count() -> int:
        matching = _base().where(*_conditions(wanted)).subquery()
        return db.session.scalar(select(func.count()).select_from(matching)) or 0

    return remember(_kept, ("count", wanted), count)


def _first(wanted: StockFilter) -> list[UUID]:
    """The first ones of what a search finds, for which all of it has to be looked at."""
    query = _found(wanted).limit(FIRST)
    return remember(_kept, ("first", wanted), lambda: list(db.session.scalars(query)))


def _base(*columns: Any) -> Select[Any]:
    """Of a product with variants only those are counted."""
    return (
        select(StockItem.id, *columns)
        .join(Product, Product.id == StockItem.product_id)
        .outerjoin(Variant, Variant.id == StockItem.variant_id)
        .where(_is_counted())
    )


def _order() -> tuple[Any, ...]:
    return func.lower(Product.name), Product.id, Variant.position, StockItem.id


def _all(wanted: StockFilter) -> Select[Any]:
    return _base().where(*_conditions(wanted)).order_by(*_order())


def _found(wanted: StockFilter) -> Select[Any]:
    """First all that matches, then its order: PostgreSQL would go through everything by name and ask of each thing
    whether it was found."""
    keys = [key.label(f"key_{n}") for n, key in enumerate(_order())]
    found = _base(*keys).where(*_conditions(wanted)).cte("matching")
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    return select(found.c.id).order_by(*(found.c[key.name] for key in keys))


def _is_counted() -> ColumnElement[bool]:
    other = aliased(Variant)
    by_variant = exists().where(other.product_id == StockItem.product_id)
    return Product.archived_at.is_(None) & (StockItem.variant_id.is_not(None) | ~by_variant)


def _conditions(wanted: StockFilter) -> list[ColumnElement[bool]]:
    status = func.coalesce(Variant.stock_status, Product.stock_status)
    found: list[ColumnElement[bool]] = []
    if wanted.low:
        found += [status.in_([str(one) for one in LOW]), Product.track_stock.is_(True)]
    if wanted.status is not None:
        found.append(status == str(wanted.status))
    if wanted.search:
        found.append(StockItem.id.in_(_matching(wanted.search)))
    return found


def _matching(words: str) -> Any:
    """What the search finds, and whose own SKU it is: one without letters or digits the search does not know. Each is
    looked for by itself: either-or would be tried on every single thing in stock."""
    keys, item = {words, words.lower(), words.upper()}, select(StockItem.id)
    hits = select(search.matches(words).c.product_id)
    return union(
        item.where(StockItem.product_id.in_(hits)),
        item.join(Variant, Variant.id == StockItem.variant_id).where(Variant.sku.in_(keys)),
        item.join(Product, Product.id == StockItem.product_id).where(Product.sku.in_(keys)),
    )


def _read(ids: Sequence[UUID]) -> dict[UUID, Counted]:
    """Things with their holds, by the id of their stock row; what is gone or archived is left out."""
    if not ids:
        return {}
    query = (
        select(StockItem, Product, Variant)
        .join(Product, Product.id == StockItem.product_id)
        .outerjoin(Variant, Variant.id == StockItem.variant_id)
        .where(StockItem.id.in_(ids), _is_counted())
        .options(
            load_only(Product.id, Product.name, Product.sku, Product.slug, Product.track_stock,
                      Product.allow_backorder, Product.low_stock_threshold, Product.stock_status),
            selectinload(Product.images).load_only(ProductImage.id, ProductImage.product_id, ProductImage.key,
                ProductImage.width, ProductImage.height, ProductImage.alt, ProductImage.widths, ProductImage.position),
            selectinload(Variant.values).joinedload(AttributeValue.attribute),
        )
    )  # fmt: skip
    holds = _holds(ids)
    return {
        item.id: Counted(
            item, product, variant, Level(item.on_hand, item.allocated, *holds.get(item.id, (0, None)))
        )
        for item, product, variant in db.session.execute(query)
    }


def _holds(ids: Sequence[UUID]) -> dict[UUID, tuple[int, Any]]:
    query = (
        select(
            StockReservation.stock_item_id,
            func.sum(StockReservation.quantity),
            func.max(StockReservation.expires_at),
        )
        .where(StockReservation.stock_item_id.in_(ids), StockReservation.expires_at > clock.now())
        .group_by(StockReservation.stock_item_id)
    )
    return {item_id: (int(total), until) for item_id, total, until in db.session.execute(query)}
