"""Payments that no order was waiting for: give them back, keep them, or put them to their order."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import may, page
from admin.payments import wording
from admin.wording import badge
from gateways import stripe
from kit.actor import Role
from kit.drafts import read
from kit.errors import Invalid, NotFound, ShopError
from kit.i18n import _
from models.payments import OrphanPayment
from services.payments import connect, orphans
from web.access import allow
from web.auth import actor
from web.filters import moment, money
from web.htmx import go
from web.lists import Filter, chips, listing, page_arg, page_url, size_arg


@bp.get("/payments/unexpected", endpoint="unexpected")
@allow(Role.MANAGER)
def list_unexpected() -> Response:
    which = Filter("show", _("Show"), {"all": _("Also those dealt with")})
    found = orphans.list_orphans(open_only=not which.value, page=page_arg(), page_size=size_arg())
    account = connect.find_account()
    shown = listing(found, lambda one: _row(one, account.account_id if account else ""))
    return page("admin/payments/unexpected.html", payments=shown, filter_fields=[which.shown()], chips=chips([which]),
                filtered=bool(which.value), action=url_for("admin.unexpected"), clear_url=url_for("admin.unexpected"),
                page_url=page_url)  # fmt: skip


def _row(one: OrphanPayment, account: str) -> dict[str, Any]:
    why = wording.ORPHAN.get(one.why)
    return {
        "id": one.id, "amount": money(one.amount, one.currency), "charge": one.charge_id,
        "why": _(why) if why else wording.plainly(one.why), "when": moment(one.created_at, "short"),
        "iso": one.created_at.isoformat(), "state": badge(wording.RESOLVED, one.resolved_as or ""),
        "order_url": url_for("admin.show_order", order_id=one.order_id) if one.order_id else "",
        "is_open": one.resolved_as is None, "can_decide": may(Role.ADMIN),
        "can_attach": one.why in ("unknown-order", "unknown-attempt"),
        "stripe_url": stripe.dashboard_url("payments", one.payment_intent_id or one.charge_id, account=account)
        if not one.charge_id.startswith("offline:") else "",
    }  # fmt: skip


@bp.post("/payments/unexpected/<uuid:orphan_id>/refund")
@allow(Role.ADMIN)
def refund_orphan(orphan_id: UUID) -> Response:
    return _settled(
        lambda: orphans.give_back(orphan_id, actor=actor()), _("The payment goes back to who paid it.")
    )


@bp.post("/payments/unexpected/<uuid:orphan_id>/accept")
@allow(Role.ADMIN)
def accept_orphan(orphan_id: UUID) -> Response:
    return _settled(lambda: orphans.accept(orphan_id, actor=actor()), _("The payment is kept."))


@bp.post("/payments/unexpected/<uuid:orphan_id>/attach")
@allow(Role.MANAGER)
def attach_orphan(orphan_id: UUID) -> Response:
    sent = {"order_number": request.form.get("order_number", "").strip().lstrip("#")}

    def act() -> object:
        return orphans.attach(orphan_id, read(orphans.AttachDraft, sent, form=True), actor=actor())

    return _settled(act, _("The payment counts for the order now."))


def _settled(act: Callable[[], object], done: str) -> Response:
    """Refusals are said above the list; nothing has changed then."""
    try:
        act()
    except NotFound:
        raise
    except Invalid as error:
        flash(error.said, "error")
    except ShopError as error:
        flash(error.message, "error")
    else:
        flash(done, "success")
    return go("admin.unexpected")
