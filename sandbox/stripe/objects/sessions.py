"""Checkout sessions: a hosted page that takes one payment."""

from typing import Any

from .. import clock, ids, listing
from ..core import Sandbox, require_account_ready
from ..errors import invalid, missing_param, wrong_state
from ..money import MAXIMUM, MINIMUM, show
from . import intents, lines
from .accounts import require_url

SHORTEST, LONGEST = 30 * 60, 24 * 3600
_ECHOED = (
    "billing_address_collection", "client_reference_id", "customer_creation", "customer_email",
    "integration_identifier", "locale", "phone_number_collection",
    "shipping_address_collection", "submit_type", "cancel_url", "success_url",
)  # fmt: skip
# Whole other products: better refused than quietly ignored.
_UNSUPPORTED = (
    "after_expiration", "custom_fields", "customer", "customer_account", "discounts",
    "invoice_creation", "managed_payments", "optional_items", "payment_method_configuration",
    "setup_intent_data", "subscription_data", "tax_id_collection", "wallet_options",
)  # fmt: skip


def build(amount: int, currency: str, params: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An open session, not stored."""
    id = "cs_test_" + ids.text(58)
    now = clock.now()
    body: dict[str, Any] = {
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": None,
        "client_reference_id": None,
        "client_secret": None,
        "consent": None,
        "consent_collection": None,
        "created": now,
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": _custom_text(params),
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": None,
        "discounts": [],
        "expires_at": now + LONGEST,
        "invoice": None,
        "livemode": False,
        "locale": None,
        "metadata": params.get("metadata") or {},
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_options": params.get("payment_method_options") or {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
    }
    body |= {name: params[name] for name in _ECHOED if name in params}
    return body | more


def _custom_text(params: dict[str, Any]) -> dict[str, Any]:
    names = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    given = params.get("custom_text") or {}
    return {name: given.get(name) or None for name in names}


def create(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    require_account_ready(sandbox, account)
    _check_shape(params)
    currency, items = lines.build(params)
    subtotal = sum(item["amount_total"] for item in items)
    shipping, options = lines.shipping(params, currency)
    total = subtotal + (shipping["amount_total"] if shipping else 0)
    _check_total(total, currency)
    intent_data = params.get("payment_intent_data") or {}
    intents.check_fee(account, intent_data, total, "payment_intent_data")
    if "transfer_data" in intent_data:
        raise invalid("The sandbox knows direct charges only.", "payment_intent_data[transfer_data]")
    body = build(
        total,
        currency,
        params,
        amount_subtotal=subtotal,
        expires_at=_expiry(params),
        payment_method_types=intents.methods(params, currency),
        shipping_cost=shipping,
        shipping_options=options,
    )
    body["total_details"]["amount_shipping"] = total - subtotal
    body["url"] = f"{sandbox.host_url}/pay/{body['id']}"
    hidden = {"lines": items, "intent": intent_data}
    sandbox.store.add("checkout.session", account, body, due=body["expires_at"], hidden=hidden)
    return body


def _check_shape(params: dict[str, Any]) -> None:
    if "mode" not in params:
        raise missing_param("mode")
    if params["mode"] != "payment":
        raise invalid("The sandbox knows mode=payment only.", "mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The sandbox knows ui_mode=hosted_page only.", "ui_mode")
    for name in _UNSUPPORTED:
        if params.get(name):
            raise invalid(f"The sandbox does not know `{name}`.", name)
    if (params.get("automatic_tax") or {}).get("enabled"):
        raise invalid("The sandbox computes no taxes.", "automatic_tax")
    if "success_url" not in params:
        raise missing_param("success_url")
    for name in ("success_url", "cancel_url"):
        if name in params:
            require_url(params[name], name)
    email = params.get("customer_email")
    if email is not None and "@" not in email:
        raise invalid(f"Invalid email address: {email}", "customer_email", "email_invalid")


def _check_total(total: int, currency: str) -> None:
    if 0 < total < MINIMUM[currency]:
        minimum = show(MINIMUM[currency], currency)
        raise invalid(
            f"The Checkout Session's total amount due must add up to at least {minimum} {currency}",
            "line_items",
            "amount_too_small",
        )
    if total > MAXIMUM:
        raise invalid(
            "The Checkout Session's total amount due is too large", "line_items", "amount_too_large"
        )


def _expiry(params: dict[str, Any]) -> int:
    now = clock.now()
    at: int = params.get("expires_at", now + LONGEST)
    # A few seconds may pass between the caller's clock and ours.
    if at < now + SHORTEST - 10:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            "expires_at",
        )
    if at > now + LONGEST + 10:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            "expires_at",
        )
    return at


def require_open(body: dict[str, Any]) -> None:
    if body["status"] != "open":
        raise wrong_state(
            f'Only Checkout Sessions with a status in ["open"] can be used for this. This '
            f"Checkout Session has a status of {body['status']}.",
            "checkout_session_not_open",
        )


def expire(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("checkout.session", account, id, "session")
    if body["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {body['status']}.",
            "session",
        )
    return end(sandbox, account, body)


def end(sandbox: Sandbox, account: str, body: dict[str, Any]) -> dict[str, Any]:
    """The session expires; what the buyer began is cancelled."""
    intent = sandbox.store.get("payment_intent", account, body["payment_intent"] or "")
    if intent and intent["status"] not in ("canceled", "succeeded"):
        intents.void(sandbox, account, intent, "automatic")
    body |= {"status": "expired", "url": None}
    sandbox.store.set_due(body["id"], None)
    return sandbox.change(account, "checkout.session.expired", body)


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("checkout.session", account, id, "session")


def line_items(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    sandbox.get("checkout.session", account, id, "session")
    items = sandbox.store.hidden(id).get("lines", [])
    return listing.of(items, params, f"/v1/checkout/sessions/{id}/line_items")


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(
        sandbox.store,
        "checkout.session",
        account,
        params,
        "/v1/checkout/sessions",
        ("payment_intent", "status", "customer"),
    )
