"""Which products sold, in units and money."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select

from kit.db import db
from models.catalog import Product, ProductImage
from services.reports.lines import sold_lines
from services.reports.periods import Span, total

SORTS = ("revenue", "quantity")


@dataclass(frozen=True, slots=True)
class Sold:
    """A product as it sold: units that were not given back, and what was paid for them. Without an id it is a line
    whose product is unknown."""

    product_id: UUID | None
    name: str
    sku: str
    quantity: int
    revenue: int
    image_key: str = ""


def sold_products(
    span: Span, *, sort_by: str = "revenue", limit: int | None = None, known_only: bool = False
) -> list[Sold]:
    """The most first, by today's names and pictures. What came back altogether is left out."""
    lines = sold_lines(span)
    units, revenue = total(lines.c.units).label("units"), total(lines.c.revenue).label("revenue")
    picture = (
        select(func.min(ProductImage.key))
        .where(ProductImage.product_id == lines.c.product_id, ProductImage.position == 0)
        .scalar_subquery()
    )
    query = (
        select(
            lines.c.product_id,
            func.coalesce(func.max(Product.name), func.max(lines.c.name)),
            func.coalesce(func.max(Product.sku), func.max(lines.c.sku), ""),
            units,
            revenue,
            func.coalesce(picture, func.max(lines.c.image_key), ""),
        )
        .select_from(lines)
        .outerjoin(Product, Product.id == lines.c.product_id)
        .group_by(lines.c.product_id, lines.c.loose_name)
        .having(units > 0 if known_only else or_(units != 0, revenue != 0))
        .order_by(*((units.desc(), revenue.desc()) if sort_by == "quantity" else (revenue.desc(), units.desc())),
                  lines.c.product_id, lines.c.loose_name)
        .limit(limit)
    )  # fmt: skip
    if known_only:
        query = query.where(lines.c.product_id.is_not(None))
    return [Sold(*row) for row in db.session.execute(query).all()]


def count_products(span: Span) -> int:
    """How many rows `sold_products` has without a limit."""
    lines = sold_lines(span)
    groups = (
        select(lines.c.product_id)
        .group_by(lines.c.product_id, lines.c.loose_name)
        .having(or_(total(lines.c.units) != 0, total(lines.c.revenue) != 0))
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(groups)) or 0
