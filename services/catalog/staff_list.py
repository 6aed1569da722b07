"""Products as staff look for them: active or not, by name or SKU, sorted by what a list shows."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import selectinload

from kit.db import db
from kit.paging import Page, paginate
from models.catalog import Product, StockStatus, Variant, product_categories, product_tags

SORTS = {
    "name": func.lower(Product.name),
    "price": Product.price_from,
    "stock": Product.stock_quantity,
    "created": Product.created_at,
    "sold": Product.sold_count,
}


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """`is_active` None: both. `search` looks at names and SKUs, those of variants too."""

    search: str = ""
    is_active: bool | None = None
    stock: StockStatus | None = None
    category_id: UUID | None = None
    tag_id: UUID | None = None


def list_for_staff(
    wanted: StaffFilter, *, sort: str = "created", descending: bool = True, page: int = 1, page_size: int = 25
) -> Page[Product]:
    """With pictures and categories; archived ones are gone. Five queries."""
    key = SORTS[sort]
    query = (
        select(Product)
        .where(*_conditions(wanted))
        .options(selectinload(Product.images), selectinload(Product.categories))
        .order_by(
            key.desc() if descending else key.asc(), Product.id.desc() if descending else Product.id.asc()
        )
    )
    return paginate(query, page, page_size)


def _conditions(wanted: StaffFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Product.archived_at.is_(None)]
    if wanted.is_active is not None:
        found.append(Product.is_active.is_(wanted.is_active))
    if wanted.stock is not None:
        found.append(Product.stock_status == wanted.stock)
    if wanted.category_id is not None:
        join = product_categories.c
        found.append(exists().where(join.product_id == Product.id, join.category_id == wanted.category_id))
    if wanted.tag_id is not None:
        tags = product_tags.c
        found.append(exists().where(tags.product_id == Product.id, tags.tag_id == wanted.tag_id))
    for word in wanted.search.split()[:6]:
        sku_of_variant = select(Variant.product_id).where(Variant.sku.icontains(word, autoescape=True))
        found.append(or_(
            Product.name.icontains(word, autoescape=True),
            Product.sku.icontains(word, autoescape=True),
            Product.id.in_(sku_of_variant),
        ))  # fmt: skip
    return found


def counts() -> dict[str, int]:
    """How many there are of each kind, in one query."""
    active = func.sum(case((Product.is_active, 1), else_=0))
    gone = func.sum(
        case(((Product.stock_status == StockStatus.OUT_OF_STOCK) & Product.is_active, 1), else_=0)
    )
    row = db.session.execute(select(func.count(), active, gone).where(Product.archived_at.is_(None))).one()
    return {
        "all": row[0],
        "active": int(row[1] or 0),
        "draft": row[0] - int(row[1] or 0),
        "sold_out": int(row[2] or 0),
    }
