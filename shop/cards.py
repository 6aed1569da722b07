"""A product in a grid."""

from collections.abc import Iterable
from typing import Any

from flask import url_for

from kit.i18n import _n
from services.catalog.listing import Card
from web.filters import money


def cards(found: Iterable[Card]) -> list[dict[str, Any]]:
    return [card(one) for one in found]


def card(one: Card) -> dict[str, Any]:
    return {
        "name": one.name,
        "url": url_for("shop.product", slug=one.slug),
        "image": one.image,
        "price": money(one.price),
        "compare_price": money(one.compare_price) if one.compare_price is not None else "",
        "prior_price": money(one.prior_price) if one.prior_price is not None else "",
        "from_price": one.is_from_price,
        "rating": one.rating,
        "review_count": one.review_count,
        "variant_hint": _n("%(num)d version", "%(num)d versions", one.variant_count)
        if one.variant_count > 1
        else "",
        "in_stock": one.in_stock,
    }
