"""The list of orders: views, filters and search, all in the address."""

from typing import Any

from flask import Response, request, url_for

from admin import bp
from admin.files import csv_file
from admin.frame import may, page
from admin.orders import bulk, filters
from admin.saved_views import Builtin, bar, opening
from admin.wording import FULFILMENT, PAYMENT, STATUS, badge
from kit.actor import Role
from kit.i18n import _
from kit.paging import Page
from models.orders import Order
from services.orders import exporting, reading
from web.access import allow
from web.auth import actor
from web.filters import moment, money
from web.lists import listing, page_arg, page_url, size_arg, sort_heads


@bp.get("/orders")
@allow(Role.STAFF)
def orders() -> Response:
    if own := opening("orders"):
        return own
    state = filters.state_of(request.args)
    sort, descending = filters.read_sort(state)
    wanted = filters.read_filter(state)
    found = reading.list_orders(
        wanted, page=page_arg(), page_size=size_arg(), sort=sort, descending=descending
    )
    shown = filters.shown(state)
    return page(
        "admin/orders/index.html",
        orders=_listing(found),
        views=bar("orders", _tabs()),
        q=state.get("q", ""),
        fields=shown.fields,
        more=shown.more,
        state=state,
        since=filters.day(state, "since"),
        until=filters.day(state, "until"),
        kept={name: state[name] for name in ("view", "sort", "dir", "size", "saved", "product") if name in state},
        chips=shown.chips,
        clear_url=url_for("admin.orders", view=wanted.view or "all"),
        export_url=url_for("admin.export_orders", **{k: v for k, v in state.items() if k in filters.NAMES}),
        place=filters.place({k: v for k, v in state.items() if k in filters.NAMES}).partition("?")[2],
        head=sort_heads(_columns(), sort, descending),
        bulk_actions=bulk.actions() if may(Role.MANAGER) else (),
        page_url=page_url,
        filtered=bool(shown.chips or wanted.view),
    )  # fmt: skip


@bp.get("/orders/export")
@allow(Role.STAFF)
def export_orders() -> Response:
    """What the list shows now, all pages of it."""
    wanted = filters.read_filter(filters.state_of(request.args))
    pieces = exporting.export_orders(wanted, actor=actor())
    return csv_file("orders", pieces)


def _columns() -> list[tuple[str, str, dict[str, Any]]]:
    return [("order_number", _("Order"), {}), ("placed_at", _("Date"), {}), ("customer_name", _("Customer"), {}),
            ("total", _("Total"), {"num": True}), ("", _("Payment"), {}), ("", _("Fulfilment"), {}),
            ("", _("Items"), {"num": True, "opt": True}), ("", _("Delivery"), {"opt": True})]  # fmt: skip


def _tabs() -> tuple[Builtin, ...]:
    counts = reading.count_views()
    return (
        Builtin(_("All")),
        Builtin(_("Unfulfilled"), (("view", "unfulfilled"),), counts["unfulfilled"]),
        Builtin(_("Unpaid"), (("view", "unpaid"),), counts["unpaid"]),
        Builtin(_("Open"), (("view", "open"),), counts["open"]),
        Builtin(_("Drafts"), (("view", "drafts"),), counts["drafts"]),
        Builtin(_("Archived"), (("view", "archived"),)),
    )


def _listing(found: Page[Order]) -> dict[str, Any]:
    """The tags of all of them by one query."""
    tags = reading.tags_of(found.items)
    back = filters.place(filters.state_of(request.args))
    return listing(found, lambda order: _row(order, tags[order.id], back))


def _row(order: Order, tags: list[str], back: str) -> dict[str, Any]:
    return {
        "id": order.id, "number": order.order_number, "url": url_for("admin.show_order", order_id=order.id, back=back),
        "when": moment(order.placed_at, "short"), "iso": order.placed_at.isoformat() if order.placed_at else "",
        "customer": order.customer_name or order.email, "total": money(order.total, order.currency),
        "payment": badge(PAYMENT, order.payment_status), "fulfilment": badge(FULFILMENT, order.fulfillment_status),
        "status": badge(STATUS, order.status), "count": sum(item.quantity for item in order.items),
        "delivery": order.shipping_method, "tags": tags, "on_hold": order.is_on_hold,
        "is_draft": order.placed_at is None, "by_staff": order.channel == "staff",
    }  # fmt: skip
