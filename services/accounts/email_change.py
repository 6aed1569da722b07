"""Confirming one's address, and moving to another one: nothing changes before a link that was sent there is used.

The page says the same whether the new address is free or taken; the worker finds out. Both addresses are told.
"""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from kit import clock, tenancy
from kit.actor import Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Email
from kit.errors import Conflict, Invalid, Unauthenticated
from kit.i18n import _
from kit.ids import parse_id
from kit.passwords import verify_password
from models.accounts import PasswordReset, User
from services import audit, outbox
from services.accounts import people, tokens
from services.accounts.passwords import OldPassword
from services.addresses import owner_of

CHANGE_FOR = timedelta(hours=24)
KIND = "change-email"


class EmailDraft(Draft):
    email: Email
    password: Annotated[OldPassword, Field(repr=False)]


@transaction()
def ask_for_confirmation(*, actor: Actor) -> None:
    """Send the link that confirms one's address again. Conflict `email-verified` where it is confirmed."""
    user = owner_of(actor)
    if user.email_verified_at is not None:
        raise Conflict(_("Your address is confirmed already."), code="email-verified")
    outbox.post("account.confirmation_requested", user_id=user.id)


def ask_for_change(draft: EmailDraft, *, actor: Actor) -> None:
    """Send a link to the new address, and word of it to the old one. Invalid on `password` or `email`."""
    user = owner_of(actor)
    stored, key = user.password_hash, user.email_key
    end_reading()
    if not verify_password(stored, draft.password):
        raise Invalid.field("password", "wrong_password", _("This is not your password."))
    if people.email_key(draft.email) == key:
        raise Invalid.field("email", "unchanged", _("This is your address already."))
    with transaction():
        outbox.post("account.email_change_requested", user_id=owner_of(actor).id, email=draft.email)


def change_link_token(user: User, email: str) -> str:
    """What the link to the new address carries. It dies with the old address and with every end of all sessions."""
    return tokens.sign(KIND, CHANGE_FOR, user.id, email=email, old=user.email_key, ver=user.token_version)


def find_change(token: str) -> str | None:
    """The address that this link confirms; None where it is worth nothing."""
    claims = _claims(token)
    user = db.session.get(User, parse_id(str(claims["sub"]))) if claims else None
    return str(claims["email"]) if claims and user is not None and _is_good(claims, user) else None


def confirm_change(token: str, *, actor: Actor) -> User:
    """Move the account to the new address. Invalid on `token`; Conflict `email-taken` where somebody was quicker."""
    claims = _claims(token)
    end_reading()
    if claims is None:
        raise _dead()
    try:
        return _move(parse_id(str(claims["sub"])), claims, actor)
    except IntegrityError as error:
        raise _taken() from error


@transaction()
def _move(user_id: UUID | None, claims: dict[str, object], actor: Actor) -> User:
    user = db.session.get(User, user_id, with_for_update=True, populate_existing=True) if user_id else None
    if user is None or not _is_good(claims, user):
        raise _dead()
    new, old = str(claims["email"]), user.email
    if people.find_by_email(new) is not None:
        raise _taken()
    user.email, user.email_key, user.email_verified_at = new, people.email_key(new), clock.now()
    db.session.flush()
    db.session.execute(  # links that went to the old mailbox open nothing any more
        update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if user.role is not Role.CUSTOMER:
        audit.record("email.changed", user, actor=people.as_actor(user, actor), changes={"email": [old, new]})
    outbox.post("account.email_verified", user_id=user.id)
    outbox.post("account.email_changed", user_id=user.id, old=old)
    return user


def _claims(token: str) -> dict[str, object] | None:
    try:
        claims = tokens.read(token, kind=KIND)
    except Unauthenticated:
        return None
    return claims if claims["tenant"] == str(tenancy.current_tenant_id()) else None


def _is_good(claims: dict[str, object], user: User) -> bool:
    return (
        user.is_active
        and user.erased_at is None
        and user.email_key == claims["old"]
        and user.token_version == claims["ver"]
    )


def _dead() -> Invalid:
    return Invalid.field("token", "invalid_token", _("This link no longer works. Please ask for a new one."))


def _taken() -> Conflict:
    return Conflict(_("This address can't be used. Please choose another one."), code="email-taken")
