"""Tries at paying an order. At most one is live: before there is a new one, the old one is looked up at Stripe, used
again where it can be, and closed where not. Two live ones could both be paid."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select

from gateways import stripe
from gateways.stripe import StripeRefused
from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _
from kit.money import share
from models.orders import Order, OrderStatus
from models.payments import AttemptStatus, PaymentAttempt
from services import plans, tenants
from services.orders import derived, effects, reading
from services.orders.words import status_word
from services.payments import settlement

# Stripe takes sessions of 30 minutes to 24 hours; a minute is left for the way there.
SESSION_AT_LEAST = timedelta(minutes=31)
SESSION_AT_MOST = timedelta(hours=23, minutes=59)
WORTH_RETURNING = timedelta(minutes=5)  # a page that ends sooner is not handed out again
PAYABLE = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING)


class Outcome(StrEnum):
    """What became of the live attempt when it was to be closed."""

    CLOSED = "closed"
    PAID = "paid"
    PROCESSING = "processing"  # a voucher or transfer is on its way


def find_live(order_id: UUID) -> PaymentAttempt | None:
    return db.session.scalar(select(PaymentAttempt).where(PaymentAttempt.live_key == str(order_id)))


def list_attempts(order_id: UUID) -> list[PaymentAttempt]:
    return list(db.session.scalars(
        select(PaymentAttempt).where(PaymentAttempt.order_id == order_id).order_by(PaymentAttempt.number)
    ))  # fmt: skip


def named_order(order_id: UUID, *, actor: Actor) -> Order:
    """An order that this actor may pay for. Invalid, for the id stands in a body."""
    if actor.kind == "order" and actor.order_id != order_id:
        raise Forbidden(_("This link is good for its order only."))
    order = reading.find_order(order_id)
    if order is None or not reading.is_visible(order, actor):
        raise Invalid.field("order_id", "unknown_id", _("There is no such order."))
    return order


def payable_order(order_id: UUID, *, actor: Actor) -> Order:
    """The same, with something to pay."""
    order = named_order(order_id, actor=actor)
    check_payable(order)
    return order


def check_payable(order: Order) -> int:
    """What is to be paid; Conflict where nothing is, or not any more."""
    if order.status not in PAYABLE:
        raise Conflict(
            _("This order can't be paid any more: it is %(status)s.", status=status_word(order.status)),
            code="order-not-payable",
        )
    balance = derived.money_of(order).balance
    if balance <= 0:
        raise Conflict(_("This order is paid already."), code="already-paid")
    return balance


def look_again(attempt: PaymentAttempt) -> AttemptStatus:
    """Read the attempt afresh at Stripe, and act on what is found."""
    if attempt.session_id:
        found = stripe.get_session(attempt.session_id, account=attempt.account_id)
        return settlement.note_session(attempt.id, found)
    if attempt.payment_intent_id:
        return settlement.note_intent(
            attempt.id, stripe.get_intent(attempt.payment_intent_id, account=attempt.account_id)
        )
    return attempt.status


def reuse(order_id: UUID, kind: str, account: str) -> PaymentAttempt | None:
    """The live attempt where it serves for this, else None, and nothing is live any more.

    Conflict `already-paid` and `payment-in-progress` where that is what Stripe says.
    """
    live = find_live(order_id)
    if live is None:
        return None
    fits = live.kind == kind and live.account_id == account and live.amount == _balance(order_id)
    if fits:
        _insist_unpaid(look_again(live))
        live = find_live(order_id)
        if live is None:
            return None
        is_short = live.expires_at is not None and live.expires_at < clock.now() + WORTH_RETURNING
        if not is_short:
            return live
    _insist_unpaid(close(order_id))
    return None


def _balance(order_id: UUID) -> int:
    return derived.money_of(reading.get_order(order_id)).balance


def _insist_unpaid(found: AttemptStatus | Outcome) -> None:
    if found in (AttemptStatus.CAPTURED, AttemptStatus.AUTHORIZED, Outcome.PAID):
        raise Conflict(_("This order is paid already."), code="already-paid")
    if found in (AttemptStatus.PROCESSING, Outcome.PROCESSING):
        raise Conflict(_("A payment for this order is on its way."), code="payment-in-progress")


@transaction()
def reserve(order_id: UUID, kind: str, account: str) -> PaymentAttempt:
    """The row of a new attempt, before Stripe is asked: its number is in the idempotency key, so a call that got lost
    is repeated, not doubled. Who came at the same moment gets the same row."""
    order = effects.lock_order(order_id)
    amount = check_payable(order)
    live = find_live(order_id)
    if live is not None:
        if live.kind != kind or live.amount != amount or live.account_id != account:
            raise Conflict(_("A payment for this order is on its way."), code="payment-in-progress")
        return live
    last = db.session.scalar(
        select(func.max(PaymentAttempt.number)).where(PaymentAttempt.order_id == order_id)
    )
    attempt = PaymentAttempt(
        order_id=order_id,
        number=(last or 0) + 1,
        live_key=str(order_id),
        kind=kind,
        amount=amount,
        currency=order.currency,
        fee_amount=share(amount, plans.plan_of().fee, 10_000),
        account_id=account,
        expires_at=_session_end(order) if kind == "session" else None,
    )
    db.session.add(attempt)
    return attempt


def _session_end(order: Order) -> datetime:
    now = clock.now()
    wanted = order.payment_due_at or now + SESSION_AT_MOST
    return min(max(wanted, now + SESSION_AT_LEAST), now + SESSION_AT_MOST).replace(microsecond=0)


def key_of(attempt: PaymentAttempt) -> str:
    return f"order:{attempt.order_id}:attempt:{attempt.number}"


def labels(order: Order, attempt: PaymentAttempt) -> dict[str, str]:
    """What every object at Stripe says of itself, so that it can be told whose it is."""
    return {
        "order_id": str(order.id),
        "order_number": order.order_number,
        "attempt_id": str(attempt.id),
        "tenant_id": str(tenants.current().id),
    }


def close(order_id: UUID, *, void: bool = False) -> Outcome:
    """See to it that nobody can pay by the live attempt any more. Asks Stripe first: what was paid is taken.

    `void`: a voucher that is out is withdrawn too, where Stripe allows it.
    """
    live = find_live(order_id)
    if live is None:
        return Outcome.CLOSED
    if not live.session_id and not live.payment_intent_id:
        settlement.end_attempt(live.id, AttemptStatus.EXPIRED)
        return Outcome.CLOSED
    status = look_again(live)
    if status in (AttemptStatus.CAPTURED, AttemptStatus.AUTHORIZED):
        return Outcome.PAID
    if status is AttemptStatus.PROCESSING and not void:
        return Outcome.PROCESSING
    _withdraw(live, is_processing=status is AttemptStatus.PROCESSING)
    return _outcome(live, look_again(live))


def _withdraw(live: PaymentAttempt, *, is_processing: bool) -> None:
    """Stripe refuses where the shopper was quicker; the look after that tells what happened."""
    try:
        if live.session_id and not is_processing:
            stripe.expire_session(live.session_id, account=live.account_id)
        elif live.payment_intent_id:
            stripe.cancel_intent(live.payment_intent_id, account=live.account_id)
    except StripeRefused:
        return


def _outcome(live: PaymentAttempt, status: AttemptStatus) -> Outcome:
    if status in (AttemptStatus.CAPTURED, AttemptStatus.AUTHORIZED):
        return Outcome.PAID
    if status is AttemptStatus.PROCESSING:
        return Outcome.PROCESSING
    settlement.end_attempt(live.id, AttemptStatus.CANCELLED)
    return Outcome.CLOSED
