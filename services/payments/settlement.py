"""Money has moved at Stripe: what that means for the attempt and its order. Whoever learns of it (a webhook, the
shopper who comes back, the expiry job) reads the object afresh from Stripe and brings it here; so the same news twice,
late or out of order has one outcome."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from gateways.stripe import Intent, Session
from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from models.orders import Order, OrderStatus
from models.payments import AttemptStatus, OrphanPayment, PaymentAttempt
from services import outbox
from services.orders import derived, effects, timeline

VOUCHER_LIFE = timedelta(days=7)  # of a delayed method that names no end
_EXITS = (AttemptStatus.FAILED, AttemptStatus.CANCELLED, AttemptStatus.EXPIRED)
_ENDED = (AttemptStatus.CAPTURED, AttemptStatus.CANCELLED, AttemptStatus.EXPIRED)
_RANK = {status: rank for rank, status in enumerate(AttemptStatus)}


def later(current: AttemptStatus, incoming: AttemptStatus) -> AttemptStatus:
    """Of two states the one that holds. Captured is final; a declined try may be followed by another one; what was
    cancelled or has expired comes back only with money."""
    if AttemptStatus.CAPTURED in (current, incoming):
        return AttemptStatus.CAPTURED
    if current in (AttemptStatus.CANCELLED, AttemptStatus.EXPIRED):
        return current
    if incoming in _EXITS:
        return incoming
    if current is AttemptStatus.FAILED:
        return current if incoming is AttemptStatus.CREATED else incoming
    return max(current, incoming, key=_RANK.__getitem__)


def status_of(found: Intent) -> AttemptStatus:
    if found.status == "requires_action" and found.voucher_expires_at is not None:
        return AttemptStatus.PROCESSING  # the voucher is out; the shopper has nothing more to do here
    known = {
        "succeeded": AttemptStatus.CAPTURED,
        "requires_capture": AttemptStatus.AUTHORIZED,
        "processing": AttemptStatus.PROCESSING,
        "requires_action": AttemptStatus.REQUIRES_ACTION,
        "canceled": AttemptStatus.CANCELLED,
    }
    return known.get(found.status, AttemptStatus.FAILED if found.failure else AttemptStatus.CREATED)


@transaction()
def note_intent(attempt_id: UUID, found: Intent) -> AttemptStatus:
    """Take over what Stripe says of the attempt's intent."""
    order, attempt = _lock(attempt_id)
    _apply(order, attempt, found)
    return attempt.status


@transaction()
def note_session(attempt_id: UUID, found: Session) -> AttemptStatus:
    """The same for a hosted page; one that is closed can't be paid by any more."""
    order, attempt = _lock(attempt_id)
    attempt.session_id = found.id
    if found.intent is not None:
        _apply(order, attempt, found.intent)
    if found.status == "expired" and attempt.status not in _ENDED:
        _end(order, attempt, AttemptStatus.EXPIRED)
    if found.status == "complete" and attempt.status is AttemptStatus.FAILED:
        attempt.live_key = None
    return attempt.status


@transaction()
def end_attempt(attempt_id: UUID, status: AttemptStatus, failure: str = "") -> None:
    """Stripe knows nothing of it, or refused it."""
    order, attempt = _lock(attempt_id)
    if attempt.status not in _ENDED:
        attempt.failure_message = failure[:500]
        _end(order, attempt, status)


def _lock(attempt_id: UUID) -> tuple[Order, PaymentAttempt]:
    order_id = db.session.scalars(
        select(PaymentAttempt.order_id).where(PaymentAttempt.id == attempt_id)
    ).one()
    order = effects.lock_order(order_id)
    return order, db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)


def _end(order: Order, attempt: PaymentAttempt, status: AttemptStatus) -> None:
    attempt.status = status
    attempt.live_key = None
    derived.refresh(order)


def _apply(order: Order, attempt: PaymentAttempt, found: Intent) -> None:
    before, attempt.status = attempt.status, later(attempt.status, status_of(found))
    attempt.payment_intent_id = found.id
    attempt.charge_id = found.charge_id or attempt.charge_id
    attempt.method = found.method or attempt.method
    if attempt.status is before:
        return
    attempt.failure_message = found.failure[:500] if attempt.status is AttemptStatus.FAILED else ""
    if attempt.status is AttemptStatus.CAPTURED:
        _captured(order, attempt, found)
        return
    if attempt.status in (AttemptStatus.CANCELLED, AttemptStatus.EXPIRED):
        attempt.live_key = None
    if attempt.status is AttemptStatus.PROCESSING and order.status is OrderStatus.PENDING:
        # The units stay promised for as long as the voucher can be paid.
        order.payment_due_at = found.voucher_expires_at or clock.now() + VOUCHER_LIFE
        timeline.record(order, "payment.pending", actor=SYSTEM, data={"method": attempt.method})
    if attempt.status is AttemptStatus.FAILED:
        timeline.record(order, "payment.failed", actor=SYSTEM, data={"reason": attempt.failure_message})
        if before is AttemptStatus.PROCESSING:  # the shopper believes it is under way
            outbox.post("payment.failed", order_id=order.id)
    money = derived.refresh(order)
    if order.status is OrderStatus.PENDING and money.authorized and money.authorized >= money.balance:
        effects.confirm(order, actor=SYSTEM)


def _captured(order: Order, attempt: PaymentAttempt, found: Intent) -> None:
    attempt.captured_amount = found.received
    attempt.live_key = None
    order.paid_at = order.paid_at or clock.now()
    timeline.record(order, "payment.captured", actor=SYSTEM, data={
        "amount": found.received, "currency": found.currency, "method": attempt.method})  # fmt: skip
    take_money(order, charge_id=attempt.charge_id or found.id, intent_id=found.id, amount=found.received)


def take_money(order: Order, *, charge_id: str, intent_id: str | None, amount: int) -> None:
    """Money has come in for the locked order: confirm it, or put the money where staff will see it."""
    money = derived.refresh(order)
    is_enough = money.balance <= 0
    if is_enough:
        outbox.post("order.paid", order_id=order.id)
    if order.status is OrderStatus.PENDING and is_enough:
        effects.confirm(order, actor=SYSTEM)
    elif order.status is OrderStatus.EXPIRED and is_enough:
        timeline.record(order, "payment.late", actor=SYSTEM)
        effects.confirm(order, actor=SYSTEM)
    elif order.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.DRAFT):
        _orphan(order, charge_id, intent_id, amount, "order-" + order.status)
    elif money.balance < 0:
        _orphan(order, charge_id, intent_id, amount, "paid-already")
    else:
        effects.advance(order, actor=SYSTEM)


def _orphan(order: Order, charge_id: str, intent_id: str | None, amount: int, why: str) -> None:
    keep_orphan(
        charge_id, intent_id=intent_id, amount=amount, currency=order.currency, why=why, order_id=order.id
    )
    timeline.record(order, "payment.orphaned", actor=SYSTEM, data={"amount": amount, "why": why})


def keep_orphan(
    charge_id: str, *, intent_id: str | None, amount: int, currency: str, why: str, order_id: UUID | None
) -> None:
    """Money that no order was waiting for, once per charge. `why` is a code: order-cancelled, paid-already …"""
    if db.session.scalar(select(OrphanPayment.id).where(OrphanPayment.charge_id == charge_id)):
        return
    row = OrphanPayment(
        order_id=order_id,
        charge_id=charge_id,
        payment_intent_id=intent_id,
        amount=amount,
        currency=currency,
        why=why,
    )
    db.session.add(row)
    db.session.flush()
    outbox.post("payment.orphaned", orphan_id=row.id)
