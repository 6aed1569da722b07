"""Products as staff look for them: whatever their status, found by word, narrowed, sorted by what a list shows.

Made for a hundred thousand of them: a page is found by its ids alone, and what it is the page of is counted once per
version of the catalogue.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import load_only, selectinload

from kit import clock
from kit.cache import Cache
from kit.db import db
from kit.paging import Page
from kit.tenancy import current_tenant_id
from models.catalog import Category, Product, ProductImage, StockStatus, Tag, product_categories, product_tags
from services import search
from services.catalog import categories
from services.catalog.prices import is_on_sale
from services.kept import remember

CHOOSE_MAX = 100_000  # how many can be chosen for one command
_kept = Cache(2_000)


class Shown(StrEnum):
    """What a list of products may be limited to by status."""

    ACTIVE = "active"
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """`status` None: all but the archived. `search` looks at what the shop's own search knows, SKUs of variants too.
    A category means all that hangs below it. Prices are regular ones, in minor units, both included."""

    search: str = ""
    status: Shown | None = None
    stock: StockStatus | None = None
    category_id: UUID | None = None
    tag_id: UUID | None = None
    brand: str = ""
    price_min: int | None = None
    price_max: int | None = None
    on_sale: bool | None = None
    featured: bool | None = None


def _first_category() -> ColumnElement[int]:
    """The place of a product's first category in the alphabet: numbers compare faster than names."""
    place = func.dense_rank().over(order_by=func.lower(Category.name)).label("place")
    places = select(Category.id, place).subquery("places")
    first = (
        select(product_categories.c.product_id, func.min(places.c.place).label("place"))
        .join(places, places.c.id == product_categories.c.category_id)
        .where(product_categories.c.tenant_id == current_tenant_id())
        .group_by(product_categories.c.product_id)
    )
    return first.subquery("first_category").c.place


SORTS: dict[str, Any] = {
    "name": lambda: func.lower(Product.name),
    "status": lambda: case((Product.is_active, 0), (Product.publish_at.is_not(None), 1), else_=2),
    "stock": lambda: Product.stock_quantity,
    "category": _first_category,
    "brand": lambda: func.lower(Product.brand),
    "price": lambda: Product.price_from,
    "sku": lambda: func.coalesce(Product.sku, ""),
    "created": lambda: Product.created_at,
    "updated": lambda: Product.updated_at,
    "sold": lambda: Product.sold_count,
}
RELEVANCE = "relevance"
DEAR = {RELEVANCE, "category"}  # orders of which the first ones are remembered
FIRST = 200
ROW = (
    load_only(
        Product.id, Product.slug, Product.name, Product.sku, Product.brand, Product.price, Product.price_from,
        Product.price_to, Product.sale_price, Product.sale_price_from, Product.sale_starts_at, Product.sale_ends_at,
        Product.is_active, Product.is_featured, Product.publish_at, Product.archived_at, Product.track_stock,
        Product.variant_count, Product.stock_status, Product.stock_quantity, Product.sold_count, Product.version,
    ),
    selectinload(Product.images).load_only(ProductImage.id, ProductImage.product_id, ProductImage.key,
        ProductImage.width, ProductImage.height, ProductImage.alt, ProductImage.widths, ProductImage.position),
    selectinload(Product.categories).load_only(Category.id, Category.name),
)  # fmt: skip


def list_for_staff(
    wanted: StaffFilter, *, sort: str = "created", descending: bool = True, page: int = 1, page_size: int = 25
) -> Page[Product]:
    """With pictures and categories, without the long texts. At most five queries, four where the count is known.
    `sort` RELEVANCE goes by the search."""
    total = count(wanted)
    offset = (page - 1) * page_size
    if sort in DEAR and offset + page_size <= FIRST:
        ids = _first(wanted, sort, descending)[offset : offset + page_size] if total else []
    else:
        query = _sorted(wanted, sort, descending).offset(offset).limit(page_size)
        ids = list(db.session.scalars(query)) if total else []
    rows = db.session.scalars(select(Product).where(Product.id.in_(ids)).options(*ROW)) if ids else ()
    found = {row.id: row for row in rows}
    return Page([found[ident] for ident in ids if ident in found], total, page, page_size)


def _first(wanted: StaffFilter, sort: str, descending: bool) -> list[UUID]:
    """For these orders everything that matches is weighed, so it is done once for each version of the catalogue and
    minute."""
    query = _sorted(wanted, sort, descending).limit(FIRST)
    found: list[UUID] = _remember(
        ("first", wanted, sort, descending), lambda: list(db.session.scalars(query))
    )
    return found


def one_for_staff(product_id: UUID) -> Product | None:
    """One row of the list; None where there is no such product (an archived one counts)."""
    return db.session.scalar(select(Product).where(Product.id == product_id).options(*ROW))


def list_chosen(wanted: StaffFilter, *, limit: int = CHOOSE_MAX) -> list[tuple[UUID, str]]:
    """Id and name of everything that matches, in the order of the ids."""
    query = select(Product.id, Product.name).where(*conditions(wanted)).order_by(Product.id).limit(limit)
    return [(row.id, row.name) for row in db.session.execute(query)]


