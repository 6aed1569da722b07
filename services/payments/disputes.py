"""A buyer's bank takes the money back until the case is decided. Lost, it is a refund that nobody here asked for."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, func, select

from gateways.stripe import DisputeCase
from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.i18n import _
from kit.paging import Page
from models.orders import Order
from models.payments import Dispute, PaymentAttempt
from services import outbox
from services.orders import derived, effects, timeline
from services.payments import refunds

_FROM_STRIPE = {
    "needs_response": "open",
    "warning_needs_response": "open",
    "under_review": "under_review",
    "warning_under_review": "under_review",
    "won": "won",
    "warning_closed": "won",
    "prevented": "won",
    "lost": "lost",
}
URGENT = timedelta(days=3)  # before the deadline
_RANK = {"open": 0, "under_review": 1, "won": 2, "lost": 2}


def status_of(found: DisputeCase) -> str:
    return _FROM_STRIPE.get(found.status, "under_review")


def list_disputes(order_id: UUID) -> list[Dispute]:
    return list(db.session.scalars(select(Dispute).where(Dispute.order_id == order_id).order_by(Dispute.id)))


def list_cases(*, status: str = "", page: int = 1, page_size: int = 20) -> Page[tuple[Dispute, Order]]:
    """With their orders; those that want an answer first, by their deadline, then the rest, newest first."""
    waits = case((Dispute.status == "open", 0), (Dispute.status == "under_review", 1), else_=2)
    query = select(Dispute, Order).join(Order, Order.id == Dispute.order_id)
    counted = select(func.count(Dispute.id))
    if status:
        query, counted = query.where(Dispute.status == status), counted.where(Dispute.status == status)
    due = case((Dispute.status == "open", Dispute.evidence_due_at), else_=None)
    order = query.order_by(waits, due.is_(None), due, Dispute.created_at.desc(), Dispute.id.desc())
    rows = db.session.execute(order.offset((page - 1) * page_size).limit(page_size)).all()
    found = [(dispute, of) for dispute, of in rows]
    return Page(found, db.session.scalar(counted) or 0, page, page_size)


def is_urgent(dispute: Dispute) -> bool:
    due = dispute.evidence_due_at
    return due is not None and due - clock.now() < URGENT


def sync_dispute(found: DisputeCase, *, account: str) -> UUID | None:
    """Take over the case as Stripe has it. The order's id, or None where it is about no payment of this store."""
    attempt = db.session.scalar(
        select(PaymentAttempt).where(
            PaymentAttempt.account_id == account,
            (PaymentAttempt.charge_id == found.charge_id)
            | (PaymentAttempt.payment_intent_id == (found.intent_id or "")),
        )
    )
    if attempt is None:
        return None
    _note(attempt.id, attempt.order_id, found)
    return attempt.order_id


@transaction()
def _note(attempt_id: UUID, order_id: UUID, found: DisputeCase) -> None:
    order = effects.lock_order(order_id)
    row = db.session.scalar(
        select(Dispute).where(Dispute.provider_id == found.id).execution_options(populate_existing=True)
    )
    incoming = status_of(found)
    data = {"amount": found.amount, "reason": found.reason}
    if row is None:
        row = Dispute(order_id=order.id, provider_id=found.id, status="open", amount=found.amount)
        db.session.add(row)
        timeline.record(order, "dispute.opened", actor=SYSTEM, data=data)
        outbox.post("dispute.opened", order_id=order.id)
    row.reason = found.reason
    row.evidence_due_at = found.evidence_due_at
    row.has_evidence = found.has_evidence
    row.is_inquiry = found.status.startswith("warning_")
    before = row.status
    if _RANK[incoming] > _RANK[before]:
        row.status = incoming
    if row.status in ("won", "lost") and before not in ("won", "lost"):
        derived.refresh(order)
        timeline.record(order, f"dispute.{row.status}", actor=SYSTEM, data=data)
        outbox.post("dispute.closed", order_id=order.id, outcome=row.status)
        if row.status == "lost":
            refunds.record_lost(order, attempt_id, found.id, found.amount, _("Dispute lost"))
    derived.refresh(order)
    effects.advance(order, actor=SYSTEM)
