"""One product: its pictures, its variants, what it costs and when it comes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, g, redirect, request, url_for

from kit.actor import GUEST
from kit.cache import Cache
from kit.countries import country_name
from kit.errors import NotFound, ShopError
from kit.html import plain_text
from kit.i18n import _
from models.catalog import Product, StockStatus, Variant
from services.catalog import addresses, product_page, products, views
from services.catalog.product_page import ProductPage
from services.promotions import telling
from shop import bp, seo
from shop.cards import cards
from shop.choice import NAMES, Choice, choose
from shop.offer import offer
from shop.review_view import shown_reviews
from shop.wording import kilograms_text
from web.access import PUBLIC, allow
from web.cache import cached_page
from web.htmx import render, wants_fragment
from web.visitor import visitor

_ids = Cache(20_000)  # slug → id, so that a page that is kept can be counted
AVAILABILITY = {
    StockStatus.IN_STOCK: "InStock",
    StockStatus.LOW_STOCK: "LimitedAvailability",
    StockStatus.ON_BACKORDER: "BackOrder",
    StockStatus.OUT_OF_STOCK: "OutOfStock",
}


@bp.get("/products/<slug>", endpoint="product")
@allow(PUBLIC)
def show_product(slug: str) -> Response:
    response = _kept_page(slug=slug)
    product_id = _ids.find((g.store.id, slug))
    if response.status_code in {200, 304} and product_id is not None and not wants_fragment():
        views.count(product_id)
        g.looked_at = product_id
    return response


@cached_page("variant", *NAMES, stock=True)
def _kept_page(slug: str) -> Response:
    """A product that has moved answers with its new address."""
    try:
        found = product_page.read_page(slug, actor=GUEST)
    except NotFound:
        if moved := addresses.find_moved("product", slug):
            return redirect(url_for("shop.product", slug=moved), 301)  # type: ignore[return-value]
        raise
    _ids.remember((g.store.id, slug), lambda: found.product.id)
    choice = choose(found.variants, request.args, request.args.get("variant", ""))
    return render("shop/catalog/product.html", "shop/catalog/_choice.html", **product_context(found, choice))


def product_context(found: ProductPage, choice: Choice, **problem: Any) -> dict[str, Any]:
    row = found.product
    trail = [(_("Home"), url_for("shop.home")),
             *((node.name, url_for("shop.category", slug=node.slug)) for node in found.path),
             (found.words.name, url_for("shop.product", slug=row.slug))]  # fmt: skip
    return {
        "product": _product(found, choice),
        "choice": offer(found, choice, **problem),
        "promotions": telling.told_of(row),
        "trail": trail,
        "reviews": shown_reviews(found),
        "related": cards(found.related),
        "page_title": found.words.meta_title,
        "page_description": found.words.meta_description
        or plain_text(found.words.short_description or found.words.description)[:300],
        "seo": _about(found, trail),
    }


def _product(found: ProductPage, choice: Choice) -> dict[str, Any]:
    row = found.product
    return {
        "id": row.id,
        "name": found.words.name,
        "brand": row.brand,
        "url": url_for("shop.product", slug=row.slug),
        "images": _images(found, choice),
        "summary": plain_text(found.words.short_description),
        "description_html": found.words.description,
        "safety": _safety(row),
        "specs": _specs(row, choice.variant),
        "rating": row.average_rating,
        "review_count": row.review_count,
    }


def _safety(row: Product) -> list[tuple[str, str]]:
    """What EU law on product safety wants to be read before one buys."""
    parts = ((_("Manufacturer"), row.manufacturer), (_("Responsible person in the EU"), row.responsible_person),
             (_("Warnings and safety"), row.safety_text))  # fmt: skip
    return [(label, text) for label, text in parts if text]


def _images(found: ProductPage, choice: Choice) -> list[Any]:
    """The picture of the chosen variant comes first. Of a value that several variants share, the first one's."""
    shown = list(found.images)
    picked = {value.id for value in choice.picked.values()}
    fitting = [
        v for v in found.variants if picked and v.image_id and picked <= {value.id for value in v.values}
    ]
    chosen = (
        choice.variant
        if choice.variant is not None and choice.variant.image_id
        else next(iter(fitting), None)
    )
    if chosen is not None:
        at = next((i for i, row in enumerate(found.product.images) if row.id == chosen.image_id), 0)
        shown.insert(0, shown.pop(at))
    named = [replace(one, alt=one.alt or found.words.name) for one in shown]
    return named


def _specs(row: Product, variant: Variant | None) -> list[tuple[str, str]]:
    weight = variant.weight if variant is not None and variant.weight is not None else row.weight
    specs = [(value.attribute.label, value.label) for value in (variant.values if variant else ())]
    if weight:
        specs.append((_("Weight"), kilograms_text(weight)))
    if row.brand:
        specs.append((_("Brand"), row.brand))
    if row.origin_country:
        specs.append((_("Country of origin"), country_name(row.origin_country)))
    if barcode := (variant.barcode if variant else None) or row.barcode:
        specs.append((_("Barcode (GTIN)"), barcode))
    sku = (variant.sku if variant else None) or row.sku
    return [*specs, (_("SKU"), sku)] if sku else specs


def _about(found: ProductPage, trail: list[tuple[str, str]]) -> dict[str, Any]:
    row = found.product
    prices = [v.current_price for v in found.variants] or [row.current_price]
    data = seo.product(
        name=found.words.name,
        url=url_for("shop.product", slug=row.slug),
        description=plain_text(found.words.short_description or found.words.description)[:1000],
        images=[image.src for image in found.images],
        sku=row.sku,
        low=min(prices),
        high=max(prices),
        offers=len(prices),
        availability=AVAILABILITY[row.stock_status],
        rating=row.average_rating,
        review_count=row.review_count,
    )
    image = found.images[0].src if found.images else None
    return seo.meta(data=[data, seo.breadcrumbs(trail)], image=image, kind="product")


# --- "Add to cart" ------------------------------------------------------------------------------------


def meant(sent: Mapping[str, str]) -> dict[str, str]:
    """The variant that the values in the form add up to; nothing where none are sent."""
    if not any(name in sent for name in NAMES):
        return {}
    product = products.get_product(sent.get("product_id", ""), actor=GUEST)
    choice = choose([v for v in product.variants if v.is_active], sent)
    return {"variant_id": str(choice.variant.id)} if choice.variant else {}


def refused(product_id: str, error: ShopError) -> Response:
    """The product again, with the reason where it belongs: beside the group that was left out, or at the button."""
    product = products.get_product(product_id, actor=GUEST)
    found = product_page.read_page(product.slug, actor=GUEST)
    choice = choose(found.variants, request.form, request.form.get("variant_id", ""))
    insist = bool(choice.missing)
    message = "" if insist else error.message
    if error.errors and not insist and len(error.errors) == 1 and error.errors[0].field == "quantity":
        message = error.message if error.code == "out-of-stock" else error.errors[0].message
    context = product_context(found, choice, error=message, insist=insist)
    status = 409 if error.code in {"out-of-stock", "cart-full"} else 422
    response = render(
        "shop/catalog/product.html", "shop/catalog/_choice.html", status, visitor=visitor(), **context
    )
    if wants_fragment():
        response.headers["HX-Retarget"] = "#buy"
        response.headers["HX-Reswap"] = "outerHTML"
    return response
