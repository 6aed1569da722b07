"""The daily comparison with Stripe: how far it is, what it found, and setting a finding aside."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import may, page
from admin.payments import wording
from admin.wording import badge, options
from gateways import stripe
from kit.actor import Role
from kit.drafts import read
from kit.errors import Invalid, NotFound, ShopError
from kit.i18n import _
from models.payments import CheckStatus, PaymentCheck, PaymentFinding
from services.payments import comparing, connect, findings, reconciliation
from services.payments.findings import SetAsideDraft
from web.access import allow
from web.auth import actor
from web.filters import moment, money, number
from web.htmx import go
from web.lists import Filter, chips, listing, page_arg, page_url, size_arg
from web.tenant import current_store

LATEST = 10


@bp.get("/payments/checks")
@allow(Role.MANAGER)
def payment_checks() -> Response:
    filters = [
        Filter("state", _("State"), options(wording.FINDING_STATE)),
        Filter("kind", _("Kind"), options(wording.FINDING)),
    ]
    state, kind = (one.value for one in filters)
    found = findings.list_findings(state=state, kind=kind, page=page_arg(), page_size=size_arg())
    account = connect.find_account()
    shown = listing(found, lambda one: _row(one, account.account_id if account else ""))
    last = reconciliation.last_check()
    return page(
        "admin/payments/checks.html", findings=shown,
        filter_fields=[one.shown() for one in filters], chips=chips(filters), filtered=bool(state or kind),
        action=url_for("admin.payment_checks"), clear_url=url_for("admin.payment_checks"), page_url=page_url,
        connected=account is not None, running=_running(last) if reconciliation.is_running(last) else None,
        checks=[_check(one) for one in reconciliation.list_checks(page_size=LATEST).items],
    )  # fmt: skip


def _running(check: PaymentCheck | None) -> dict[str, Any]:
    assert check is not None
    step = wording.STEPS.get(check.step)
    return {"step": _(step) if step else "", "looked_at": number(check.looked_at)}


CHECK = {
    CheckStatus.WAITING: ("warn", "open"), CheckStatus.RUNNING: ("info", "part"), CheckStatus.DONE: ("good", "done"),
    CheckStatus.FAILED: ("bad", "stop"),
}  # fmt: skip


def _check(check: PaymentCheck) -> dict[str, Any]:
    words = {CheckStatus.WAITING: _("Waits"), CheckStatus.RUNNING: _("Running"), CheckStatus.DONE: _("Done"),
             CheckStatus.FAILED: _("Failed")}  # fmt: skip
    return {
        "state": (words[check.status], *CHECK[check.status]), "when": moment(check.created_at, "short"),
        "iso": check.created_at.isoformat(), "since": moment(check.since, "short"),
        "until": moment(check.until, "short"), "looked_at": number(check.looked_at), "mended": number(check.mended),
        "open": number(check.open), "error": check.error, "who": check.created_by,
    }  # fmt: skip


def _row(one: PaymentFinding, account: str) -> dict[str, Any]:
    currency = one.currency or current_store().currency
    is_dispute = one.kind in (comparing.LOST_DISPUTE, comparing.UNKNOWN_DISPUTE)
    return {
        "id": one.id, "kind": _(wording.FINDING[one.kind]) if one.kind in wording.FINDING else one.kind,
        "state": badge(wording.FINDING_STATE, one.state), "when": moment(one.updated_at, "short"),
        "iso": one.updated_at.isoformat(), "provider_id": one.provider_id,
        "ours": money(one.ours, currency) if one.ours is not None else "–",
        "theirs": money(one.theirs, currency) if one.theirs is not None else "–", "note": one.note,
        "closed_by": one.closed_by, "can_close": one.state == findings.OPEN and may(Role.ADMIN),
        "order_url": url_for("admin.show_order", order_id=one.order_id) if one.order_id else "",
        "inbox_url": url_for("admin.unexpected") if one.kind == comparing.UNKNOWN_CHARGE else "",
        "stripe_url": stripe.dashboard_url("disputes" if is_dispute else "payments", one.provider_id, account=account),
    }  # fmt: skip


@bp.post("/payments/checks")
@allow(Role.MANAGER)
def request_payment_check() -> Response:
    try:
        reconciliation.request_check(actor=actor())
    except ShopError as error:
        flash(error.message, "error")
    else:
        flash(_("The comparison has been started."), "success")
    return go("admin.payment_checks")


@bp.post("/payments/findings/<uuid:finding_id>/close")
@allow(Role.ADMIN)
def close_finding(finding_id: UUID) -> Response:
    sent = {"note": request.form.get("note", "")}
    try:
        findings.set_aside(finding_id, read(SetAsideDraft, sent, form=True), actor=actor())
    except NotFound:
        raise
    except Invalid:
        flash(_("Say in a few words what it was."), "error")
    except ShopError as error:
        flash(error.message, "error")
    else:
        flash(_("The difference is closed."), "success")
    return go("admin.payment_checks")
