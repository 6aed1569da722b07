"""The store's customers: what they may say of themselves, and what the store may know and change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator
from sqlalchemy import select

from kit.actor import Actor, Role
from kit.csv import lines
from kit.db import db, transaction
from kit.drafts import Draft, Flag, Text, wrong
from kit.errors import NotFound
from kit.i18n import LANGUAGES, _
from kit.money import to_text
from kit.paging import Page
from models.accounts import Person, User
from models.customers import Segment
from models.orders import Order
from services import audit, consents, newsletter, segments, tenants
from services.accounts import people, roles, tokens
from services.addresses import owner_of
from services.tenants import Store

SORTS = ("created_at", "name", "email", "orders_count", "total_spent", "last_order_at")


def _language(value: str | None) -> str | None:
    if value is not None and value not in LANGUAGES:
        raise wrong("", "not_a_choice", _("Must be one of: %(expected)s.", expected=", ".join(LANGUAGES)))
    return value


Name = Annotated[str, Text(Person.NAME_MAX)]
Phone = Annotated[str, Text(40)]
Language = Annotated[str | None, AfterValidator(_language)]


class ProfileDraft(Draft):
    """What a person changes of themselves."""

    first_name: Name = ""
    last_name: Name = ""
    phone: Phone = ""
    locale: Language = None
    accepts_marketing: Flag = False

    @classmethod
    def of(cls, user: User) -> dict[str, Any]:
        return {name: getattr(user, name) for name in cls.model_fields}


class CustomerDraft(Draft):
    """What the store changes of a customer. `note` is never shown to the customer."""

    first_name: Name = ""
    last_name: Name = ""
    phone: Phone = ""
    locale: Language = None
    note: Annotated[str, Text(10_000)] = ""
    is_active: Flag = True

    @classmethod
    def of(cls, user: User) -> dict[str, Any]:
        return {name: getattr(user, name) for name in cls.model_fields}


class PreferencesDraft(Draft):
    """Which mails a person wants. `order_updates` off still sends what a purchase needs."""

    order_updates: Flag = True
    marketing: Flag = False
    newsletter: Flag = False
    review_reminders: Flag = False
    back_in_stock: Flag = True

    @classmethod
    def of(cls, user: User) -> dict[str, Any]:
        stored = {name: user.preferences[name] for name in cls.model_fields if name in user.preferences}
        return {**cls().model_dump(), **stored, "marketing": user.accepts_marketing}


@dataclass(frozen=True, slots=True)
class Customer:
    """A person with what they bought: orders that are confirmed, processing or completed. Amounts in minor units."""

    user: User
    segment: str
    orders_count: int
    total_spent: int
    last_order_at: datetime | None

    @property
    def average_order_value(self) -> int:
        return (
            (2 * self.total_spent + self.orders_count) // (2 * self.orders_count) if self.orders_count else 0
        )


def get_me(*, actor: Actor) -> Customer:
    return get_customer(owner_of(actor).id)


def get_customer(user_id: UUID) -> Customer:
    row = db.session.execute(
        segments.with_stats().where(User.id == user_id, User.erased_at.is_(None))
    ).first()
    if row is None:
        raise NotFound(_("There is no such customer."))
    return Customer(*row)


def open_customer(user_id: UUID, *, actor: Actor) -> Customer:
    """All that the store holds on a person, for somebody who works there: that they looked stands in the audit log,
    unless it is themselves."""
    customer = get_customer(user_id)
    is_self = actor.id == user_id and not actor.impersonator
    if not is_self and audit.record_reading(customer.user, actor=actor):
        customer = get_customer(user_id)  # noting it has ended what was read
    return customer


def list_customers(
    *,
    search: str = "",
    segment: str | None = None,
    saved: Segment | None = None,
    role: Role | None = Role.CUSTOMER,
    sort_by: str = "created_at",
    sort_dir: Literal["asc", "desc"] = "desc",
    page: int = 1,
    page_size: int = 20,
) -> Page[Customer]:
    query = segments.with_stats().where(User.erased_at.is_(None))
    if role is not None:
        query = query.where(User.role == role)
    for condition in segments.matching(search):
        query = query.where(condition)
    if segment is not None:
        query = query.where(segments.column(query, "segment") == segment)
    if saved is not None:
        query = query.where(segments.conditions(query, saved.rules, matches_all=saved.matches_all))
    total = segments.count(query)
    order = segments.sorting(query, sort_by, descending=sort_dir == "desc")
    rows = db.session.execute(query.order_by(*order).offset((page - 1) * page_size).limit(page_size)).all()
    return Page([Customer(*row) for row in rows], total, page, page_size)


@transaction()
def update_me(draft: ProfileDraft, *, actor: Actor, source: str = "account") -> User:
    user = owner_of(actor)
    if user.accepts_marketing != draft.accepts_marketing:
        consents.note(user.id, {"marketing": draft.accepts_marketing}, source=source)
    for name, value in draft.model_dump().items():
        setattr(user, name, value)
    return user


@transaction()
def update_preferences(draft: PreferencesDraft, *, actor: Actor, source: str = "account") -> User:
    """Each choice that differs is noted as a consent, or as one taken back."""
    user = owner_of(actor)
    before, after = PreferencesDraft.of(user), draft.model_dump()
    user.accepts_marketing = draft.marketing
    user.preferences = {
        **user.preferences,
        **{name: value for name, value in after.items() if name != "marketing"},
    }
    changed = {name: value for name, value in after.items() if before[name] != value}
    consents.note(user.id, changed, source=source)
    if "newsletter" in changed:
        newsletter.follow_account(user, changed["newsletter"])
    return user


@transaction()
def update_customer(user_id: UUID, draft: CustomerDraft, *, actor: Actor) -> User:
    """The store's changes. A disabled account is signed out everywhere at once."""
    tenants.row(lock=True)
    user = people.get_user(user_id, lock=True)
    roles.insist_may_touch(user, actor)
    before, after = CustomerDraft.of(user), draft.model_dump()
    changes = audit.difference(before, after)
    if not draft.is_active and user.is_active:
        if user.role is Role.ADMIN:
            roles.insist_on_another_admin(user)
        tokens.end_all(user)
    for name, value in after.items():
        setattr(user, name, value)
    if changes:
        audit.record("update", user, actor=actor, changes=changes)
    return user


