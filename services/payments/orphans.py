"""Payments that no order was waiting for: staff give them back, or keep them. They never vanish by themselves."""

from uuid import UUID

from sqlalchemy import select

from gateways import stripe
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict, NotFound, ShopError
from kit.i18n import _
from kit.money import to_text
from kit.paging import Page, paginate
from models.payments import OrphanPayment, PaymentAttempt
from services import audit
from services.orders import effects, timeline
from services.payments import connect, refunds

REFUNDED, ACCEPTED = "refunded", "accepted"


def list_orphans(*, open_only: bool = True, page: int = 1, page_size: int = 20) -> Page[OrphanPayment]:
    """Newest first."""
    query = select(OrphanPayment).order_by(OrphanPayment.created_at.desc(), OrphanPayment.id.desc())
    if open_only:
        query = query.where(OrphanPayment.resolved_as.is_(None))
    return paginate(query, page, page_size)


def accept(orphan_id: UUID, *, actor: Actor) -> OrphanPayment:
    """Keep the money as it is."""
    return _resolve(orphan_id, ACCEPTED, actor=actor)


def give_back(orphan_id: UUID, *, actor: Actor) -> OrphanPayment:
    """Refund all of it, once: it counts as dealt with before the money moves, and is open again where that fails."""
    orphan = _resolve(orphan_id, REFUNDED, actor=actor)
    try:
        _refund(orphan, actor=actor)
    except ShopError:
        _reopen(orphan_id)
        raise
    return orphan


def _refund(orphan: OrphanPayment, *, actor: Actor) -> None:
    """That of a known order stands among the order's refunds."""
    attempt = db.session.scalar(
        select(PaymentAttempt).where(PaymentAttempt.payment_intent_id == (orphan.payment_intent_id or ""))
    )
    if orphan.order_id is not None and (attempt is not None or orphan.payment_intent_id is None):
        amount = to_text(orphan.amount, orphan.currency)
        draft = refunds.RefundDraft.model_validate({"amount": amount, "reason": _("Paid without need")})
        refunds.refund_order(orphan.order_id, draft, actor=actor)
        return
    stripe.create_refund(
        account=connect.require_account(ready=False),
        key=f"orphan:{orphan.id}",
        intent_id=orphan.payment_intent_id or "",
        amount=orphan.amount,
        metadata={"orphan_id": str(orphan.id)},
        refund_fee=False,
    )


@transaction()
def _reopen(orphan_id: UUID) -> None:
    orphan = db.session.get_one(OrphanPayment, orphan_id, with_for_update=True, populate_existing=True)
    orphan.resolved_as = None


def _get_open(orphan_id: UUID, *, lock: bool = False) -> OrphanPayment:
    orphan = db.session.get(OrphanPayment, orphan_id, with_for_update=lock or None, populate_existing=True)
    if orphan is None:
        raise NotFound(_("There is no such payment."))
    if orphan.resolved_as is not None:
        raise Conflict(_("This payment is dealt with already."), code="already-resolved")
    return orphan


@transaction()
def _resolve(orphan_id: UUID, how: str, *, actor: Actor) -> OrphanPayment:
    orphan = _get_open(orphan_id)
    order = effects.lock_order(orphan.order_id) if orphan.order_id else None
    orphan = _get_open(orphan_id, lock=True)
    orphan.resolved_as = how
    audit.record("update", orphan, actor=actor, changes={"resolved_as": [None, how]})
    if order is not None:
        timeline.record(order, f"orphan.{how}", actor=actor, data={"amount": orphan.amount})
    return orphan
