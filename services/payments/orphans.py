"""Payments that no order was waiting for: staff give them back, keep them, or put them to the order they were meant
for. They never vanish by themselves."""

from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import func, select

from gateways import stripe
from gateways.stripe import RefundMade
from kit import clock
from kit.actor import SYSTEM, Actor
from kit.db import db, transaction
from kit.drafts import Draft, Text
from kit.errors import Conflict, Invalid, NotFound, ShopError
from kit.i18n import _
from kit.money import to_text
from kit.paging import Page, paginate
from models.orders import Order, OrderStatus
from models.payments import AttemptStatus, OrphanPayment, PaymentAttempt
from services import audit
from services.orders import derived, effects, reading, timeline
from services.orders.words import status_word
from services.payments import attempts, connect, refunds, settlement

REFUNDED, ACCEPTED, ATTACHED = "refunded", "accepted", "attached"
# An expired order comes back with its money, where it is all of it.
ATTACHABLE = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.EXPIRED)


def list_orphans(*, open_only: bool = True, page: int = 1, page_size: int = 20) -> Page[OrphanPayment]:
    """Newest first."""
    query = select(OrphanPayment).order_by(OrphanPayment.created_at.desc(), OrphanPayment.id.desc())
    if open_only:
        query = query.where(OrphanPayment.resolved_as.is_(None))
    return paginate(query, page, page_size)


def count_open(order_id: UUID) -> int:
    """Of an order, how many wait for a decision."""
    query = select(func.count(OrphanPayment.id)).where(
        OrphanPayment.order_id == order_id, OrphanPayment.resolved_as.is_(None)
    )
    return int(db.session.scalar(query) or 0)


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
        charge_id=orphan.charge_id,
    )


def note_refund(made: RefundMade, *, account: str) -> OrphanPayment | None:
    """Of money that is no order's, given back at Stripe: once all of it is, it is dealt with. None where it is not
    such money."""
    orphan = db.session.scalar(
        select(OrphanPayment).where(
            (OrphanPayment.charge_id == (made.charge_id or ""))
            | (OrphanPayment.payment_intent_id == (made.intent_id or ""))
        )
    )
    if orphan is None or orphan.resolved_as is not None:
        return orphan
    ident = orphan.id
    given = stripe.get_charge(orphan.charge_id, account=account).refunded
    return _close(ident) if given >= db.session.get_one(OrphanPayment, ident).amount else orphan


@transaction()
def _close(orphan_id: UUID) -> OrphanPayment:
    orphan = db.session.get_one(OrphanPayment, orphan_id, with_for_update=True, populate_existing=True)
    if orphan.resolved_as is None:
        orphan.resolved_as = REFUNDED
        audit.record("update", orphan, actor=SYSTEM, changes={"resolved_as": [None, REFUNDED]})
    return orphan


@transaction()
def close_given_back(order_id: UUID | str, **_rest: Any) -> None:
    """The handler of `order.refunded`: an order that has no money too much any more has none to decide about,
    however it was given back."""
    order = effects.lock_order(UUID(str(order_id)))
    money = derived.money_of(order)
    if money.net > max(money.owed, 0):
        return
    still_open = select(OrphanPayment).where(
        OrphanPayment.order_id == order.id, OrphanPayment.resolved_as.is_(None),
        OrphanPayment.why != "unknown-attempt",  # money that the order never counted: no refund of it gives that back
    )  # fmt: skip
    for orphan in db.session.scalars(still_open).all():
        _close(orphan.id)


class AttachDraft(Draft):
    order_number: Annotated[str, Text(40, min=1)]


def attach(orphan_id: UUID, draft: AttachDraft, *, actor: Actor) -> Order:
    """Count the money as a payment of the order with this number. Conflict where the order's sum does not fit it, or
    where it counts for an order already; a page at Stripe that is open for the order is closed first."""
    orphan = _get_open(orphan_id)
    try:
        order = reading.get_by_number(draft.order_number, actor=actor)
    except NotFound as error:
        raise Invalid.field(
            "order_number", "unknown_order", _("There is no order with this number.")
        ) from error
    _check_fits(orphan, order)
    account = connect.require_account(ready=False)
    if attempts.close(order.id, void=True) is not attempts.Outcome.CLOSED:
        raise Conflict(_("A payment for this order is on its way."), code="payment-in-progress")
    return _attach(orphan_id, order.id, account, actor=actor)


def _check_fits(orphan: OrphanPayment, order: Order) -> None:
    counted = select(PaymentAttempt.id).where(
        PaymentAttempt.payment_intent_id == (orphan.payment_intent_id or ""),
        PaymentAttempt.captured_amount > 0,
    )
    if orphan.charge_id.startswith("offline:") or db.session.scalar(counted) is not None:
        raise Conflict(
            _("This payment counts for an order already. Give it back, or keep it."), code="counted-already"
        )
    if order.status not in ATTACHABLE:
        raise Conflict(
            _("This order can't be paid any more: it is %(status)s.", status=status_word(order.status)),
            code="order-not-payable",
        )
    balance = derived.money_of(order).balance
    if orphan.currency != order.currency or orphan.amount > balance:
        raise Conflict(
            _("This order still needs %(balance)s; the payment is %(amount)s.",
              balance=f"{to_text(max(balance, 0), order.currency)} {order.currency}",
              amount=f"{to_text(orphan.amount, orphan.currency)} {orphan.currency}"),
            code="amount-does-not-fit",
        )  # fmt: skip


@transaction()
def _attach(orphan_id: UUID, order_id: UUID, account: str, *, actor: Actor) -> Order:
    order = effects.lock_order(order_id)
    orphan = _get_open(orphan_id, lock=True)
    _check_fits(orphan, order)
    last = db.session.scalar(
        select(func.max(PaymentAttempt.number)).where(PaymentAttempt.order_id == order_id)
    )
    db.session.add(PaymentAttempt(
        order_id=order.id, number=(last or 0) + 1, kind="attached", status=AttemptStatus.CAPTURED,
        amount=orphan.amount, captured_amount=orphan.amount, currency=orphan.currency, account_id=account,
        payment_intent_id=orphan.payment_intent_id, charge_id=orphan.charge_id,
    ))  # fmt: skip
    orphan.resolved_as = ATTACHED
    orphan.order_id = order.id
    order.paid_at = order.paid_at or clock.now()
    db.session.flush()
    changes = {"resolved_as": [None, ATTACHED], "order": [None, order.order_number]}
    audit.record("update", orphan, actor=actor, changes=changes)
    timeline.record(order, "payment.attached", actor=actor, data={
        "amount": orphan.amount, "currency": orphan.currency})  # fmt: skip
    settlement.take_money(
        order, charge_id=orphan.charge_id, intent_id=orphan.payment_intent_id, amount=orphan.amount
    )
    return order


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
