"""The inbox of what Stripe tells. An event is stored once, then acted on by the worker, which believes nothing of it
but the id of its object: that is read afresh. So events may come twice, late and in any order.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gateways import stripe
from gateways.stripe import Event, StripeRefused
from kit import clock
from kit.actor import SYSTEM, Actor
from kit.db import db, transaction
from kit.errors import NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from kit.tenancy import every_tenant
from models.orders import OrderEvent
from models.payments import StripeAccount, WebhookEvent
from services import audit, outbox, tenants
from services.payments import intake
from services.payments.intake import Taken

log = structlog.get_logger("payments.webhooks")
PROCESSED, IGNORED, FAILED = "processed", "ignored", "failed"
_MISSING = "resource_missing"
# Why an event was left alone; said to people by the page.
NOTHING_FOLLOWS = "nothing follows from this type"
NO_STORE = "no store has this account"
UNKNOWN_OBJECT = "Stripe does not know this object"
NOT_OURS = "about nothing of this store"


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
    try:
        done = _act(claimed)
    except Exception as error:
        _mark(claimed.id, Done(FAILED, f"{type(error).__name__}: {error}"))
        raise
    _mark(claimed.id, done)
    return done.status


@dataclass(frozen=True, slots=True)
class Claimed:
    id: UUID
    type: str
    account: str
    tenant_id: UUID | None
    object_id: str


@dataclass(frozen=True, slots=True)
class Done:
    status: str
    why: str = ""
    order_id: UUID | None = None
    effects: tuple[str, ...] = ()


def _claim(ident: UUID) -> Claimed | None:
    with every_tenant(), transaction():
        row = db.session.get(WebhookEvent, ident, with_for_update=True, populate_existing=True)
        if row is None or row.status in (PROCESSED, IGNORED):
            return None
        row.attempts += 1
        row.tenant_id = row.tenant_id or _store_of(row.account_id)
        found: Any = row.payload.get("data", {}).get("object", {})
        return Claimed(row.id, row.type, row.account_id, row.tenant_id, str(found.get("id") or ""))


def _mark(ident: UUID, done: Done) -> None:
    with every_tenant(), transaction():
        row = db.session.get_one(WebhookEvent, ident, with_for_update=True, populate_existing=True)
        row.status = done.status
        row.error = done.why[:2000]
        row.order_id = done.order_id or row.order_id
        # Of a replay that changes nothing any more, what the first time did stays to be read.
        row.effects = list(dict.fromkeys([*row.effects, *done.effects]))
        row.processed_at = clock.now()


def _act(event: Claimed) -> Done:
    act = HANDLERS.get(event.type)
    if act is None:
        return Done(IGNORED, NOTHING_FOLLOWS)
    if event.tenant_id is None:
        return Done(IGNORED, NO_STORE)
    began = clock.now()
    with tenants.in_store(event.tenant_id):
        try:
            taken = act(event.object_id, event.account)
        except StripeRefused as error:
            if error.reason != _MISSING:
                raise
            return Done(IGNORED, UNKNOWN_OBJECT)
        return _done(taken, began) if taken is not None else Done(IGNORED, NOT_OURS)


def _done(taken: Taken, began: datetime) -> Done:
    """With what the order's timeline has got since."""
    told: list[str] = []
    if taken.order_id is not None:
        since = select(OrderEvent.type).where(
            OrderEvent.order_id == taken.order_id,
            OrderEvent.actor_kind == SYSTEM.kind,
            OrderEvent.created_at >= began,
        )
        told = list(db.session.scalars(since.order_by(OrderEvent.created_at, OrderEvent.id)))
    return Done(PROCESSED, "", taken.order_id, (*told, *filter(None, [taken.what])))


HANDLERS: dict[str, Callable[[str, str], Taken | None]] = {
    "checkout.session.completed": intake.session,
    "checkout.session.async_payment_succeeded": intake.session,
    "checkout.session.async_payment_failed": intake.session,
    "checkout.session.expired": intake.session,
    "payment_intent.succeeded": intake.intent,
    "payment_intent.payment_failed": intake.intent,
    "payment_intent.processing": intake.intent,
    "payment_intent.requires_action": intake.intent,
    "payment_intent.amount_capturable_updated": intake.intent,
    "payment_intent.canceled": intake.intent,
    "charge.refunded": intake.charge,
    "refund.created": intake.refund,
    "refund.updated": intake.refund,
    "refund.failed": intake.refund,
    "charge.refund.updated": intake.refund,
    "charge.dispute.created": intake.dispute,
    "charge.dispute.updated": intake.dispute,
    "charge.dispute.closed": intake.dispute,
    "payout.created": intake.payout,
    "payout.updated": intake.payout,
    "payout.paid": intake.payout,
    "payout.failed": intake.payout,
    "payout.canceled": intake.payout,
    "account.updated": intake.account_state,
    "account.application.deauthorized": intake.cut_off,
}


# --- for people -------------------------------------------------------------------------------------------------------

STATUSES = ("received", PROCESSED, IGNORED, FAILED)
_SECRET = re.compile(r"secret|token|password|signature|fingerprint|authorization", re.IGNORECASE)
_HIDDEN = "•••"


def list_events(
    *, status: str = "", type: str = "", page: int = 1, page_size: int = 20
) -> Page[WebhookEvent]:
    """The store's events, newest first."""
    query = select(WebhookEvent).where(WebhookEvent.tenant_id == tenants.current().id)
    if status:
        query = query.where(WebhookEvent.status == status)
    if type:
        query = query.where(WebhookEvent.type == type)
    return paginate(query.order_by(WebhookEvent.received_at.desc(), WebhookEvent.id.desc()), page, page_size)


def list_types() -> list[str]:
    """Those of which the store has an event."""
    query = select(WebhookEvent.type).where(WebhookEvent.tenant_id == tenants.current().id)
    return list(db.session.scalars(query.distinct().order_by(WebhookEvent.type)))


def get_event(event_id: UUID) -> WebhookEvent:
    row = db.session.scalar(
        select(WebhookEvent).where(
            WebhookEvent.id == event_id, WebhookEvent.tenant_id == tenants.current().id
        )
    )
    if row is None:
        raise NotFound(_("There is no such event."))
    return row


def masked(value: Any) -> Any:
    """A payload to be looked at: what opens something is covered (`client_secret`, tokens, signed addresses)."""
    if isinstance(value, Mapping):
        return {
            name: _HIDDEN if part and _SECRET.search(name) else masked(part) for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(part) for part in value]
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return value.partition("?")[0].partition("#")[0]
    return value


@transaction()
def replay(event_id: UUID, *, actor: Actor) -> None:
    """Act on one of the store's events once more."""
    row = get_event(event_id)
    row.status = "received"
    audit.record("replay", ("webhook", str(row.id)), actor=actor, changes={"type": [None, row.type]})
    outbox.post("webhook.received", event_id=row.id)
