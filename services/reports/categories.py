"""Which categories sold. A product of two categories counts in both, so the rows may add up to more than was sold."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from kit.db import db
from kit.tenancy import current_tenant_id
from models.catalog import Category, product_categories
from services.reports.lines import sold_lines
from services.reports.periods import Span, total


@dataclass(frozen=True, slots=True)
class SoldCategory:
    """Without an id: products that are in no category (today)."""

    category_id: UUID | None
    name: str
    orders: int
    quantity: int
    revenue: int


def sold_categories(span: Span, *, limit: int | None = None, known_only: bool = False) -> list[SoldCategory]:
    """By what was paid for their products, the most first."""
    lines = sold_lines(span)
    units, revenue = total(lines.c.units).label("units"), total(lines.c.revenue).label("revenue")
    membership = and_(
        product_categories.c.tenant_id == current_tenant_id(),
        product_categories.c.product_id == lines.c.product_id,
    )
    orders = func.count(func.distinct(lines.c.order_id))
    query = (
        select(Category.id, func.coalesce(Category.name, ""), orders, units, revenue)
        .select_from(lines)
        .outerjoin(product_categories, membership)
        .outerjoin(Category, Category.id == product_categories.c.category_id)
        .group_by(Category.id, Category.name)
        .having(or_(units != 0, revenue != 0))
        .order_by(revenue.desc(), units.desc(), Category.id)
        .limit(limit)
    )
    if known_only:
        query = query.where(Category.id.is_not(None))
    return [SoldCategory(*row) for row in db.session.execute(query).all()]
