"""The page of a list: all products, a category's, what a search finds. What it offers where there is nothing."""

from typing import Any

from flask import Response, g, request, url_for

from kit.errors import NotFound
from kit.i18n import _
from services import search as finder
from services.catalog import categories, listing
from services.catalog.listing import Filters
from shop import seo
from shop.cards import cards
from shop.listing_view import Asked, listing_context, ways_back
from web.htmx import render

POPULAR, CATEGORIES = 4, 6


def list_page(
    asked: Asked, *, heading: str, trail: list[tuple[str, str]], q: str | None = None, default_sort: str = "newest",
    **more: Any,
) -> Response:  # fmt: skip
    context = listing_context(asked, action=request.path, q=q, default_sort=default_sort)
    results = context["results"]
    if asked.page > max(1, results["pages"]):
        raise NotFound(_("There is no such page."))
    if not results["total"]:
        context |= _help(asked, q, default_sort)
        g.is_passing = True  # what finds nothing is not worth keeping, and is counted each time
    about = seo.meta(
        params={"page": asked.page if asked.page > 1 else None, "q": q},
        indexed=q is None and not asked.is_narrowed and asked.sort == default_sort,
        data=[seo.breadcrumbs(trail)],
    )
    corrected = finder.correct(q) if q and results["total"] else None
    return render("shop/catalog/listing.html", "shop/catalog/_answer.html", heading=heading, trail=trail, seo=about,
                  corrected=corrected, **context, **more)  # fmt: skip


def _help(asked: Asked, q: str | None, default_sort: str) -> dict[str, Any]:
    """Ways on for who found nothing: one filter less, the whole shop, categories, and what others buy."""
    found: dict[str, Any] = {"ways_back": ways_back(asked, request.path, q, default_sort)}
    if asked.is_narrowed:
        return found
    tops = [node for node in categories.counted_tree() if node.product_count][:CATEGORIES]
    popular = listing.read_cards(Filters(sort_by="popularity"), page_size=POPULAR)
    everywhere = url_for("shop.search", q=q) if q and asked.filters.category_id is not None else None
    return found | {
        "popular": cards(popular),
        "everywhere": everywhere,
        "departments": [{"label": n.name, "url": url_for("shop.category", slug=n.slug)} for n in tops],
    }
