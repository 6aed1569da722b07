"""One try to pay an intent: challenge, decline, waiting, success."""

from typing import Any

from .. import clock
from ..core import Sandbox
from ..instruments import DECLINES, DELAYED, Instrument, named
from . import charges, disputes, payment_methods

VOUCHER_LIFE = 7 * 86400


def start(
    sandbox: Sandbox,
    account: str,
    body: dict[str, Any],
    instrument: Instrument,
    return_url: str | None = None,
    billing: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Pay `body` (an intent) with `instrument` as far as it goes without the buyer."""
    method = payment_methods.create(sandbox, account, instrument, billing or {})
    body |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    name = instrument.number if instrument.method == "card" else instrument.method
    sandbox.store.hide(body["id"], instrument=name, return_url=return_url, billing=billing or {})
    if instrument.challenge:
        return _challenge(sandbox, account, body, return_url)
    if instrument.method in DELAYED:
        return _wait(sandbox, account, body, instrument)
    return finish(sandbox, account, body, succeeds=not instrument.decline)


def _challenge(
    sandbox: Sandbox, account: str, body: dict[str, Any], return_url: str | None
) -> dict[str, Any]:
    body["status"] = "requires_action"
    body["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {
            "return_url": return_url,
            "url": f"{sandbox.host_url}/authenticate/{body['id']}",
        },
    }
    return sandbox.change(account, "payment_intent.requires_action", body)


def _wait(sandbox: Sandbox, account: str, body: dict[str, Any], instrument: Instrument) -> dict[str, Any]:
    """A voucher waits for the buyer (requires_action), a debit for the bank (processing)."""
    if instrument.method == "multibanco":
        body["status"] = "requires_action"
        body["next_action"] = {
            "type": "multibanco_display_details",
            "multibanco_display_details": {
                "entity": "12345",
                "expires_at": clock.now() + VOUCHER_LIFE,
                "hosted_voucher_url": f"{sandbox.host_url}/voucher/{body['id']}",
                "reference": "999123456",
            },
        }
        event = "payment_intent.requires_action"
    else:
        body["status"] = "processing"
        event = "payment_intent.processing"
    wait = sandbox.store.setting("delayed_after")
    if wait is not None:
        sandbox.store.set_due(body["id"], clock.precise() + wait)
    return sandbox.change(account, event, body)


def instrument_of(sandbox: Sandbox, id: str) -> Instrument:
    found = named(sandbox.store.hidden(id).get("instrument", ""))
    return found or Instrument("4242424242424242")


def finish(sandbox: Sandbox, account: str, body: dict[str, Any], succeeds: bool) -> dict[str, Any]:
    """The bank's answer to the current try."""
    instrument = instrument_of(sandbox, body["id"])
    sandbox.store.set_due(body["id"], None)
    body |= {"next_action": None, "processing": None}
    if not succeeds:
        return _failed(sandbox, account, body, instrument)
    charge = charges.succeed(sandbox, account, body, instrument)
    billing = sandbox.store.hidden(body["id"]).get("billing")
    if billing:
        charge["billing_details"] = payment_methods.EMPTY_BILLING | billing
        sandbox.store.save(charge)
    body["latest_charge"] = charge["id"]
    if charge["captured"]:
        body |= {"status": "succeeded", "amount_received": body["amount"]}
        event = "payment_intent.succeeded"
    else:
        body |= {"status": "requires_capture", "amount_capturable": body["amount"]}
        event = "payment_intent.amount_capturable_updated"
    sandbox.change(account, event, body)
    if instrument.dispute and charge["captured"]:
        disputes.open_(sandbox, account, charge)
    return body


def _failed(sandbox: Sandbox, account: str, body: dict[str, Any], instrument: Instrument) -> dict[str, Any]:
    charge = charges.fail(sandbox, account, body, instrument)
    method = sandbox.store.get("payment_method", account, body["payment_method"] or "")
    error: dict[str, Any] = {
        "type": "card_error" if instrument.method == "card" else "invalid_request_error",
        "charge": charge["id"],
        "code": charge["failure_code"],
        "doc_url": "https://docs.stripe.com/error-codes/" + charge["failure_code"].replace("_", "-"),
        "message": charge["failure_message"],
    }
    if method:
        error["payment_method"] = method
    if DECLINES.get(instrument.decline, ("",))[0] == "card_declined":
        error["decline_code"] = instrument.decline
    body |= {
        "status": "requires_payment_method",
        "last_payment_error": error,
        "latest_charge": charge["id"],
        "payment_method": None,
    }
    return sandbox.change(account, "payment_intent.payment_failed", body)


def challenge_failed(sandbox: Sandbox, account: str, body: dict[str, Any]) -> dict[str, Any]:
    """The buyer did not confirm at their bank: no charge was tried."""
    sandbox.store.set_due(body["id"], None)
    message = (
        "We are unable to authenticate your payment method. Please choose a different payment "
        "method and try again."
    )
    body |= {
        "status": "requires_payment_method",
        "next_action": None,
        "payment_method": None,
        "last_payment_error": {
            "type": "card_error",
            "code": "payment_intent_authentication_failure",
            "doc_url": "https://docs.stripe.com/error-codes/payment-intent-authentication-failure",
            "message": message,
        },
    }
    return sandbox.change(account, "payment_intent.payment_failed", body)
