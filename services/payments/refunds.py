"""Giving money back: the amount is reserved under the order's lock, then Stripe is asked, then the row is marked. Two
tabs, a crash or a lost answer can't give more than was taken, nor the same twice.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from gateways import stripe
from gateways.stripe import RefundMade, StripeRefused
from kit.actor import SYSTEM, Actor
from kit.db import db, transaction
from kit.errors import Conflict, Unavailable
from kit.i18n import _
from kit.ids import parse_id
from kit.money import allocate, to_text
from models.orders import Order
from models.payments import PaymentAttempt, Refund, RefundItem, RefundStatus
from services import audit, outbox
from services.orders import derived, effects, timeline
from services.payments import amounts, returned
from services.payments.amounts import LIVE, RefundDraft, RefundLine, Sum, refundable

__all__ = [
    "RefundDraft",
    "RefundLine",
    "finish_refund",
    "list_refunds",
    "preview",
    "refund_order",
    "refundable",
]

FIRST_RETRY = timedelta(minutes=1)
_FROM_STRIPE = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.CANCELLED,
}
# A refund may fail after it had succeeded, never the other way round.
_RANK = {
    RefundStatus.PENDING: 0,
    RefundStatus.SUCCEEDED: 1,
    RefundStatus.FAILED: 2,
    RefundStatus.CANCELLED: 2,
}


def status_of(made: RefundMade) -> RefundStatus:
    return _FROM_STRIPE.get(made.status, RefundStatus.PENDING)


def list_refunds(order_id: UUID) -> list[Refund]:
    """Oldest first, with their lines."""
    query = select(Refund).where(Refund.order_id == order_id).options(selectinload(Refund.items))
    return list(db.session.scalars(query.order_by(Refund.id)))


def preview(order: Order, draft: RefundDraft) -> Sum:
    """What the draft would give back; nothing is written."""
    return amounts.propose(order, draft)


def refund_order(order_id: UUID, draft: RefundDraft, *, actor: Actor) -> Refund:
    """Give back by amount, by items, or all. Conflict `refund-too-large` with `refundable`, `nothing-to-refund`;
    StripeRefused where Stripe says no, and then nothing is reserved any more.

    Pending where the answer is still out: Stripe takes its time, or did not answer and is asked again by the worker.
    """
    first, *others = _reserve(order_id, draft, actor=actor)
    try:
        refund = _finish(first, actor)
    except StripeRefused as error:
        for other in others:
            _refused(other.id, error.message, actor=actor)
        raise
    for other in others:
        _finish(other, actor)
    return refund


def _finish(refund: Refund, actor: Actor) -> Refund:
    if refund.status is not RefundStatus.PENDING:
        return refund
    try:
        return finish_refund(refund.id, actor=actor)
    except Unavailable:
        return refund


@transaction()
def _reserve(order_id: UUID, draft: RefundDraft, *, actor: Actor) -> list[Refund]:
    """One refund, or one per payment where no single payment has as much; the first of them names the lines."""
    order = effects.lock_order(order_id)
    left = refundable(order)
    if left <= 0:
        raise Conflict(_("Nothing is left to refund."), code="nothing-to-refund", refundable=_text(order, 0))
    wanted = amounts.propose(order, draft)
    if wanted.amount <= 0:
        raise Conflict(_("This comes to nothing."), code="nothing-to-refund", refundable=_text(order, left))
    sources = _sources(order, wanted.amount, left)
    taxes = allocate(wanted.tax, [piece for _attempt, piece in sources])
    made = [
        Refund(order_id=order.id, attempt_id=attempt.id, amount=piece, tax_amount=tax, reason=draft.reason,
               created_by=actor.name or actor.email)
        for (attempt, piece), tax in zip(sources, taxes, strict=True)
    ]  # fmt: skip
    _name_lines(made[0], wanted, draft)
    db.session.add_all(made)
    db.session.flush()
    audit.record("refund", order, actor=actor, changes={"amount": [None, _text(order, wanted.amount)]})
    for refund, (attempt, _piece) in zip(made, sources, strict=True):
        if attempt.kind == "offline":
            _settle(order, refund, RefundStatus.SUCCEEDED, actor=actor)
        else:
            outbox.post("refund.requested", delay=FIRST_RETRY, refund_id=refund.id)
    return made


def _name_lines(refund: Refund, wanted: Sum, draft: RefundDraft) -> None:
    """What is given back for which line. A line goes on the shelf again as it says itself, else as all of them do."""
    own = {line.order_item_id: line.restock for line in draft.items or () if line.restock is not None}
    refund.shipping_amount = wanted.shipping
    refund.items = [
        RefundItem(order_item_id=p.item.id, quantity=p.quantity, amount=p.amount, tax_amount=p.tax,
                   restock=own.get(p.item.id, draft.restock))
        for p in wanted.parts
    ]  # fmt: skip
    refund.restock = any(item.restock for item in refund.items)
    for part in wanted.parts:
        part.item.refunded_quantity += part.quantity


def _text(order: Order, minor: int) -> str:
    return to_text(minor, order.currency)


def _sources(order: Order, amount: int, left: int) -> list[tuple[PaymentAttempt, int]]:
    """The payments it comes out of: the latest at Stripe that has enough, else one recorded by hand; where none has
    enough, several, those at Stripe first."""
    if amount > left:
        raise _too_large(order, left)
    given = dict(
        db.session.execute(
            select(Refund.attempt_id, func.sum(Refund.amount))
            .where(Refund.order_id == order.id, Refund.status.in_(LIVE))
            .group_by(Refund.attempt_id)
        ).all()
    )
    paid = db.session.scalars(
        select(PaymentAttempt)
        .where(PaymentAttempt.order_id == order.id, PaymentAttempt.captured_amount > 0)
        .order_by(PaymentAttempt.number.desc())
    ).all()
    online_first = sorted(paid, key=lambda attempt: attempt.kind == "offline")
    room = {
        attempt: max(0, attempt.captured_amount - int(given.get(attempt.id) or 0)) for attempt in online_first
    }
    fitting = next((attempt for attempt, free in room.items() if free >= amount), None)
    if fitting is not None:
        return [(fitting, amount)]
    return _spread(amount, room)


def _spread(amount: int, room: dict[PaymentAttempt, int]) -> list[tuple[PaymentAttempt, int]]:
    pieces = []
    for attempt, free in room.items():
        if piece := min(free, amount):
            pieces.append((attempt, piece))
            amount -= piece
    return pieces


def _too_large(order: Order, left: int) -> Conflict:
    text = _text(order, left)
    return Conflict(
        _("At most %(amount)s can be refunded.", amount=f"{text} {order.currency}"),
        code="refund-too-large", refundable=text,
    )  # fmt: skip


def finish_refund(refund_id: UUID | str, *, actor: Actor = SYSTEM) -> Refund:
    """Ask Stripe for a reserved refund. Repeatable: one key, one refund. Also the handler of `refund.requested`."""
    refund_id = UUID(str(refund_id))
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    attempt = db.session.get(PaymentAttempt, refund.attempt_id) if refund.attempt_id else None
    if refund.status is not RefundStatus.PENDING or refund.provider_id is not None or attempt is None:
        return refund
    try:
        made = stripe.create_refund(
            account=attempt.account_id,
            key=f"refund:{refund.id}",
            intent_id=attempt.payment_intent_id or "",
            amount=refund.amount,
            metadata={"refund_id": str(refund.id), "order_id": str(refund.order_id)},
            refund_fee=attempt.fee_amount > 0,
        )
    except StripeRefused as error:
        _refused(refund_id, error.message, actor=actor)
        raise
    return note_refund(refund_id, made, actor=actor)


@transaction()
def _refused(refund_id: UUID, message: str, *, actor: Actor) -> None:
    order, refund = _lock(refund_id)
    refund.failure_message = message[:500]
    _settle(order, refund, RefundStatus.FAILED, actor=actor)


@transaction()
def note_refund(refund_id: UUID, made: RefundMade, *, actor: Actor = SYSTEM) -> Refund:
    """Take over what Stripe says of a refund of ours."""
    order, refund = _lock(refund_id)
    refund.provider_id = made.id
    refund.failure_message = made.failure[:500] or refund.failure_message
    _settle(order, refund, status_of(made), actor=actor)
    return refund


def _lock(refund_id: UUID) -> tuple[Order, Refund]:
    order_id = db.session.scalars(select(Refund.order_id).where(Refund.id == refund_id)).one()
    order = effects.lock_order(order_id)
    query = select(Refund).where(Refund.id == refund_id).options(selectinload(Refund.items))
    return order, db.session.scalars(query.execution_options(populate_existing=True)).one()


def _settle(order: Order, refund: Refund, incoming: RefundStatus, *, actor: Actor) -> None:
    """On the locked order: the refund is accepted, has succeeded, or has failed and its money is free again."""
    before = refund.status
    if refund.restock and not refund.is_restocked and incoming in LIVE:
        refund.is_restocked = True
        returned.take_back(order, refund, actor=actor)
    if _RANK[incoming] > _RANK[before]:
        refund.status = incoming
    if refund.status is before:
        derived.refresh(order)
        return
    data: dict[str, Any] = {"refund_id": str(refund.id), "amount": refund.amount, "currency": order.currency}
    if refund.status is RefundStatus.SUCCEEDED:
        derived.refresh(order)
        timeline.record(order, "refund.succeeded", actor=actor, message=refund.reason, data=data)
        outbox.post("order.refunded", order_id=order.id, refund_id=refund.id)
        return
    lines = {item.id: item for item in order.items}
    for part in refund.items:
        lines[part.order_item_id].refunded_quantity -= part.quantity
    derived.refresh(order)
    timeline.record(order, "refund.failed", actor=actor, message=refund.failure_message, data=data)
    outbox.post("refund.failed", order_id=order.id, refund_id=refund.id)


# --- refunds that were not asked for here ---------------------------------------------------------------------------


def sync_refund(made: RefundMade, *, account: str) -> UUID | None:
    """A refund as Stripe has it, whoever made it: ours is brought up to date, a foreign one is taken over. The order's
    id, or None where it belongs to no payment of this store."""
    refund_id = db.session.scalar(select(Refund.id).where(Refund.provider_id == made.id))
    if refund_id is None and (named := made.metadata.get("refund_id")):
        refund_id = db.session.scalar(select(Refund.id).where(Refund.id == parse_id(named)))
    if refund_id is not None:
        return note_refund(refund_id, made).order_id
    attempt = db.session.scalar(
        select(PaymentAttempt).where(
            PaymentAttempt.payment_intent_id == made.intent_id, PaymentAttempt.account_id == account
        )
    )
    if attempt is None or made.intent_id is None:
        return None
    _adopt(attempt.id, attempt.order_id, made)
    return attempt.order_id


@transaction()
def _adopt(attempt_id: UUID, order_id: UUID, made: RefundMade) -> None:
    """Made in Stripe's dashboard: no lines, no restock, and no question whether it is too much."""
    order = effects.lock_order(order_id)
    if db.session.scalar(select(Refund.id).where(Refund.provider_id == made.id)):
        return
    record_lost(order, attempt_id, made.id, made.amount, _("Refunded at Stripe"), made)


def record_lost(
    order: Order, attempt_id: UUID, provider_id: str, amount: int, reason: str, made: RefundMade | None = None
) -> None:
    """On the locked order: money that left without our asking (a refund made at Stripe, a lost dispute)."""
    refund = Refund(
        order_id=order.id,
        attempt_id=attempt_id,
        amount=amount,
        tax_amount=amounts.tax_of_amount(order, amount),
        reason=reason,
        provider_id=provider_id,
        created_by="Stripe",
        failure_message=made.failure[:500] if made else "",
    )
    db.session.add(refund)
    db.session.flush()
    incoming = status_of(made) if made else RefundStatus.SUCCEEDED
    _settle(order, refund, incoming, actor=SYSTEM)
