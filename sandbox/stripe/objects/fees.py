"""Application fees: the platform's part of a connected account's charge."""

from typing import Any

from .. import clock, listing
from ..core import Sandbox
from . import ledger


def record(sandbox: Sandbox, account: str, charge: dict[str, Any], amount: int, created: int | None) -> str:
    """The fee lies on the platform; its id follows from the charge's."""
    tail = charge["id"].partition("_")[2]
    id = f"fee_{tail}"
    transaction = ledger.record(
        sandbox,
        "",
        "application_fee",
        amount,
        charge["currency"],
        id,
        category="platform_earning",
        created=created,
    )
    body = {
        "id": id,
        "object": "application_fee",
        "account": account,
        "amount": amount,
        "amount_refunded": 0,
        "application": "ca_sandbox",
        "balance_transaction": transaction,
        "charge": charge["id"],
        "created": created or clock.now(),
        "currency": charge["currency"],
        "fee_source": {"type": "charge", "charge": charge["id"]},
        "livemode": False,
        "originating_transaction": None,
        "refunded": False,
        "refunds": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/application_fees/{id}/refunds",
        },
    }
    sandbox.store.add("application_fee", "", body)
    return id


def refund(sandbox: Sandbox, fee: str, part: int, refund: str) -> int:
    """Give `part` of the fee (at most what is left) back to the account."""
    body = sandbox.get("application_fee", "", fee)
    part = min(part, body["amount"] - body["amount_refunded"])
    if part <= 0:
        return 0
    tail = refund.partition("_")[2]
    transaction = ledger.record(
        sandbox,
        "",
        "application_fee_refund",
        -part,
        body["currency"],
        f"fr_{tail}",
        category="platform_earning_refund",
    )
    body["amount_refunded"] += part
    body["refunded"] = body["amount_refunded"] == body["amount"]
    body["refunds"]["data"].insert(
        0,
        {
            "id": f"fr_{tail}",
            "object": "fee_refund",
            "amount": part,
            "balance_transaction": transaction,
            "created": clock.now(),
            "currency": body["currency"],
            "fee": fee,
            "metadata": {},
        },
    )
    sandbox.store.save(body)
    return part


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("application_fee", account, id)


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(
        sandbox.store, "application_fee", account, params, "/v1/application_fees", ("charge",)
    )
