"""Everything that is counted, as staff look through it: what is on the shelf, promised, held, and free to be sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased, load_only, selectinload

from kit import clock
from kit.db import db
from kit.errors import NotFound
from kit.i18n import _
from kit.paging import Page
from models.catalog import AttributeValue, Product, ProductImage, StockStatus, Variant
from models.stock import StockItem, StockReservation
from services import search
from services.stock.levels import Level

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
    """By name, variants in their order. Six queries."""
    base = _base().where(*_conditions(wanted))
    total = db.session.scalar(select(func.count()).select_from(base.order_by(None).subquery())) or 0
    ids = [row.id for row in db.session.execute(base.offset((page - 1) * page_size).limit(page_size))]
    found = _read(ids)
    return Page([found[ident] for ident in ids if ident in found], total, page, page_size)


def get_counted(item_id: UUID) -> Counted:
    found = _read([item_id]).get(item_id)
    if found is None:
        raise NotFound(_("There is no such thing in stock."))
    return found


def count_low() -> int:
    base = _base().where(*_conditions(StockFilter(low=True)))
    return db.session.scalar(select(func.count()).select_from(base.order_by(None).subquery())) or 0


def _base() -> Select[Any]:
    """Of a product with variants only those are counted."""
    return (
        select(StockItem.id)
        .join(Product, Product.id == StockItem.product_id)
        .outerjoin(Variant, Variant.id == StockItem.variant_id)
        .where(_is_counted())
        .order_by(func.lower(Product.name), Product.id, Variant.position, StockItem.id)
    )


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
        key = wanted.search.lower()
        hits = select(search.matches(wanted.search).c.product_id)
        own = (func.lower(Variant.sku) == key) | (func.lower(Product.sku) == key)
        found.append(or_(StockItem.product_id.in_(hits), own))
    return found


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
