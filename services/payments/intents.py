"""A payment inside another front end: it gets an intent's secret and talks to Stripe itself."""

from dataclasses import dataclass
from uuid import UUID

from gateways import stripe
from gateways.stripe import Intent, StripeRefused
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, IdRef
from kit.i18n import _
from models.payments import AttemptStatus, PaymentAttempt
from services import tenants
from services.payments import attempts, connect, settlement


class IntentDraft(Draft):
    order_id: IdRef


@dataclass(frozen=True, slots=True)
class StartedIntent:
    """What the front end needs. Stripe's script wants the account beside the key."""

    payment_intent_id: str
    client_secret: str
    publishable_key: str
    account_id: str
    amount: int
    currency: str


def create_intent(draft: IntentDraft, *, actor: Actor) -> StartedIntent:
    """Asked again while unpaid: the same intent. Conflicts as for a session."""
    order = attempts.payable_order(draft.order_id, actor=actor)
    account = connect.require_account()
    attempt = attempts.reuse(order.id, "intent", account)
    if attempt is not None and attempt.payment_intent_id:
        return _answer(attempt)
    attempt = attempts.reserve(order.id, "intent", account)
    try:
        intent = stripe.create_intent(
            account=account,
            key=attempts.key_of(attempt),
            amount=attempt.amount,
            currency=attempt.currency,
            title=_("Order %(number)s at %(store)s", number=order.order_number, store=tenants.current().name),
            metadata=attempts.labels(order, attempt),
            fee=attempt.fee_amount,
            email=order.email,
        )
    except StripeRefused as error:
        settlement.end_attempt(attempt.id, AttemptStatus.FAILED, error.message)
        raise
    return _answer(_keep(attempt.id, intent))


@transaction()
def _keep(attempt_id: UUID, intent: Intent) -> PaymentAttempt:
    attempt = db.session.get_one(PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True)
    attempt.payment_intent_id = intent.id
    attempt.client_secret = intent.client_secret
    return attempt


def _answer(attempt: PaymentAttempt) -> StartedIntent:
    assert attempt.payment_intent_id is not None
    return StartedIntent(
        payment_intent_id=attempt.payment_intent_id,
        client_secret=attempt.client_secret,
        publishable_key=stripe.publishable_key(),
        account_id=attempt.account_id,
        amount=attempt.amount,
        currency=attempt.currency,
    )
