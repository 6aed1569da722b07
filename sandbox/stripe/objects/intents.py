"""Payment intents: one purchase, through as many tries as it takes."""

from typing import Any

from .. import clock, ids, listing
from ..core import Sandbox, merge_metadata, require_account_ready
from ..errors import StripeError, invalid, missing_param, wrong_state
from ..instruments import OFFERED, WAITS_FOR_BUYER, Instrument, named
from ..money import check_amount, check_currency
from . import attempts, charges

_COPIED = (
    "description", "receipt_email", "shipping", "statement_descriptor",
    "statement_descriptor_suffix", "transfer_group", "setup_future_usage",
)  # fmt: skip
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def methods(params: dict[str, Any], currency: str) -> list[str]:
    """What the buyer may pay with: euros have all, other currencies cards only."""
    possible = list(OFFERED) if currency == "eur" else ["card"]
    allowed = params.get("allowed_payment_method_types")
    for name in allowed or []:
        if name not in possible:
            raise invalid(
                f"The payment method type provided: {name} is invalid. Please ensure the "
                f"provided type is activated and that it supports {currency}. The sandbox "
                f"knows: {', '.join(possible)}.",
                "allowed_payment_method_types",
                "payment_intent_invalid_parameter",
            )
    excluded = params.get("excluded_payment_method_types") or []
    found = [name for name in possible if name in (allowed or possible) and name not in excluded]
    if not found:
        raise invalid("No payment method type is left to pay with.", "payment_method_types")
    return found


def check_fee(account: str, params: dict[str, Any], amount: int, prefix: str = "") -> None:
    fee = params.get("application_fee_amount")
    name = f"{prefix}[application_fee_amount]" if prefix else "application_fee_amount"
    if fee is None:
        return
    if not account:
        raise invalid(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a "
            "direct payment (using an OAuth key or Stripe-Account header) or destination "
            "payment (using `transfer_data[destination]`).",
            name,
        )
    if fee < 0 or fee > amount:
        raise invalid("The application fee must not be greater than the amount.", name)


