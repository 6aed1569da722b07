"""Reports: sales, products, categories and customers of a period that stands in the address."""

from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any

from flask import Response, request, url_for

from admin import bp
from admin.dashboard import axis
from admin.files import csv_file
from admin.frame import page
from kit.actor import Role
from kit.errors import Invalid, NotFound
from kit.i18n import _, mark
from kit.money import exponent
from services.reports import categories, customers, exports, lines, products, sales
from services.reports.periods import GROUPS, REPORT_PERIODS, Period, Span, period_of, start_of
from services.reports.sales import Sums
from web.access import allow
from web.auth import actor
from web.filters import day, money, number, percent
from web.lists import choice_arg, here
from web.tenant import current_store

PERIOD_NAMES = {
    "today": mark("Today"), "7d": mark("7 days"), "30d": mark("30 days"), "90d": mark("90 days"),
    "12m": mark("12 months"), "this_month": mark("This month"), "last_month": mark("Last month"),
    "this_year": mark("This year"),
}  # fmt: skip
GROUP_NAMES = {"day": mark("By day"), "week": mark("By week"), "month": mark("By month")}
HEADS = {"day": mark("Day"), "week": mark("Week from"), "month": mark("Month")}
PAGES = (("sales", mark("Sales"), "admin.reports"), ("products", mark("Products"), "admin.report_products"),
         ("categories", mark("Categories"), "admin.report_categories"),
         ("customers", mark("Customers"), "admin.report_customers"),
         ("oss", mark("Taxes in the EU"), "admin.report_oss"))  # fmt: skip
JUDGED = 5  # of the numbers of sales, of which more is better
SHOWN = 100  # products on the page; the CSV has all
STATE = ("period", "since", "until", "by")


def _money(minor: int) -> str:
    return money(minor, current_store().currency)


# --- the period -----------------------------------------------------------------------------------------------------


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None


def _asked() -> tuple[Period, str, str]:
    """The period and the grouping that the address names, and what is wrong with them: then the usual ones stand in."""
    name, by = choice_arg("period", REPORT_PERIODS), choice_arg("by", GROUPS)
    since, until = _day("since"), _day("until")
    is_own = name == "custom" or (not name and bool(since or until))
    try:
        bounds: tuple[datetime | None, datetime | None] = (None, None)
        if is_own:
            bounds = (
                start_of(since) if since else None,
                start_of(until + timedelta(days=1)) if until else None,
            )
        period = period_of("custom" if is_own else name or None, *bounds)
        period.span(by or None)
    except (Invalid, OverflowError) as error:
        problem = error.errors[0].message if isinstance(error, Invalid) else _("Is out of range.")
        period = period_of()
        return period, period.group_by, problem
    return period, by or period.group_by, ""


def _frame(kind: str, period: Period, by: str, problem: str, *, groups: bool) -> dict[str, Any]:
    """What stands around every report: where one is, the picker, the way to the CSV."""
    state = {key: value for key in STATE if (value := request.args.get(key))}
    return {
        "kind": kind,
        "tabs": [{"label": _(label), "url": url_for(endpoint, **state), "current": key == kind}
                 for key, label, endpoint in PAGES],
        "picker": {
            "action": url_for(request.endpoint or ""),
            "periods": [_choice(label, key == period.name, period=key, since=None, until=None)
                        for key, label in PERIOD_NAMES.items()],
            "groups": [_choice(label, key == by, by=key) for key, label in GROUP_NAMES.items()] if groups else [],
            "since": period.first.isoformat(), "until": period.last.isoformat(),
            "by": request.args.get("by", ""), "problem": problem,
        },
        "range": f"{day(period.first)} – {day(period.last)}" if period.first != period.last else day(period.first),
        "csv_url": url_for("admin.export_report", type=kind, **state),
        "orders_csv_url": url_for("admin.export_report", type="orders", **state),
    }  # fmt: skip


def _choice(label: str, current: bool, **state: str | None) -> dict[str, Any]:
    return {"label": _(label), "url": here(**state), "current": current}


def _label(moment: date, by: str) -> str:
    return day(moment, "LLL yy" if by == "month" else "d MMM")


# --- sales ----------------------------------------------------------------------------------------------------------


@bp.get("/reports")
@allow(Role.MANAGER)
def reports() -> Response:
    period, by, problem = _asked()
    found = sales.sales(period.span(by))
    before = sales.sales(period.earlier().span(by))
    return page(
        "admin/reports/sales.html",
        **_frame("sales", period, by, problem, groups=True),
        stats=_stats(found.summary, before.summary),
        chart=_chart(found, before, by),
        rows=[{"label": _label(moment, by), **_texts(one)} for moment, one in found.points],
        summary=_texts(found.summary),
        head=_(HEADS[by]),
    )


def _texts(one: Sums) -> dict[str, str]:
    names = ("gross", "discounts", "refunds", "tax", "net", "shipping", "revenue")
    return {"orders": number(one.orders), **{name: _money(getattr(one, name)) for name in names}}


def _stats(now: Sums, before: Sums) -> list[dict[str, Any]]:
    cells = [
        (_("Orders"), now.orders, before.orders, number), (_("Revenue"), now.revenue, before.revenue, _money),
        (_("Average order"), now.average_order_value, before.average_order_value, _money),
        (_("Gross sales"), now.gross, before.gross, _money), (_("Net sales"), now.net, before.net, _money),
        (_("Discounts"), now.discounts, before.discounts, _money),
        (_("Refunds"), now.refunds, before.refunds, _money), (_("Tax"), now.tax, before.tax, _money),
    ]  # fmt: skip
    return [
        {"label": label, "value": text(value), "note": _("before: %(amount)s", amount=text(earlier)),
         **(_change(value, earlier) if n < JUDGED else {})}
        for n, (label, value, earlier, text) in enumerate(cells)
    ]  # fmt: skip


