"""A product as a row of the list: its columns, its texts, and the row that is being edited."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from admin.wording import STOCK, badge
from kit import clock
from kit.i18n import _, _n, mark
from models.catalog import Product, StockStatus
from services.catalog import images
from services.catalog.cells import RowResult, cells_of_list
from web.filters import ago, money, number
from web.lists import sort_heads

State = Mapping[str, str]  # what the list's address says, see filters.state_of

# In the order of the table. The first column, the name, is always there.
COLUMNS: dict[str, tuple[str, dict[str, bool]]] = {
    "status": (mark("Status"), {}),
    "stock": (mark("Stock"), {}),
    "category": (mark("Category"), {"opt": True}),
    "brand": (mark("Brand"), {"opt": True}),
    "sku": (mark("SKU"), {"opt": True}),
    "sold": (mark("Sold"), {"num": True, "opt": True}),
    "created": (mark("Added"), {"opt": True}),
    "updated": (mark("Changed"), {"opt": True}),
    "price": (mark("Price"), {"num": True}),
}
DEFAULT = ("status", "stock", "category", "price")


def columns(state: State) -> list[str]:
    named = state.get("cols", "").split(",")
    return [key for key in COLUMNS if key in named] or list(DEFAULT)


def place(state: State, **changes: Any) -> str:
    """The list's address, on the page where one is."""
    return url_for("admin.products", **{**state, **changes})


def column_choices(chosen: list[str]) -> list[dict[str, Any]]:
    return [
        {"value": key, "label": _(label), "checked": key in chosen} for key, (label, _look) in COLUMNS.items()
    ]


def head(chosen: list[str], by: str, descending: bool) -> list[dict[str, Any]]:
    heads = [("name", _("Product"), {}), *((key, _(COLUMNS[key][0]), COLUMNS[key][1]) for key in chosen)]
    return sort_heads(heads, by, descending)


def labels(chosen: list[str]) -> list[str]:
    return [_("Product"), *(_(COLUMNS[key][0]) for key in chosen)]


def row(product: Product, state: State) -> dict[str, Any]:
    """`cells`: what is shown in each chosen column."""
    back = place(state)
    return {
        "id": product.id,
        "name": product.name,
        "note": "" if "sku" in columns(state) else product.sku or "",
        "url": url_for("admin.show_product", product_id=product.id, back=back),
        "edit_url": place(state, edit=product.id, _anchor=f"row-{product.id}"),
        "row_url": url_for("admin.show_row", product_id=product.id, **state),
        "back": back,
        "state": urlencode(state),
        "image": images.view(product.images[0] if product.images else None),
        "status": status_of(product),
        "stock": stock_text(product),
        "stock_low": product.stock_status in (StockStatus.LOW_STOCK, StockStatus.OUT_OF_STOCK),
        "has_variants": bool(product.variant_count),
        "is_archived": product.archived_at is not None,
        "cells": [{"name": key, **_cell(product, key)} for key in columns(state)],
        "inputs": cells_of_list(product),
    }


def edited(
    product: Product, state: State, result: RowResult | None = None, sent: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The row with fields for price and stock; after a refusal with what was typed and what is wrong with it."""
    shown = row(product, state)
    seen = shown["inputs"]
    result = result or RowResult(product.id, None)
    fields = {
        name: {"value": (sent or seen).get(name, value), "seen": value, "error": result.errors.get(name, "")}
        for name, value in seen.items()
    }
    others = [text for name, text in result.errors.items() if name not in fields]
    return {**shown, "fields": fields, "error": " ".join(others), "now": result.now, "first": "price"}


def status_of(product: Product) -> tuple[str, str]:
    if product.archived_at is not None:
        return _("Archived"), "neutral"
    if product.is_active:
        return _("Active"), "good"
    if product.publish_at is not None and product.publish_at > clock.now():
        return _("Scheduled"), "info"
    return _("Draft"), "neutral"


def _cell(product: Product, key: str) -> dict[str, Any]:
    if key == "price":
        regular = money(product.price_from)
        if product.price_to > product.price_from:
            regular = _("from %(price)s", price=regular)
        on_sale = product.is_on_sale()
        return {
            "text": money(product.sale_price_from) if on_sale else regular,
            "was": regular if on_sale else "",
        }
    texts = {
        "category": lambda: ", ".join(category.name for category in product.categories[:2]),
        "brand": lambda: product.brand,
        "sku": lambda: product.sku or "",
        "sold": lambda: number(product.sold_count),
        "created": lambda: ago(product.created_at),
        "updated": lambda: ago(product.updated_at),
    }
    return {"text": texts[key]() if key in texts else "", **COLUMNS[key][1]}


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