def build(amount: int, currency: str, params: dict[str, Any], **more: Any) -> dict[str, Any]:
    id = ids.new("pi")
    body: dict[str, Any] = {
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": params.get("application_fee_amount"),
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{id}_secret_{ids.text(25)}",
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": clock.now(),
        "currency": currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    body |= {name: params[name] or None for name in _COPIED if name in params}
    return body | more


def create(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    require_account_ready(sandbox, account)
    currency = check_currency(params["currency"])
    check_amount(params["amount"], currency)
    check_fee(account, params, params["amount"])
    _refuse_unknown_objects(params)
    instrument = _instrument(params)
    body = build(
        params["amount"],
        currency,
        params,
        payment_method_types=methods(params, currency),
    )
    if instrument and not params.get("confirm"):
        body["status"] = "requires_confirmation"
    sandbox.store.add("payment_intent", account, body, hidden=_choice(params))
    sandbox.emit(account, "payment_intent.created", body)
    if params.get("confirm"):
        return confirm(sandbox, account, params, body["id"])
    return body


def _choice(params: dict[str, Any]) -> dict[str, Any]:
    name = params.get("payment_method") or (params.get("payment_method_data") or {}).get("type")
    return {"chosen": name} if name else {}


def _refuse_unknown_objects(params: dict[str, Any]) -> None:
    if "customer" in params:
        raise invalid(f"No such customer: '{params['customer']}'", "customer", "resource_missing")
    if "transfer_data" in params:
        raise invalid("The sandbox knows direct charges only.", "transfer_data")


def _instrument(params: dict[str, Any]) -> Instrument | None:
    name = _choice(params).get("chosen")
    if name is None:
        return None
    found = named(name)
    if found is None or name[:1].isdigit():
        raise StripeError(
            f"No such PaymentMethod: '{name}'",
            code="resource_missing",
            param="payment_method",
        )
    return found


def confirm(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("payment_intent", account, id, "intent")
    require_status(body, _CONFIRMABLE, "confirm")
    require_account_ready(sandbox, account)
    chosen = sandbox.store.hidden(id).get("chosen")
    instrument = _instrument(params) or (named(chosen) if chosen else None)
    if instrument is None:
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You "
            "can either update the PaymentIntent with a payment method and then confirm it "
            "again, or confirm it again directly with a payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
        )
    if instrument.method not in body["payment_method_types"]:
        raise invalid(
            f"The PaymentIntent does not allow the payment method type {instrument.method}.",
            "payment_method",
            "payment_intent_invalid_parameter",
        )
    if "receipt_email" in params:
        body["receipt_email"] = params["receipt_email"] or None
    body = attempts.start(sandbox, account, body, instrument, params.get("return_url"))
    error = body["last_payment_error"]
    if error:
        raise StripeError(
            error["message"],
            status=402,
            type="card_error",
            code=error["code"],
            decline_code=error.get("decline_code"),
            charge=error.get("charge"),
            payment_intent=body,
            keep=True,
        )
    return body


def require_status(body: dict[str, Any], allowed: tuple[str, ...], verb: str) -> None:
    if body["status"] not in allowed:
        raise wrong_state(
            f"You cannot {verb} this PaymentIntent because it has a status of {body['status']}. "
            f"Only a PaymentIntent with one of the following statuses may be "
            f"{'cancelled' if verb == 'cancel' else verb + 'ed'}: {', '.join(allowed)}.",
            "payment_intent_unexpected_state",
            payment_intent=body,
        )


def update(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("payment_intent", account, id, "intent")
    if set(params) - {"metadata", "description", "receipt_email", "shipping", "expand"}:
        require_status(body, _CONFIRMABLE, "update")
    _refuse_unknown_objects(params)
    currency = check_currency(params.get("currency", body["currency"]))
    amount = params.get("amount", body["amount"])
    check_amount(amount, currency)
    check_fee(account, params, amount)
    instrument = _instrument(params)
    if instrument:
        sandbox.store.hide(id, **_choice(params))
        body["status"] = "requires_confirmation"
    body |= {"amount": amount, "currency": currency}
    for name in (*_COPIED, "application_fee_amount", "capture_method"):
        if name in params:
            body[name] = params[name] if params[name] != "" else None
    if "allowed_payment_method_types" in params or "currency" in params:
        body["payment_method_types"] = methods(params, currency)
    merge_metadata(body, params)
    return sandbox.store.save(body)


def capture(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("payment_intent", account, id, "intent")
    require_status(body, ("requires_capture",), "capture")
    amount = params.get("amount_to_capture", body["amount_capturable"])
    if not 1 <= amount <= body["amount_capturable"]:
        raise invalid(
            "The amount to capture must be between 1 and the amount that can be captured.",
            "amount_to_capture",
            "amount_too_large" if amount > 0 else "parameter_invalid_integer",
        )
    check_fee(account, params, amount)
    if "application_fee_amount" in params:
        body["application_fee_amount"] = params["application_fee_amount"]
    charge = sandbox.get("charge", account, body["latest_charge"])
    charge |= {
        "captured": True,
        "amount_captured": amount,
        "application_fee_amount": body["application_fee_amount"],
    }
    charges.book(sandbox, account, charge)
    sandbox.change(account, "charge.captured", charge)
    body |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    merge_metadata(body, params)
    return sandbox.change(account, "payment_intent.succeeded", body)


def cancel(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("payment_intent", account, id, "intent")
    session = sandbox.store.get("checkout.session", account, sandbox.store.hidden(id).get("session", ""))
    if session and session["status"] == "open":
        raise wrong_state(
            "You cannot cancel this PaymentIntent because it was created by a Checkout Session "
            "that is still open. Expire the Checkout Session instead.",
            "payment_intent_unexpected_state",
        )
    allowed = (*_CONFIRMABLE, "requires_capture")
    # A debit is with the bank already and can't be called back; what waits for the buyer can.
    waits_for_buyer = sandbox.store.hidden(id).get("instrument") in WAITS_FOR_BUYER
    if not (body["status"] == "processing" and waits_for_buyer):
        require_status(body, allowed, "cancel")
    return void(sandbox, account, body, params.get("cancellation_reason"))


def void(sandbox: Sandbox, account: str, body: dict[str, Any], reason: str | None) -> dict[str, Any]:
    """Cancel whatever the status; the caller has checked it."""
    if body["status"] == "requires_capture":
        charge = sandbox.get("charge", account, body["latest_charge"])
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        sandbox.change(account, "charge.refunded", charge)
    body |= {
        "status": "canceled",
        "canceled_at": clock.now(),
        "cancellation_reason": reason,
        "amount_capturable": 0,
        "next_action": None,
        "processing": None,
    }
    sandbox.store.set_due(body["id"], None)
    return sandbox.change(account, "payment_intent.canceled", body)


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("payment_intent", account, id, "intent")
    secret = params.get("client_secret")
    if secret and secret != body["client_secret"]:
        raise missing_param("client_secret")
    return body


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(
        sandbox.store, "payment_intent", account, params, "/v1/payment_intents", ("customer",)
    )
