"""The chosen products as a spreadsheet: rows of products and variants, the columns one wants, one save for all."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request

from admin import bp
from admin.frame import page
from admin.products.chosen import Chosen, read_chosen
from admin.products.shown import label_of
from forms.base import canonical_number
from kit.actor import Role
from kit.i18n import _, _n, mark
from kit.ids import parse_id
from models.catalog import Product, Variant
from services.catalog import cells
from services.catalog.cells import Cell, RowChange, RowResult
from web.access import allow
from web.auth import actor
from web.htmx import go_to

GRID_MAX = 5000  # products, page by page
PER_PAGE = 50  # products; their variants come on top
ROWS_MAX = cells.AT_ONCE
# The kind of its field; ticks are a choice of yes and no, so that they can be pasted.
COLUMNS: dict[str, tuple[str, str]] = {
    "name": (mark("Name"), "text"),
    "sku": (mark("SKU"), "text"),
    "price": (mark("Price"), "decimal"),
    "sale_price": (mark("Sale price"), "decimal"),
    "stock_quantity": (mark("Stock"), "numeric"),
    "is_active": (mark("Shown"), "tick"),
    "brand": (mark("Brand"), "text"),
    "barcode": (mark("Barcode"), "text"),
    "cost_price": (mark("Cost"), "decimal"),
    "weight": (mark("Weight (kg)"), "decimal"),
    "is_featured": (mark("Featured"), "tick"),
}
DEFAULT = ("name", "sku", "price", "sale_price", "stock_quantity", "is_active")
_NUMBERS = {name for name, (_label, kind) in COLUMNS.items() if kind == "decimal"}
Key = tuple[UUID, UUID | None]


@bp.post("/products/grid")
@allow(Role.MANAGER)
def edit_grid() -> Response:
    chosen = read_chosen(GRID_MAX)
    if not chosen.things:
        flash(_("Tick some products first."), "error")
        return go_to(chosen.back)
    return _grid(chosen, {})


@bp.post("/products/grid/save")
@allow(Role.MANAGER)
def save_grid() -> Response:
    """Good rows are saved; a bad one is named in its cells and keeps what was typed."""
    chosen = read_chosen(GRID_MAX)
    changes = _changes()
    results = {(one.product_id, one.variant_id): one for one in cells.change_rows(changes, actor=actor())}
    return _grid(chosen, results, {(one.product_id, one.variant_id): one for one in changes})


def _changes() -> list[RowChange]:
    """The rows in which something is not as it was seen."""
    found = []
    for n in range(ROWS_MAX):
        product_id, _colon, variant_id = request.form.get(f"r{n}", "").partition(":")
        ident = parse_id(product_id)
        if ident is None:
            break
        row = {name: _cell(n, name) for name in COLUMNS if f"{n}.{name}" in request.form}
        changed = {name: cell for name, cell in row.items() if cell.wanted != cell.seen}
        if changed:
            found.append(RowChange(ident, parse_id(variant_id), changed))
    return found


def _cell(n: int, name: str) -> Cell:
    typed = request.form.get(f"{n}.{name}", "").strip()
    return Cell(
        request.form.get(f"{n}.{name}.seen", ""), canonical_number(typed) if name in _NUMBERS else typed
    )


# --- how it is shown -------------------------------------------------------------------------------------------------


def _grid(
    chosen: Chosen, results: dict[Key, RowResult], changes: dict[Key, RowChange] | None = None
) -> Response:
    ids = [ident for ident, _name in chosen.things]
    number, pages = _page_of(len(ids))
    products = cells.list_grid(ids[(number - 1) * PER_PAGE : number * PER_PAGE])
    rows = [row for product in products for row in _rows(product, results, changes or {})][:ROWS_MAX]
    bad = [one for one in results.values() if one.errors]
    saved = [one for one in results.values() if one.is_changed]
    columns = _columns()
    return page(
        "admin/products/grid.html",
        status=(409 if any(one.now for one in bad) else 422) if bad else 200,
        chosen=chosen,
        columns=[{"name": name, "label": _(COLUMNS[name][0]), "kind": COLUMNS[name][1]} for name in columns],
        choices=[{"value": name, "label": _(label), "checked": name in columns} for name, (label, _kind) in
                 COLUMNS.items()],
        rows=rows,
        place=number,
        pages=pages,
        total=len(ids),
        done=_n("%(num)d row is saved.", "%(num)d rows are saved.", len(saved)) if saved else "",
        refused=_n("%(num)d row was refused.", "%(num)d rows were refused.", len(bad)) if bad else "",
        is_tried=changes is not None,
        undo=_undo(saved, products),
    )  # fmt: skip


def _columns() -> list[str]:
    named = request.form.getlist("columns")
    return [name for name in COLUMNS if name in named] or list(DEFAULT)


def _page_of(total: int) -> tuple[int, int]:
    pages = max(1, -(-total // PER_PAGE))
    text = request.form.get("go") or request.form.get("grid_page", "")
    return (
        min(max(int(text), 1), pages) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    ), pages


def _rows(
    product: Product, results: dict[Key, RowResult], changes: dict[Key, RowChange]
) -> list[dict[str, Any]]:
    lines: Sequence[tuple[Product | Variant, Key, str]] = [
        (product, (product.id, None), product.name),
        *((v, (product.id, v.id), label_of(v) or v.sku or "–") for v in product.variants),
    ]
    return [_row(line, key, label, results.get(key), changes.get(key)) for line, key, label in lines]


def _row(
    line: Product | Variant, key: Key, label: str, result: RowResult | None, change: RowChange | None
) -> dict[str, Any]:
    standing = cells.cells_of(line)
    errors = result.errors if result else {}
    typed = {name: cell.wanted for name, cell in change.cells.items()} if change and errors else {}
    now = result.now if result else {}
    return {
        "key": f"{key[0]}:{key[1] or ''}",
        "label": label,
        "is_variant": key[1] is not None,
        "cells": {name: {"value": typed.get(name, value), "seen": value, "error": errors.get(name, ""),
                         "now": now.get(name)} for name, value in standing.items()},
        "error": " ".join(text for name, text in errors.items() if name not in standing),
        "is_saved": bool(result and result.is_changed),
    }  # fmt: skip


def _undo(saved: Sequence[RowResult], products: Sequence[Product]) -> list[tuple[str, str]]:
    """The form that puts the saved cells back: what was there before, against what stands there now."""
    lines: dict[Key, Product | Variant] = {}
    for product in products:
        lines[product.id, None] = product
        lines |= {(product.id, variant.id): variant for variant in product.variants}
    fields = []
    known = [one for one in saved if (one.product_id, one.variant_id) in lines]
    for n, one in enumerate(known):
        standing = cells.cells_of(lines[one.product_id, one.variant_id])
        fields.append((f"r{n}", f"{one.product_id}:{one.variant_id or ''}"))
        for name, old in one.before.items():
            fields += [(f"{n}.{name}", old), (f"{n}.{name}.seen", standing.get(name, ""))]
    return fields
