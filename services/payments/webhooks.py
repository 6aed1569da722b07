"""The inbox of what Stripe tells. An event is stored once, then acted on by the worker, which believes nothing of it
but the id of its object: that is read afresh. So events may come twice, late and in any order.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gateways import stripe
from gateways.stripe import DisputeCase, Event, Intent, RefundMade, StripeRefused
from kit import clock
from kit.db import db, transaction
from kit.errors import NotFound
from kit.i18n import _
from kit.ids import parse_id
from kit.paging import Page, paginate
from kit.tenancy import every_tenant
from models.orders import Order
from models.payments import PaymentAttempt, StripeAccount, WebhookEvent
from services import outbox, tenants
from services.payments import connect, disputes, refunds, settlement

log = structlog.get_logger("payments.webhooks")
PROCESSED, IGNORED, FAILED = "processed", "ignored", "failed"
_MISSING = "resource_missing"


def receive(raw: bytes, signature: str) -> bool:
    """Keep the event for the worker; False where it was here before. Unreadable `bad-signature` where it is not
    Stripe's: nothing is kept then."""
    event = stripe.read_event(raw, signature)
    with every_tenant():
        try:
            with transaction():
                _store(event)
        except IntegrityError:
            return False
    return True


def _store(event: Event) -> None:
    known = select(WebhookEvent.id).where(WebhookEvent.provider_id == event.id)
    if db.session.scalar(known) is not None:
        raise IntegrityError("the event is there already", None, ValueError(event.id))
    row = WebhookEvent(
        provider_id=event.id,
        type=event.type[:120],
        account_id=event.account_id[:60],
        tenant_id=_store_of(event.account_id),
        payload=event.payload,
        received_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    outbox.post("webhook.received", event_id=row.id)


def _store_of(account_id: str) -> UUID | None:
    """Whose account it is. Only in every_tenant()."""
    if not account_id:
        return None
    return db.session.scalar(select(StripeAccount.tenant_id).where(StripeAccount.account_id == account_id))


def process(event_id: UUID | str) -> str:
    """Act on a stored event; what came of it: processed or ignored. An event that was acted on is left alone.

    Two workers at once do no harm: each effect is decided under its order's lock.
    """
    claimed = _claim(UUID(str(event_id)))
    if claimed is None:
        return PROCESSED
    ident, type_, account, tenant_id, object_id = claimed
    try:
        outcome, why = _act(type_, account, tenant_id, object_id)
    except Exception as error:
        _mark(ident, FAILED, f"{type(error).__name__}: {error}")
        raise
    _mark(ident, outcome, why)
    return outcome


def _claim(ident: UUID) -> tuple[UUID, str, str, UUID | None, str] | None:
    with every_tenant(), transaction():
        row = db.session.get(WebhookEvent, ident, with_for_update=True, populate_existing=True)
        if row is None or row.status in (PROCESSED, IGNORED):
            return None
        row.attempts += 1
        row.tenant_id = row.tenant_id or _store_of(row.account_id)
        found: Any = row.payload.get("data", {}).get("object", {})
        return row.id, row.type, row.account_id, row.tenant_id, str(found.get("id") or "")


def _mark(ident: UUID, status: str, why: str = "") -> None:
    with every_tenant(), transaction():
        row = db.session.get_one(WebhookEvent, ident, with_for_update=True, populate_existing=True)
        row.status = status
        row.error = why[:2000]
        row.processed_at = clock.now()


def _act(type_: str, account: str, tenant_id: UUID | None, object_id: str) -> tuple[str, str]:
    act = HANDLERS.get(type_)
    if act is None:
        return IGNORED, "nothing follows from this type"
    if tenant_id is None:
        return IGNORED, "no store has this account"
    with tenants.in_store(tenant_id):
        try:
            return (PROCESSED, "") if act(object_id, account) else (IGNORED, "about nothing of this store")
        except StripeRefused as error:
            if error.reason != _MISSING:
                raise
            return IGNORED, "Stripe does not know this object"


# --- one function per kind of object; each answers whether it concerned this store -----------------------------------


def _session(session_id: str, account: str) -> bool:
    found = stripe.get_session(session_id, account=account)
    attempt = _attempt_of(PaymentAttempt.session_id == found.id, account, found.metadata)
    if attempt is None:
        return found.intent is not None and _intent_itself(found.intent, account)
    settlement.note_session(attempt.id, found)
    return True


def _intent(intent_id: str, account: str) -> bool:
    return _intent_itself(stripe.get_intent(intent_id, account=account), account)


def _intent_itself(found: Intent, account: str) -> bool:
    attempt = _attempt_of(PaymentAttempt.payment_intent_id == found.id, account, found.metadata)
    if attempt is not None:
        settlement.note_intent(attempt.id, found)
        return True
    if found.status != "succeeded":
        return False
    _keep_unknown(found)
    return True


@transaction()
def _keep_unknown(found: Intent) -> None:
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


def _follow(sync: Callable[..., bool], found: RefundMade | DisputeCase, account: str) -> bool:
    """What follows a payment may arrive before the payment itself: then that is taken in first."""
    if sync(found, account=account):
        return True
    has_payment = found.intent_id is not None and _intent(found.intent_id, account)
    return has_payment and sync(found, account=account)


def _refund(refund_id: str, account: str) -> bool:
    return _follow(refunds.sync_refund, stripe.get_refund(refund_id, account=account), account)


def _charge(charge_id: str, account: str) -> bool:
    """`charge.refunded` comes for each refund, with the sum of all: take them one by one."""
    is_ours = False
    for made in stripe.list_refunds(charge_id, account=account):
        is_ours |= _follow(refunds.sync_refund, made, account)
    return is_ours


def _dispute(dispute_id: str, account: str) -> bool:
    return _follow(disputes.sync_dispute, stripe.get_dispute(dispute_id, account=account), account)


def _account(account_id: str, account: str) -> bool:
    connect.refresh_account(account)
    return True


def _cut_off(_object_id: str, account: str) -> bool:
    connect.forget_account(account)
    return True


HANDLERS: dict[str, Callable[[str, str], bool]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "checkout.session.expired": _session,
    "payment_intent.succeeded": _intent,
    "payment_intent.payment_failed": _intent,
    "payment_intent.processing": _intent,
    "payment_intent.requires_action": _intent,
    "payment_intent.amount_capturable_updated": _intent,
    "payment_intent.canceled": _intent,
    "charge.refunded": _charge,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refund.updated": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "account.updated": _account,
    "account.application.deauthorized": _cut_off,
}


# --- for people -------------------------------------------------------------------------------------------------------


def list_events(*, status: str = "", page: int = 1, page_size: int = 20) -> Page[WebhookEvent]:
    """The store's events, newest first."""
    query = select(WebhookEvent).where(WebhookEvent.tenant_id == tenants.current().id)
    if status:
        query = query.where(WebhookEvent.status == status)
    return paginate(query.order_by(WebhookEvent.received_at.desc(), WebhookEvent.id.desc()), page, page_size)


@transaction()
def replay(event_id: UUID) -> None:
    """Act on one of the store's events once more."""
    row = db.session.scalar(
        select(WebhookEvent).where(
            WebhookEvent.id == event_id, WebhookEvent.tenant_id == tenants.current().id
        )
    )
    if row is None:
        raise NotFound(_("There is no such event."))
    row.status = "received"
    outbox.post("webhook.received", event_id=row.id)
