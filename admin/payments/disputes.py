"""Disputes: what a bank has taken back or asks about, and until when it wants an answer."""

from typing import Any

from flask import Response, url_for

from admin import bp
from admin.frame import page
from admin.payments import wording
from admin.wording import badge, options
from gateways import stripe
from kit.actor import Role
from kit.i18n import _
from models.orders import Order
from models.payments import Dispute
from services.orders.derived import OPEN_DISPUTE
from services.payments import connect, disputes, orphans
from web.access import allow
from web.filters import ago, moment, money
from web.lists import Filter, chips, listing, page_arg, page_url, size_arg


@bp.get("/payments/disputes", endpoint="disputes")
@allow(Role.STAFF)
def list_disputes() -> Response:
    state = Filter("state", _("State"), options(wording.DISPUTE))
    found = disputes.list_cases(status=state.value, page=page_arg(), page_size=size_arg())
    account = connect.find_account()
    shown = listing(found, lambda case: row(case[0], case[1], account.account_id if account else ""))
    return page("admin/payments/disputes.html", disputes=shown, filter_fields=[state.shown()], chips=chips([state]),
                filtered=bool(state.value), action=url_for("admin.disputes"), clear_url=url_for("admin.disputes"),
                page_url=page_url)  # fmt: skip


def row(case: Dispute, order: Order, account: str) -> dict[str, Any]:
    reason = wording.REASONS.get(case.reason)
    is_waiting = case.status == "open" and not case.has_evidence
    return {
        "order": order.order_number, "order_url": url_for("admin.show_order", order_id=order.id),
        "customer": order.customer_name or order.email, "amount": money(case.amount, order.currency),
        "reason": _(reason) if reason else wording.plainly(case.reason), "state": badge(wording.DISPUTE, case.status),
        "is_inquiry": case.is_inquiry, "has_evidence": case.has_evidence,
        "due": moment(case.evidence_due_at, "short") if is_waiting else "",
        "due_in": ago(case.evidence_due_at) if is_waiting else "",
        "iso": case.evidence_due_at.isoformat() if case.evidence_due_at else "",
        "is_late": is_waiting and disputes.is_urgent(case), "id": case.provider_id,
        "opened": moment(case.created_at, "short"),
        "stripe_url": stripe.dashboard_url("disputes", case.provider_id, account=account),
    }  # fmt: skip


def trouble_of(order: Order) -> dict[str, Any]:
    """What an order's page says above everything else: undecided disputes, and money that it did not wait for."""
    account = connect.find_account()
    return {
        "disputes": [
            row(one, order, account.account_id if account else "")
            for one in disputes.list_disputes(order.id)
            if one.status in OPEN_DISPUTE
        ],
        "unexpected": orphans.count_open(order.id),
    }
