"""What buyers, banks and time do: pay a session, confirm, settle, expire."""

from typing import Any

from . import clock
from .core import Sandbox
from .errors import StripeError, invalid, missing_object, wrong_state
from .instruments import Instrument, named
from .objects import attempts, intents, ledger, payouts, refunds, sessions

_WAITING = ("requires_action", "processing")


def pay_session(
    sandbox: Sandbox, id: str, instrument: Instrument | None, buyer: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The buyer presses Pay on the hosted page; the session afterwards.

    A decline leaves the session open with the intent's `last_payment_error`; a challenge
    leaves it open with the intent's `next_action`. `instrument` is not needed for a total
    of 0. `buyer`: email, name, phone.
    """
    body = _session(sandbox, id)
    account = sandbox.store.owner(id)
    sessions.require_open(body)
    buyer = {key: value for key, value in (buyer or {}).items() if value}
    buyer.setdefault("email", body["customer_email"] or "buyer@example.com")
    if body["amount_total"] == 0:
        return _complete(sandbox, account, body, "no_payment_required", buyer)
    if instrument is None or instrument.method not in body["payment_method_types"]:
        raise invalid("This session does not take that payment method.", "method")
    intent = _intent(sandbox, account, body, buyer)
    if intent["status"] not in ("requires_payment_method", "requires_action"):
        raise wrong_state("This session is being paid already.", "payment_intent_unexpected_state")
    sandbox.store.hide(id, buyer=buyer)
    intent = attempts.start(
        sandbox,
        account,
        intent,
        instrument,
        body["success_url"],
        {"email": buyer["email"]} | {key: buyer[key] for key in ("name", "phone") if key in buyer},
    )
    return after_attempt(sandbox, account, intent)


def _session(sandbox: Sandbox, id: str) -> dict[str, Any]:
    body = sandbox.store.get("checkout.session", None, id)
    if body is None:
        raise missing_object("checkout.session", id, "session")
    return body


def _intent(sandbox: Sandbox, account: str, session: dict[str, Any], buyer: dict[str, Any]) -> dict[str, Any]:
    """The session's intent; it comes to be when the buyer first pays."""
    if session["payment_intent"]:
        return sandbox.get("payment_intent", account, session["payment_intent"])
    data = sandbox.store.hidden(session["id"]).get("intent", {})
    intent = intents.build(
        session["amount_total"],
        session["currency"],
        data,
        payment_method_types=session["payment_method_types"],
        automatic_payment_methods=None,
    )
    sandbox.store.add("payment_intent", account, intent, hidden={"session": session["id"]})
    session["payment_intent"] = intent["id"]
    sandbox.store.save(session)
    sandbox.emit(account, "payment_intent.created", intent)
    return intent


def after_attempt(sandbox: Sandbox, account: str, intent: dict[str, Any]) -> dict[str, Any]:
    """Carry the intent's state over to its session, if it has one; the session or {}."""
    id = sandbox.store.hidden(intent["id"]).get("session")
    session = sandbox.store.get("checkout.session", account, id) if id else None
    if session is None:
        return {}
    status = intent["status"]
    if session["status"] == "open":
        delayed = attempts.instrument_of(sandbox, intent["id"]).method != "card"
        buyer = sandbox.store.hidden(session["id"]).get("buyer", {})
        if status == "succeeded":
            return _complete(sandbox, account, session, "paid", buyer)
        if status == "requires_capture" or (delayed and status in _WAITING):
            return _complete(sandbox, account, session, "unpaid", buyer)
        return session
    if session["status"] == "complete" and session["payment_status"] == "unpaid":
        if status == "succeeded":
            session["payment_status"] = "paid"
            kind = "checkout.session.async_payment_succeeded"
            return sandbox.change(account, kind, session)
        if status in ("requires_payment_method", "canceled"):
            return sandbox.change(account, "checkout.session.async_payment_failed", session)
    return session


def _complete(
    sandbox: Sandbox,
    account: str,
    session: dict[str, Any],
    payment_status: str,
    buyer: dict[str, Any],
) -> dict[str, Any]:
    session |= {
        "status": "complete",
        "payment_status": payment_status,
        "url": None,
        "customer_details": {
            "address": None,
            "email": buyer.get("email"),
            "name": buyer.get("name"),
            "phone": buyer.get("phone"),
            "tax_exempt": "none",
            "tax_ids": [],
        },
    }
    sandbox.store.set_due(session["id"], None)
    return sandbox.change(account, "checkout.session.completed", session)


def authenticate(sandbox: Sandbox, id: str, succeeds: bool) -> dict[str, Any]:
    """The buyer confirms (or not) at their bank; the intent afterwards."""
    intent, account = _waiting(sandbox, id)
    if (intent["next_action"] or {}).get("type") != "redirect_to_url":
        raise wrong_state("This payment waits for no confirmation.", "payment_intent_unexpected_state")
    if succeeds:
        instrument = attempts.instrument_of(sandbox, id)
        intent = attempts.finish(sandbox, account, intent, succeeds=not instrument.decline)
    else:
        intent = attempts.challenge_failed(sandbox, account, intent)
    after_attempt(sandbox, account, intent)
    return intent


def settle(sandbox: Sandbox, id: str, succeeds: bool) -> dict[str, Any]:
    """A delayed method pays, or does not; the intent afterwards."""
    intent, account = _waiting(sandbox, id)
    if attempts.instrument_of(sandbox, id).method == "card":
        raise wrong_state("A card payment is not settled later.", "payment_intent_unexpected_state")
    intent = attempts.finish(sandbox, account, intent, succeeds)
    after_attempt(sandbox, account, intent)
    return intent


def _waiting(sandbox: Sandbox, id: str) -> tuple[dict[str, Any], str]:
    intent = sandbox.store.get("payment_intent", None, id)
    if intent is None:
        raise missing_object("payment_intent", id)
    intents.require_status(intent, _WAITING, "confirm")
    return intent, sandbox.store.owner(id)


def unknown_charge(
    sandbox: Sandbox, account: str, amount: int, currency: str = "eur", **params: Any
) -> dict[str, Any]:
    """A payment that no order knows, as if it were taken in Stripe's dashboard."""
    intent = intents.create(
        sandbox,
        account,
        {"amount": amount, "currency": currency, "description": "Taken at Stripe", **params},
    )
    instrument = named("4242424242424242")
    assert instrument
    return attempts.start(sandbox, account, intent, instrument)


def sweep(sandbox: Sandbox) -> None:
    """Do all that is due; called at every request and by the background thread."""
    for row in sandbox.store.due(clock.precise()):
        sandbox.store.set_due(row["id"], None)
        kind, id = row["kind"], row["id"]
        if kind == "checkout.session":
            session = _session(sandbox, id)
            if session["status"] == "open":
                sessions.end(sandbox, row["account"], session)
        elif kind == "payment_intent":
            try:
                settle(sandbox, id, succeeds=True)
            except StripeError:
                continue  # Cancelled or settled by hand meanwhile.
        elif kind == "payout":
            payouts.pay(sandbox, id)
        elif kind == "refund":
            refunds.settle(sandbox, id)
        elif kind == "balance_transaction":
            ledger.settle(sandbox, id)


def cancel_intent(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    """The API's cancel, seen by the session that waits for the money."""
    intent = intents.cancel(sandbox, account, params, id)
    after_attempt(sandbox, account, intent)
    return intent


def confirm_intent(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    intent = intents.confirm(sandbox, account, params, id)
    after_attempt(sandbox, account, intent)
    return intent


def capture_intent(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    """A session whose money was only reserved is paid when it is captured."""
    intent = intents.capture(sandbox, account, params, id)
    session_id = sandbox.store.hidden(id).get("session")
    session = sandbox.store.get("checkout.session", account, session_id) if session_id else None
    if session:
        sandbox.store.save(session | {"payment_status": "paid"})
    return intent
