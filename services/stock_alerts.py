"""“Tell me when it is back”: asked for by anybody, confirmed by a mail, answered once, and forgotten.

Nobody learns here whether an address was known: asking answers the same in every case. What is kept under an address
is told and erased with the rest of a person (services/privacy.py finds it by its column `email_key`).
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.exc import IntegrityError

from kit import clock, tenancy
from kit.actor import GUEST, Actor
from kit.db import db, transaction
from kit.drafts import Draft, Email, IdRef, blank_to_none
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _, current_locale
from kit.ids import parse_id
from models.catalog import Product, StockStatus, Variant
from models.search import StockAlert
from models.tenants import Tenant, TenantStatus
from services import outbox
from services.accounts import people, tokens
from services.catalog.products import get_product
from services.due import work_through

CONFIRM_FOR = timedelta(days=7)
STOP_FOR = timedelta(days=400)
WAITS_FOR = timedelta(days=365)
TOLD_FOR = timedelta(days=30)  # how long it is remembered that the mail went out
ASK_AGAIN_AFTER = timedelta(minutes=10)
PER_ADDRESS = 50
AT_ONCE = 200


class AlertDraft(Draft):
    """With `variant_id` it is that variant that is waited for, else the product in any."""

    product_id: IdRef
    variant_id: Annotated[IdRef | None, BeforeValidator(blank_to_none)] = None
    email: Email


@transaction()
def ask(draft: AlertDraft, *, actor: Actor) -> None:
    """A mail asks whether it was really this person. Conflict `in-stock` where it can be bought now."""
    product = get_product(draft.product_id, actor=GUEST)
    variant = next((v for v in product.variants if v.id == draft.variant_id and v.is_active), None)
    if draft.variant_id is not None and variant is None:
        raise Invalid.field("variant_id", "unknown_id", _("There is no such variant."))
    thing: Product | Variant = variant or product
    if thing.stock_status is not StockStatus.OUT_OF_STOCK:
        raise Conflict(_("Good news: it can be bought now."), code="in-stock")
    now = clock.now()
    row = _find(product.id, draft.variant_id, draft.email) or _new(
        product.id, draft.variant_id, draft.email, now
    )
    if row is None or (row.confirmed_at is not None and row.notified_at is None):
        return
    if row.asked_at > now - ASK_AGAIN_AFTER and row.asked_at != now:
        return  # a mail is on its way already
    row.asked_at, row.confirmed_at, row.notified_at, row.locale = now, None, None, current_locale()
    outbox.post("stock_alert.asked", alert_id=row.id)


def _find(product_id: UUID, variant_id: UUID | None, email: str) -> StockAlert | None:
    return db.session.scalar(
        select(StockAlert)
        .where(
            StockAlert.product_id == product_id,
            StockAlert.variant_key == str(variant_id or ""),
            StockAlert.email_key == people.email_key(email),
        )
        .with_for_update()
    )


def _new(product_id: UUID, variant_id: UUID | None, email: str, now: datetime) -> StockAlert | None:
    """None where the address has too many already, or somebody else was as quick."""
    key = people.email_key(email)
    many = select(func.count()).select_from(StockAlert).where(StockAlert.email_key == key)
    if (db.session.scalar(many) or 0) >= PER_ADDRESS:
        return None
    row = StockAlert(product_id=product_id, variant_id=variant_id, variant_key=str(variant_id or ""), email=email,
                     email_key=key, locale=current_locale(), asked_at=now)  # fmt: skip
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(row)
        db.session.flush()
        return row
    return None


# --- the links of the mails ---------------------------------------------------------------------------------------


def confirm_token(row: StockAlert) -> str:
    return tokens.sign("stock-alert", CONFIRM_FOR, row.id)


def stop_token(row: StockAlert) -> str:
    return tokens.sign("stock-alert-stop", STOP_FOR, row.id)


def get_waiting(token: str) -> StockAlert:
    """The alert whose confirmation link this is. Invalid where the link no longer works."""
    row = db.session.get(StockAlert, tokens.subject_of_link(token, kind="stock-alert"))
    if row is None:
        raise tokens.dead_link()
    return row


@transaction()
def confirm(token: str) -> StockAlert:
    """The address wants it. Bears repetition. What came back meanwhile is told at once."""
    row = get_waiting(token)
    if row.confirmed_at is None:
        row.confirmed_at = clock.now()
        outbox.post("stock.back", product_id=row.product_id)
    return row


@transaction()
def stop(token: str) -> None:
    """No more of it. Bears repetition."""
    ident = tokens.subject_of_link(token, kind="stock-alert-stop")
    db.session.execute(delete(StockAlert).where(StockAlert.id == ident))


def check_stop(token: str) -> None:
    """Invalid where the link no longer works."""
    tokens.subject_of_link(token, kind="stock-alert-stop")


# --- when it is back ----------------------------------------------------------------------------------------------


@transaction()
def tell_waiting(product_id: UUID | str, **_rest: Any) -> int:
    """A product can be bought again: a mail for each who confirmed, once. Many are told in portions."""
    told = _tell(StockAlert.product_id == parse_id(product_id))
    if told == AT_ONCE:
        outbox.post("stock.back", product_id=product_id)
    return told


def _tell(which: ColumnElement[bool]) -> int:
    """Of those, AT_ONCE at most that nobody else is telling, the longest waiting first."""
    due = _due(select(StockAlert)).where(which).limit(AT_ONCE)
    rows = db.session.scalars(due.with_for_update(of=StockAlert, skip_locked=True)).all()
    for row in rows:
        row.notified_at = clock.now()
        outbox.post("stock_alert.due", alert_id=row.id)
    return len(rows)


def _due(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Who has confirmed, was not told, and waits for what can be bought; the longest waiting first."""
    there = and_(Product.is_active, Product.archived_at.is_(None))
    product = and_(StockAlert.variant_id.is_(None), Product.stock_status != StockStatus.OUT_OF_STOCK)
    variant = and_(Variant.is_active, Variant.stock_status != StockStatus.OUT_OF_STOCK)
    open_ones = (StockAlert.confirmed_at.is_not(None), StockAlert.notified_at.is_(None))
    return (
        query.join(Product, Product.id == StockAlert.product_id)
        .outerjoin(Variant, Variant.id == StockAlert.variant_id)
        .where(*open_ones, there, or_(product, variant))
        .order_by(StockAlert.confirmed_at, StockAlert.id)
    )


