"""Lists of products, for pages and API alike. See filters.py for what narrows them, ordering.py for how a page is found
in a long one, facets.py for the counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, literal, select, union_all

from kit import cache, clock
from kit.db import db
from kit.paging import Page
from models.catalog import MeasureUnit, Product, ProductImage, StockStatus, per_unit
from services import kept as kept_answers
from services.catalog import texts
from services.catalog.filters import AnySelect, Filters, narrowed
from services.catalog.images import View, view_of
from services.catalog.ordering import comes_in_order, find, joined, order_of, ordered, page_of
from services.catalog.products import WHOLE

BEST = 200  # of what a search finds: so many first ones are remembered
_kept, _kept_best = cache.Cache(5000), cache.Cache(500)


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
    offset = (page - 1) * page_size
    if filters.search and filters.sort_by is None and offset + page_size <= BEST:
        cards = _best(filters, offset, page_size)
    elif comes_in_order(filters, offset):
        cards = _cards(ordered(_card_query(), filters).offset(offset).limit(page_size))
    else:
        found = find(filters, offset, page_size)
        cards = _cards(_with_pictures(joined(found, *_CARD)).order_by(*order_of(found, filters)))
    names = texts.names_of(card.id for card in cards)
    return [replace(card, name=names.get(card.id, card.name)) for card in cards] if names else cards


def _cards(query: AnySelect) -> list[Card]:
    return [_card(row) for row in db.session.execute(query)]


def _best(filters: Filters, offset: int, limit: int) -> list[Card]:
    """What matches best. To weigh all that match is the dearest part of a search, so which ones come first is kept
    while the catalogue stays: of equals, those that sold most may change their places a little late."""
    first = ordered(select(Product.id), filters).limit(BEST)
    ids = remember("best", filters, lambda: list(db.session.scalars(first)), kept=_kept_best)
    wanted = ids[offset : offset + limit]
    if not wanted:
        return []
    cards = {card.id: card for card in _cards(_card_query().where(Product.id.in_(wanted)))}
    return [cards[ident] for ident in wanted if ident in cards]


def pictures_in(categories: Iterable[UUID]) -> dict[UUID, View]:
    """Of each category the picture of its most sought product that has one. One query for all."""
    best = [
        ordered(
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
    query = page_of(Product, filters, page, page_size).options(*WHOLE)
    return Page(db.session.scalars(query).all(), count(filters), page, page_size)


def list_ids(filters: Filters, *, page: int = 1, page_size: int = 20) -> Page[UUID]:
    """The same by id alone, for who has kept the rest."""
    query = page_of(Product.id, filters, page, page_size)
    return Page(db.session.scalars(query).all(), count(filters), page, page_size)


def read_products(ids: Sequence[UUID]) -> Sequence[Product]:
    """These products with all that hangs on them, in no order."""
    return db.session.scalars(select(Product).where(Product.id.in_(ids)).options(*WHOLE)).all() if ids else ()


def count(filters: Filters) -> int:
    return remember(
        "count", filters, lambda: db.session.scalar(narrowed(select(func.count(Product.id)), filters)) or 0
    )


def remember(
    what: str, filters: Filters, make: Any, *, is_priced: bool = False, kept: cache.Cache = _kept
) -> Any:
    """Kept by store, version of the catalogue and filters. Sales start and end by the clock, without a new version:
    where prices are compared (or shown: `is_priced`), an answer lives for a minute."""
    bounds = filters.min_price, filters.max_price
    is_priced = is_priced or filters.on_sale or any(bound is not None for bound in bounds)
    minute = int(clock.now().timestamp() // 60) if is_priced else 0
    plain = replace(filters, sort_by=None, descending=None)
    return kept_answers.remember(kept, (what, minute, plain), make)


# Plain columns: half the cost of objects, and nothing that could load more behind one's back.
_CARD = (
    Product.id, Product.slug, Product.name, Product.price_from, Product.price_to, Product.sale_price_from,
    Product.prior_price, Product.sale_starts_at, Product.sale_ends_at, Product.rating_sum, Product.review_count,
    Product.variant_count, Product.stock_status, Product.measure, Product.measure_unit, ProductImage.key,
    ProductImage.width, ProductImage.height, ProductImage.alt, ProductImage.widths,
)  # fmt: skip


@lru_cache  # the same for everybody: the store comes in when it runs
def _card_query() -> AnySelect:
    return _with_pictures(select(*_CARD))


def _with_pictures(query: AnySelect) -> AnySelect:
    return query.outerjoin(
        ProductImage, and_(ProductImage.product_id == Product.id, ProductImage.position == 0)
    )


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
