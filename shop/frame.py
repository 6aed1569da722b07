"""What stands around every storefront page: menu, footer, languages, and the visitor's own corner."""

import secrets
from typing import Any

from flask import Flask, Response, g, request, url_for
from markupsafe import Markup
from werkzeug.local import LocalProxy

from kit.cache import Cache
from kit.i18n import LANGUAGES, _, current_locale
from models.pages import MenuName
from services import menus
from services.menus import Link
from shop import bp, seo
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
    """What the store put there, else the first two floors of the category tree."""
    if g.get("store") is None:
        return []
    path = request.path
    return [
        {
            **_shown(top, path),
            "children": [_shown(link, path) for link in top.children],
        }
        for top in _links(MenuName.HEADER)
    ]


def _links(name: MenuName) -> tuple[Link, ...]:
    """No query while the catalogue stays as it is."""
    key = (name, g.store.id, g.store.catalog_version, current_locale())
    return _kept.remember(key, lambda: menus.links(name))


VIEWS = {"page": "shop.show_page", "category": "shop.category"}


def _shown(link: Link, path: str) -> dict[str, Any]:
    view = VIEWS.get(link.kind)
    url = url_for(view, slug=link.target) if view else link.target
    return {"label": link.label, "url": url, "current": path == url}


def footer_links() -> list[dict[str, Any]]:
    """What the store put there, else its own pages; and where an order can be followed."""
    if g.get("store") is None:
        return []
    found = [_shown(link, request.path) for top in _links(MenuName.FOOTER) for link in (top, *top.children)]
    return [*found, {"label": _("Follow an order"), "url": url_for("shop.track_order")}]


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
            "own_address": own_address,
        }


def own_address() -> Markup:
    """The link that says where a page lives, for those that tell search engines nothing else (see shop/seo.py)."""
    return Markup('<link rel="canonical" href="{}">').format(seo.absolute(request.path))


@bp.post("/language")
@allow(PUBLIC)
def set_language() -> Response:
    """The visitor's choice, in a cookie; the page is shown again in it."""
    chosen = request.form.get("language", "")
    response = go_to(safe_next(request.form.get("next"), url_for("shop.home")))
    if chosen in LANGUAGES and chosen in g.store.languages:
        response.set_cookie("lang", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return response