def tell_overlooked(limit: int = 500) -> int:
    """In every store: what is due without having come back by a count of stock (shown again, sold on backorder). A
    mail each for those who wait longest; the others' turn is the next round."""
    with tenancy.every_tenant():
        query = _due(select(StockAlert.tenant_id, StockAlert.id)).join(
            Tenant, Tenant.id == StockAlert.tenant_id
        )
        due = db.session.execute(query.where(Tenant.status == TenantStatus.ACTIVE).limit(limit)).all()
    return work_through(due, tell_one)


@transaction()
def tell_one(alert_id: UUID) -> int:
    """Once, whoever else tells at the same time."""
    return _tell(StockAlert.id == alert_id)


def forget_old() -> int:
    """In every store: what was never confirmed, waited for a year, was answered a month ago, or is sold no more."""
    now = clock.now()
    gone = select(Product.id).where(Product.archived_at.is_not(None))
    old = or_(
        and_(StockAlert.confirmed_at.is_(None), StockAlert.asked_at < now - CONFIRM_FOR),
        StockAlert.confirmed_at < now - WAITS_FOR,
        StockAlert.notified_at < now - TOLD_FOR,
        StockAlert.product_id.in_(gone),
    )
    with tenancy.every_tenant(), transaction():
        result = db.session.execute(
            delete(StockAlert).where(old).execution_options(synchronize_session=False)
        )
        return int(result.rowcount)  # type: ignore[attr-defined]


# --- for the mails ------------------------------------------------------------------------------------------------


def find_alert(alert_id: UUID | str) -> tuple[StockAlert, Product, Variant | None] | None:
    """The alert and what it is about, while that is there to be seen."""
    ident = parse_id(alert_id)
    row = db.session.scalar(select(StockAlert).where(StockAlert.id == ident))
    if row is None:
        return None
    try:
        product = get_product(row.product_id, actor=GUEST)
    except NotFound:
        return None
    variant = next((v for v in product.variants if v.id == row.variant_id), None)
    return row, product, variant
