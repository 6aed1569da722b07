"""Price and stock changed in the list itself: one row, with what was seen in its cells."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, request

from admin import bp
from admin.frame import may, page
from admin.products import filters, rows
from forms.base import canonical_number
from kit.actor import Role
from kit.errors import NotFound
from kit.i18n import _
from models.catalog import Product
from services.catalog import cells, staff_list
from services.catalog.cells import Cell, RowChange, RowResult
from web.access import allow
from web.auth import actor
from web.htmx import go_to, wants_fragment

FIELDS = ("price", "stock_quantity")


@bp.get("/products/<uuid:product_id>/row")
@allow(Role.STAFF)
def show_row(product_id: UUID) -> Response:
    """One row of the list, with fields when `edit` is asked for; a whole page asks for the list."""
    product, state = _product(product_id), filters.state_of(request.args)
    if not wants_fragment():
        return go_to(rows.place(state))
    may_edit = request.args.get("edit") == "1" and may(Role.MANAGER) and product.archived_at is None
    return page(
        "admin/products/_row.html", p=rows.edited(product, state) if may_edit else rows.row(product, state)
    )


@bp.post("/products/<uuid:product_id>/cells")
@allow(Role.MANAGER)
def save_cells(product_id: UUID) -> Response:
    product = _product(product_id)
    state = filters.state_in(request.form.get("state", ""))
    sent = {name: request.form[name].strip() for name in FIELDS if name in request.form}
    result = _save(product_id, sent)
    product = _product(product_id)
    if result.errors:
        return _refused(product, state, result, sent)
    done = _("“%(name)s” is saved.", name=product.name)
    if not wants_fragment():
        flash(done if result.is_changed else _("Nothing was changed."), "success")
        return go_to(rows.place(state))
    standing = cells.cells_of_list(product)
    undo = {
        name: {"wanted": old, "seen": standing[name]}
        for name, old in result.before.items()
        if name in standing
    }
    return page("admin/products/_row_saved.html", p=rows.row(product, state), done=done, undo=undo)


def _save(product_id: UUID, sent: Mapping[str, str]) -> RowResult:
    wanted = {
        name: Cell(request.form.get(f"{name}_seen", ""), canonical_number(text))
        for name, text in sent.items()
    }
    (result,) = cells.change_rows([RowChange(product_id, None, wanted)], actor=actor())
    return result


def _refused(product: Product, state: rows.State, result: RowResult, sent: Mapping[str, str]) -> Response:
    """The row again, with what was typed; without scripts in a table of its own."""
    template = "admin/products/_row.html" if wants_fragment() else "admin/products/row.html"
    return page(
        template, status=409 if result.now else 422, p=rows.edited(product, state, result, sent),
        head=rows.labels(rows.columns(state)),
    )  # fmt: skip


def _product(product_id: UUID) -> Product:
    product = staff_list.one_for_staff(product_id)
    if product is None:
        raise NotFound(_("There is no such product."))
    return product
