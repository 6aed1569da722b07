"""Entries of the audit log in words: for a store's own log and for the platform's look at it."""

from typing import Any

from kit.i18n import _, mark
from models.audit import AuditEntry
from web.filters import moment
from web.people import ROLE_NAMES

ACTIONS = {
    "create": mark("Created"), "update": mark("Changed"), "delete": mark("Deleted"), "login": mark("Signed in"),
    "refund": mark("Refunded"), "cancel": mark("Cancelled"), "fulfil": mark("Sent"), "payout": mark("Paid out"),
    "mark_paid": mark("Marked as paid"), "export": mark("Taken as a file"), "view": mark("Personal data read"),
    "role.changed": mark("Role changed"),
    "user.invited": mark("Invited"), "user.erased": mark("Account erased"),
    "password.changed": mark("Password changed"), "domain.changed": mark("Domain changed"),
    "domain.verified": mark("Domain verified"), "email.changed": mark("E-mail address changed"),
    "session.ended": mark("Sessions ended"), "invitation.sent": mark("Invitation sent"),
    "invitation.revoked": mark("Invitation taken back"), "invitation.accepted": mark("Invitation accepted"),
    "two_factor.enabled": mark("Two-factor sign-in on"), "two_factor.disabled": mark("Two-factor sign-in off"),
    "two_factor.reset": mark("Two-factor sign-in taken away"), "two_factor.codes_renewed": mark("New recovery codes"),
    "two_factor.recovery_used": mark("Recovery code used"), "customer.merged": mark("Customers merged"),
    "suspend": mark("Suspended"), "activate": mark("Opened again"),
    "impersonation.started": mark("Began to act as somebody"),
    "impersonation.ended": mark("No longer acts as somebody"), "trimmed": mark("Old entries let go"),
    "domain.added": mark("Domain added"), "domain.primary": mark("Made the main domain"),
    "domain.removed": mark("Domain removed"), "plan.requested": mark("Another plan asked for"),
    "plan.request_withdrawn": mark("Wish for another plan taken back"),
    "plan.declined": mark("Another plan declined"), "draft_link.made": mark("Draft link made"),
    "draft_link.withdrawn": mark("Draft link withdrawn"), "batch.start": mark("Bulk work started"),
    "batch.stopped": mark("Bulk work stopped"), "batch.undo": mark("Bulk work undone"),
    "hold": mark("Put on hold"), "release": mark("Released"), "pack": mark("Packed"),
    "send": mark("Sent to the customer"), "payout_failed": mark("Payout failed"),
    "purge": mark("Deleted for good"), "replay": mark("Delivered once more"), "restore": mark("Restored"),
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
KINDS = {"platform": mark("Platform team"), "system": mark("By itself"), "guest": mark("Guest")}


def action(name: str) -> str:
    return _(ACTIONS[name]) if name in ACTIONS else name.replace(".", " ").replace("_", " ").capitalize()


def actions() -> dict[str, str]:
    """All that an entry may say was done, in the order of their words."""
    return dict(sorted(((name, _(words)) for name, words in ACTIONS.items()), key=lambda pair: pair[1]))


def thing(name: str) -> str:
    return _(THINGS[name]) if name in THINGS else name.replace("_", " ").capitalize()


def shown(entry: AuditEntry) -> dict[str, Any]:
    role = ROLE_NAMES.get(entry.actor_role)  # type: ignore[call-overload]
    return {
        "number": entry.number, "when": moment(entry.created_at, "medium"), "iso": entry.created_at.isoformat(),
        "who": entry.actor_email or _(KINDS.get(entry.actor_kind, "")) or "–", "role": _(role) if role else "",
        "impersonator": entry.impersonator,
        "kind": _(KINDS[entry.actor_kind]) if entry.actor_kind in KINDS else "",
        "is_person": entry.actor_kind == "user", "action": action(entry.action), "thing": thing(entry.resource_type),
        "thing_id": entry.resource_id, "changes": [_change(name, value) for name, value in entry.changes.items()],
        "ip": entry.ip, "user_agent": entry.user_agent, "request_id": entry.request_id, "hash": entry.entry_hash,
    }  # fmt: skip


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