EXPORT_PAGE = 1000
EXPORTED = ("id", "email", "first_name", "last_name", "phone", "locale", "role", "segment", "orders_count",
            "total_spent", "currency", "last_order_at", "accepts_marketing", "is_active", "created_at")  # fmt: skip


def export_customers(
    *, actor: Actor, segment: str | None = None, saved: Segment | None = None
) -> Iterator[str]:
    """Every customer, or those of a group, as CSV in pieces. That somebody took the list stands in the audit log."""
    with transaction():
        audit.record("export", ("customers", saved.id if saved else segment or ""), actor=actor)
    return lines(EXPORTED, _exported_rows(tenants.current(), segment, saved))


def _exported_rows(store: Store, segment: str | None, saved: Segment | None) -> Iterator[list[Any]]:
    """Read page by page, and in no store between the pages: whoever streams this may be elsewhere by then."""
    found = _exported_page(store, None, segment, saved)
    while found:
        for customer in found:
            yield _exported_row(customer, store.currency)
        more = len(found) == EXPORT_PAGE
        found = _exported_page(store, found[-1].user.id, segment, saved) if more else []


def _exported_page(
    store: Store, after: UUID | None, segment: str | None, saved: Segment | None
) -> list[Customer]:
    with tenants.in_store(store):
        query = segments.with_stats().where(User.erased_at.is_(None), User.role == Role.CUSTOMER)
        if segment is not None:
            query = query.where(segments.column(query, "segment") == segment)
        if saved is not None:
            query = query.where(segments.conditions(query, saved.rules, matches_all=saved.matches_all))
        if after is not None:
            query = query.where(User.id > after)
        return [
            Customer(*row) for row in db.session.execute(query.order_by(User.id).limit(EXPORT_PAGE)).all()
        ]


def _exported_row(customer: Customer, currency: str) -> list[Any]:
    user = customer.user
    return [
        user.id, user.email, user.first_name, user.last_name, user.phone, user.locale, user.role, customer.segment,
        customer.orders_count, to_text(customer.total_spent, currency), currency, _time(customer.last_order_at),
        user.accepts_marketing, user.is_active, _time(user.created_at),
    ]  # fmt: skip


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def emails_of(role: Role) -> list[str]:
    """Where everybody of at least this role reads."""
    found = db.session.scalars(
        select(User).where(User.is_active, User.erased_at.is_(None), User.role != Role.CUSTOMER)
    )
    return [user.email for user in found if Role(user.role).covers(role)]


def latest_orders(user_id: UUID, limit: int = 20) -> list[Order]:
    newest = Order.placed_at.desc(), Order.id.desc()
    return list(
        db.session.scalars(
            select(Order)
            .where(Order.customer_id == user_id, Order.placed_at.is_not(None))
            .order_by(*newest)
            .limit(limit)
        )
    )
