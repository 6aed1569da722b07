"""What stands around every storefront page: menu, footer, languages, and the visitor's own corner."""

import secrets
from typing import Any

from flask import Flask, Response, g, request, url_for
from werkzeug.local import LocalProxy

from kit.cache import Cache
from kit.i18n import LANGUAGES, _, current_locale
from services import pages
from services.catalog import categories
from services.catalog.categories import Node
from shop import bp
from shop.branding import is_branded
from web.access import PUBLIC, allow
from web.apart import is_apart
from web.htmx import go_to, render, safe_next
from web.visitor import visitor

YEAR = 365 * 24 * 3600
_kept = Cache(1_000)


def page(template: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """A page that is not kept: it knows who is looking. Who it is is asked only where the template says it."""
    return render(template, fragment, status, visitor=LocalProxy(visitor), **context)


# --- menu and footer --------------------------------------------------------------------------------------------


def menu() -> list[dict[str, Any]]:
    """The first two floors of the category tree."""
    if g.get("store") is None:
        return []
    key = ("menu", g.store.id, g.store.catalog_version, current_locale())
    links = _kept.remember(
        key, lambda: [(_link(top), [_link(n) for n in top.children]) for top in categories.tree()]
    )
    path = request.path
    return [
        {
            **_shown(top, path),
            "children": [_shown(link, path) for link in below],
        }
        for top, below in links
    ]


def _link(node: Node) -> tuple[str, str]:
    return node.name, url_for("shop.category", slug=node.slug)


def _shown(link: tuple[str, str], path: str) -> dict[str, Any]:
    label, url = link
    return {"label": label, "url": url, "current": path == url}


def footer_links() -> list[dict[str, str]]:
    """The store's own pages, and where an order can be followed."""
    if g.get("store") is None:
        return []
    key = ("footer", g.store.id, g.store.catalog_version)
    found = _kept.remember(key, lambda: [(page.title, page.slug) for page in pages.list_in_menu()])
    links = [{"label": title, "url": url_for("shop.show_page", slug=slug)} for title, slug in found]
    return [*links, {"label": _("Follow an order"), "url": url_for("shop.track_order")}]


def branding_url() -> str:
    """Where the store's own colours are; empty where it has none."""
    store = g.get("store")
    if not store or not is_branded(store.branding):
        return ""
    # A browser keeps the file under its address: what is tried on has another one, every time.
    return url_for("shop.branding_css", v=secrets.token_hex(4) if is_apart() else store.version)


def init_app(app: Flask) -> None:
    @app.context_processor
    def around() -> dict[str, Any]:
        """Asked only by templates that say them: a fragment has no menu."""
        return {
            "menu": LocalProxy(menu),
            "footer_links": LocalProxy(footer_links),
            "branding_url": branding_url,
        }


@bp.post("/language")
@allow(PUBLIC)
def set_language() -> Response:
    """The visitor's choice, in a cookie; the page is shown again in it."""
    chosen = request.form.get("language", "")
    response = go_to(safe_next(request.form.get("next"), url_for("shop.home")))
    if chosen in LANGUAGES and chosen in g.store.languages:
        response.set_cookie("lang", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return response
