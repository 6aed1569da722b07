"""Refunds: never beyond what a charge took."""

from typing import Any

from .. import clock, ids, listing
from ..core import Sandbox, merge_metadata
from ..errors import StripeError, invalid, missing_param, wrong_state
from ..instruments import named
from ..money import show
from . import fees, ledger


def create(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    charge = _charge(sandbox, account, params)
    amount = _amount(charge, params)
    refunded_fee = 0
    refund_id = ids.new("re")
    if params.get("refund_application_fee"):
        if not charge["application_fee"]:
            raise invalid(
                "Can't refund the application fee: this charge has none.",
                "refund_application_fee",
            )
        part = charge["application_fee_amount"] * amount // charge["amount_captured"]
        if amount == charge["amount_captured"] - charge["amount_refunded"]:
            part = charge["application_fee_amount"]
        refunded_fee = fees.refund(sandbox, charge["application_fee"], part, refund_id)
    body = build(charge, amount, id=refund_id, reason=params.get("reason"))
    body["metadata"] = params.get("metadata") or {}
    body["instructions_email"] = params.get("instructions_email")
    due = _timing(sandbox, charge, body)
    sandbox.store.add("refund", account, body, due=due)
    book(sandbox, account, body, refunded_fee=refunded_fee)
    _apply(charge, amount)
    sandbox.store.save(charge)
    sandbox.emit(account, "refund.created", body)
    sandbox.emit(account, "charge.refunded", charge)
    return body


def _charge(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    if "charge" in params:
        charge = sandbox.get("charge", account, params["charge"], "charge")
    elif "payment_intent" in params:
        intent = sandbox.get("payment_intent", account, params["payment_intent"], "payment_intent")
        if not intent["latest_charge"]:
            raise wrong_state(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                "payment_intent_unexpected_state",
                param="payment_intent",
            )
        charge = sandbox.get("charge", account, intent["latest_charge"])
    else:
        raise missing_param("payment_intent")
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise wrong_state(
            f"Charge {charge['id']} has not been captured, so it cannot be refunded. "
            "Cancel its PaymentIntent instead.",
            "charge_not_refundable",
        )
    if charge["disputed"] and _open_dispute(sandbox, account, charge["id"]):
        raise wrong_state(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            "charge_disputed",
        )
    return charge


def _open_dispute(sandbox: Sandbox, account: str, charge: str) -> bool:
    found = sandbox.store.find("dispute", account, charge=charge)
    return any(dispute["status"] != "won" for dispute in found)


def _amount(charge: dict[str, Any], params: dict[str, Any]) -> int:
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount: int = params.get("amount", left)
    if amount < 1:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount > left:
        currency = charge["currency"]
        raise invalid(
            f"Refund amount ({show(amount, currency)}) is greater than unrefunded amount on "
            f"charge ({show(left, currency)})",
            "amount",
        )
    return amount


def build(charge: dict[str, Any], amount: int, **more: Any) -> dict[str, Any]:
    """A succeeded refund of `charge`, neither stored nor booked."""
    method = charge["payment_method_details"]["type"]
    destination: dict[str, Any] = {"type": method}
    if method == "card":
        destination["card"] = {
            "reference": None,
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        }
    elif method in ("multibanco", "mb_way"):
        destination[method] = {"reference": None, "reference_status": None}
    body: dict[str, Any] = {
        "id": ids.new("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": clock.now(),
        "currency": charge["currency"],
        "destination_details": destination,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    return body | more


def _timing(sandbox: Sandbox, charge: dict[str, Any], body: dict[str, Any]) -> float | None:
    """Sets a pending status when the refund takes time; when it settles."""
    instrument = named(sandbox.store.hidden(charge["id"]).get("instrument", ""))
    kind = instrument.refund if instrument else ""
    wait = sandbox.store.setting("refund_after")
    if kind == "fails":
        return clock.precise() + (wait or 0)
    if kind == "slow" or wait is not None:
        body["status"] = "pending"
        body["pending_reason"] = "processing"
        return clock.precise() + (wait or 0)
    return None


def book(
    sandbox: Sandbox,
    account: str,
    body: dict[str, Any],
    *,
    refunded_fee: int = 0,
    created: int | None = None,
) -> None:
    body["balance_transaction"] = ledger.record(
        sandbox,
        account,
        "refund",
        -body["amount"],
        body["currency"],
        body["id"],
        fees=[("application_fee", -refunded_fee)] if refunded_fee else [],
        created=created,
    )
    sandbox.store.save(body)


def _apply(charge: dict[str, Any], amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]


def settle(sandbox: Sandbox, id: str, fails: bool | None = None) -> None:
    """A refund that took time ends; `fails=None`: as its card says."""
    body = sandbox.store.get("refund", None, id)
    if body is None or body["status"] in ("failed", "canceled"):
        return
    account = sandbox.store.owner(id)
    if fails is None:
        name = sandbox.store.hidden(body["charge"]).get("instrument", "")
        instrument = named(name)
        fails = bool(instrument and instrument.refund == "fails")
    body.pop("pending_reason", None)
    if fails:
        _fail(sandbox, account, body)
    elif body["status"] == "pending":
        body["status"] = "succeeded"
        sandbox.change(account, "refund.updated", body)
        sandbox.emit(account, "charge.refund.updated", body)


def _fail(sandbox: Sandbox, account: str, body: dict[str, Any]) -> None:
    body["status"] = "failed"
    body["failure_reason"] = "expired_or_canceled_card"
    body["failure_balance_transaction"] = ledger.record(
        sandbox,
        account,
        "refund_failure",
        body["amount"],
        body["currency"],
        body["id"],
        part="failed",
    )
    charge = sandbox.get("charge", account, body["charge"])
    _apply(charge, -body["amount"])
    sandbox.store.save(charge)
    for event in ("refund.failed", "refund.updated", "charge.refund.updated"):
        sandbox.change(account, event, body)


def update(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("refund", account, id)
    merge_metadata(body, params)
    return sandbox.change(account, "refund.updated", body)


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("refund", account, id)


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(sandbox.store, "refund", account, params, "/v1/refunds", ("charge", "payment_intent"))
