"""Taking in what Stripe has: one function per kind of object reads it afresh and brings it to the order it is about.

Webhooks and the daily comparison come through here, so whoever hears of it first, the outcome is the same. Each
answers what it concerned, or None: nothing of this store.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateways import stripe
from gateways.stripe import DisputeCase, Intent, RefundMade
from kit.db import db, transaction
from kit.ids import parse_id
from models.orders import Order
from models.payments import PaymentAttempt
from services.payments import connect, disputes, orphans, refunds, settlement


@dataclass(frozen=True, slots=True)
class Taken:
    """`order_id` is None for what concerns the store's account, or money that no order was waiting for."""

    order_id: UUID | None = None
    what: str = ""  # where the order's timeline does not say it: account.updated, payment.orphaned


def session(session_id: str, account: str) -> Taken | None:
    found = stripe.get_session(session_id, account=account)
    attempt = _attempt_of(PaymentAttempt.session_id == found.id, account, found.metadata)
    if attempt is None:
        return note_intent(found.intent, account) if found.intent is not None else None
    settlement.note_session(attempt.id, found)
    return Taken(attempt.order_id)


def intent(intent_id: str, account: str) -> Taken | None:
    return note_intent(stripe.get_intent(intent_id, account=account), account)


def note_intent(found: Intent, account: str) -> Taken | None:
    attempt = _attempt_of(PaymentAttempt.payment_intent_id == found.id, account, found.metadata)
    if attempt is not None:
        settlement.note_intent(attempt.id, found)
        return Taken(attempt.order_id)
    return _keep_unknown(found) if found.status == "succeeded" else None


@transaction()
def _keep_unknown(found: Intent) -> Taken:
    """Money on this store's account for which it asked nobody, or whose order is gone."""
    named = parse_id(found.metadata.get("order_id", ""))
    order_id = db.session.scalar(select(Order.id).where(Order.id == named)) if named else None
    settlement.keep_orphan(
        found.charge_id or found.id,
        intent_id=found.id,
        amount=found.received,
        currency=found.currency,
        why="unknown-order" if order_id is None else "unknown-attempt",
        order_id=order_id,
    )
    return Taken(order_id, "payment.orphaned")


def _attempt_of(condition: Any, account: str, metadata: dict[str, str]) -> PaymentAttempt | None:
    """By what the attempt remembers, else by what the object says of itself (its id may not have been kept yet). The
    account must be the one that the attempt was made on."""
    found = db.session.scalar(select(PaymentAttempt).where(condition, PaymentAttempt.account_id == account))
    named = parse_id(metadata.get("attempt_id", ""))
    if found is not None or named is None:
        return found
    return db.session.scalar(
        select(PaymentAttempt).where(PaymentAttempt.id == named, PaymentAttempt.account_id == account)
    )


def _follow(sync: Callable[..., UUID | None], found: RefundMade | DisputeCase, account: str) -> Taken | None:
    """What follows a payment may arrive before the payment itself: then that is taken in first."""
    order_id = sync(found, account=account)
    if order_id is None and found.intent_id is not None and intent(found.intent_id, account):
        order_id = sync(found, account=account)
    return Taken(order_id) if order_id is not None else None


def note_refund(found: RefundMade, account: str) -> Taken | None:
    taken = _follow(refunds.sync_refund, found, account)
    if taken is None and (orphan := orphans.note_refund(found, account=account)) is not None:
        return Taken(orphan.order_id, "orphan.refunded" if orphan.resolved_as else "")
    return taken


def refund(refund_id: str, account: str) -> Taken | None:
    return note_refund(stripe.get_refund(refund_id, account=account), account)


def charge(charge_id: str, account: str) -> Taken | None:
    """`charge.refunded` comes for each refund, with the sum of all: take them one by one."""
    taken = [note_refund(made, account) for made in stripe.list_refunds(charge_id, account=account)]
    return next((one for one in taken if one is not None), None)


def note_dispute(found: DisputeCase, account: str) -> Taken | None:
    return _follow(disputes.sync_dispute, found, account)


def dispute(dispute_id: str, account: str) -> Taken | None:
    return note_dispute(stripe.get_dispute(dispute_id, account=account), account)


def account_state(_object_id: str, account: str) -> Taken | None:
    connect.refresh_account(account)
    return Taken(what="account.updated")


def payout(payout_id: str, account: str) -> Taken | None:
    """Its state is asked at Stripe whenever it is looked at; what the bank did not take has to be told of."""
    found = stripe.get_payout(payout_id, account=account)
    if found.status == "failed":
        connect.note_failed_payout(found)
    return Taken(what=f"payout.{found.status}")


def cut_off(_object_id: str, account: str) -> Taken | None:
    connect.forget_account(account)
    return Taken(what="account.cut-off")
