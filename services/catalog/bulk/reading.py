"""The products of a slice as plain rows: what commands look at, and nothing that would be loaded behind one's back.

Objects of the ORM cost several times as much, and ten thousand of them are changed at once here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from kit.tenancy import current_tenant_id
from models.catalog import Product, Variant, product_categories, product_tags


@dataclass(slots=True)
class VariantRow:
    """Columns of a Variant, by the same names."""

    id: UUID
    product_id: UUID
    price: int | None
    sale_price: int | None
    prior_price: int | None
    is_active: bool
    version: int
    is_changed: bool = False  # by a plan


@dataclass(slots=True)
class ProductRow:
    """Columns of a Product, by the same names; its categories and tags are ids, in order."""

    id: UUID
    price: int
    sale_price: int | None
    sale_starts_at: datetime | None
    sale_ends_at: datetime | None
    price_from: int
    price_to: int
    sale_price_from: int | None
    prior_price: int | None
    is_active: bool
    publish_at: datetime | None
    unpublish_at: datetime | None
    is_featured: bool
    brand: str
    version: int
    variants: list[VariantRow] = field(default_factory=list)
    categories: list[UUID] = field(default_factory=list)
    tags: list[UUID] = field(default_factory=list)


PRODUCT = tuple(
    name for name in ProductRow.__dataclass_fields__ if name not in ("variants", "categories", "tags")
)
VARIANT = tuple(name for name in VariantRow.__dataclass_fields__ if name != "is_changed")


def load(ids: Iterable[UUID], *, lock: bool) -> dict[UUID, ProductRow]:
    """By id; deleted ones are not there. Locked, they are as they are now."""
    wanted = sorted(set(ids))
    query = select(*(getattr(Product, name) for name in PRODUCT)).where(
        Product.id.in_(wanted), Product.archived_at.is_(None)
    )
    if lock:
        query = query.order_by(Product.id).with_for_update(key_share=True)
    found = {row.id: ProductRow(*row) for row in db.session.execute(query)}
    variants = select(*(getattr(Variant, name) for name in VARIANT)).where(Variant.product_id.in_(wanted))
    for row in db.session.execute(variants.order_by(Variant.product_id, Variant.position, Variant.id)):
        if row.product_id in found:
            found[row.product_id].variants.append(VariantRow(*row))
    return found


def load_lists(found: dict[UUID, ProductRow]) -> None:
    """Add the categories and tags, for commands that speak of them."""
    tables: tuple[tuple[str, Any, str], ...] = (
        ("categories", product_categories, "category_id"),
        ("tags", product_tags, "tag_id"),
    )
    for name, table, column in tables:
        query = select(table.c.product_id, table.c[column]).where(
            table.c.tenant_id == current_tenant_id(), table.c.product_id.in_(list(found))
        )
        for product_id, ident in db.session.execute(query.order_by(table.c[column])):
            getattr(found[product_id], name).append(ident)
