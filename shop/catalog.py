"""Lists of products: all of them, a category's, what a search finds. One page for all three."""

from typing import Any

from flask import Response, redirect, request, url_for

from kit.actor import GUEST
from kit.errors import NotFound
from kit.html import plain_text
from kit.i18n import _
from services import search as finder
from services.catalog import addresses, categories, listing
from services.catalog.listing import Filters
from shop import bp, seo
from shop.cards import cards
from shop.listing_view import KNOWN, QUERY_MAX, Asked, listing_context, read_asked
from web.access import PUBLIC, allow
from web.cache import cached_page
from web.htmx import render

POPULAR = 4


@bp.get("/products")
@allow(PUBLIC)
@cached_page(*KNOWN)
def products() -> Response:
    asked = read_asked(Filters())
    heading = _("Our favourites") if asked.filters.featured else _("All products")
    trail = [(_("Home"), url_for("shop.home")), (_("All products"), url_for("shop.products"))]
    return _list_page(asked, heading=heading, trail=trail)


@bp.get("/categories/<slug>")
@allow(PUBLIC)
@cached_page(*KNOWN)
def category(slug: str) -> Response:
    """A category that has moved answers with its new address."""
    try:
        node = categories.get_node(slug, actor=GUEST)
    except NotFound:
        if moved := addresses.find_moved("category", slug):
            return redirect(url_for("shop.category", slug=moved), 301)  # type: ignore[return-value]
        raise
    if node.slug != slug:  # an id opens it, but it has one address
        return redirect(url_for("shop.category", slug=node.slug), 301)  # type: ignore[return-value]
    path = categories.path_to(node.id)
    trail = [
        (_("Home"), url_for("shop.home")),
        *((n.name, url_for("shop.category", slug=n.slug)) for n in path),
    ]
    children = [{"label": c.name, "url": url_for("shop.category", slug=c.slug)} for c in node.children]
    intro = plain_text(node.description)
    return _list_page(
        read_asked(Filters(category_id=node.id)), heading=node.name, trail=trail, intro=intro, children=children,
        page_title=node.meta_title, page_description=node.meta_description or intro[:300],
    )  # fmt: skip


@bp.get("/search")
@allow(PUBLIC)
@cached_page(*KNOWN)
def search() -> Response:
    q = " ".join(request.args.get("q", "").split())[:QUERY_MAX]
    default = "relevance" if q else "newest"
    asked = read_asked(Filters(search=q), default)
    heading = _("Results for “%(query)s”", query=q) if q else _("Search")
    trail = [(_("Home"), url_for("shop.home")), (_("Search"), url_for("shop.search"))]
    return _list_page(asked, heading=heading, trail=trail, q=q, default_sort=default)


def _list_page(
    asked: Asked, *, heading: str, trail: list[tuple[str, str]], q: str | None = None, default_sort: str = "newest",
    **more: Any,
) -> Response:  # fmt: skip
    context = listing_context(asked, action=request.path, q=q, default_sort=default_sort)
    results = context["results"]
    if asked.page > max(1, results["pages"]):
        raise NotFound(_("There is no such page."))
    if not results["total"] and not asked.is_narrowed:
        context |= _help(q)
    about = seo.meta(
        params={"page": asked.page if asked.page > 1 else None, "q": q},
        indexed=q is None and not asked.is_narrowed and asked.sort == default_sort,
        data=[seo.breadcrumbs(trail)],
    )
    return render("shop/catalog/listing.html", "shop/catalog/_answer.html", heading=heading, trail=trail, seo=about,
                  **context, **more)  # fmt: skip


def _help(q: str | None) -> dict[str, Any]:
    """A way on for who found nothing: another spelling, and what others buy."""
    better = finder.correct(q) if q else None
    popular = listing.read_cards(Filters(sort_by="popularity"), page_size=POPULAR)
    suggestion = {"text": better, "url": url_for("shop.search", q=better)} if better else None
    return {"suggestion": suggestion, "popular": cards(popular)}
