"""Money that does not come through Stripe: a transfer seen on the bank's statement, cash at the door or in the shop."""

from uuid import UUID

from sqlalchemy import func, select

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict
from kit.i18n import _
from models.orders import Order, OrderStatus
from models.payments import AttemptStatus, PaymentAttempt
from services import audit
from services.orders import derived, effects, timeline
from services.orders.words import status_word
from services.payments import attempts, settlement

RECORDABLE = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.COMPLETED)


def mark_paid(order_id: UUID, *, actor: Actor, note: str = "") -> Order:
    """Record that what is still owed was paid; a waiting order is confirmed by it. An open page at Stripe is closed
    first, and where it turns out to be paid, that is the money that counts."""
    outcome = attempts.close(order_id, void=True)
    if outcome is attempts.Outcome.PROCESSING:
        raise Conflict(_("A payment for this order is on its way."), code="payment-in-progress")
    with transaction():
        order = effects.lock_order(order_id)
        if outcome is attempts.Outcome.CLOSED:
            _insist_on_balance(order)
            record_payment(order, actor=actor, note=note)
        return order


def _insist_on_balance(order: Order) -> None:
    if order.status not in RECORDABLE:
        raise Conflict(
            _("This order can't be paid any more: it is %(status)s.", status=status_word(order.status)),
            code="order-not-payable",
        )
    if derived.money_of(order).balance <= 0:
        raise Conflict(_("This order is paid already."), code="already-paid")


def record_payment(order: Order, *, actor: Actor, note: str = "") -> None:
    """On the locked order: the balance has come in. Nothing where there is none."""
    balance = derived.money_of(order).balance
    if balance <= 0:
        return
    last = db.session.scalar(
        select(func.max(PaymentAttempt.number)).where(PaymentAttempt.order_id == order.id)
    )
    attempt = PaymentAttempt(
        order_id=order.id,
        number=(last or 0) + 1,
        kind="offline",
        status=AttemptStatus.CAPTURED,
        amount=balance,
        captured_amount=balance,
        currency=order.currency,
        method=str(order.payment_method),
    )
    db.session.add(attempt)
    db.session.flush()
    order.paid_at = order.paid_at or clock.now()
    timeline.record(order, "payment.recorded", actor=actor, message=note, data={
        "amount": balance, "currency": order.currency, "method": attempt.method})  # fmt: skip
    audit.record("mark_paid", order, actor=actor, changes={"captured_total": [order.captured_total, balance]})
    settlement.take_money(order, charge_id=f"offline:{attempt.id}", intent_id=None, amount=balance)
