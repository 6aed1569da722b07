"""The list of orders: views, filters and search, all in the address."""

from datetime import date, timedelta
from typing import Any

from flask import Response, request, url_for

from admin import bp
from admin.frame import page
from admin.lists import Filter, chips, choice_arg, here, listing, page_arg, page_url, size_arg, tabs, text_arg
from admin.wording import FULFILMENT, PAYMENT, STATUS, amount, badge, options
from kit.actor import Role
from kit.i18n import _
from models.orders import Order
from services.orders import reading
from services.orders.reading import VIEWS, OrderFilter
from services.reports.periods import start_of
from web.access import allow
from web.filters import moment


@bp.get("/orders")
@allow(Role.STAFF)
def orders() -> Response:
    view, q = choice_arg("view", VIEWS), text_arg("q")
    since, until = _day("since"), _day("until")
    filters = [
        Filter("status", _("Status"), options(STATUS)),
        Filter("payment", _("Payment"), options(PAYMENT)),
        Filter("fulfilment", _("Fulfilment"), options(FULFILMENT)),
    ]
    status, payment, fulfilment = (one.value for one in filters)
    found = reading.list_orders(
        OrderFilter(view=view, status=status, payment_status=payment, fulfillment_status=fulfilment, search=q,
                    since=start_of(since) if since else None,
                    before=start_of(until + timedelta(days=1)) if until else None),
        page=page_arg(), page_size=size_arg(),
    )  # fmt: skip
    dates = {"since": since and _("From %(day)s", day=since.isoformat()),
             "until": until and _("Until %(day)s", day=until.isoformat())}  # fmt: skip
    applied = chips(filters, q, {name: label for name, label in dates.items() if label})
    return page("admin/orders/index.html", orders=listing(found, _row), views=_views(view), view=view, q=q,
                filter_fields=[one.shown() for one in filters], since=since, until=until, chips=applied,
                clear_url=url_for("admin.orders", **({"view": view} if view else {})), action=url_for("admin.orders"),
                page_url=page_url, filtered=bool(applied or view))  # fmt: skip


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None


def _views(current: str) -> list[dict[str, Any]]:
    counts = reading.count_views()
    names = (("", _("All"), None), ("unfulfilled", _("Unfulfilled"), counts["unfulfilled"]),
             ("unpaid", _("Unpaid"), counts["unpaid"]), ("open", _("Open"), counts["open"]))  # fmt: skip
    return tabs(names, current)


def _row(order: Order) -> dict[str, Any]:
    back = here(page=request.args.get("page"))
    return {
        "id": order.id, "number": order.order_number, "url": url_for("admin.show_order", order_id=order.id, back=back),
        "when": moment(order.placed_at, "short"), "iso": order.placed_at.isoformat() if order.placed_at else "",
        "customer": order.customer_name or order.email, "total": amount(order.total, order.currency),
        "payment": badge(PAYMENT, order.payment_status), "fulfilment": badge(FULFILMENT, order.fulfillment_status),
        "status": badge(STATUS, order.status), "count": sum(item.quantity for item in order.items),
        "delivery": order.shipping_method,
    }  # fmt: skip
