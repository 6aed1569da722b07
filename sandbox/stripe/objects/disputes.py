"""Disputes: a buyer's bank takes the money back until the case is decided."""

from typing import Any

from .. import clock, ids, listing
from ..core import Sandbox, merge_metadata
from ..errors import wrong_state
from . import ledger

_FEE = 2000
_OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")


def open_(
    sandbox: Sandbox, account: str, charge: dict[str, Any], reason: str = "fraudulent"
) -> dict[str, Any]:
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise wrong_state("Only a captured charge can be disputed.", "charge_not_refundable")
    if charge["disputed"]:
        raise wrong_state("This charge is disputed already.", "charge_disputed")
    amount = charge["amount_captured"] - charge["amount_refunded"]
    if amount <= 0:
        raise wrong_state("This charge is refunded; nothing is left to dispute.", "charge_already_refunded")
    id = ids.new("du")
    transaction = ledger.record(
        sandbox,
        account,
        "adjustment",
        -amount,
        charge["currency"],
        id,
        fees=[("stripe_fee", _FEE)],
        category="dispute",
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    body = _body(sandbox, account, id, charge, amount, reason, transaction)
    sandbox.store.add("dispute", account, body)
    charge["disputed"] = True
    sandbox.change(account, "charge.updated", charge)
    sandbox.emit(account, "charge.dispute.created", body)
    sandbox.emit(account, "charge.dispute.funds_withdrawn", body)
    return body


def _body(
    sandbox: Sandbox,
    account: str,
    id: str,
    charge: dict[str, Any],
    amount: int,
    reason: str,
    transaction: str,
) -> dict[str, Any]:
    card = charge["payment_method_details"].get("card") or {}
    evidence_fields = sandbox.facts.schemas["dispute"]["properties"]["evidence"]["properties"]
    evidence: dict[str, Any] = {
        name: None for name in evidence_fields if name not in ("appeal", "enhanced_evidence")
    }
    evidence["customer_email_address"] = charge["billing_details"]["email"]
    evidence["enhanced_evidence"] = {}
    body: dict[str, Any] = {
        "id": id,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [sandbox.get("balance_transaction", account, transaction)],
        "charge": charge["id"],
        "created": clock.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": clock.now() + 7 * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    if card:
        body["payment_method_details"] = {
            "card": {
                "brand": card["brand"],
                "case_type": "chargeback",
                "network": card["brand"],
                "network_reason_code": "10",
            },
            "type": "card",
        }
    return body


def decide(sandbox: Sandbox, account: str, id: str, won: bool) -> dict[str, Any]:
    body = sandbox.get("dispute", account, id)
    if body["status"] not in _OPEN:
        raise wrong_state(f"This dispute is already {body['status']}.", "dispute_already_decided")
    if won:
        transaction = ledger.record(
            sandbox,
            account,
            "adjustment",
            body["amount"],
            body["currency"],
            id,
            part="won",
            category="dispute_reversal",
            description=f"Chargeback reversal for {body['charge']}",
        )
        body["balance_transactions"].append(sandbox.get("balance_transaction", account, transaction))
        body["is_charge_refundable"] = True
    body["status"] = "won" if won else "lost"
    sandbox.change(account, "charge.dispute.closed", body)
    if won:
        sandbox.emit(account, "charge.dispute.funds_reinstated", body)
    return body


def update(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("dispute", account, id)
    evidence = params.get("evidence") or {}
    if evidence and body["status"] not in _OPEN:
        raise wrong_state(
            f"This dispute is {body['status']} and takes no more evidence.",
            "dispute_already_decided",
        )
    for name, value in evidence.items():
        if name != "enhanced_evidence":
            body["evidence"][name] = value or None
    merge_metadata(body, params)
    details = body["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or any(evidence.values())
    if evidence and params.get("submit", True):
        details["submission_count"] += 1
        details["submission_method"] = "manual"
        body["status"] = "under_review"
    return sandbox.change(account, "charge.dispute.updated", body)


def close(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    """The seller accepts that it is lost."""
    return decide(sandbox, account, id, won=False)


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("dispute", account, id)


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(
        sandbox.store, "dispute", account, params, "/v1/disputes", ("charge", "payment_intent")
    )
