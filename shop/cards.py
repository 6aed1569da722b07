"""A product in a grid."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, current_app, g, url_for
from markupsafe import Markup

from kit.cache import Cache
from kit.i18n import _n, current_locale
from services import plans
from services.catalog.listing import Card
from shop.wording import unit_price_text
from web.filters import money

SIZES = "(min-width: 64rem) 20rem, (min-width: 48rem) 30vw, 46vw"
_drawn = Cache(5_000)


def cards(found: Iterable[Card]) -> list[Card]:
    """For templates, which draw them by `card(product)`."""
    return list(found)


def draw(product: Card | dict[str, Any], eager: bool = False, sizes: str = SIZES) -> Markup:
    """The card's HTML, kept under all that it shows: the next listing with this product need not draw it again."""
    if not isinstance(product, Card):
        return _macro()(product, eager, sizes)
    store = g.store
    key = (
        product,
        eager,
        sizes,
        current_locale(),
        store.currency,
        store.theme,
        plans.has_feature("wishlist"),
    )
    return _drawn.remember(key, lambda: _macro()(_shown(product), eager, sizes))


def _macro() -> Any:
    return current_app.jinja_env.get_template("shop/catalog/_card.html").module.card  # type: ignore[attr-defined]


def _shown(one: Card) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "url": url_for("shop.product", slug=one.slug),
        "image": one.image,
        "price": money(one.price),
        "compare_price": money(one.compare_price) if one.compare_price is not None else "",
        "prior_price": money(one.prior_price) if one.prior_price is not None else "",
        "unit_price": unit_price_text(one.unit_price, one.measure_unit),
        "from_price": one.is_from_price,
        "rating": one.rating,
        "review_count": one.review_count,
        "variant_hint": _n("%(num)d version", "%(num)d versions", one.variant_count)
        if one.variant_count > 1
        else "",
        "in_stock": one.in_stock,
    }


def init_app(app: Flask) -> None:
    app.jinja_env.globals["card"] = draw
