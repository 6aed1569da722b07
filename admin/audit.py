"""The audit log: who did what, before and after. To be read and taken along, nothing else."""

from datetime import date, timedelta
from typing import Any

from flask import Response, current_app, request, url_for

from admin import bp
from admin.files import csv_file
from admin.frame import page
from kit.actor import Role
from kit.i18n import _
from kit.ids import parse_id
from models.audit import AuditEntry
from services import audit, audit_export, plans
from services.audit import AuditFilter
from services.reports.periods import start_of
from web import logged
from web.access import allow
from web.auth import actor
from web.lists import Filter, chips, here, listing, page_arg, page_url, size_arg

LINKS = {"product": ("admin.show_product", "product_id"), "order": ("admin.show_order", "order_id"),
         "user": ("admin.show_customer", "customer_id"), "category": ("admin.edit_category", "category_id"),
         "coupon": ("admin.edit_coupon", "coupon_id"), "segment": ("admin.edit_segment", "segment_id")}  # fmt: skip
STATE = ("who", "what", "kind", "thing", "since", "until")


@bp.get("/audit")
@allow(Role.ADMIN)
def audit_log() -> Response:
    filters, wanted, dates = _asked()
    found = audit.list_entries(wanted, page=page_arg(), page_size=size_arg())
    said = {"since": _("From %(day)s"), "until": _("Until %(day)s"), "thing": _("One thing: %(day)s")}
    applied = chips(
        filters, extra={name: said[name] % {"day": value} for name, value in dates.items() if value}
    )
    verdict = audit.verify() if request.args.get("check") else None
    return page(
        "admin/audit/index.html", log=listing(found, _row), filter_fields=[one.shown() for one in filters],
        since=dates["since"], until=dates["until"], thing=dates["thing"], chips=applied, filtered=bool(applied),
        action=url_for("admin.audit_log"), clear_url=url_for("admin.audit_log"), page_url=page_url, verdict=verdict,
        check_url=here(check="1", page=None), kept_days=plans.plan_of().audit_days,
        csv_url=url_for("admin.export_audit_log", **{name: request.args.get(name) for name in STATE}),
    )  # fmt: skip


@bp.get("/audit/export")
@allow(Role.ADMIN)
def export_audit_log() -> Response:
    _filters, wanted, _dates = _asked()
    pieces = audit_export.export_entries(wanted, actor=actor())
    return csv_file("audit-log", pieces)


def _asked() -> tuple[list[Filter], AuditFilter, dict[str, str]]:
    """What the address filters by: the choices, the filter, and the rest as texts."""
    there = audit.choices()
    filters = [
        Filter("who", _("Person"), {str(ident): email or str(ident) for ident, email in there.people}),
        Filter("what", _("Action"), logged.actions()),
        Filter("kind", _("Kind of thing"), {name: logged.thing(name) for name in there.resource_types}),
    ]
    who, what, kind = (one.value for one in filters)
    since, until, thing = _day("since"), _day("until"), request.args.get("thing", "")[:60]
    wanted = AuditFilter(
        resource_type=kind, resource_id=thing, action=what, user_id=parse_id(who) if who else None,
        since=start_of(since) if since else None, before=start_of(until + timedelta(days=1)) if until else None,
    )  # fmt: skip
    dates = {
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
        "thing": thing,
    }
    return filters, wanted, dates


def _day(name: str) -> date | None:
    """Far-off years are no days to look for: they have no moment in every time zone."""
    try:
        found = date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2200 else None


def _row(entry: AuditEntry) -> dict[str, Any]:
    only_url = here(thing=entry.resource_id, page=None) if entry.resource_id else None
    return {**logged.shown(entry), "thing_url": _link(entry), "only_url": only_url}


def _link(entry: AuditEntry) -> str | None:
    """The thing's own page, where it has one and is still there to be looked for."""
    endpoint, name = LINKS.get(entry.resource_type, ("", ""))
    ident = parse_id(entry.resource_id)
    if (
        endpoint not in current_app.view_functions
        or ident is None
        or entry.action in {"delete", "user.erased"}
    ):
        return None
    return url_for(endpoint, **{name: ident})
