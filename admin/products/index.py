"""The list of products."""

from typing import Any

from flask import Response, request, url_for

from admin import bp
from admin.frame import page
from admin.products import bulk, filters, rows
from admin.saved_views import Builtin, bar, opening
from kit.actor import Role
from kit.i18n import _, pgettext
from services.catalog import staff_list
from web.access import allow
from web.lists import listing, page_arg, page_url, size_arg


@bp.get("/products")
@allow(Role.STAFF)
def products() -> Response:
    """Its whole state stands in the address. While somebody types, only the rows are answered."""
    if own := opening("products"):
        return own
    state = filters.state_of(request.args)
    sort, descending = filters.read_sort(state)
    found = staff_list.list_for_staff(
        filters.read_filter(state), sort=sort, descending=descending, page=page_arg(), page_size=size_arg()
    )
    shown = filters.shown(state)
    chosen = rows.columns(state)
    view = state.get("view", "") if state.get("view") in filters.VIEWS else ""
    narrowed = bool(shown.chips or view not in ("", "all"))
    return page(
        "admin/products/index.html",
        "admin/products/_answer.html",
        products=listing(found, lambda product: _row(product, state)),
        views=bar("products", _tabs()),
        q=state.get("q", ""),
        fields=shown.fields,
        state=state,
        kept={name: state[name] for name in ("view", "sort", "dir", "size", "saved") if name in state},
        chips=shown.chips,
        clear_url=url_for("admin.products", view=view or "all"),
        filtered=narrowed,
        back=rows.place(state),
        head=rows.head(chosen, sort, descending),
        columns=rows.column_choices(chosen),
        bulk_actions=bulk.actions(),
        page_url=page_url,
    )


def _row(product: Any, state: rows.State) -> dict[str, Any]:
    is_edited = request.args.get("edit") == str(product.id)
    return rows.edited(product, state) if is_edited else rows.row(product, state)


def _tabs() -> tuple[Builtin, ...]:
    counts = staff_list.counts()
    return (
        Builtin(_("All"), (), counts["all"]),
        Builtin(pgettext("products", "Active"), (("view", "active"),), counts["active"]),
        Builtin(_("Drafts"), (("view", "draft"),), counts["draft"]),
        Builtin(_("Sold out"), (("view", "sold_out"),), counts["sold_out"]),
        Builtin(_("Archived"), (("view", "archived"),), counts["archived"]),
    )
