"""Who may do what in a store: nobody grants above their own role, and a store always keeps an admin."""

from typing import Annotated, Literal
from uuid import UUID

from sqlalchemy import func, select

from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.drafts import Draft, Email, Text
from kit.errors import Conflict, Forbidden, NotFound
from kit.i18n import _, current_locale
from models.accounts import Person, User
from services import audit, outbox, plans, tenants
from services.accounts import people, tokens

StoreRole = Literal[Role.CUSTOMER, Role.STAFF, Role.MANAGER, Role.ADMIN]


class RoleDraft(Draft):
    role: StoreRole


class InviteDraft(Draft):
    email: Email
    first_name: Annotated[str, Text(Person.NAME_MAX)] = ""
    last_name: Annotated[str, Text(Person.NAME_MAX)] = ""
    role: Literal[Role.STAFF, Role.MANAGER, Role.ADMIN] = Role.STAFF


def list_team() -> list[User]:
    """Everybody who works in the store, the highest role first."""
    found = db.session.scalars(
        select(User).where(User.role != Role.CUSTOMER, User.erased_at.is_(None)).order_by(User.email_key)
    ).all()
    return sorted(found, key=lambda user: -Role(user.role).rank)


@transaction()
def change_role(user_id: UUID, draft: RoleDraft, *, actor: Actor) -> User:
    """Move somebody to another role. Their sessions end; they sign in again as what they are now."""
    tenants.row(lock=True)  # two admins who demote each other at once must wait in line
    user = people.get_user(user_id, lock=True)
    insist_may_touch(user, actor)
    insist_may_grant(draft.role, actor)
    before = Role(user.role)
    if before is draft.role:
        return user
    if before is Role.ADMIN:
        insist_on_another_admin(user)
    if before is Role.CUSTOMER:
        plans.check_room("staff")
    user.role = draft.role
    tokens.end_all(user)
    audit.record("role.changed", user, actor=actor, changes={"role": [before, draft.role]})
    return user


@transaction()
def switch(user_id: UUID, *, on: bool, actor: Actor) -> User:
    """Let a colleague in or keep them out; nobody does it to themselves. Out: every session of theirs ends."""
    tenants.row(lock=True)
    user = people.get_user(user_id, lock=True)
    if user.role is Role.CUSTOMER:
        raise NotFound(_("There is no such colleague."))
    insist_may_grant(Role(user.role), actor)
    if user.id == actor.id:
        raise Forbidden(_("You can't do this to your own account."))
    if user.is_active is on:
        return user
    if on:
        plans.check_room("staff")
    elif user.role is Role.ADMIN:
        insist_on_another_admin(user)
    user.is_active = on
    tokens.end_all(user)
    audit.record("update", user, actor=actor, changes={"is_active": [not on, on]})
    return user


@transaction()
def add_colleague(draft: InviteDraft, *, actor: Actor, password_hash: str = "") -> User:
    """A colleague at once, as a new store's first admin. Without a password, they get a link to choose one."""
    user = User(
        email=draft.email,
        email_key=people.email_key(draft.email),
        password_hash=password_hash,
        first_name=draft.first_name,
        last_name=draft.last_name,
        role=draft.role,
        locale=current_locale(),
    )
    db.session.add(user)
    db.session.flush()
    audit.record(
        "user.invited", user, actor=actor, changes={"email": [None, user.email], "role": [None, user.role]}
    )
    if not password_hash:
        outbox.post("account.invited", user_id=user.id)
    return user


def insist_may_touch(user: User, actor: Actor) -> None:
    """Nobody changes the account of somebody above them."""
    if actor.role is None or not actor.role.covers(Role(user.role)):
        raise Forbidden(_("You can't change an account whose role is above your own."))


def insist_may_grant(role: Role, actor: Actor) -> None:
    """An admin's right, up to their own role."""
    if not actor.is_at_least(Role.ADMIN) or actor.role is None or not actor.role.covers(role):
        raise Forbidden(_("You can't grant a role above your own."))


def insist_on_another_admin(user: User) -> None:
    """To be asked, with the store's row locked, before an admin goes."""
    others = db.session.scalar(
        select(func.count())
        .select_from(User)
        .where(User.role == Role.ADMIN, User.is_active, User.erased_at.is_(None), User.id != user.id)
    )
    if not others:
        raise Conflict(
            _("A store always keeps one admin. Make somebody else an admin first."), code="last-admin"
        )
