"""What the buyer paid with, as Stripe shows it on intents and charges."""

from typing import Any

from .. import clock, ids
from ..core import Sandbox
from ..instruments import Instrument

EMPTY_BILLING: dict[str, Any] = {
    "address": {
        "city": None,
        "country": None,
        "line1": None,
        "line2": None,
        "postal_code": None,
        "state": None,
    },
    "email": None,
    "name": None,
    "phone": None,
    "tax_id": None,
}


def create(sandbox: Sandbox, account: str, instrument: Instrument, billing: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": ids.new("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": EMPTY_BILLING | billing,
        "created": clock.now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": instrument.method,
        instrument.method: _own(instrument),
    }
    return sandbox.store.add("payment_method", account, body)


def _own(instrument: Instrument) -> dict[str, Any]:
    if instrument.method == "sepa_debit":
        return {
            "bank_code": "37040044",
            "branch_code": "",
            "country": "DE",
            "fingerprint": "sepasandboxfp000",
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": "3000",
        }
    if instrument.method != "card":
        return {}
    return {
        "brand": instrument.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "PT",
        "display_brand": instrument.brand,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": "sandbox" + instrument.number[-9:],
        "funding": "credit",
        "generated_from": None,
        "last4": instrument.last4,
        "networks": {"available": [instrument.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def details(instrument: Instrument, challenged: bool) -> dict[str, Any]:
    """`charge.payment_method_details`."""
    if instrument.method == "multibanco":
        own: dict[str, Any] = {"entity": "12345", "reference": "999123456"}
    elif instrument.method == "sepa_debit":
        own = {
            "bank_code": "37040044",
            "branch_code": "",
            "country": "DE",
            "fingerprint": "sepasandboxfp000",
            "last4": "3000",
            "mandate": None,
        }
    elif instrument.method == "mb_way":
        own = {}
    else:
        own = {
            "brand": instrument.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "PT",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": "sandbox" + instrument.number[-9:],
            "funding": "credit",
            "installments": None,
            "last4": instrument.last4,
            "mandate": None,
            "network": instrument.brand,
            "three_d_secure": _three_d_secure() if challenged else None,
            "wallet": None,
        }
    return {"type": instrument.method, instrument.method: own}


def _three_d_secure() -> dict[str, Any]:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": ids.text(24),
        "version": "2.2.0",
    }
