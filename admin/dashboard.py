"""The first page: how it goes, and what needs somebody."""

from typing import Any

from flask import Response, request, url_for

from admin import bp
from admin.frame import YEAR, may, page
from admin.wording import METHODS, STATUS, badge, word
from kit.actor import Role
from kit.i18n import _, _n, mark
from kit.money import exponent
from models.orders import Order
from services.catalog import images
from services.reports import dashboard, setup
from services.reports.periods import PERIODS, Span, span_of
from web.access import allow
from web.figures import change, round_amount, trend
from web.filters import ago, day, money, number
from web.htmx import go
from web.lists import choice_arg, here
from web.tenant import current_store

PERIOD_NAMES = {"7d": mark("7 days"), "30d": mark("30 days"), "12m": mark("12 months")}
SETUP_COOKIE = "admin_setup"
SETUP = {
    "identity": (mark("Say who sells: legal name, address, e-mail"), "admin.store_settings"),
    "product": (mark("Add the first product"), "admin.new_product"),
    "payment": (mark("Choose how customers pay"), "admin.payment_settings"),
    "shipping": (mark("Say where you send to, and for how much"), "admin.shipping_settings"),
    "tax": (mark("Check the tax rates"), "admin.tax_settings"),
    "legal": (mark("Link terms and privacy pages"), "admin.checkout_settings"),
}


@bp.get("/")
@bp.get("")
@allow(Role.STAFF)
def home() -> Response:
    period = choice_arg("period", PERIODS, "30d")
    span = span_of(period)
    numbers, parts = dashboard.stats(), dashboard.breakdown(span)
    return page(
        "admin/dashboard.html",
        period={"value": period, "choices": [
            {"value": key, "label": _(name), "url": here(period=key if key != "30d" else None)}
            for key, name in PERIOD_NAMES.items()]},
        checklist=_checklist(),
        todo=_todo(numbers),
        stats=_kpis(numbers),
        sales=_sales(span, span_of(period, before=True)),
        top_products=_most_sold(span),
        latest_orders=[_latest(order) for order in numbers["latest_orders"]],
        by_status=[_bar(part, badge(STATUS, part.key)[0], number(part.orders), part.orders,
                        url_for("admin.orders", status=part.key)) for part in parts["by_status"]],
        by_method=[_bar(part, word(METHODS, part.key), _money(part.revenue), part.revenue)
                   for part in parts["by_payment_method"]],
        by_category=[_bar(part, part.name, _money(part.revenue), part.revenue) for part in parts["top_categories"]],
    )  # fmt: skip


@bp.post("/setup/dismiss")
@allow(Role.ADMIN)
def dismiss_setup() -> Response:
    response = go("admin.home")
    response.set_cookie(SETUP_COOKIE, "off", max_age=YEAR, path="/admin", samesite="Lax", httponly=True,
                        secure=request.is_secure)  # fmt: skip
    return response


def _money(minor: int) -> str:
    return money(minor, current_store().currency)


def _checklist() -> list[dict[str, Any]] | None:
    if not may(Role.ADMIN) or request.cookies.get(SETUP_COOKIE) == "off":
        return None
    done = setup.progress()
    if all(done.values()):
        return None
    return [
        {"label": _(label), "url": url_for(endpoint), "done": done[key]}
        for key, (label, endpoint) in SETUP.items()
    ]


def _todo(numbers: dict[str, Any]) -> list[dict[str, Any]]:
    """What needs somebody now, each with the list behind it; only what there is, and what one's role can act on."""
    waiting, trouble = dashboard.attention(), setup.troubles()
    lines = [
        ("truck", waiting["to_fulfil"], _n("order to send", "orders to send", waiting["to_fulfil"]),
         url_for("admin.orders", view="unfulfilled"), Role.STAFF),
        ("clock", numbers["pending_orders"],
         _n("order waits for its money", "orders wait for their money", numbers["pending_orders"]),
         url_for("admin.orders", view="unpaid"), Role.STAFF),
        ("star", waiting["reviews"], _n("review to read", "reviews to read", waiting["reviews"]),
         url_for("admin.reviews"), Role.STAFF),
        ("box", numbers["low_stock_products"],
         _n("product is running low", "products are running low", numbers["low_stock_products"]),
         url_for("admin.products", stock="low_stock"), Role.STAFF),
        ("box", numbers["out_of_stock_products"],
         _n("product is sold out", "products are sold out", numbers["out_of_stock_products"]),
         url_for("admin.products", stock="out_of_stock"), Role.STAFF),
        ("alert", trouble["disputes"], _n("disputed payment", "disputed payments", trouble["disputes"]),
         url_for("admin.disputes"), Role.STAFF),
        ("money", trouble["orphans"],
         _n("payment without an order", "payments without an order", trouble["orphans"]),
         url_for("admin.unexpected"), Role.MANAGER),
        ("list", trouble["findings"],
         _n("difference to Stripe's books", "differences to Stripe's books", trouble["findings"]),
         url_for("admin.payment_checks", state="open"), Role.MANAGER),
        ("refresh", trouble["webhooks"],
         _n("message from Stripe failed", "messages from Stripe failed", trouble["webhooks"]),
         url_for("admin.stripe_messages", state="failed"), Role.ADMIN),
        ("bank", trouble["untaxed"],
         _n("country without a tax rule", "countries without a tax rule", trouble["untaxed"]),
         url_for("admin.tax_settings"), Role.ADMIN),
    ]  # fmt: skip
    return [{"icon": icon, "count": count, "label": label, "url": url}
            for icon, count, label, url, least in lines if count and may(least)]  # fmt: skip


