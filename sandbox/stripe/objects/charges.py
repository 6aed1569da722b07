"""Charges: one try to take money. Made by payment intents, never directly."""

from typing import Any

from .. import clock, ids, listing
from ..core import Sandbox
from ..instruments import DECLINES, Instrument
from ..money import stripe_fee
from . import fees, ledger, payment_methods


def build(intent: dict[str, Any], instrument: Instrument, **more: Any) -> dict[str, Any]:
    """A succeeded, captured charge of `intent`, not stored; `more` replaces fields."""
    body: dict[str, Any] = {
        "id": ids.new("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": payment_methods.EMPTY_BILLING | {"email": intent["receipt_email"]},
        "calculated_statement_descriptor": "VITRINE SANDBOX",
        "captured": True,
        "created": clock.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": payment_methods.details(instrument, instrument.challenge),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }
    return body | more


def succeed(sandbox: Sandbox, account: str, intent: dict[str, Any], instrument: Instrument) -> dict[str, Any]:
    captured = intent["capture_method"] != "manual"
    body = build(intent, instrument)
    if not captured:
        body |= {"captured": False, "amount_captured": 0}
    sandbox.store.add("charge", account, body, hidden={"instrument": _name(instrument)})
    if captured:
        book(sandbox, account, body)
    return sandbox.change(account, "charge.succeeded", body)


def _name(instrument: Instrument) -> str:
    return instrument.number if instrument.method == "card" else instrument.method


def fail(sandbox: Sandbox, account: str, intent: dict[str, Any], instrument: Instrument) -> dict[str, Any]:
    if instrument.decline:
        code, message = DECLINES[instrument.decline]
    else:
        code, message = "payment_intent_payment_attempt_failed", "The payment failed."
    body = build(
        intent,
        instrument,
        amount_captured=0,
        captured=False,
        failure_code=code,
        failure_message=message,
        paid=False,
        status="failed",
        outcome={
            "network_status": "declined_by_network",
            "reason": instrument.decline or "generic_decline",
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "The bank did not return any further details.",
            "type": "issuer_declined",
        },
    )
    sandbox.store.add("charge", account, body)
    sandbox.emit(account, "charge.failed", body)
    return body


def book(sandbox: Sandbox, account: str, body: dict[str, Any], created: int | None = None) -> None:
    """Enter the captured amount, Stripe's fee and the platform's fee in the books."""
    amount, currency = body["amount_captured"], body["currency"]
    parts = [("stripe_fee", stripe_fee(amount))]
    fee = body["application_fee_amount"]
    if fee and account:
        fee = min(fee, amount)
        parts.append(("application_fee", fee))
        body["application_fee"] = fees.record(sandbox, account, body, fee, created)
    body["balance_transaction"] = ledger.record(
        sandbox,
        account,
        "charge",
        amount,
        currency,
        body["id"],
        fees=parts,
        created=created,
        description=body["description"],
    )


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("charge", account, id)


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(
        sandbox.store,
        "charge",
        account,
        params,
        "/v1/charges",
        ("payment_intent", "customer", "transfer_group"),
    )
