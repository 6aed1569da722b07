"""A draft for whoever has its link: never kept, never indexed, and not counted."""

from flask import Response, redirect, request, url_for

from kit.actor import GUEST
from services.catalog import draft_links, product_page
from shop import bp, seo
from shop.choice import choose
from shop.product_page import product_context
from web.access import PUBLIC, allow
from web.htmx import render


@bp.get("/products/draft/<token>")
@allow(PUBLIC)
def draft_product(token: str) -> Response:
    """Once the product is in the shop, the link leads there."""
    product = draft_links.read(token)
    if product.is_active:
        response: Response = redirect(url_for("shop.product", slug=product.slug), 302)  # type: ignore[assignment]
        return _apart(response)
    found = product_page.read_page(product.slug, actor=GUEST, drafts=True)
    choice = choose(found.variants, request.args, request.args.get("variant", ""))
    context = product_context(found, choice)
    context["product"] |= {"url": url_for("shop.draft_product", token=token), "is_draft": True}
    context["trail"][-1] = (found.words.name, "")
    context["seo"] = seo.meta(indexed=False)
    return _apart(render("shop/catalog/product.html", "shop/catalog/_choice.html", **context))


def _apart(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
