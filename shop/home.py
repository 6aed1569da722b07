"""The first page: what the store is, what it has, what is liked and what is new."""

from typing import Any

from flask import Response, g, url_for

from kit.countries import country_name
from kit.i18n import _
from models.orders import PaymentMethod
from services import shipping
from services.catalog import categories, images, listing
from services.catalog.images import View
from services.catalog.listing import Card, Filters
from services.places import Place
from shop import bp, seo
from shop.cards import cards
from web.access import PUBLIC, allow
from web.cache import cached_page
from web.filters import money
from web.htmx import render

FEATURED, NEWEST, CATEGORIES = 8, 8, 8


@bp.get("/")
@allow(PUBLIC)
@cached_page()
def home() -> Response:
    newest = listing.read_cards(Filters(sort_by="created_at"), page_size=NEWEST)
    featured = (
        listing.read_cards(Filters(featured=True, sort_by="popularity"), page_size=FEATURED) if newest else []
    )
    about = seo.meta(data=[seo.organization(), seo.website()], image=g.store.hero_url or None)
    return render("shop/home/home.html", hero=_hero(featured or newest), categories=_categories(featured + newest),
                  featured=cards(featured), newest=cards(newest), promises=_promises() if newest else [],
                  seo=about)  # fmt: skip


def _hero(shown: list[Card]) -> dict[str, Any]:
    store = g.store
    own = View(store.hero_url, 1200, 1000, "", full=store.hero_url) if store.hero_url else None
    picture = own or next((card.image for card in shown if card.image), None)
    title = store.tagline or _("Welcome to %(store)s", store=store.name)
    return {
        "title": title,
        "text": "",
        "url": url_for("shop.products"),
        "label": _("See all products"),
        "image": picture,
    }


def _categories(shown: list[Card]) -> list[dict[str, Any]]:
    """Those with something in them; without a picture of its own a category wears one of its products'."""
    tops = [node for node in categories.counted_tree() if node.product_count][:CATEGORIES]
    return [
        {
            "name": node.name,
            "url": url_for("shop.category", slug=node.slug),
            "count": node.product_count,
            "image": _picture_of(node.image_key) or listing_picture(node.id),
        }
        for node in tops
    ]


def _picture_of(key: str) -> View | None:
    return images.view_of(key, 800, 800, "", ()) if key else None


def listing_picture(category_id: Any) -> View | None:
    found = listing.read_cards(Filters(category_id=category_id, sort_by="popularity"), page_size=1)
    return found[0].image if found else None


def _promises() -> list[dict[str, str]]:
    """What holds in this store, read from its settings."""
    options = shipping.options_for(Place(g.store.country), shipping.Parcel(0, 0)).items
    country = country_name(g.store.country)
    promises = []
    if best := shipping.cheapest(options):
        goal = min((o.free_above for o in options if o.free_above is not None), default=None)
        text = _("Delivery in %(country)s from %(price)s.", country=country, price=money(best.price))
        if goal is not None:
            text = _("Delivery in %(country)s is free from %(goal)s.", country=country, goal=money(goal))
        promises.append({"icon": "truck", "title": _("Sent with care"), "text": text})
    promises.append({"icon": "refund", "title": _("14 days to change your mind"),
                     "text": _("Send it back unused and get your money back.")})  # fmt: skip
    if g.store.offers(PaymentMethod.CARD):
        promises.append(
            {"icon": "lock", "title": _("Safe payment"), "text": _("Card payments are made at Stripe.")}
        )
    elif g.store.contact_email:
        promises.append({"icon": "mail", "title": _("People who answer"), "text": g.store.contact_email})
    return promises
