"""What a list of products is narrowed by: one definition of what a filter means, for pages and API alike."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from kit.cache import Cache
from kit.db import db
from kit.tenancy import current_tenant_id
from models.catalog import (
    Attribute,
    AttributeValue,
    Product,
    StockStatus,
    Variant,
    collection_products,
    product_categories,
    product_tags,
    variant_values,
)
from services import search
from services.catalog import categories
from services.catalog.categories import Node
from services.catalog.prices import current_price, is_on_sale
from services.kept import remember

AnySelect = Select[*tuple[Any, ...]]
_kept = Cache(500)


@dataclass(frozen=True)
class Filters:
    """Prices in minor units, compared with what a product costs now. `min_rating`: so many stars on average or more.
    `brands` as they are written, alternatives. `options` are `attribute:value` slugs: values
    of one attribute are alternatives, several attributes must all be met. A category takes in all below it.

    `is_active` None: inactive ones, too (staff only). Without `sort_by`: by relevance to the search, else newest.
    """

    search: str = ""
    category_id: UUID | None = None
    tag_ids: tuple[UUID, ...] = ()
    min_price: int | None = None
    max_price: int | None = None
    stock_status: StockStatus | None = None
    in_stock: bool = False
    featured: bool | None = None
    on_sale: bool = False
    min_rating: int | None = None
    brands: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    is_active: bool | None = True
    product_ids: tuple[UUID, ...] | None = None
    sort_by: str | None = None
    descending: bool | None = None

    @property
    def by_attribute(self) -> dict[str, list[str]]:
        chosen: dict[str, list[str]] = {}
        for option in self.options:
            name, _colon, value = option.partition(":")
            chosen.setdefault(name, []).append(value)
        return chosen


def narrowed(query: AnySelect, filters: Filters) -> AnySelect:
    """The query, limited to what the filters let through. It must select from Product."""
    return based(query, filters).where(*facet_conditions(filters).values())


def based(query: AnySelect, filters: Filters) -> AnySelect:
    """Limited by what stands outside of the facets: visibility, search, category, tags, stock status."""
    query = unsearched(query, filters)
    if filters.search:
        # As a set, found once: joined, the search would run again for every row of what else is joined.
        query = query.where(Product.id.in_(select(search.matches(filters.search).c.product_id)))
    return query


def unsearched(query: AnySelect, filters: Filters) -> AnySelect:
    """The same without the search."""
    query = query.where(Product.archived_at.is_(None))
    if filters.is_active is not None:
        query = query.where(Product.is_active if filters.is_active else Product.is_active.is_(False))
    if filters.category_id is not None:
        node = categories.find_node(filters.category_id, include_inactive=filters.is_active is None)
        query = query.where(_stands_in(node))
    for tag_id in filters.tag_ids:
        query = query.where(_has(product_tags, "tag_id", [tag_id]))
    if filters.stock_status is not None:
        query = query.where(Product.stock_status == filters.stock_status)
    if filters.product_ids is not None:
        query = query.where(Product.id.in_(filters.product_ids))
    return query


def facet_conditions(filters: Filters) -> dict[str, ColumnElement[bool]]:
    """By the name of the facet: a facet's own counts leave its own condition out."""
    found: dict[str, ColumnElement[bool]] = {}
    bounds = []
    if filters.min_price is not None:
        bounds.append(current_price() >= filters.min_price)
    if filters.max_price is not None:
        bounds.append(current_price() <= filters.max_price)
    if bounds:
        found["price"] = and_(*bounds)
    if filters.in_stock:
        found["in_stock"] = Product.stock_status != StockStatus.OUT_OF_STOCK
    if filters.featured is not None:
        found["featured"] = Product.is_featured.is_(filters.featured)
    if filters.on_sale:
        found["on_sale"] = is_on_sale()
    if filters.min_rating is not None:
        found["rating"] = has_rating(filters.min_rating)
    if filters.brands:
        found["brand"] = Product.brand.in_(filters.brands)
    for slug, values in filters.by_attribute.items():
        found[f"option:{slug}"] = has_option(slug, values)
    return found


def has_rating(stars: int) -> ColumnElement[bool]:
    return and_(Product.review_count > 0, Product.rating_sum >= stars * Product.review_count)


def has_option(attribute: str, values: list[str]) -> ColumnElement[bool]:
    """The product can be bought in one of these values of the attribute.

    The values by their ids: from names, the database could not tell how many products there will be."""
    known = value_ids().get(attribute, {})
    offered = (
        select(Variant.product_id)
        .join(
            variant_values,
            and_(variant_values.c.tenant_id == Variant.tenant_id, variant_values.c.variant_id == Variant.id),
        )
        .where(
            Variant.is_active,
            variant_values.c.value_id.in_([known[slug] for slug in values if slug in known]),
        )
    )
    if (
        db.session.get_bind().dialect.name == "sqlite"
    ):  # would find all of them before it looks at the first product
        return offered.where(Variant.product_id == Product.id).correlate(Product).exists()
    return Product.id.in_(offered)


def value_ids() -> dict[str, dict[str, UUID]]:
    """{attribute: {value: its id}} by their slugs: all of the store, read once while the catalogue stays."""
    return remember(_kept, "values", _value_ids)


def _value_ids() -> dict[str, dict[str, UUID]]:
    query = select(Attribute.slug, AttributeValue.slug, AttributeValue.id).join(
        AttributeValue, AttributeValue.attribute_id == Attribute.id
    )
    found: dict[str, dict[str, UUID]] = {}
    for attribute, value, ident in db.session.execute(query):
        found.setdefault(attribute, {})[value] = ident
    return found


def _stands_in(node: Node | None) -> ColumnElement[bool]:
    """In the category or below: put in by hand, or let in by the rule of a collection."""
    nodes = list(node.walk()) if node else []
    by_hand = _has(product_categories, "category_id", [one.id for one in nodes])
    ruled = [one.id for one in nodes if one.is_collection]
    return or_(by_hand, _has(collection_products, "category_id", ruled)) if ruled else by_hand


def _has(table: Any, column: str, ids: list[UUID]) -> ColumnElement[bool]:
    return Product.id.in_(
        select(table.c.product_id).where(table.c.tenant_id == current_tenant_id(), table.c[column].in_(ids))
    )
