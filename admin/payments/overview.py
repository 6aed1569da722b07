"""The first page of payments: what needs somebody, what the account holds, what moved, how customers pay."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import may, page
from admin.once import once
from admin.payments import wording
from admin.wording import METHODS, badge
from forms.payments import PayoutForm
from gateways import stripe
from gateways.stripe import Balance, Batch, Movement, Payout
from kit.actor import Role
from kit.errors import Conflict, ShopError
from kit.i18n import _, _n
from kit.ids import uuid7
from models.payments import StripeAccount
from services.payments import connect, reconciliation
from services.reports import setup
from web.access import allow
from web.auth import actor
from web.filters import ago, day, moment, money
from web.htmx import go
from web.lists import text_arg
from web.proof import proved
from web.saving import Saved, save
from web.tenant import current_store

LATEST = 5
ROWS = 50


@bp.get("/payments")
@allow(Role.MANAGER)
def payments() -> Response:
    return _overview()


def _overview(form: PayoutForm | None = None, saved: Saved | None = None) -> Response:
    """Stripe is asked for the admin only, and where it does not answer the rest of the page is there all the same."""
    account = connect.find_account() if may(Role.ADMIN) else None
    trouble = ""
    held: dict[str, Any] = {}
    if account is not None:
        try:
            held = _money(connect.get_balance(), connect.list_payouts(LATEST), connect.list_movements(LATEST))
        except ShopError as error:
            trouble = error.message
    return page(
        "admin/payments/index.html", status=saved.status if saved is not None else 200, todo=_todo(), trouble=trouble,
        account=account_state(account), money=held, form=form or PayoutForm(), idempotency_key=uuid7(),
        methods=_methods(), checked=_checked(), general_errors=form.form_errors if form else (),
        stripe_url=stripe.dashboard_url(account=account.account_id) if account is not None else "",
    )  # fmt: skip


def _todo() -> list[dict[str, Any]]:
    trouble = setup.troubles()
    lines = (
        ("alert", trouble["disputes"], _n("disputed payment", "disputed payments", trouble["disputes"]),
         "admin.disputes", Role.STAFF),
        ("money", trouble["orphans"], _n("payment without an order", "payments without an order", trouble["orphans"]),
         "admin.unexpected", Role.MANAGER),
        ("list", trouble["findings"],
         _n("difference to Stripe's books", "differences to Stripe's books", trouble["findings"]),
         "admin.payment_checks", Role.MANAGER),
        ("refresh", trouble["webhooks"],
         _n("message from Stripe failed", "messages from Stripe failed", trouble["webhooks"]),
         "admin.stripe_messages", Role.ADMIN),
    )  # fmt: skip
    return [
        {"icon": icon, "count": count, "label": label, "url": url_for(endpoint)}
        for icon, count, label, endpoint, least in lines
        if count and may(least)
    ]


def account_state(account: StripeAccount | None) -> dict[str, Any]:
    """The account as Stripe last told it, in words."""
    if account is None:
        return {"connected": False}
    return {
        "connected": True, "id": account.account_id, "ready": connect.is_ready(),
        "payouts": account.payouts_enabled, "details": account.details_submitted,
        "missing": wording.missing(account.requirements), "pending": wording.missing(account.pending_requirements),
        "due": moment(account.requirements_due_at, "short"), "known": ago(account.updated_at),
        "disabled": _disabled(account.disabled_reason),
        "capabilities": [
            {"name": _(wording.CAPABILITIES[name]) if name in wording.CAPABILITIES else wording.plainly(name),
             "state": badge(wording.CAPABILITY, str(state))}
            for name, state in sorted(account.capabilities.items()) if name != "transfers"
        ],
    }  # fmt: skip


def _disabled(reason: str) -> str:
    if not reason:
        return ""
    known = wording.DISABLED.get(reason)
    if known is None and reason.startswith("rejected"):
        return _("Stripe has turned the account down.")
    return _(known) if known else wording.plainly(reason)


def _money(balance: Balance, payouts: Batch, movements: Batch) -> dict[str, Any]:
    return {
        "available": [money(minor, currency) for minor, currency in balance.available],
        "pending": [money(minor, currency) for minor, currency in balance.pending],
        "can_pay_out": any(minor > 0 and currency == current_store().currency
                           for minor, currency in balance.available),
        "payouts": [payout_row(one) for one in payouts.items],
        "movements": [movement_row(one) for one in movements.items],
    }  # fmt: skip


def payout_row(one: Payout) -> dict[str, Any]:
    return {"id": one.id, "amount": money(one.amount, one.currency), "state": badge(wording.PAYOUT, one.status),
            "when": moment(one.created_at, "short"), "iso": one.created_at.isoformat(),
            "arrives": day(one.arrives_at)}  # fmt: skip


def movement_row(one: Movement) -> dict[str, Any]:
    kind = wording.MOVEMENTS.get(one.type)
    return {"id": one.id, "kind": _(kind) if kind else wording.plainly(one.type), "what": one.description,
            "amount": money(one.amount, one.currency), "fee": money(one.fee, one.currency) if one.fee else "–",
            "net": money(one.net, one.currency), "when": moment(one.created_at, "short"),
            "iso": one.created_at.isoformat(),
            "available": day(one.available_at) if one.status == "pending" else ""}  # fmt: skip


def _methods() -> list[dict[str, Any]]:
    store = current_store()
    return [
        {"name": _(label), "on": store.offers(str(method))}
        for method, label in METHODS.items()
        if str(method) in store.payment_methods
    ]


def _checked() -> dict[str, Any]:
    last = reconciliation.last_check()
    return {"when": ago(last.finished_at) if last is not None and last.finished_at else "",
            "url": url_for("admin.payment_checks")}  # fmt: skip


# --- to the bank, and the whole lists ---------------------------------------------------------------------------------


@bp.post("/payments/payout")
@allow(Role.ADMIN)
@proved
def pay_out() -> Response:
    form = PayoutForm(request.form)

    def act() -> Response:
        saved = save(form, lambda draft: connect.create_payout(draft, actor=actor()))
        if not saved:
            return _overview(form, saved)
        flash(
            _("%(amount)s is on its way to your bank.", amount=payout_row(saved.thing)["amount"]), "success"
        )
        return go("admin.payments")

    try:
        return once("payout", act)
    except Conflict as error:
        flash(error.message, "error")
        return go("admin.payments")
    except ShopError as error:  # Stripe is away
        return _overview(form.refuse(error.message), Saved(status=422))


def _cursor() -> str | None:
    """Stripe's own place in its list; what is none is the beginning."""
    text = text_arg("after")
    return text if text and text.isascii() and text.replace("_", "").isalnum() else None


def _list(
    template: str, read: Callable[[int, str | None], Batch], row: Callable[[Any], dict[str, Any]]
) -> Response:
    try:
        found = read(ROWS, _cursor())
    except ShopError as error:
        return page(template, rows=[], trouble=error.message, next_url="", first_url="")
    here = request.endpoint or ""
    return page(template, rows=[row(one) for one in found.items], trouble="",
                next_url=url_for(here, after=found.next_cursor) if found.has_more else "",
                first_url=url_for(here) if _cursor() else "")  # fmt: skip


@bp.get("/payments/payouts")
@allow(Role.ADMIN)
def payouts() -> Response:
    return _list("admin/payments/payouts.html", connect.list_payouts, payout_row)


@bp.get("/payments/movements")
@allow(Role.ADMIN)
def movements() -> Response:
    return _list("admin/payments/movements.html", connect.list_movements, movement_row)
