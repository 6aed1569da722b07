"""Lists of products: one definition of what a filter means, for pages and API alike. See facets.py for the counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all

from kit import cache, clock
from kit.db import db, is_writing
from kit.paging import Page
from kit.tenancy import current_tenant_id
from models.catalog import (
    Attribute,
    AttributeValue,
    MeasureUnit,
    Product,
    ProductImage,
    StockStatus,
    Variant,
    collection_products,
    per_unit,
    product_categories,
    product_tags,
    variant_values,
)
from services import search, tenants
from services.catalog import categories, texts
from services.catalog.categories import Node
from services.catalog.images import View, view_of
from services.catalog.prices import current_price, is_on_sale
from services.catalog.products import WHOLE

# Without a direction: names and prices rise, the rest begins with the most.
SORTS = ("name", "price", "created_at", "popularity", "rating", "stock_quantity")
RISING = ("name", "price")
_kept = cache.Cache(5000)
AnySelect = Select[*tuple[Any, ...]]


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


@dataclass(frozen=True, slots=True)
class Card:
    """A product as a grid shows it. `compare_price` is crossed out; `prior_price` the lowest of the 30 days before."""

    id: UUID
    slug: str
    name: str
    image: View | None
    price: int
    compare_price: int | None
    prior_price: int | None
    is_from_price: bool
    rating: float
    review_count: int
    variant_count: int
    stock_status: StockStatus
    unit_price: int | None = None
    measure_unit: MeasureUnit | None = None

    @property
    def in_stock(self) -> bool:
        return self.stock_status is not StockStatus.OUT_OF_STOCK


def list_cards(filters: Filters, *, page: int = 1, page_size: int = 24) -> Page[Card]:
    """One query for the cards, and one for the number of all, which is remembered while the catalogue stays."""
    return Page(read_cards(filters, page, page_size), count(filters), page, page_size)


def read_cards(filters: Filters, page: int = 1, page_size: int = 24) -> list[Card]:
    """Names in the reader's language: one query more, where that is not the store's own."""
    query = _ordered(_card_query(), filters).offset((page - 1) * page_size).limit(page_size)
    cards = [_card(row) for row in db.session.execute(query)]
    names = texts.names_of(card.id for card in cards)
    return [replace(card, name=names.get(card.id, card.name)) for card in cards] if names else cards


def pictures_in(categories: Iterable[UUID]) -> dict[UUID, View]:
    """Of each category the picture of its most sought product that has one. One query for all."""
    best = [
        _ordered(
            _picture_query().add_columns(literal(ident.hex).label("category")),
            Filters(category_id=ident, sort_by="popularity"),
        ).limit(1).subquery()
        for ident in categories
    ]  # fmt: skip
    rows = db.session.execute(union_all(*(select(one) for one in best))) if best else ()
    return {
        UUID(row.category): view_of(row.key, row.width, row.height, row.alt, row.widths or ()) for row in rows
    }


@lru_cache
def _picture_query() -> AnySelect:
    shown = (ProductImage.key, ProductImage.width, ProductImage.height, ProductImage.alt, ProductImage.widths)
    first = and_(ProductImage.product_id == Product.id, ProductImage.position == 0)
    return select(*shown).select_from(Product).join(ProductImage, first)


def list_products(filters: Filters, *, page: int = 1, page_size: int = 20) -> Page[Product]:
    """The products with all that hangs on them."""
    query = _ordered(select(Product), filters).options(*WHOLE).offset((page - 1) * page_size).limit(page_size)
    return Page(db.session.scalars(query).all(), count(filters), page, page_size)


def list_ids(filters: Filters, *, page: int = 1, page_size: int = 20) -> Page[UUID]:
    """The same by id alone, for who has kept the rest."""
    query = _ordered(select(Product.id), filters).offset((page - 1) * page_size).limit(page_size)
    return Page(db.session.scalars(query).all(), count(filters), page, page_size)


def read_products(ids: Sequence[UUID]) -> Sequence[Product]:
    """These products with all that hangs on them, in no order."""
    return db.session.scalars(select(Product).where(Product.id.in_(ids)).options(*WHOLE)).all() if ids else ()


def count(filters: Filters) -> int:
    return remember(
        "count", filters, lambda: db.session.scalar(narrowed(select(func.count(Product.id)), filters)) or 0
    )


def remember(what: str, filters: Filters, make: Any, *, is_priced: bool = False) -> Any:
    """Kept by store, version of the catalogue and filters. Sales start and end by the clock, without a new version:
    where prices are compared (or shown: `is_priced`), an answer lives for a minute."""
    if is_writing():
        return make()  # may yet be rolled back
    store = tenants.current()
    bounds = filters.min_price, filters.max_price
    is_priced = is_priced or filters.on_sale or any(bound is not None for bound in bounds)
    minute = int(clock.now().timestamp() // 60) if is_priced else 0
    plain = replace(filters, sort_by=None, descending=None)
    return _kept.remember((what, store.id, store.catalog_version, minute, plain), make)


def narrowed(query: AnySelect, filters: Filters) -> AnySelect:
    """The query, limited to what the filters let through. It must select from Product."""
    return based(query, filters).where(*facet_conditions(filters).values())


def based(query: AnySelect, filters: Filters) -> AnySelect:
    """Limited by what stands outside of the facets: visibility, search, category, tags, stock status."""
    query = _based(query, filters)
    if filters.search:
        # As a set, found once: joined, the search would run again for every row of what else is joined.
        query = query.where(Product.id.in_(select(search.matches(filters.search).c.product_id)))
    return query


def _based(query: AnySelect, filters: Filters) -> AnySelect:
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
    """The product can be bought in one of these values of the attribute."""
    return Product.id.in_(
        select(Variant.product_id)
        .join(
            variant_values,
            and_(variant_values.c.tenant_id == Variant.tenant_id, variant_values.c.variant_id == Variant.id),
        )
        .join(AttributeValue, AttributeValue.id == variant_values.c.value_id)
        .join(Attribute, Attribute.id == AttributeValue.attribute_id)
        .where(Variant.is_active, Attribute.slug == attribute, AttributeValue.slug.in_(values))
    )


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


def _ordered(query: AnySelect, filters: Filters) -> AnySelect:
    name = filters.sort_by
    if name is None and filters.search:
        hits = search.ranked(filters.search)
        query = _based(query, filters).join(hits, hits.c.product_id == Product.id)
        query = query.where(*facet_conditions(filters).values())
        best = (hits.c.tier.desc(), hits.c.score.desc(), Product.sold_count.desc(), Product.id.desc())
        return query.order_by(*best)
    query = narrowed(query, filters)
    name = name or "created_at"
    falls = filters.descending if filters.descending is not None else name not in RISING
    keys = [*_SORT_KEYS[name](), Product.id]
    return query.order_by(*(key.desc() if falls else key.asc() for key in keys))


_SORT_KEYS: dict[str, Any] = {
    "name": lambda: [func.lower(Product.name)],
    "price": lambda: [current_price()],
    "created_at": lambda: [Product.created_at],
    "popularity": lambda: [Product.sold_count, Product.view_count],
    "rating": lambda: [func.coalesce(Product.rating_sum * 1.0 / func.nullif(Product.review_count, 0), 0)],
    "stock_quantity": lambda: [Product.stock_quantity],
}


@lru_cache  # the same for everybody: the store comes in when it runs
def _card_query() -> AnySelect:
    """Plain columns: half the cost of objects, and nothing that could load more behind one's back."""
    return select(
        Product.id, Product.slug, Product.name, Product.price_from, Product.price_to, Product.sale_price_from,
        Product.prior_price, Product.sale_starts_at, Product.sale_ends_at, Product.rating_sum, Product.review_count,
        Product.variant_count, Product.stock_status, Product.measure, Product.measure_unit, ProductImage.key,
        ProductImage.width, ProductImage.height, ProductImage.alt, ProductImage.widths,
    ).outerjoin(ProductImage, and_(ProductImage.product_id == Product.id, ProductImage.position == 0))  # fmt: skip


def _card(row: Any) -> Card:
    now = clock.now()
    is_on_sale = (
        row.sale_price_from is not None
        and (row.sale_starts_at is None or row.sale_starts_at <= now)
        and (row.sale_ends_at is None or now < row.sale_ends_at)
    )
    price = row.sale_price_from if is_on_sale else row.price_from
    unit = row.measure_unit if not row.variant_count else None  # variants may each have their own content
    return Card(
        id=row.id,
        slug=row.slug,
        name=row.name,
        image=view_of(row.key, row.width, row.height, row.alt, row.widths or ()) if row.key else None,
        price=price,
        compare_price=row.price_from if is_on_sale else None,
        prior_price=row.prior_price if is_on_sale else None,
        is_from_price=row.price_from != row.price_to,
        rating=round(row.rating_sum / row.review_count, 2) if row.review_count else 0.0,
        review_count=row.review_count,
        variant_count=row.variant_count,
        stock_status=row.stock_status,
        unit_price=per_unit(price, row.measure) if unit else None,
        measure_unit=unit,
    )
