"""A store's connected account: opening it, its state, its balance and payouts."""

from typing import Any

from gateways.stripe.client import call
from gateways.stripe.payments import moment, plain
from gateways.stripe.types import Account, Balance, Batch, Link, Movement, Payout


def create_account(
    *, key: str, country: str, email: str, name: str, url: str, metadata: dict[str, str]
) -> Account:
    """The store signs with Stripe itself: it pays Stripe's fees, bears its losses and has Stripe's own dashboard."""
    params: Any = {
        "country": country,
        "email": email,
        "business_profile": {"name": name, "url": url} if url.startswith("https://") else {"name": name},
        "metadata": metadata,
        "controller": {
            "fees": {"payer": "account"},
            "losses": {"payments": "stripe"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "full"},
        },
        "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
    }
    with call() as client:
        return _account(client.v1.accounts.create(params, {"idempotency_key": key}))


def get_account(account_id: str) -> Account:
    with call() as client:
        return _account(client.v1.accounts.retrieve(account_id))


def onboarding_link(account_id: str, *, return_url: str, refresh_url: str) -> Link:
    """Good once, for a few minutes."""
    with call() as client:
        link = client.v1.account_links.create(
            {
                "account": account_id,
                "type": "account_onboarding",
                "return_url": return_url,
                "refresh_url": refresh_url,
            }
        )
        return Link(link.url, moment(link.expires_at))


def get_balance(*, account: str) -> Balance:
    with call() as client:
        found = client.v1.balance.retrieve({}, {"stripe_account": account})
        return Balance(
            tuple((part.amount, part.currency.upper()) for part in found.available),
            tuple((part.amount, part.currency.upper()) for part in found.pending),
        )


def create_payout(*, account: str, key: str, amount: int, currency: str) -> Payout:
    with call() as client:
        return _payout(
            client.v1.payouts.create(
                {"amount": amount, "currency": currency.lower()},
                {"stripe_account": account, "idempotency_key": key},
            )
        )


def get_payout(payout_id: str, *, account: str) -> Payout:
    with call() as client:
        return _payout(client.v1.payouts.retrieve(payout_id, {}, {"stripe_account": account}))


def list_payouts(*, account: str, limit: int, cursor: str | None = None) -> Batch:
    with call() as client:
        found = client.v1.payouts.list(_page(limit, cursor), {"stripe_account": account})  # type: ignore[arg-type]
        return _batch(found, _payout)


def list_movements(*, account: str, limit: int, cursor: str | None = None) -> Batch:
    with call() as client:
        found = client.v1.balance_transactions.list(
            _page(limit, cursor),  # type: ignore[arg-type]
            {"stripe_account": account},
        )
        return _batch(found, _movement)


def _page(limit: int, cursor: str | None) -> dict[str, Any]:
    return {"limit": limit, "starting_after": cursor} if cursor else {"limit": limit}


def _batch(found: Any, build: Any) -> Batch:
    items = tuple(build(item) for item in found.data)
    return Batch(items, items[-1].id if found.has_more and items else None)


def _account(found: Any) -> Account:
    asked = found.requirements
    due = getattr(asked, "current_deadline", None) if asked else None
    # What was due and is late stands among the past due; what can be lost by it, too.
    wanted = dict.fromkeys([*(asked.currently_due or ()), *(asked.past_due or ())]) if asked else {}
    return Account(
        found.id,
        bool(found.charges_enabled),
        bool(found.payouts_enabled),
        bool(found.details_submitted),
        tuple(wanted),
        pending=tuple(asked.pending_verification or ()) if asked else (),
        due_at=moment(due) if due else None,
        disabled_reason=(asked.disabled_reason or "") if asked else "",
        capabilities=plain(found.capabilities),
    )


def _payout(found: Any) -> Payout:
    return Payout(
        found.id,
        found.amount,
        found.currency.upper(),
        found.status,
        moment(found.arrival_date),
        moment(found.created),
        failure=found.failure_message or found.failure_code or "",
    )


def _movement(found: Any) -> Movement:
    source = found.source
    return Movement(
        id=found.id,
        type=found.type,
        amount=found.amount,
        fee=found.fee,
        net=found.net,
        currency=found.currency.upper(),
        status=found.status,
        description=found.description or "",
        source=source if source is None or isinstance(source, str) else source.id,
        created_at=moment(found.created),
        available_at=moment(found.available_on),
    )
