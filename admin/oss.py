"""The report for the EU's one-stop shop: a quarter's sales to other member states, by country and rate."""

from typing import Any

from flask import Response, request, url_for

from admin import bp
from admin.files import csv_file
from admin.frame import page
from admin.reports import PAGES
from kit.actor import Role
from kit.countries import country_name
from kit.i18n import _
from services.reports import oss
from services.reports.oss import Quarter, Row
from web.access import allow
from web.filters import money, percent
from web.tenant import current_store

QUARTERS = 8  # to choose from


def _money(minor: int) -> str:
    return money(minor, current_store().currency)


@bp.get("/reports/oss")
@allow(Role.MANAGER)
def report_oss() -> Response:
    quarter = oss.read_quarter(request.args.get("quarter", ""))
    rows = oss.report(quarter)
    watch = oss.watch()
    return page(
        "admin/reports/oss.html",
        tabs=[{"label": _(label), "url": url_for(endpoint), "current": key == "oss"} for key, label, endpoint in PAGES],
        quarter=_name(quarter),
        quarters=[{"label": _name(one), "url": url_for("admin.report_oss", quarter=str(one)), "current": one == quarter}
                  for one in _latest()],
        csv_url=url_for("admin.export_oss", quarter=str(quarter)),
        rows=[_row(row) for row in rows],
        net=_money(sum(row.net - row.net_back for row in rows)),
        tax=_money(sum(row.tax - row.tax_back for row in rows)),
        watch={"net": _money(watch.net), "limit": _money(watch.limit) if watch.limit else "", "value": watch.net,
               "max": watch.limit, "is_above": bool(watch.limit and watch.net > watch.limit)},
    )  # fmt: skip


@bp.get("/reports/oss.csv")
@allow(Role.MANAGER)
def export_oss() -> Response:
    quarter = oss.read_quarter(request.args.get("quarter", ""))
    return csv_file(f"oss-{quarter}", oss.to_csv(quarter))


def _latest() -> list[Quarter]:
    found = [oss.quarter_of()]
    while len(found) < QUARTERS:
        found.append(found[-1].before)
    return found


def _name(quarter: Quarter) -> str:
    return _("Quarter %(number)s of %(year)s", number=quarter.number, year=quarter.year)


def _row(row: Row) -> dict[str, Any]:
    return {
        "country": country_name(row.country),
        "rate": percent(row.rate),
        "net": _money(row.net),
        "tax": _money(row.tax),
        "net_back": _money(row.net_back) if row.net_back else "–",
        "tax_back": _money(row.tax_back) if row.tax_back else "–",
    }
