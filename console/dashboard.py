"""The console's first page: what the platform earns, how it grows, and whether there is trouble. The numbers are those
of `GET /api/sysadmin/dashboard`."""

from datetime import date
from typing import Any

from flask import Response, url_for

from console import bp
from console.frame import page
from console.wording import host_of, state
from kit.actor import Role
from kit.i18n import _, _n, pgettext
from services import offers, platform
from services.platform.condition import Condition, condition
from web.access import allow
from web.figures import change, round_amount, trend
from web.filters import ago, day, number
from web.plan_words import money, plan_name

NEWEST = 8


@bp.get("/platform/dashboard")
@allow(Role.SYSADMIN)
def dashboard() -> Response:
    numbers, book = platform.dashboard(), offers.book()
    newest = platform.list_stores(page_size=NEWEST).items
    return page(
        "platform/dashboard.html", stats=_stats(numbers), trouble=_trouble(condition()), months=_months(numbers),
        elsewhere=[money(minor, code) for code, minor in sorted(numbers["revenue"]["other_currencies"].items())],
        axis=lambda minor: round_amount(minor, numbers["currency"]), count=number,
        newest=[{"name": one.tenant.name, "host": host_of(one), "plan": plan_name(one.tenant.plan, book),
                 "state": state(one.tenant.status), "when": ago(one.tenant.created_at),
                 "iso": one.tenant.created_at.isoformat(),
                 "url": url_for("platform.show_store", tenant_id=one.tenant.id)} for one in newest],
    )  # fmt: skip


def _stats(n: dict[str, Any]) -> list[dict[str, Any]]:
    stores, orders, revenue, growth = n["tenants"], n["orders"], n["revenue"], n["revenue_growth_pct"]
    return [
        {"label": _("Monthly recurring revenue"), "value": money(n["mrr"]),
         "note": _("what open stores pay for plans and addons")},
        {"label": _("Stores"), "value": number(stores["total"]), "url": url_for("platform.stores"),
         "note": _n("%(num)d opened this month", "%(num)d opened this month", stores["new_this_month"])},
        {"label": pgettext("stores", "Open"), "value": number(stores["active"]),
         "url": url_for("platform.stores", state="active")},
        {"label": pgettext("stores", "Suspended"), "value": number(stores["suspended"]),
         "url": url_for("platform.stores", state="suspended")},
        {"label": pgettext("stores", "Deleted"), "value": number(stores["deleted"]),
         "url": url_for("platform.stores", state="deleted")},
        {"label": _("Orders this month"), "value": number(orders["this_month"]),
         "note": _("%(count)s in all", count=number(orders["total"]))},
        {"label": _("Revenue this month"), "value": money(revenue["this_month"]),
         "change": None if growth is None else change(growth), "trend": trend(growth),
         "note": _("than last month by this day") if growth is not None else None},
        {"label": _("Revenue in all"), "value": money(revenue["total"])},
    ]  # fmt: skip


def _trouble(found: Condition) -> list[dict[str, Any]]:
    """Said also when all is well: somebody looks here to know."""
    seconds = int(found.lag.total_seconds())
    minutes = seconds // 60
    lag = (
        _n("%(num)d minute", "%(num)d minutes", minutes)
        if minutes
        else _n("%(num)d second", "%(num)d seconds", seconds)
    )
    return [
        {"label": _("The oldest job that waits, waits for"), "value": lag, "bad": found.is_late,
         "url": url_for("platform.jobs", view="waiting")},
        {"label": _("Jobs that wait"), "value": number(found.waiting), "bad": False},
        {"label": _("Jobs that failed and are tried again"), "value": number(found.retried), "bad": False},
        {"label": _("Jobs that failed for good"), "value": number(found.dead), "bad": found.dead > 0,
         "url": url_for("platform.jobs")},
        {"label": _("Messages from Stripe that failed"), "value": number(found.failed_events),
         "bad": found.failed_events > 0},
    ]  # fmt: skip


def _months(n: dict[str, Any]) -> dict[str, Any]:
    """The same twelve months three times: money, orders, new stores; and a table of all."""
    rows = [
        {
            "label": day(date.fromisoformat(point["date"] + "-01"), "LLL yy"),
            **point,
            "money": money(point["revenue"]),
        }
        for point in n["points"]
    ]
    first, last = rows[0]["label"], rows[-1]["label"]
    return {
        "rows": rows,
        "revenue": [{"label": r["label"], "value": max(r["revenue"], 0), "text": r["money"]} for r in rows],
        "orders": [{"label": r["label"], "value": r["orders"], "text": number(r["orders"])} for r in rows],
        "tenants": [{"label": r["label"], "value": r["tenants"], "text": number(r["tenants"])} for r in rows],
        "description": _("Month by month, from %(first)s to %(last)s.", first=first, last=last),
    }
