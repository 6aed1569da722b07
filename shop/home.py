"""The first page: its sections, as the store has chosen them or its theme has them."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, url_for

from kit.countries import country_name
from kit.i18n import _
from models.orders import PaymentMethod
from services import home_sections, reviews, shipping
from services.catalog import categories, images, listing
from services.catalog.images import View
from services.catalog.listing import Card, Filters
from services.places import Place
from shop import bp, seo
from shop.review_view import shown as shown_reviews
from web.access import PUBLIC, allow
from web.cache import cached_page
from web.filters import money
from web.htmx import render

FEATURED, NEWEST, CATEGORIES, REDUCED, VOICES = 8, 8, 8, 4, 3
Section = dict[str, Any]


@bp.get("/")
@allow(PUBLIC)
@cached_page()
def home() -> Response:
    newest = listing.read_cards(Filters(sort_by="created_at"), page_size=NEWEST)
    about = seo.meta(data=[seo.organization(), seo.website()], image=seo.social_picture())
    return render("shop/home/home.html", sections=_sections(newest) if newest else [], is_opening=not newest,
                  seo=about)  # fmt: skip


def _sections(newest: list[Card]) -> list[Section]:
    """Those with something in them. `newest`: what tells that the store has anything at all."""
    made = []
    for number, chosen in enumerate(home_sections.shown(g.store.home_sections, g.store.theme), start=1):
        content = _FILLED[chosen["kind"]](chosen, newest)
        if content is not None:
            made.append({"text": "", "title": "", **chosen, **content, "id": f"part-{number}"})
    return made


def _hero(chosen: Section, newest: list[Card]) -> Section:
    store = g.store
    own = chosen.get("picture") or store.hero_url
    picture = View(own, 1200, 1000, "", full=own) if own else _first_picture(newest)
    return {
        "title": chosen.get("title") or store.tagline or _("Welcome to %(store)s", store=store.name),
        "text": chosen.get("text", ""),
        "url": chosen.get("link") or url_for("shop.products"),
        "label": chosen.get("label") or _("See all products"),
        "image": picture,
        "counts": lambda: (listing.count(Filters()), len(_tops())),  # not every theme shows them
    }


def _first_picture(newest: list[Card]) -> View | None:
    return next((card.image for card in _featured() or newest if card.image), None)


def _featured() -> list[Card]:
    if "home_featured" not in g:
        g.home_featured = listing.read_cards(Filters(featured=True, sort_by="popularity"), page_size=FEATURED)
    return g.home_featured


def _tops() -> list[Any]:
    return [node for node in categories.counted_tree() if node.product_count]


def _categories(chosen: Section, newest: list[Card]) -> Section | None:
    """Those with something in them; without a picture of its own a category wears one of its products'."""
    tops = _tops()[:CATEGORIES]
    worn = listing.pictures_in(node.id for node in tops if not node.image_key)
    shown = [
        {
            "name": node.name,
            "url": url_for("shop.category", slug=node.slug),
            "count": node.product_count,
            "image": _picture_of(node.image_key) or worn.get(node.id),
        }
        for node in tops
    ]
    return {"categories": shown} if shown else None


def _picture_of(key: str) -> View | None:
    return images.view_of(key, 800, 800, "", ()) if key else None


def _reduced(chosen: Section, newest: list[Card]) -> Section | None:
    found = listing.read_cards(Filters(on_sale=True, sort_by="popularity"), page_size=REDUCED)
    return {"products": found} if found else None


def _voices(chosen: Section, newest: list[Card]) -> Section | None:
    found = reviews.voices(VOICES)
    said = shown_reviews(review for review, _name, _slug in found)
    voices = [
        {**one, "product": name, "url": url_for("shop.product", slug=slug)}
        for one, (_review, name, slug) in zip(said, found, strict=True)
    ]
    return {"voices": voices} if voices else None


def _words(chosen: Section, newest: list[Card]) -> Section | None:
    paragraphs = [part.strip() for part in chosen.get("text", "").split("\n\n") if part.strip()]
    if not paragraphs and not chosen.get("title"):
        return None
    return {
        "paragraphs": paragraphs,
        "url": chosen.get("link") or "",
        "label": chosen.get("label") or _("Read more"),
    }


def _invitation(chosen: Section, newest: list[Card]) -> Section:
    plain = _("News and offers by e-mail, until you unsubscribe. You confirm by a mail first.")
    return {
        "title": chosen.get("title") or _("Newsletter"),
        "text": chosen.get("text") or plain,
        "url": url_for("shop.newsletter"),
        "label": chosen.get("label") or _("Subscribe"),
    }  # fmt: skip


def _picture(chosen: Section, newest: list[Card]) -> Section | None:
    words, picture = _words(chosen, newest), chosen.get("picture")
    if words is None and not picture:
        return None
    image = View(picture, 1200, 900, "", full=picture) if picture else None
    return {"paragraphs": [], "url": "", **(words or {}), "image": image}


def _promises(chosen: Section, newest: list[Card]) -> Section | None:
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
    return {"promises": promises}


_FILLED: dict[str, Callable[[Section, list[Card]], Section | None]] = {
    "hero": _hero,
    "categories": _categories,
    "featured": lambda chosen, newest: {"products": found} if (found := _featured()) else None,
    "newest": lambda chosen, newest: {"products": newest},
    "sale": _reduced,
    "promises": _promises,
    "reviews": _voices,
    "newsletter": _invitation,
    "text": _words,
    "picture": _picture,
}
