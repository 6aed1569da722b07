"""What a visitor looked at lately. The browser keeps the list by itself and asks for the cards; the shop keeps
nothing of it, and no page that is kept for everybody knows it."""

from flask import Response, redirect, request, url_for

from kit.ids import parse_id
from services.catalog import listing
from services.catalog.listing import Filters
from shop import bp
from shop.cards import cards
from web.access import PUBLIC, allow
from web.htmx import render, wants_fragment

MOST = 8


@bp.get("/seen")
@allow(PUBLIC)
def seen() -> Response:
    """Cards of the products that the address names, in its order; those that are gone are left out."""
    if not wants_fragment():
        return redirect(url_for("shop.products"))  # type: ignore[return-value]
    ids = [ident for text in request.args.getlist("id")[: 2 * MOST] if (ident := parse_id(text)) is not None]
    found = (
        {card.id: card for card in listing.read_cards(Filters(product_ids=tuple(ids)), page_size=2 * MOST)}
        if ids
        else {}
    )
    shown = [found[ident] for ident in dict.fromkeys(ids) if ident in found][:MOST]
    response = render("shop/catalog/_seen.html", products=cards(shown))
    response.headers["Cache-Control"] = "private, max-age=60"
    return response
