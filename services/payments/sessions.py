"""Stripe's hosted page: the shopper leaves with an order that exists, and comes back to it."""

from typing import Annotated
from uuid import UUID

from gateways import stripe
from gateways.stripe import KeyReused, Session, StripeRefused
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, IdRef, Text
from kit.i18n import _
from models.orders import Order
from models.payments import AttemptStatus, PaymentAttempt
from services import tenants
from services.payments import attempts, connect, settlement


class SessionDraft(Draft):
    """Where Stripe sends the shopper after paying, and on the way back without. Missing: the face's own pages."""

    order_id: IdRef
    success_url: Annotated[str, Text(1000)] = ""
    cancel_url: Annotated[str, Text(1000)] = ""


def create_session(draft: SessionDraft, *, actor: Actor) -> PaymentAttempt:
    """The attempt with the page's address in `session_url`. Asked again while unpaid: the same page.

    Conflict: `already-paid`, `payment-in-progress`, `order-not-payable`, `stripe-not-connected`.
    """
    order = attempts.named_order(draft.order_id, actor=actor)
    for field in ("success_url", "cancel_url"):
        connect.check_return_url(field, getattr(draft, field))
    attempts.check_payable(order)
    account = connect.require_account()
    attempt = attempts.reuse(order.id, "session", account)
    if attempt is not None and attempt.session_id:
        return attempt
    attempt = attempts.reserve(order.id, "session", account)
    try:
        return _open(order, attempt, draft)
    except KeyReused:
        # Its first call got lost, and asked for other return addresses. Nobody has that page's address.
        settlement.end_attempt(attempt.id, AttemptStatus.EXPIRED)
        return _open(order, attempts.reserve(order.id, "session", account), draft)


def _open(order: Order, attempt: PaymentAttempt, draft: SessionDraft) -> PaymentAttempt:
    assert attempt.expires_at is not None
    try:
        session = stripe.create_session(
            account=attempt.account_id,
            key=attempts.key_of(attempt),
            amount=attempt.amount,
            currency=attempt.currency,
            title=_("Order %(number)s at %(store)s", number=order.order_number, store=tenants.current().name),
            order_id=str(order.id),
            metadata=attempts.labels(order, attempt),
            fee=attempt.fee_amount,
            email=order.email,
            locale=order.locale,
            success_url=draft.success_url,
            cancel_url=draft.cancel_url,
            expires_at=attempt.expires_at,
        )
    except StripeRefused as error:
        settlement.end_attempt(attempt.id, AttemptStatus.FAILED, error.message)
        raise
    return _keep(attempt.id, session)


@transaction()
def _keep(attempt_id: UUID, session: Session) -> PaymentAttempt:
    attempt = db.session.get_one(PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True)
    attempt.session_id = session.id
    attempt.session_url = session.url
    attempt.expires_at = session.expires_at
    return attempt


def came_back(order_id: UUID) -> None:
    """The shopper is back from the hosted page: look at Stripe now, the webhook may be slower. Unavailable where
    Stripe does not answer."""
    live = attempts.find_live(order_id)
    if live is not None:
        attempts.look_again(live)
