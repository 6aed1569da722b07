"""Choosing and forgetting passwords."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema
from sqlalchemy import select, update

from kit import clock
from kit.actor import Actor, Role
from kit.crypto import new_token, token_hash
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Email, Text, wrong
from kit.errors import Invalid, NotFound
from kit.i18n import _
from kit.passwords import hash_password, verify_password
from kit.tenancy import every_tenant
from models.accounts import PasswordReset, PlatformUser, User
from services import audit, outbox
from services.accounts import people, tokens
from services.accounts.common_passwords import is_common

RESET_FOR = timedelta(hours=1)
INVITE_FOR = timedelta(days=7)
ASK_AGAIN_AFTER = timedelta(minutes=1)
LENGTH_MIN, LENGTH_MAX = 8, 200


def _check(password: str) -> str:
    if len(password) < LENGTH_MIN:
        raise wrong("", "too_short", _("At least %(n)s characters.", n=LENGTH_MIN))
    if len(password) > LENGTH_MAX:
        raise wrong("", "too_long", _("At most %(n)s characters.", n=LENGTH_MAX))
    lacks = [word for word, is_there in (
        (_("a capital letter"), any(c.isupper() for c in password)),
        (_("a small letter"), any(c.islower() for c in password)),
        (_("a digit"), any(c.isdigit() for c in password)),
    ) if not is_there]  # fmt: skip
    if lacks:
        raise wrong("", "too_weak", _("Is missing: %(what)s.", what=", ".join(lacks)))
    if is_common(password):
        raise wrong(
            "", "too_common", _("Is one of the passwords that are tried first. Please choose another one.")
        )
    return password


NewPassword = Annotated[
    str,
    AfterValidator(_check),
    WithJsonSchema({"type": "string", "format": "password", "minLength": LENGTH_MIN, "maxLength": LENGTH_MAX,
                    "description": "At least 8 characters with an upper-case letter, a lower-case letter and a digit; "
                                   "none of the common ones."}),
]  # fmt: skip
OldPassword = Annotated[str, Text(LENGTH_MAX, min=1)]


class ForgotDraft(Draft):
    email: Email


class ResetDraft(Draft):
    token: Annotated[str, Text(200, min=1)] = Field(repr=False)
    password: NewPassword = Field(repr=False)


class ChangePasswordDraft(Draft):
    current_password: OldPassword = Field(repr=False)
    new_password: NewPassword = Field(repr=False)


@transaction()
def ask_for_reset(draft: ForgotDraft) -> None:
    """Asked on the web. The work is the same whether there is such an account or not; the worker finds out."""
    outbox.post("password.reset_requested", email=draft.email, requested_at=clock.now())


@transaction()
def open_reset(user: User, *, good_for: timedelta = RESET_FOR) -> str:
    """A new link's token for this account. Only its hash is kept."""
    token = new_token()
    db.session.add(
        PasswordReset(user_id=user.id, token_hash=token_hash(token), created_at=clock.now(),
                      expires_at=clock.now() + good_for)
    )  # fmt: skip
    return token


def was_asked_lately(user_id: UUID, requested_at: datetime) -> bool:
    """Did a link go out within the last minute before this request? Then the second mail is not sent."""
    return (
        db.session.scalar(
            select(PasswordReset.id).where(
                PasswordReset.user_id == user_id,
                PasswordReset.created_at < requested_at,
                PasswordReset.created_at > requested_at - ASK_AGAIN_AFTER,
            )
        )
        is not None
    )


def find_reset(token: str) -> PasswordReset | None:
    """The link's record while it works: in this store, not used, not too old."""
    return db.session.scalar(
        select(PasswordReset).where(
            PasswordReset.token_hash == token_hash(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > clock.now(),
        )
    )


def _dead_link() -> Invalid:
    return Invalid.field("token", "invalid_token", _("This link no longer works. Please ask for a new one."))


def reset_password(draft: ResetDraft, *, actor: Actor) -> User:
    """Set a new password by the link of a mail, and end every session. Holding the link proves the address."""
    if find_reset(draft.token) is None:
        end_reading()
        raise _dead_link()
    end_reading()
    return _reset(draft.token, hash_password(draft.password), actor)


@transaction()
def _reset(token: str, password_hash: str, actor: Actor) -> User:
    claimed = db.session.execute(
        update(PasswordReset)
        .where(
            PasswordReset.token_hash == token_hash(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(PasswordReset.user_id)
    ).scalar()
    user = db.session.get(User, claimed, with_for_update=True, populate_existing=True) if claimed else None
    if user is None or not user.is_active or user.erased_at is not None:
        raise _dead_link()
    if user.email_verified_at is None:
        user.email_verified_at = clock.now()
        outbox.post("account.email_verified", user_id=user.id)
    _put(user, password_hash, people.as_actor(user, actor))
    return user


def change_password(
    draft: ChangePasswordDraft, *, actor: Actor, keep_family: UUID | None = None
) -> User | PlatformUser:
    """One's own. Every other session ends; `keep_family` is the API sign-in that lives on (a browser's session has
    to be started anew by the caller)."""
    people.insist_in_person(actor)
    platform = actor.kind == "platform"
    with every_tenant() if platform else nullcontext():
        person = people.find_person(actor.id, platform=platform) if actor.id else None
        if person is None:
            raise NotFound(_("There is no such account."))
        stored = person.password_hash
        end_reading()
        if not verify_password(stored, draft.current_password):
            raise Invalid.field("current_password", "wrong_password", _("This is not your current password."))
        return _change(actor.id, hash_password(draft.new_password), actor, keep_family)


@transaction()
def _change(person_id: Any, password_hash: str, actor: Actor, keep: UUID | None) -> User | PlatformUser:
    person = people.find_person(person_id, platform=actor.kind == "platform", lock=True)
    if person is None:
        raise NotFound(_("There is no such account."))
    _put(person, password_hash, actor, keep=keep)
    return person


def _put(person: User | PlatformUser, password_hash: str, actor: Actor, *, keep: UUID | None = None) -> None:
    person.password_hash = password_hash
    tokens.end_all(person, keep=keep)
    if isinstance(person, PlatformUser):
        return
    db.session.execute(  # older links die with the old password
        update(PasswordReset).where(PasswordReset.user_id == person.id, PasswordReset.used_at.is_(None))
        .values(used_at=clock.now())
    )  # fmt: skip
    if person.role is not Role.CUSTOMER:  # the log is the back office's, not a diary of shoppers
        audit.record("password.changed", person, actor=actor)
    outbox.post("password.changed", user_id=person.id)
