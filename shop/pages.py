"""The store's own pages: terms, privacy, delivery, about."""

from flask import Response, redirect, url_for

from kit.errors import NotFound
from kit.html import plain_text
from kit.i18n import _
from services import page_versions, pages
from services.catalog import addresses
from shop import bp, seo
from shop.frame import page
from web.access import PUBLIC, allow
from web.cache import cached_page
from web.htmx import render


@bp.get("/pages/<slug>")
@allow(PUBLIC)
@cached_page()
def show_page(slug: str) -> Response:
    found = pages.find_page(slug)
    if found is None:
        if moved := addresses.find_moved("page", slug):
            return redirect(url_for("shop.show_page", slug=moved), 301)  # type: ignore[return-value]
        raise NotFound(_("There is no page at this address."))
    words = pages.spoken(found)
    trail = [(_("Home"), url_for("shop.home")), (words.title, url_for("shop.show_page", slug=found.slug))]
    shown = {
        "title": words.title,
        "page_title": words.meta_title,
        "body_html": words.content,
        "description": words.meta_description or plain_text(words.content)[:300],
    }
    return render(
        "shop/pages/page.html", entry=shown, trail=trail, seo=seo.meta(data=[seo.breadcrumbs(trail)])
    )


@bp.get("/pages/preview/<token>")
@allow(PUBLIC)
def preview_page(token: str) -> Response:
    """A page that is not published, or not even saved, for whoever has the link of today. Kept by nobody."""
    words = pages.spoken(page_versions.read_preview(token))
    shown = {
        "title": words.title,
        "page_title": words.meta_title,
        "body_html": words.content,
        "description": words.meta_description,
        "is_preview": True,
    }
    response = page(
        "shop/pages/page.html", entry=shown, trail=[(_("Home"), url_for("shop.home")), (words.title, "")]
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
