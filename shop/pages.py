"""The store's own pages: terms, privacy, delivery, about."""

from flask import Response, redirect, url_for

from kit.errors import NotFound
from kit.html import plain_text
from kit.i18n import _
from services import pages
from services.catalog import addresses
from shop import bp, seo
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
    trail = [(_("Home"), url_for("shop.home")), (found.title, url_for("shop.show_page", slug=found.slug))]
    shown = {
        "title": found.title,
        "page_title": found.meta_title,
        "body_html": found.content,
        "description": found.meta_description or plain_text(found.content)[:300],
    }
    return render(
        "shop/pages/page.html", entry=shown, trail=trail, seo=seo.meta(data=[seo.breadcrumbs(trail)])
    )
