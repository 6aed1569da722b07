"""Finding the person behind an address, in the store we are in or on the platform's own host."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit import tenancy
from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.errors import Forbidden, NotFound
from kit.i18n import _
from kit.tenancy import every_tenant
from models.accounts import PlatformUser, User


def email_key(email: str) -> str:
    """How two addresses are compared: one mailbox, one account, whatever the case."""
    return email.strip().casefold()


def in_some_store() -> bool:
    return isinstance(tenancy.scope(), UUID)


def where_people_are() -> AbstractContextManager[None]:
    """The store we are in; outside of every store, the platform's own people."""
    return nullcontext() if in_some_store() else every_tenant()


def find_by_email(email: str) -> User | PlatformUser | None:
    """To be called inside `where_people_are()`."""
    kind: Any = User if in_some_store() else PlatformUser
    return db.session.scalar(select(kind).where(kind.email_key == email_key(email)))


def find_platform_person(email: str) -> PlatformUser:
    """By the address, inside `every_tenant()`. NotFound."""
    person = db.session.scalar(select(PlatformUser).where(PlatformUser.email_key == email_key(email)))
    if person is None:
        raise NotFound(_("There is no such account."))
    return person


def find_person(person_id: UUID, *, platform: bool = False, lock: bool = False) -> User | PlatformUser | None:
    kind: Any = PlatformUser if platform else User
    return db.session.get(kind, person_id, with_for_update=lock or None, populate_existing=lock)


def get_user(user_id: UUID | None, *, lock: bool = False) -> User:
    """An account of this store that is not erased."""
    user = (
        db.session.get(User, user_id, with_for_update=lock or None, populate_existing=lock)
        if user_id
        else None
    )
    if user is None or user.erased_at is not None:
        raise NotFound(_("There is no such account."))
    return user


def as_actor(person: User | PlatformUser, traces: Actor) -> Actor:
    """The person as the one who acts, with the address and browser of `traces`."""
    return Actor(
        "user" if isinstance(person, User) else "platform",
        id=person.id,
        role=Role(person.role),
        name=person.name,
        email=person.email,
        has_second_factor=person.two_factor_since is not None,
        ip=traces.ip,
        user_agent=traces.user_agent,
        request_id=traces.request_id,
    )


def insist_in_person(actor: Actor) -> None:
    """Forbidden `impersonated` for who only acts as somebody else: what is that person's own stays theirs."""
    if actor.impersonator:
        raise Forbidden(
            _("You act for a colleague here. This is their own, and only they can see or change it."),
            code="impersonated",
        )


def get_self(actor: Actor) -> User | PlatformUser:
    """The account of the one who acts; for that one in person only."""
    insist_in_person(actor)
    if actor.kind == "platform":
        with every_tenant():
            person = find_person(actor.id, platform=True) if actor.id else None
    else:
        person = find_person(actor.id) if actor.id else None
    if person is None:
        raise NotFound(_("There is no such account."))
    return person


@transaction()
def choose_language(locale: str, *, actor: Actor) -> None:
    """What the back office and our mails speak to the one who acts, on every device. Who acts as somebody else
    chooses for this browser only."""
    if actor.kind == "user" and not actor.impersonator:
        get_user(actor.id, lock=True).locale = locale