def _kpis(n: dict[str, Any]) -> list[dict[str, Any]]:
    percent = n["revenue_change_pct"]
    return [
        {"label": _("Orders today"), "value": number(n["orders_today"]),
         "note": _("%(count)s on this day last week", count=number(n["orders_last_week"])),
         "url": url_for("admin.orders", since=_today(), until=_today())},
        {"label": _("Revenue today"), "value": _money(n["revenue_today"]),
         "note": _("%(amount)s on this day last week", amount=_money(n["revenue_last_week"]))},
        {"label": _("Orders this month"), "value": number(n["orders_this_month"]),
         "url": url_for("admin.orders", since=_today(first=True))},
        {"label": _("Revenue this month"), "value": _money(n["revenue_this_month"]),
         "change": None if percent is None else change(percent),
         "trend": trend(percent), "note": _("than last month by this day")},
        {"label": _("Orders waiting"), "value": number(n["pending_orders"]),
         "url": url_for("admin.orders", status="pending")},
        {"label": _("Active products"), "value": number(n["active_products"]),
         "url": url_for("admin.products", view="active")},
        {"label": _("Customers"), "value": number(n["total_customers"]),
         "url": url_for("admin.customers") if may(Role.MANAGER) else None},
    ]  # fmt: skip


def _today(*, first: bool = False) -> str:
    today = span_of("7d").days[-1]
    return (today.replace(day=1) if first else today).isoformat()


def _sales(span: Span, earlier: Span) -> dict[str, Any]:
    now, before = dashboard.chart(span), dashboard.chart(earlier)
    is_monthly = (span.days[1] - span.days[0]).days > 1
    pattern = "LLL yy" if is_monthly else "d MMM"
    total, total_before = sum(p.revenue for p in now), sum(p.revenue for p in before)
    points = [
        {"label": day(p.date, pattern), "value": p.revenue, "text": _money(p.revenue), "before": b.revenue,
         "before_text": _money(b.revenue)}
        for p, b in zip(now, before, strict=True)
    ]  # fmt: skip
    orders = sum(p.orders for p in now)
    summary = _n(
        "%(amount)s from %(num)d order; before: %(before)s.",
        "%(amount)s from %(num)d orders; before: %(before)s.",
        orders,
        amount=_money(total),
        before=_money(total_before),
    )
    return {"points": points, "total": _money(total), "before_total": _money(total_before), "axis": axis,
            "scale": 10 ** exponent(current_store().currency), "description": summary,
            "head": _("Month") if is_monthly else _("Day")}  # fmt: skip


def axis(minor: int) -> str:
    """In the store's money, without cents."""
    return round_amount(minor, current_store().currency)


def _most_sold(span: Span) -> list[dict[str, Any]]:
    found = dashboard.top_products(span)
    pictures = images.views_of(sold.image_key for sold in found)
    return [
        {
            "name": sold.name,
            "url": url_for("admin.show_product", product_id=sold.product_id),
            "image": pictures.get(sold.image_key),
            "count": number(sold.quantity),
            "revenue": _money(sold.revenue),
        }
        for sold in found
    ]


def _latest(order: Order) -> dict[str, Any]:
    placed = order.placed_at
    return {
        "number": order.order_number,
        "url": url_for("admin.show_order", order_id=order.id),
        "customer": order.customer_name or order.email,
        "total": money(order.total, order.currency),
        "status": badge(STATUS, order.status),
        "when": ago(placed),
        "iso": placed.isoformat() if placed else "",
    }


def _bar(part: dashboard.Part, label: str, text: str, value: int, url: str | None = None) -> dict[str, Any]:
    return {"label": label, "value": max(value, 0), "text": text, "url": url}