def list_by_ids(ids: list[UUID]) -> list[tuple[UUID, str]]:
    """The same of these; what is not this store's is left out."""
    query = select(Product.id, Product.name).where(Product.id.in_(ids)).order_by(Product.id)
    return [(row.id, row.name) for row in db.session.execute(query)] if ids else []


def _sorted(wanted: StaffFilter, sort: str, descending: bool) -> Select[Any]:
    if sort == RELEVANCE and wanted.search:
        hits = search.ranked(wanted.search)
        query = select(Product.id).join(hits, hits.c.product_id == Product.id)
        plain = replace(wanted, search="")
        return query.where(*conditions(plain)).order_by(
            hits.c.tier.desc(), hits.c.score.desc(), Product.id.desc()
        )
    key = SORTS[sort if sort in SORTS else "created"]()
    query = select(Product.id).where(*conditions(wanted))
    if sort == "category":
        query = query.outerjoin(key.table, key.table.c.product_id == Product.id)
        key = func.coalesce(key, 0)
    ends = (key.desc(), Product.id.desc()) if descending else (key.asc(), Product.id.asc())
    return query.order_by(*ends)


def conditions(wanted: StaffFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_has_status(wanted.status)]
    if wanted.stock is not None:
        found.append(Product.stock_status == wanted.stock)
    if wanted.category_id is not None:
        node = categories.find_node(wanted.category_id, include_inactive=True)
        found.append(_in(product_categories, "category_id", list(node.ids) if node else []))
    if wanted.tag_id is not None:
        found.append(_in(product_tags, "tag_id", [wanted.tag_id]))
    if wanted.brand:
        found.append(Product.brand == wanted.brand)
    if wanted.price_min is not None:
        found.append(Product.price_from >= wanted.price_min)
    if wanted.price_max is not None:
        found.append(Product.price_from <= wanted.price_max)
    if wanted.on_sale is not None:
        found.append(is_on_sale() if wanted.on_sale else ~is_on_sale())
    if wanted.featured is not None:
        found.append(Product.is_featured.is_(wanted.featured))
    if wanted.search:
        found.append(Product.id.in_(select(search.matches(wanted.search).c.product_id)))
    return found


def _has_status(status: Shown | None) -> ColumnElement[bool]:
    if status is Shown.ARCHIVED:
        return Product.archived_at.is_not(None)
    living = Product.archived_at.is_(None)
    if status is Shown.ACTIVE:
        return living & Product.is_active
    if status is Shown.SCHEDULED:
        return living & Product.is_active.is_(False) & (Product.publish_at > clock.now())
    if status is Shown.DRAFT:
        waiting = or_(Product.publish_at.is_(None), Product.publish_at <= clock.now())
        return living & Product.is_active.is_(False) & waiting
    return living


def _in(table: Any, column: str, ids: list[UUID]) -> ColumnElement[bool]:
    chosen = select(table.c.product_id).where(
        table.c.tenant_id == current_tenant_id(), table.c[column].in_(ids)
    )
    return Product.id.in_(chosen)


# --- numbers: counted once for each version of the catalogue -------------------------------------------------------


def _remember(what: Any, make: Any) -> Any:
    """What goes by the clock (sales, dates of publication) may be a minute old."""
    return remember(_kept, (clock.now().replace(second=0, microsecond=0), what), make)


def count(wanted: StaffFilter) -> int:
    return _remember(wanted, lambda: _count(wanted))


def _count(wanted: StaffFilter) -> int:
    return db.session.scalar(select(func.count()).select_from(Product).where(*conditions(wanted))) or 0


def counts() -> dict[str, int]:
    """How many there are of each kind, in one query."""
    return dict(_remember("kinds", _counts))


def _counts() -> dict[str, int]:
    living = Product.archived_at.is_(None)
    sold_out = (Product.stock_status == StockStatus.OUT_OF_STOCK) & Product.is_active

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = db.session.execute(
        select(number(living), number(living & Product.is_active), number(living & sold_out), number(~living))
    ).one()
    return {"all": int(row[0]), "active": int(row[1]), "draft": int(row[0] - row[1]), "sold_out": int(row[2]),
            "archived": int(row[3])}  # fmt: skip


def brands() -> list[str]:
    """Every brand that a product has, by name."""
    return list(_remember("brands", _brands))


def _brands() -> list[str]:
    named = select(Product.brand).where(Product.brand != "", Product.archived_at.is_(None)).distinct()
    return sorted(db.session.scalars(named), key=str.casefold)


def tag_names() -> list[tuple[UUID, str]]:
    """Every tag by name, without counting its products."""
    return list(_remember("tags", _tag_names))


def _tag_names() -> list[tuple[UUID, str]]:
    return [
        (row.id, row.name) for row in db.session.execute(select(Tag.id, Tag.name).order_by(Tag.name, Tag.id))
    ]
