"""Payouts: money leaves the account's balance for its bank."""

from typing import Any

from .. import clock, ids, listing
from ..core import Sandbox
from ..errors import StripeError, missing_object
from . import ledger


def create(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    amount, currency = params["amount"], params["currency"].lower()
    ledger.require_available(sandbox, account, amount, currency)
    owner = sandbox.store.get("account", None, account) if account else None
    if owner and not owner["payouts_enabled"]:
        raise StripeError(
            "Payouts are not enabled on this account. Complete its onboarding first.",
            code="payouts_not_allowed",
        )
    id = ids.new("po")
    now = clock.now()
    transaction = ledger.record(sandbox, account, "payout", -amount, currency, id)
    body = {
        "id": id,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": now + 2 * 86400,
        "automatic": False,
        "balance_transaction": transaction,
        "created": now,
        "currency": currency,
        "description": params.get("description"),
        "destination": "ba_" + ids.text(24),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "method": params.get("method", "standard"),
        "original_payout": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": params.get("source_type", "card"),
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    due = clock.precise() + sandbox.store.setting("payout_after")
    sandbox.store.add("payout", account, body, due=due)
    sandbox.emit(account, "payout.created", body)
    return body


def pay(sandbox: Sandbox, id: str) -> None:
    body = sandbox.store.get("payout", None, id)
    if body and body["status"] == "pending":
        sandbox.change(sandbox.store.owner(id), "payout.paid", body | {"status": "paid"})


def fail(sandbox: Sandbox, id: str) -> None:
    """The bank does not take it, also days after it was said to be paid: the money is back."""
    account = sandbox.store.owner(id)
    body = sandbox.store.get("payout", None, id)
    if body is None:
        raise missing_object("payout", id)
    if body["status"] not in ("pending", "in_transit", "paid"):
        raise StripeError(f"This payout is {body['status']} and can't fail.")
    back = ledger.record(
        sandbox, account, "payout_failure", body["amount"], body["currency"], id, part="_failure"
    )
    failed = {"status": "failed", "failure_code": "account_closed", "failure_balance_transaction": back,
              "failure_message": "The bank account has been closed."}  # fmt: skip
    sandbox.change(account, "payout.failed", body | failed)


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("payout", account, id)


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(sandbox.store, "payout", account, params, "/v1/payouts", ("status", "destination"))
