"""What things cost over time: the columns that listings read, the history, and the lowest price before a reduction."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, select

from kit import clock
from kit.db import db
from kit.ids import uuid7
from kit.many import insert_many
from models.catalog import PriceChange, Product

Priced: TypeAlias = Any  # a Product, or a plain row with the same columns (see bulk/reading.py)
PricedVariant: TypeAlias = Any
WINDOW = timedelta(days=30)
_NEW = ("id", "product_id", "variant_id", "price", "sale_price", "sale_starts_at", "sale_ends_at", "at")
_FAR = datetime(9999, 1, 1, tzinfo=UTC)


class Offer(NamedTuple):
    """A price with its reduction; the reduction runs from `starts` until `ends` (None: without an edge)."""

    price: int
    sale: int | None
    starts: datetime | None
    ends: datetime | None


def current_price() -> ColumnElement[int]:
    """What a product costs now, in SQL: of one with variants, the lowest. Sales start and end by the clock."""
    return case((is_on_sale(), Product.sale_price_from), else_=Product.price_from)


def is_on_sale() -> ColumnElement[bool]:
    moment = clock.now()
    return and_(
        Product.sale_price_from.is_not(None),
        or_(Product.sale_starts_at.is_(None), Product.sale_starts_at <= moment),
        or_(Product.sale_ends_at.is_(None), Product.sale_ends_at > moment),
    )


def refresh_prices(product: Priced, variants: Sequence[PricedVariant]) -> None:
    """Bring the listing's columns and the history up to date with the prices of a product and its variants."""
    refresh_all([(product, variants)])


def refresh_all(things: Sequence[tuple[Priced, Sequence[PricedVariant]]]) -> None:
    """The same for many products, with one reading of their histories and one writing."""
    histories = _histories([product.id for product, _variants in things])
    news: list[tuple[Any, ...]] = []
    for product, variants in things:
        _refresh(product, variants, histories.get(product.id, {}), news)
    insert_many(PriceChange, _NEW, news)


def _refresh(
    product: Priced,
    variants: Sequence[PricedVariant],
    history: Mapping[UUID | None, list[tuple[datetime, Offer]]],
    news: list[tuple[Any, ...]],
) -> None:
    now, live = clock.now(), [v for v in variants if v.is_active]
    offers = {v.id: _variant_offer(product, v) for v in variants}
    if live:
        regular = [offers[v.id].price for v in live]
        reduced = [o.sale if o.sale is not None else o.price for o in (offers[v.id] for v in live)]
        has_sale = any(offers[v.id].sale is not None for v in live)
        low, high, sale = min(regular), max(regular), min(reduced) if has_sale else None
    else:
        low = high = product.price
        sale = product.sale_price
    product.price_from, product.price_to, product.sale_price_from = low, high, sale
    own = Offer(low, sale, product.sale_starts_at, product.sale_ends_at)
    product.prior_price = _note(history.get(None, []), own, product.id, None, news, now)
    for variant in variants:
        known = history.get(variant.id, [])
        variant.prior_price = _note(known, offers[variant.id], product.id, variant.id, news, now)


def _variant_offer(product: Priced, variant: PricedVariant) -> Offer:
    """A reduction of the product's own price holds for the variants that inherit that price."""
    price = product.price if variant.price is None else variant.price
    sale = variant.sale_price
    if sale is None and variant.price is None:
        sale = product.sale_price
    if sale is not None and sale >= price:
        sale = None
    return Offer(price, sale, product.sale_starts_at, product.sale_ends_at)


def _histories(product_ids: Sequence[UUID]) -> dict[UUID, dict[UUID | None, list[tuple[datetime, Offer]]]]:
    """By product and variant (None: the product itself), oldest first."""
    db.session.flush()
    found: dict[UUID, dict[UUID | None, list[tuple[datetime, Offer]]]] = {}
    columns = (
        PriceChange.price,
        PriceChange.sale_price,
        PriceChange.sale_starts_at,
        PriceChange.sale_ends_at,
    )
    rows = db.session.execute(
        select(PriceChange.product_id, PriceChange.variant_id, PriceChange.at, *columns)
        .where(PriceChange.product_id.in_(product_ids))
        .order_by(PriceChange.at, PriceChange.id)
    )
    for product_id, variant_id, at, price, sale, starts, ends in rows:
        offers = found.setdefault(product_id, {}).setdefault(variant_id, [])
        offers.append((at, Offer(price, sale, starts, ends)))
    return found


def _note(
    known: Sequence[tuple[datetime, Offer]],
    offer: Offer,
    product_id: UUID,
    variant_id: UUID | None,
    news: list[tuple[Any, ...]],
    now: datetime,
) -> int | None:
    """Put the offer into the history where it is new; answer the lowest price before its reduction."""
    if known and known[-1][1] == offer:
        return lowest_before_sale(known, now)
    news.append((uuid7(), product_id, variant_id, *offer, now))
    return lowest_before_sale([*known, (now, offer)], now)


def lowest_before_sale(known: Sequence[tuple[datetime, Offer]], now: datetime) -> int | None:
    """The lowest price charged in the 30 days before the reduction that runs, or will run next, began.

    `known` is the history, oldest first. The window is [start − 30 days, start): the price in force when it opened
    counts, the reduced price itself does not. A reduction made deeper while it runs is one reduction. None: no
    reduction is on, or there was no price before it.
    """
    offer = known[-1][1]
    if offer.sale is None or (offer.ends is not None and offer.ends <= now):
        return None
    pieces = _pieces(known)
    begins = max(offer.starts or known[-1][0], known[-1][0])
    for start, _end, _price, reduced in reversed(pieces):
        if start > begins:
            continue
        if not reduced:
            break
        begins = start
    charged = [
        price
        for start, end, price, _reduced in pieces
        if start < begins and end > begins - WINDOW and end <= begins
    ]
    return min(charged, default=None)


def _pieces(known: Sequence[tuple[datetime, Offer]]) -> list[tuple[datetime, datetime, int, bool]]:
    """The history cut into (from, until, price charged, was it reduced?), oldest first, without gaps."""
    pieces = []
    for i, (at, offer) in enumerate(known):
        end = known[i + 1][0] if i + 1 < len(known) else _FAR
        edges = {at, end}
        if offer.sale is not None:
            edges |= {edge for edge in (offer.starts, offer.ends) if edge is not None and at < edge < end}
        ordered = sorted(edges)
        for left, right in zip(ordered, ordered[1:], strict=False):
            reduced = (
                offer.sale is not None
                and (offer.starts is None or offer.starts <= left)
                and (offer.ends is None or left < offer.ends)
            )
            price = offer.sale if reduced and offer.sale is not None else offer.price
            pieces.append((left, right, price, reduced))
    return pieces


def list_history(product_id: UUID, variant_id: UUID | None = None) -> list[PriceChange]:
    """What a product cost and since when, newest first."""
    query = select(PriceChange).where(
        PriceChange.product_id == product_id,
        PriceChange.variant_id.is_(None) if variant_id is None else PriceChange.variant_id == variant_id,
    )
    return list(db.session.scalars(query.order_by(PriceChange.at.desc(), PriceChange.id.desc())))


def whole_history(product_id: UUID, limit: int = 500) -> list[PriceChange]:
    """The same of the product and all its variants."""
    query = select(PriceChange).where(PriceChange.product_id == product_id)
    return list(db.session.scalars(query.order_by(PriceChange.at.desc(), PriceChange.id.desc()).limit(limit)))