def _change(now: int, before: int) -> dict[str, Any]:
    if before <= 0:
        return {"change": None, "trend": "flat"}
    hundredths = round((now - before) * 10_000 / before)
    sign, trend = ("+", "up") if hundredths > 0 else ("", "flat") if hundredths == 0 else ("−", "down")
    return {"change": sign + percent(abs(round(hundredths, -1))), "trend": trend}


def _chart(now: sales.Sales, before: sales.Sales, by: str) -> dict[str, Any]:
    points = []
    for here_, there in zip_longest(now.points, before.points[: len(now.points)]):
        point = {
            "label": _label(here_[0], by),
            "value": max(here_[1].revenue, 0),
            "text": _money(here_[1].revenue),
        }
        if there is not None:
            point |= {"before": max(there[1].revenue, 0), "before_text": _money(there[1].revenue)}
        points.append(point)
    text = _("Revenue of the period: %(now)s. Of the one before: %(before)s.",
             now=_money(now.summary.revenue), before=_money(before.summary.revenue))  # fmt: skip
    return {"points": points, "description": text, "axis": axis,
            "scale": 10 ** exponent(current_store().currency), "head": _(HEADS[by])}  # fmt: skip


# --- products and categories ----------------------------------------------------------------------------------------


@bp.get("/reports/products")
@allow(Role.MANAGER)
def report_products() -> Response:
    period, by, problem = _asked()
    sort, span = choice_arg("sort", products.SORTS, "revenue"), period.span("month")
    found = products.sold_products(span, sort_by=sort, limit=SHOWN)
    return page(
        "admin/reports/products.html",
        **_frame("products", period, by, problem, groups=False),
        rows=[{"name": one.name, "sku": one.sku, "quantity": number(one.quantity), "revenue": _money(one.revenue),
               "url": url_for("admin.show_product", product_id=one.product_id) if one.product_id else None}
              for one in found],
        bars=[_bar(one.name, one.quantity if sort == "quantity" else one.revenue, sort) for one in found[:10]],
        sort=sort, sort_urls={key: here(sort=key if key != "revenue" else None) for key in products.SORTS},
        shown=len(found), count=products.count_products(span), **_goods(span),
    )  # fmt: skip


@bp.get("/reports/categories")
@allow(Role.MANAGER)
def report_categories() -> Response:
    period, by, problem = _asked()
    span = period.span("month")
    found = categories.sold_categories(span)
    named = [(one.name if one.category_id else _("Without a category"), one) for one in found]
    return page(
        "admin/reports/categories.html",
        **_frame("categories", period, by, problem, groups=False),
        rows=[{"name": name, "orders": number(one.orders), "quantity": number(one.quantity),
               "revenue": _money(one.revenue)} for name, one in named],
        bars=[_bar(name, one.revenue, "revenue") for name, one in named[:10]], **_goods(span),
    )  # fmt: skip


def _bar(label: str, value: int, sort: str) -> dict[str, Any]:
    return {
        "label": label,
        "value": max(value, 0),
        "text": number(value) if sort == "quantity" else _money(value),
    }


def _goods(span: Span) -> dict[str, Any]:
    found = lines.goods(span)
    texts = {name: _money(getattr(found, name)) for name in ("revenue", "shipping", "total")}
    texts["unassigned_refunds"] = _money(-found.unassigned_refunds)
    return {"goods": {"quantity": number(found.quantity), **texts}}


# --- customers ------------------------------------------------------------------------------------------------------


@bp.get("/reports/customers")
@allow(Role.MANAGER)
def report_customers() -> Response:
    period, by, problem = _asked()
    found = customers.report(period.span(by))
    points = [{"label": _label(p.date, by), "value": p.new, "text": number(p.new), "before": p.returning,
               "before_text": number(p.returning)} for p in found.points]  # fmt: skip
    stats = [
        {"label": _("New customers"), "value": number(found.new)},
        {"label": _("Returning customers"), "value": number(found.returning)},
        {"label": _("Bought more than once"), "value": percent(round(found.repeat_rate * 10_000))},
        {"label": _("Average lifetime value"), "value": _money(found.average_lifetime_value)},
    ]
    people = [{"name": one.name or one.email, "email": one.email, "orders": number(one.orders_count),
               "spent": _money(one.total_spent), "lifetime": _money(one.lifetime_value),
               "url": url_for("admin.show_customer", customer_id=one.id) if one.id else None}
              for one in found.top_customers]  # fmt: skip
    text = _("%(new)s new and %(returning)s returning customers.", new=number(found.new),
             returning=number(found.returning))  # fmt: skip
    return page("admin/reports/customers.html", **_frame("customers", period, by, problem, groups=True), stats=stats,
                points=points, people=people, head=_(HEADS[by]), description=text, axis=number)  # fmt: skip


# --- CSV ------------------------------------------------------------------------------------------------------------


@bp.get("/reports/export")
@allow(Role.MANAGER)
def export_report() -> Response:
    kind = choice_arg("type", exports.TYPES)
    period, by, problem = _asked()
    if not kind or problem:
        raise NotFound(_("There is no such report."))
    pieces = exports.export(kind, period, by, actor=actor())
    return csv_file(f"{kind}-{period.first}-{period.last}", pieces)
