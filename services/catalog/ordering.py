"""In which order a list of products stands, and how a page of it is found, however long it is.

Which products are on the page is found first, by id, and only those are read with all that belongs to them.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, literal_column, not_, select, union_all

from models.catalog import Product
from services import search
from services.catalog.filters import AnySelect, Filters, facet_conditions, narrowed, unsearched
from services.catalog.prices import current_price, is_on_sale

# Without a direction: names and prices rise, the rest begins with the most.
SORTS = ("name", "price", "created_at", "popularity", "rating", "stock_quantity")
RISING = ("name", "price")
FAR = 200  # products that are passed over: from here on they are passed over by what the index knows of them


def ordered(query: AnySelect, filters: Filters) -> AnySelect:
    query, keys = _sorted(query, filters)
    return query.order_by(*_directed(keys, filters))


def _sorted(query: AnySelect, filters: Filters) -> tuple[AnySelect, list[Any]]:
    """The query, narrowed, and what it is to be sorted by."""
    if filters.sort_by is None and filters.search:
        hits = search.ranked(filters.search)
        query = unsearched(query, filters).join(hits, hits.c.product_id == Product.id)
        query = query.where(*facet_conditions(filters).values())
        return query, [hits.c.tier, hits.c.score, Product.sold_count, Product.id]
    return narrowed(query, filters), [*_SORT_KEYS[filters.sort_by or "created_at"](), Product.id]


# In the letters of the index on it (migration 0005), whose expression holds no parameters.
_RATING: ColumnElement[float] = literal_column(
    "coalesce(products.rating_sum * 1.0 / nullif(products.review_count, 0), 0)"
)
_SORT_KEYS: dict[str, Any] = {
    "name": lambda: [func.lower(Product.name)],
    "price": lambda: [current_price()],
    "created_at": lambda: [Product.created_at],
    "popularity": lambda: [Product.sold_count, Product.view_count],
    "rating": lambda: [_RATING],
    "stock_quantity": lambda: [Product.stock_quantity],
}


def comes_in_order(filters: Filters, offset: int) -> bool:
    """Does the database find the page at the front of an index? Then it need not look for the ids alone."""
    plain = Filters(is_active=filters.is_active, sort_by=filters.sort_by, descending=filters.descending)
    return filters == plain and filters.sort_by != "price" and offset < FAR


def page_of(what: Any, filters: Filters, page: int, page_size: int) -> AnySelect:
    offset = (page - 1) * page_size
    if comes_in_order(filters, offset):
        return ordered(select(what), filters).offset(offset).limit(page_size)
    found = find(filters, offset, page_size)
    return joined(found, what).order_by(*order_of(found, filters))


def joined(found: Subquery, *columns: Any) -> AnySelect:
    return select(*columns).select_from(found).join(Product, Product.id == found.c.id)


def find(filters: Filters, offset: int, limit: int) -> Subquery:
    """The ids of a page, with what they are sorted by as `key_0`, `key_1` …"""
    if filters.sort_by == "price" and not filters.search and not filters.options:
        return _by_price(filters, offset, limit)
    query, keys = _sorted(select(Product.id), filters)
    query = query.add_columns(*(key.label(f"key_{n}") for n, key in enumerate(keys)))
    return query.order_by(*_directed(keys, filters)).offset(offset).limit(limit).subquery("page")


def _by_price(filters: Filters, offset: int, limit: int) -> Subquery:
    """What a product costs goes by the clock, so no index has it. What is reduced and what is not have one each, and
    the page is among the first of both."""
    reduced = is_on_sale()
    parts = []
    for price, those in ((Product.sale_price_from, reduced), (Product.price_from, not_(reduced))):
        keys = [price.label("key_0"), Product.id.label("key_1")]
        query = narrowed(select(Product.id, *keys), filters).where(those)
        part = query.order_by(*_directed((price, Product.id), filters)).limit(offset + limit)
        parts.append(select(part.subquery()))
    both = union_all(*parts).subquery("both")
    first = select(both).order_by(*_directed((both.c.key_0, both.c.key_1), filters))
    return first.offset(offset).limit(limit).subquery("page")


def order_of(found: Subquery, filters: Filters) -> list[ColumnElement[Any]]:
    """That of the page, once more: what is joined to it may come in any order."""
    return _directed([column for column in found.c if column.name.startswith("key_")], filters)


def _directed(keys: Sequence[Any], filters: Filters) -> list[ColumnElement[Any]]:
    falls = _falls(filters)
    return [key.desc() if falls else key.asc() for key in keys]


def _falls(filters: Filters) -> bool:
    """From the most to the least? The best match comes first, whatever is said."""
    if filters.sort_by is None and filters.search:
        return True
    return filters.descending if filters.descending is not None else filters.sort_by not in RISING
