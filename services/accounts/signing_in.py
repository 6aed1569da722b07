"""Signing in: one answer for a wrong password and an unknown address, after like time; then the code, where there is a
second factor."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit import clock
from kit.actor import GUEST, Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Text
from kit.errors import Invalid, Unauthenticated, Unavailable
from kit.i18n import _
from kit.passwords import hash_password, needs_rehash, verify_password
from models.accounts import Person, PlatformUser, User
from services import audit, tenants
from services.accounts import people, two_factor
from services.accounts.two_factor import CodeDraft


class SignInDraft(Draft):
    """Only what is sent; whether it is an address or a good password is no one's business here."""

    email: Annotated[str, Text(Person.EMAIL_MAX, min=1)]
    password: Annotated[str, Text(200, min=1)] = Field(repr=False)


class ApiSignInDraft(SignInDraft):
    """An app sends everything at once."""

    code: Annotated[str, Text(40)] = Field("", repr=False, description="Where two-factor sign-in is on: the app's code "
                                           "or a recovery code.")  # fmt: skip


class ProofDraft(Draft):
    """Once more, before something that matters. The code only where one is set up."""

    password: Annotated[str, Text(200, min=1)] = Field(repr=False)
    code: Annotated[str, Text(40)] = Field("", repr=False)


class CodeNeeded(Unauthenticated):
    """The password was right, and `person` has a second factor: nobody is signed in yet."""

    def __init__(self, person: User | PlatformUser):
        super().__init__(_("A code of your authenticator app is needed, too."), code="second-factor-required")
        self.person = person


def sign_in(
    email: str, password: str, *, actor: Actor = GUEST, least: Role = Role.CUSTOMER, code: str = ""
) -> User | PlatformUser:
    """The person, in the store we are in; outside of every store one of the platform's people.

    `actor` says from where; who is below `least` is answered like somebody unknown. Raises Unauthenticated, CodeNeeded
    where a second factor is on and no code is given, or Unavailable for a shopper of a suspended store.
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
        person = _welcome(person_id, password, least)
        if person.two_factor_since is None:
            return _come_in(person_id, actor)
        if not code:
            raise CodeNeeded(person)
    return sign_in_by_code(person, CodeDraft(code=code), actor=actor)


def sign_in_by_code(person: User | PlatformUser, draft: CodeDraft, *, actor: Actor) -> User | PlatformUser:
    """The second step, for somebody whose password was right just now. Unauthenticated `wrong-code`, or TooMany."""
    try:
        two_factor.check(person, draft.code, actor=actor)
    except Invalid as error:
        raise Unauthenticated(error.message, code="wrong-code") from error
    with people.where_people_are():
        return _come_in(person.id, actor)


def prove_again(draft: ProofDraft, *, actor: Actor) -> None:
    """Is it still the one who signed in? Invalid on `password` or `code`."""
    person = people.get_self(actor)
    stored = person.password_hash
    end_reading()
    if not verify_password(stored, draft.password):
        raise Invalid.field("password", "wrong_password", _("This is not your password."))
    if person.two_factor_since is not None:
        two_factor.check(person, draft.code, actor=actor)


@transaction()
def _welcome(person_id: UUID, password: str, least: Role) -> User | PlatformUser:
    person = _somebody(person_id, least)
    if needs_rehash(person.password_hash):
        person.password_hash = hash_password(password)
    db.session.flush()
    return person


@transaction()
def _come_in(person_id: UUID, traces: Actor) -> User | PlatformUser:
    person = _somebody(person_id)
    person.last_login_at = clock.now()
    if isinstance(person, User) and person.role is not Role.CUSTOMER:
        audit.record("login", person, actor=people.as_actor(person, traces))
    db.session.flush()
    return person


def _somebody(person_id: UUID, least: Role = Role.CUSTOMER) -> User | PlatformUser:
    person = people.find_person(person_id, platform=not people.in_some_store())
    if person is None or not person.is_active or not Role(person.role).covers(least):
        raise Unauthenticated(_("The e-mail address or the password is wrong."), code="invalid-credentials")
    if isinstance(person, User) and person.role is Role.CUSTOMER:
        _insist_on_an_open_store()
    return person


def _insist_on_an_open_store() -> None:
    if not tenants.current().is_open:
        raise Unavailable(_("This store is closed at the moment."), code="store-suspended", retry_after=3600)
