"""The demo's past as Stripe would have it: the stores' accounts, and every card payment with its refunds, put into the
local sandbox, so that what was paid can be given back."""

from pathlib import Path
from typing import Any

from demo.story import Story
from kit.db import db
from models.payments import RefundStatus, StripeAccount
from models.tenants import Tenant
from sandbox.stripe import importing
from sandbox.stripe.core import Sandbox
from sandbox.stripe.facts import Facts
from sandbox.stripe.store import Store


def account_id(store: str) -> str:
    return f"acct_demo{store}"


def connect(store: Tenant) -> dict[str, Any]:
    """The store has been through Stripe's form. Answers the account for the sandbox."""
    ident = account_id(store.slug)
    db.session.add(
        StripeAccount(
            account_id=ident,
            charges_enabled=True,
            payouts_enabled=True,
            details_submitted=True,
            requirements=[],
            created_at=store.created_at,
            updated_at=store.created_at,
        )
    )
    return {
        "id": ident,
        "country": store.country,
        "email": store.contact_email,
        "created": int(store.created_at.timestamp()),
        "default_currency": store.currency.lower(),
        "business_profile": {"name": store.legal_name},
        "metadata": {"tenant_id": str(store.id)},
    }


def told(stories: list[Story], store: Tenant) -> dict[str, list[dict[str, Any]]]:
    """Intents, charges and refunds of the stories, in the form of the sandbox's import."""
    found: dict[str, list[dict[str, Any]]] = {"payment_intents": [], "charges": [], "refunds": []}
    for story in stories:
        if story.attempt is None or story.attempt.kind == "offline":
            continue
        found["payment_intents"].append(_intent(story, store))
        created = int(story.attempt.created_at.timestamp())
        found["charges"].append(
            {
                "id": story.attempt.charge_id,
                "payment_intent": story.attempt.payment_intent_id,
                "created": created,
            }
        )
        found["refunds"] += [
            {
                "id": refund.provider_id,
                "charge": story.attempt.charge_id,
                "amount": refund.amount,
                "created": int(refund.created_at.timestamp()),
                "metadata": {"refund_id": str(refund.id), "order_id": str(refund.order_id)},
            }
            for refund in story.refunds
            if refund.status is RefundStatus.SUCCEEDED
        ]
    return found


def _intent(story: Story, store: Tenant) -> dict[str, Any]:
    attempt, order = story.attempt, story.order
    assert attempt is not None
    return {
        "id": attempt.payment_intent_id,
        "account": attempt.account_id,
        "amount": attempt.amount,
        "currency": attempt.currency.lower(),
        "created": int(attempt.created_at.timestamp()),
        "description": f"{store.name} {order.order_number}",
        "metadata": {
            "tenant_id": str(store.id),
            "order_id": str(order.id),
            "order_number": order.order_number,
            "attempt_id": str(attempt.id),
        },
        "application_fee_amount": attempt.fee_amount or None,
    }


def put_in(state: Path, given: dict[str, list[dict[str, Any]]]) -> None:
    """Into the sandbox's state, which need not be running."""
    store = Store(str(state))
    try:
        importing.run(Sandbox(store, Facts()), given)
    finally:
        store.close()
