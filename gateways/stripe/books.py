"""Reading an account's books at Stripe, for comparing them with ours: charges, refunds and disputes, by time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateways.stripe.client import call
from gateways.stripe.payments import dispute_of, id_of, moment, plain, refund_of
from gateways.stripe.types import Batch, Charge

PAGE = 100


def list_charges(
    *, account: str, since: datetime, until: datetime, cursor: str | None = None, limit: int = PAGE
) -> Batch:
    """Those created in the span, newest first; `items` are Charges."""
    return _list(lambda client: client.v1.charges, _charge, account, _span(since, until, limit, cursor))


def list_refunds_made(
    *, account: str, since: datetime, until: datetime, cursor: str | None = None, limit: int = PAGE
) -> Batch:
    """By whomever they were made, newest first; `items` are RefundMades."""
    return _list(lambda client: client.v1.refunds, refund_of, account, _span(since, until, limit, cursor))


def list_disputes(
    *, account: str, since: datetime, until: datetime, cursor: str | None = None, limit: int = PAGE
) -> Batch:
    """Newest first; `items` are DisputeCases."""
    return _list(lambda client: client.v1.disputes, dispute_of, account, _span(since, until, limit, cursor))


def get_charge(charge_id: str, *, account: str) -> Charge:
    with call() as client:
        return _charge(client.v1.charges.retrieve(charge_id, {}, {"stripe_account": account}))


def _span(since: datetime, until: datetime, limit: int, cursor: str | None) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "limit": limit,
        "created": {"gte": int(since.timestamp()), "lte": int(until.timestamp())},
    }
    return {**wanted, "starting_after": cursor} if cursor else wanted


def _list(
    room: Callable[[Any], Any], build: Callable[[Any], Any], account: str, params: dict[str, Any]
) -> Batch:
    with call() as client:
        found = room(client).list(params, {"stripe_account": account})
        items = tuple(build(item) for item in found.data)
        return Batch(items, items[-1].id if found.has_more and items else None)


def _charge(found: Any) -> Charge:
    return Charge(
        id=found.id,
        status=found.status,
        amount=found.amount,
        captured=found.amount_captured or 0,
        refunded=found.amount_refunded or 0,
        currency=found.currency.upper(),
        intent_id=id_of(found.payment_intent),
        is_disputed=bool(found.disputed),
        created_at=moment(found.created),
        metadata=plain(found.metadata),
    )
