"""Lists of products: all of them, and a category's. What a search finds is the same page, see search.py."""

from flask import Response, redirect, url_for

from kit.actor import GUEST
from kit.errors import NotFound
from kit.html import plain_text
from kit.i18n import _
from services.catalog import addresses, categories
from services.catalog.listing import Filters
from shop import bp
from shop.listing_page import list_page
from shop.listing_view import KNOWN, read_asked
from shop.search import asked_words
from web.access import PUBLIC, allow
from web.cache import cached_page


@bp.get("/products")
@allow(PUBLIC)
@cached_page(*KNOWN)
def products() -> Response:
    asked = read_asked(Filters())
    heading = _("Our favourites") if asked.filters.featured else _("All products")
    trail = [(_("Home"), url_for("shop.home")), (_("All products"), url_for("shop.products"))]
    return list_page(asked, heading=heading, trail=trail)


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
    q = asked_words() or None  # searched within
    default = "relevance" if q else "newest"
    heading = _("Results for “%(query)s” in %(category)s", query=q, category=node.name) if q else node.name
    return list_page(
        read_asked(Filters(category_id=node.id, search=q or ""), default), heading=heading, trail=trail, intro=intro,
        children=children, page_title="" if q else node.meta_title, q=q, default_sort=default,
        page_description=node.meta_description or intro[:300],
    )  # fmt: skip
