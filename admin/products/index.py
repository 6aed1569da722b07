"""The list of products."""

from typing import Any

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.lists import (
    Filter,
    chips,
    choice_arg,
    here,
    listing,
    page_arg,
    page_url,
    size_arg,
    sort_heads,
    tabs,
    text_arg,
)
from admin.wording import STOCK, badge, options
from kit.actor import Role
from kit.i18n import _, _n, pgettext
from kit.ids import parse_id
from models.catalog import Product, StockStatus
from services.catalog import bulk, categories, images, staff_list, tags
from services.catalog.staff_list import SORTS, StaffFilter
from web.access import allow
from web.auth import actor
from web.filters import money, number
from web.htmx import go_to, safe_next

VIEWS = {"active": True, "draft": False, "sold_out": None}


@bp.get("/products")
@allow(Role.STAFF)
def products() -> Response:
    view, q = choice_arg("view", VIEWS), text_arg("q")
    sort = choice_arg("sort", SORTS, "created")
    descending = request.args.get("dir") == "desc" or "sort" not in request.args
    filters = [
        Filter("stock", _("Stock"), options(STOCK)),
        Filter(
            "category",
            _("Category"),
            {str(node.id): node.name for node in categories.flat(categories.tree(include_inactive=True))},
        ),
        Filter("tag", _("Tag"), {str(tag.id): tag.name for tag in tags.list_tags()}),
    ]
    found = staff_list.list_for_staff(
        _wanted(view, q, *(one.value for one in filters)), sort=sort, descending=descending,
        page=page_arg(), page_size=size_arg(),
    )  # fmt: skip
    applied = chips(filters, q)
    return page(
        "admin/products/index.html",
        products=listing(found, _row),
        views=_views(view),
        view=view,
        q=q,
        filter_fields=[one.shown() for one in filters if one.options],
        chips=applied,
        page_url=page_url,
        clear_url=url_for("admin.products", **({"view": view} if view else {})),
        action=url_for("admin.products"),
        filtered=bool(applied or view),
        back=here(page=request.args.get("page")),
        sort=request.args.get("sort", ""),
        dir=request.args.get("dir", ""),
        head=sort_heads(_columns(), sort, descending),
    )


def _columns() -> list[tuple[str, str, dict[str, Any]]]:
    return [("name", _("Product"), {}), ("", _("Status"), {}), ("stock", _("Stock"), {}),
            ("", _("Category"), {"opt": True}), ("price", _("Price"), {"num": True})]  # fmt: skip


def _wanted(view: str, q: str, stock: str, category: str, tag: str) -> StaffFilter:
    chosen = StockStatus.OUT_OF_STOCK if view == "sold_out" else StockStatus(stock) if stock else None
    return StaffFilter(search=q, is_active=True if view == "sold_out" else VIEWS.get(view), stock=chosen,
                       category_id=parse_id(category), tag_id=parse_id(tag))  # fmt: skip


def _views(current: str) -> list[dict[str, Any]]:
    counts = staff_list.counts()
    return tabs(
        (
            ("", _("All"), counts["all"]),
            ("active", pgettext("products", "Active"), counts["active"]),
            ("draft", _("Drafts"), counts["draft"]),
            ("sold_out", _("Sold out"), counts["sold_out"]),
        ),
        current,
    )


def _row(product: Product) -> dict[str, Any]:
    price = money(product.price_from)
    if product.price_to > product.price_from:
        price = _("from %(price)s", price=price)
    on_sale = product.sale_price_from is not None
    return {
        "id": product.id,
        "name": product.name,
        "note": product.sku or "",
        "url": url_for("admin.show_product", product_id=product.id, back=here(page=request.args.get("page"))),
        "image": images.view(product.images[0] if product.images else None),
        "status": (_("Active"), "good") if product.is_active else (_("Draft"), "neutral"),
        "stock": stock_text(product),
        "stock_low": product.stock_status in (StockStatus.LOW_STOCK, StockStatus.OUT_OF_STOCK),
        "category": ", ".join(category.name for category in product.categories[:2]),
        "price": money(product.sale_price_from) if on_sale else price,
        "compare_price": price if on_sale else "",
    }


def stock_text(product: Product) -> str:
    """`12 in 3 variants`, in words where there is no number."""
    if not product.track_stock:
        return _("Not counted")
    if product.stock_status is StockStatus.OUT_OF_STOCK or product.stock_status is StockStatus.ON_BACKORDER:
        return badge(STOCK, product.stock_status)[0]
    count = number(product.stock_quantity)
    if product.variant_count:
        return _n(
            "%(count)s in %(num)d variant",
            "%(count)s in %(num)d variants",
            product.variant_count,
            count=count,
        )
    return _("%(count)s, low", count=count) if product.stock_status is StockStatus.LOW_STOCK else count


@bp.post("/products/bulk")
@allow(Role.MANAGER)
def bulk_products() -> Response:
    """Show the ticked ones in the shop, or make drafts of them."""
    ids = [ident for text in request.form.getlist("ids") if (ident := parse_id(text))]
    wish = {"activate": True, "draft": False}.get(request.form.get("action", ""))
    back = go_to(safe_next(request.form.get("back"), url_for("admin.products")))
    if wish is None or not ids:
        flash(_("Tick some products first."), "error")
        return back
    count = bulk.set_active(ids, wish, actor=actor())
    done = _n("%(num)d product is in the shop now.", "%(num)d products are in the shop now.", count) if wish else \
        _n("%(num)d product is a draft now.", "%(num)d products are drafts now.", count)  # fmt: skip
    flash(done, "success")
    return back
