"""What can be put into an order by hand: products and variants found by a word, with today's price and what is left."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit.db import db
from models.catalog import AttributeValue, Product, Variant
from services import stock
from services.catalog import staff_list
from services.catalog.staff_list import StaffFilter

FOUND_MAX = 10


@dataclass(frozen=True, slots=True)
class Thing:
    """`left` None: there is no limit."""

    product_id: UUID
    variant_id: UUID | None
    name: str
    options: str
    sku: str
    price: int
    left: int | None


def find_things(words: str, limit: int = FOUND_MAX) -> list[Thing]:
    """Each product, or each variant of one that has some. A fixed number of queries."""
    if not words.strip():
        return []
    products = list(staff_list.list_for_staff(StaffFilter(search=words), page_size=limit).items)
    variants = _variants([product.id for product in products if product.variant_count])
    keys = [(product.id, variant.id if variant else None) for product in products
            for variant in _of(product, variants)]  # fmt: skip
    left = stock.availabilities(keys)
    return [
        _thing(product, variant, left[product.id, variant.id if variant else None])
        for product in products
        for variant in _of(product, variants)
    ]


def _of(product: Product, variants: dict[UUID, list[Variant]]) -> list[Variant] | list[None]:
    return variants.get(product.id, []) if product.variant_count else [None]


def _variants(product_ids: list[UUID]) -> dict[UUID, list[Variant]]:
    found: dict[UUID, list[Variant]] = {ident: [] for ident in product_ids}
    if product_ids:
        query = (
            select(Variant)
            .where(Variant.product_id.in_(product_ids))
            .options(
                selectinload(Variant.values).selectinload(AttributeValue.attribute),
                selectinload(Variant.product),
            )
            .order_by(Variant.product_id, Variant.position, Variant.id)
        )
        for variant in db.session.scalars(query):
            found[variant.product_id].append(variant)
    return found


def _thing(product: Product, variant: Variant | None, left: int | None) -> Thing:
    options = ", ".join(value.value for value in variant.values) if variant else ""
    bought: Product | Variant = variant or product
    return Thing(product.id, variant.id if variant else None, product.name, options, bought.sku or product.sku or "",
                 bought.current_price, left)  # fmt: skip
