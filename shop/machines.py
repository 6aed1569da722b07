"""What machines read: robots.txt and the sitemaps."""

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from flask import Response, g, url_for

from kit.errors import NotFound
from kit.i18n import _
from services.catalog import sitemap
from services.catalog.sitemap import Entry
from shop import bp
from shop.seo import absolute
from web.access import PUBLIC, allow

XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
# Pages that are made for one reader and say `noindex`, or none at all. The cart, the checkout and the account may be
# seen by machines, which find an empty one.
PRIVATE = ("/admin", "/api/", "/orders", "/search")


@bp.get("/robots.txt")
@allow(PUBLIC)
def robots() -> Response:
    if not g.store.serves_shoppers:
        return _text("User-agent: *\nDisallow: /\n")
    closed = "".join(f"Disallow: {path}\n" for path in PRIVATE)
    return _text(f"User-agent: *\n{closed}\nSitemap: {absolute('/sitemap.xml')}\n")


def _text(body: str) -> Response:
    response = Response(body, mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@bp.get("/sitemap.xml")
@allow(PUBLIC)
def sitemap_index() -> Response:
    names = ["pages", *(f"products-{n}" for n in range(1, sitemap.count_files() + 1))]
    files = "".join(f"<sitemap><loc>{absolute(f'/sitemap-{name}.xml')}</loc></sitemap>" for name in names)
    return _xml(f"<sitemapindex {XMLNS}>{files}</sitemapindex>")


@bp.get("/sitemap-pages.xml")
@allow(PUBLIC)
def sitemap_pages() -> Response:
    entries: list[tuple[str, datetime | None]] = [("/", None), (url_for("shop.products"), None)]
    entries += [
        (url_for("shop.category", slug=slug), changed) for slug, changed in sitemap.category_entries()
    ]
    entries += [(url_for("shop.show_page", slug=slug), changed) for slug, changed in sitemap.page_entries()]
    return _urls(entries)


@bp.get("/sitemap-products-<int:number>.xml")
@allow(PUBLIC)
def sitemap_products(number: int) -> Response:
    found = sitemap.product_entries(number) if number > 0 else []
    if not found and number != 1:
        raise NotFound(_("There is no page at this address."))
    return _urls([(url_for("shop.product", slug=slug), changed) for slug, changed in found])


def _urls(entries: Iterable[Entry]) -> Response:
    return _xml(f"<urlset {XMLNS}>{''.join(_url(path, changed) for path, changed in entries)}</urlset>")


def _url(path: str, changed: datetime | None) -> str:
    """With the address of every other language of the store."""
    address = escape(absolute(path))
    several = g.store.languages if len(g.store.languages) > 1 else ()
    marks = {code: "" if code == g.store.locale else f"?lang={code}" for code in several}
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{address}{mark}"/>'
        for code, mark in marks.items()
    )
    when = f"<lastmod>{changed.date().isoformat()}</lastmod>" if changed else ""
    return f"<url><loc>{address}</loc>{when}{others}</url>"


def _xml(body: str) -> Response:
    response = Response(f'<?xml version="1.0" encoding="UTF-8"?>{body}', mimetype="application/xml")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
