"""Balance transactions: every movement of money on an account, and what they add up to."""

from typing import Any

from .. import clock, listing
from ..core import Sandbox
from ..errors import StripeError, invalid
from ..money import check_currency


def record(
    sandbox: Sandbox,
    account: str,
    type: str,
    amount: int,
    currency: str,
    source: str,
    *,
    part: str = "",
    fees: list[tuple[str, int]] = (),  # type: ignore[assignment]
    category: str | None = None,
    created: int | None = None,
    description: str | None = None,
) -> str:
    """Book `amount` (negative: money out) less `fees`; the new transaction's id.

    The id follows from the `source` and the `part` of its story, so that booking the same
    again replaces.
    """
    id = "txn_" + source.replace("_", "") + part
    created = created or clock.now()
    fee = sum(value for _, value in fees)
    incoming = type in ("charge", "payment", "application_fee")
    wait = sandbox.store.setting("settle_after") if incoming else 0
    available = int(created + wait)
    body: dict[str, Any] = {
        "id": id,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available,
        "balance_type": "payments",
        "created": created,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {
                "amount": value,
                "application": None,
                "currency": currency,
                "description": kind.replace("_", " "),
                "type": kind,
            }
            for kind, value in fees
        ],
        "net": amount - fee,
        "reporting_category": category or type,
        "source": source,
        "status": "available" if available <= clock.now() else "pending",
        "type": type,
    }
    sandbox.check("balance_transaction", body)
    due = None if body["status"] == "available" else available
    sandbox.store.add("balance_transaction", account, body, due=due)
    return id


def settle(sandbox: Sandbox, id: str) -> None:
    """Its day has come: pending money becomes available."""
    body = sandbox.store.get("balance_transaction", None, id)
    if body:
        sandbox.store.save(body | {"status": "available"})


def sums(sandbox: Sandbox, account: str) -> dict[str, dict[str, int]]:
    """Currency → {"available": …, "pending": …}."""
    rows = sandbox.store.db.execute(
        "SELECT json_extract(body, '$.currency') AS currency, "
        "json_extract(body, '$.status') AS status, sum(json_extract(body, '$.net')) AS net "
        "FROM objects WHERE kind = 'balance_transaction' AND account = ? GROUP BY 1, 2",
        (account,),
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        entry = found.setdefault(row["currency"], {"available": 0, "pending": 0})
        entry[row["status"]] += row["net"]
    return found


def balance(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    totals = sums(sandbox, account) or {_default_currency(sandbox, account): _ZERO}

    def part(name: str) -> list[dict[str, Any]]:
        return [
            {
                "amount": entry[name],
                "currency": currency,
                "source_types": {"card": entry[name]},
            }
            for currency, entry in sorted(totals.items())
        ]

    return {
        "object": "balance",
        "available": part("available"),
        "livemode": False,
        "pending": part("pending"),
    }


_ZERO = {"available": 0, "pending": 0}


def _default_currency(sandbox: Sandbox, account: str) -> str:
    owner = sandbox.store.get("account", None, account) if account else None
    return (owner or {}).get("default_currency") or "eur"


def require_available(sandbox: Sandbox, account: str, amount: int, currency: str) -> None:
    currency = check_currency(currency)
    if amount <= 0:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if amount > sums(sandbox, account).get(currency, _ZERO)["available"]:
        raise StripeError(
            "You have insufficient funds in your Stripe account for this transfer. Your card "
            "balance is too low. You can use the /v1/balance endpoint to view your Stripe "
            "balance (for more details, see stripe.com/docs/api#balance).",
            code="balance_insufficient",
        )


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("balance_transaction", account, id)


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(
        sandbox.store,
        "balance_transaction",
        account,
        params,
        "/v1/balance_transactions",
        ("currency", "type", "source"),
    )
