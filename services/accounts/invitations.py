"""Asking somebody to work in the store: a link by mail that is good for a week and once.

Who has no account here chooses a password with it; who has one (a customer, say) gives the password of that account.
Nobody gets a role, and nothing counts as a colleague, before the link was used.
"""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete, select

from kit import clock
from kit.actor import Actor, Role
from kit.crypto import new_token, token_hash
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Text, read
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _, current_locale
from kit.passwords import hash_password, verify_password
from models.accounts import Invitation, Person, User
from services import audit, outbox, plans, tenants
from services.accounts import people, roles, tokens
from services.accounts.passwords import NewPassword, OldPassword
from services.accounts.roles import InviteDraft

GOOD_FOR = timedelta(days=7)
AGAIN_AFTER = timedelta(minutes=1)
KEPT_FOR = timedelta(days=30)  # after its time is over: it can be sent again until then
Name = Annotated[str, Text(Person.NAME_MAX)]


class AcceptDraft(Draft):
    """Of somebody new: the names, and a password that is chosen. Of somebody known: the password they have."""

    first_name: Name = ""
    last_name: Name = ""
    password: OldPassword = Field(repr=False)


class _Chosen(Draft):
    password: NewPassword = Field(repr=False)


def list_open() -> list[Invitation]:
    """Those that wait for an answer, also when they have run out; the newest first."""
    query = select(Invitation).where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    return list(db.session.scalars(query.order_by(Invitation.created_at.desc(), Invitation.id)))


@transaction()
def invite(draft: InviteDraft, *, actor: Actor) -> Invitation:
    """Conflict `email-taken` for a colleague, `invited` for an address that waits already; PlanLimit when full."""
    tenants.row(lock=True)
    roles.insist_may_grant(draft.role, actor)
    person = people.find_by_email(draft.email)
    if isinstance(person, User) and person.role is not Role.CUSTOMER:
        raise Conflict(_("This person works in the store already."), code="email-taken")
    key = people.email_key(draft.email)
    if any(one.email_key == key for one in list_open()):
        raise Conflict(_("This address is invited already. Send the mail again instead."), code="invited")
    plans.check_room("staff")
    now = clock.now()
    found = Invitation(email=draft.email, email_key=key, first_name=draft.first_name, last_name=draft.last_name,
                       role=draft.role, invited_by=actor.email or actor.name, locale=current_locale(), created_at=now,
                       expires_at=now + GOOD_FOR)  # fmt: skip
    db.session.add(found)
    db.session.flush()
    _log("invitation.sent", found, actor)
    outbox.post("account.invitation_sent", invitation_id=found.id)
    return found


@transaction()
def resend(invitation_id: UUID, *, actor: Actor) -> Invitation:
    """Another mail, another week; the link before is worth nothing any more. Conflict `too-soon` within a minute."""
    found = _get_open(invitation_id, actor)
    now = clock.now()
    if found.expires_at - GOOD_FOR > now - AGAIN_AFTER:
        raise Conflict(_("The mail went out just now. Give it a minute."), code="too-soon")
    found.expires_at = now + GOOD_FOR
    found.token_hash = None
    _log("invitation.sent", found, actor)
    outbox.post("account.invitation_sent", invitation_id=found.id)
    return found


@transaction()
def revoke(invitation_id: UUID, *, actor: Actor) -> None:
    found = _get_open(invitation_id, actor)
    found.revoked_at, found.token_hash = clock.now(), None
    _log("invitation.revoked", found, actor)


def _get_open(invitation_id: UUID, actor: Actor) -> Invitation:
    tenants.row(lock=True)
    found = db.session.get(Invitation, invitation_id, populate_existing=True)
    if found is None or found.accepted_at is not None or found.revoked_at is not None:
        raise NotFound(_("There is no such invitation."))
    roles.insist_may_grant(found.role, actor)
    return found


@transaction()
def open_link(invitation_id: UUID) -> tuple[Invitation, str] | None:
    """A new link's token for the mail; None where there is nothing to accept any more."""
    found = db.session.get(Invitation, invitation_id, populate_existing=True)
    if found is None or found.accepted_at is not None or found.revoked_at is not None:
        return None
    token = new_token()
    found.token_hash = token_hash(token)
    return found, token


def find_by_token(token: str) -> Invitation | None:
    """The invitation while its link works: of this store, not used, revoked or too old."""
    return db.session.scalar(
        select(Invitation).where(
            Invitation.token_hash == token_hash(token),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
    )


def has_account(invitation: Invitation) -> bool:
    """Is there somebody here with this address, whose password is then asked for?"""
    person = people.find_by_email(invitation.email)
    return isinstance(person, User) and person.password_hash != ""


def accept(token: str, draft: AcceptDraft, *, actor: Actor) -> User:
    """Become a colleague. Invalid on `token` or `password`; PlanLimit where the places are taken meanwhile."""
    found = find_by_token(token)
    if found is None:
        end_reading()
        raise _dead()
    person = people.find_by_email(found.email)
    stored = person.password_hash if isinstance(person, User) else ""
    end_reading()
    if stored:
        if not verify_password(stored, draft.password):
            raise Invalid.field(
                "password", "wrong_password", _("This is not the password of your account here.")
            )
        return _accept(token, draft, "", stored, actor)
    read(_Chosen, {"password": draft.password})
    return _accept(token, draft, hash_password(draft.password), "", actor)


@transaction()
def _accept(token: str, draft: AcceptDraft, password_hash: str, proved: str, actor: Actor) -> User:
    tenants.row(lock=True)
    found = find_by_token(token)
    if found is None:
        raise _dead()
    plans.check_room("staff")
    user = people.find_by_email(found.email)
    if not isinstance(user, User):
        user = User(email=found.email, email_key=found.email_key, locale=found.locale)
        db.session.add(user)
    elif user.password_hash != proved or not user.is_active:  # changed between the look and the lock
        raise _dead()
    if password_hash:
        user.password_hash = password_hash
    user.first_name = draft.first_name or user.first_name or found.first_name
    user.last_name = draft.last_name or user.last_name or found.last_name
    user.role = max(Role(user.role or Role.CUSTOMER), found.role, key=lambda role: role.rank)
    if user.email_verified_at is None:  # the link has proved the mailbox
        user.email_verified_at = clock.now()
    db.session.flush()
    tokens.end_all(user)
    found.accepted_at, found.token_hash = clock.now(), None
    outbox.post("account.email_verified", user_id=user.id)
    audit.record("invitation.accepted", user, actor=people.as_actor(user, actor),
                 changes={"role": [None, user.role], "invited_by": [None, found.invited_by]})  # fmt: skip
    return user


@transaction()
def forget_old() -> int:
    """Those whose time was over long ago, whatever became of them; inside `every_tenant()`, by the clock. What happened
    stands in the audit log."""
    long_ago = clock.now() - KEPT_FOR
    gone = db.session.execute(delete(Invitation).where(Invitation.expires_at < long_ago))
    count: int = gone.rowcount  # type: ignore[attr-defined]
    return count


def _log(action: str, found: Invitation, actor: Actor) -> None:
    changes = {"email": [None, found.email], "role": [None, found.role]}
    audit.record(action, ("invitation", found.id), actor=actor, changes=changes)


def _dead() -> Invalid:
    return Invalid.field(
        "token", "invalid_token", _("This invitation no longer works. Please ask for a new one.")
    )
