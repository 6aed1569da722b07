"""Signing in: one answer for a wrong password and an unknown address, after like time."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit import clock
from kit.actor import GUEST, Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Text
from kit.errors import Unauthenticated, Unavailable
from kit.i18n import _
from kit.passwords import hash_password, needs_rehash, verify_password
from models.accounts import Person, PlatformUser, User
from services import audit, tenants
from services.accounts import people


class SignInDraft(Draft):
    """Only what is sent; whether it is an address or a good password is no one's business here."""

    email: Annotated[str, Text(Person.EMAIL_MAX, min=1)]
    password: Annotated[str, Text(200, min=1)] = Field(repr=False)


def sign_in(
    email: str, password: str, *, actor: Actor = GUEST, least: Role = Role.CUSTOMER
) -> User | PlatformUser:
    """The person, in the store we are in; outside of every store one of the platform's people.

    `actor` says from where; who is below `least` is answered like somebody unknown. Raises Unauthenticated, or
    Unavailable for a shopper of a suspended store.
    """
    with people.where_people_are():
        person = people.find_by_email(email)
        stored = person.password_hash if person is not None and person.is_active else ""
        person_id = person.id if person is not None else None
        end_reading()  # a hash takes its time; no read stays open meanwhile
        if not verify_password(stored, password) or person_id is None:
            raise Unauthenticated(
                _("The e-mail address or the password is wrong."), code="invalid-credentials"
            )
        return _come_in(person_id, password, actor, least)


@transaction()
def _come_in(person_id: UUID, password: str, traces: Actor, least: Role) -> User | PlatformUser:
    person = people.find_person(person_id, platform=not people.in_some_store())
    if person is None or not person.is_active or not Role(person.role).covers(least):
        raise Unauthenticated(_("The e-mail address or the password is wrong."), code="invalid-credentials")
    if isinstance(person, User) and person.role is Role.CUSTOMER:
        _insist_on_an_open_store()
    person.last_login_at = clock.now()
    if needs_rehash(person.password_hash):
        person.password_hash = hash_password(password)
    if isinstance(person, User) and person.role is not Role.CUSTOMER:
        audit.record("login", person, actor=people.as_actor(person, traces))
    db.session.flush()
    return person


def _insist_on_an_open_store() -> None:
    if not tenants.current().is_open:
        raise Unavailable(_("This store is closed at the moment."), code="store-suspended", retry_after=3600)
