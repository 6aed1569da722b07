"""The audit log: who did what, before and after. To be read and taken along, nothing else."""

from datetime import date, timedelta
from typing import Any

from flask import Response, current_app, request, url_for

from admin import bp
from admin.files import csv_file
from admin.frame import ROLE_NAMES, page
from admin.lists import Filter, chips, here, listing, page_arg, page_url, size_arg
from kit.actor import Role
from kit.i18n import _, mark
from kit.ids import parse_id
from models.audit import AuditEntry
from services import audit
from services.audit import AuditFilter
from services.reports.periods import start_of
from web.access import allow
from web.auth import actor
from web.filters import moment

ACTIONS = {
    "create": mark("Created"), "update": mark("Changed"), "delete": mark("Deleted"), "login": mark("Signed in"),
    "refund": mark("Refunded"), "cancel": mark("Cancelled"), "fulfil": mark("Sent"), "payout": mark("Paid out"),
    "mark_paid": mark("Marked as paid"), "export": mark("Taken as a file"), "role.changed": mark("Role changed"),
    "user.invited": mark("Invited"), "user.erased": mark("Account erased"),
    "password.changed": mark("Password changed"), "domain.changed": mark("Domain changed"),
    "domain.verified": mark("Domain verified"), "email.changed": mark("E-mail address changed"),
    "session.ended": mark("Sessions ended"), "invitation.sent": mark("Invitation sent"),
    "invitation.revoked": mark("Invitation taken back"), "invitation.accepted": mark("Invitation accepted"),
    "two_factor.enabled": mark("Two-factor sign-in on"), "two_factor.disabled": mark("Two-factor sign-in off"),
    "two_factor.reset": mark("Two-factor sign-in taken away"), "two_factor.codes_renewed": mark("New recovery codes"),
    "two_factor.recovery_used": mark("Recovery code used"), "customer.merged": mark("Customers merged"),
}  # fmt: skip
THINGS = {
    "product": mark("Product"), "variant": mark("Variant"), "category": mark("Category"), "tag": mark("Tag"),
    "attribute": mark("Option"), "order": mark("Order"), "fulfillment": mark("Parcel"), "user": mark("Person"),
    "review": mark("Review"), "coupon": mark("Coupon"), "page": mark("Page"), "taxrule": mark("Tax rate"),
    "shippingzone": mark("Shipping zone"), "shippingmethod": mark("Shipping method"), "tenant": mark("Shop"),
    "stock": mark("Stock"), "customers": mark("Customers"), "report": mark("Report"), "audit_log": mark("Audit log"),
    "invitation": mark("Invitation"), "segment": mark("Group"), "stripeaccount": mark("Stripe account"),
    "payout": mark("Payout"), "branding": mark("Appearance"),
}  # fmt: skip
LINKS = {"product": ("admin.show_product", "product_id"), "order": ("admin.show_order", "order_id"),
         "user": ("admin.show_customer", "customer_id"), "category": ("admin.edit_category", "category_id"),
         "coupon": ("admin.edit_coupon", "coupon_id"), "segment": ("admin.edit_segment", "segment_id")}  # fmt: skip
STATE = ("who", "what", "kind", "thing", "since", "until")
KINDS = {"platform": mark("Platform team"), "system": mark("By itself"), "guest": mark("Guest")}


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
        check_url=here(check="1", page=None),
        csv_url=url_for("admin.export_audit_log", **{name: request.args.get(name) for name in STATE}),
    )  # fmt: skip


@bp.get("/audit/export")
@allow(Role.ADMIN)
def export_audit_log() -> Response:
    _filters, wanted, _dates = _asked()
    pieces = audit.export_entries(wanted, actor=actor())
    return csv_file("audit-log", pieces)


def _asked() -> tuple[list[Filter], AuditFilter, dict[str, str]]:
    """What the address filters by: the choices, the filter, and the rest as texts."""
    there = audit.choices()
    filters = [
        Filter("who", _("Person"), {str(ident): email or str(ident) for ident, email in there.people}),
        Filter("what", _("Action"), {name: _action(name) for name in there.actions}),
        Filter("kind", _("Kind of thing"), {name: _thing(name) for name in there.resource_types}),
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


def _action(name: str) -> str:
    return _(ACTIONS[name]) if name in ACTIONS else name.replace(".", " ").replace("_", " ").capitalize()


def _thing(name: str) -> str:
    return _(THINGS[name]) if name in THINGS else name.replace("_", " ").capitalize()


def _row(entry: AuditEntry) -> dict[str, Any]:
    role = ROLE_NAMES.get(entry.actor_role)  # type: ignore[call-overload]
    return {
        "number": entry.number, "when": moment(entry.created_at, "medium"), "iso": entry.created_at.isoformat(),
        "who": entry.actor_email or _(KINDS.get(entry.actor_kind, "")) or "–", "role": _(role) if role else "",
        "kind": _(KINDS[entry.actor_kind]) if entry.actor_kind in KINDS else "",
        "is_person": entry.actor_kind == "user", "action": _action(entry.action), "thing": _thing(entry.resource_type),
        "thing_id": entry.resource_id, "thing_url": _link(entry),
        "only_url": here(thing=entry.resource_id, page=None) if entry.resource_id else None,
        "changes": [_change(name, value) for name, value in entry.changes.items()], "ip": entry.ip,
        "user_agent": entry.user_agent, "request_id": entry.request_id, "hash": entry.entry_hash,
    }  # fmt: skip


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


def _change(name: str, value: Any) -> dict[str, str]:
    """One field, before and after; other shapes are shown as they are."""
    old, new = value if isinstance(value, list) and len(value) == 2 else (None, value)
    return {"name": name.replace("_", " "), "old": _text(old), "new": _text(new)}


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_text(part)}" for key, part in value.items())
    return str(value)
