"""Mails about a person's own account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.actor import Role
from kit.db import db, end_reading
from kit.i18n import _
from kit.ids import parse_id
from models.accounts import User
from services import tenants
from services.accounts import passwords, people, registering
from services.notifications import letters


def _find(user_id: str | UUID) -> User | None:
    """Somebody who can still be written to."""
    ident = parse_id(user_id)
    user = db.session.get(User, ident) if ident else None
    return user if user is not None and user.is_active and user.erased_at is None else None


def _reset_path(user: User, token: str) -> str:
    desk = "" if user.role is Role.CUSTOMER else "/admin"
    return f"{desk}/password/reset/{token}"


def send_welcome(user_id: str, **_rest: Any) -> None:
    user = _find(user_id)
    if user is None:
        return
    link = letters.url(f"/confirm-email/{registering.confirm_link_token(user)}")
    with letters.speaking_to(user.locale):
        letters.send(
            "welcome", to=user.email, to_name=user.name, name=user.first_name, link=link, shop_link=letters.url("/"),
            subject=_("Welcome to %(store)s", store=tenants.current().name),
        )  # fmt: skip


def send_register_repeated(email: str, **_rest: Any) -> None:
    """Somebody tried to open a second account with this address: its owner is told, the page was not."""
    user = people.find_by_email(email)
    if not isinstance(user, User) or not user.is_active:
        return
    with letters.speaking_to(user.locale):
        letters.send(
            "register_repeated", to=user.email, to_name=user.name, name=user.first_name,
            link=letters.url("/login"), reset_link=letters.url("/password/forgot"),
            subject=_("You already have an account at %(store)s", store=tenants.current().name),
        )  # fmt: skip


def send_password_reset(email: str, requested_at: str, **_rest: Any) -> None:
    """The link, if there is such an account and none went out within the last minute."""
    user = people.find_by_email(email)
    if not isinstance(user, User) or not user.is_active or user.erased_at is not None:
        return
    if passwords.was_asked_lately(user.id, datetime.fromisoformat(requested_at)):
        return
    end_reading()
    token = passwords.open_reset(user)
    with letters.speaking_to(user.locale):
        letters.send(
            "password_reset", to=user.email, to_name=user.name, name=user.first_name,
            link=letters.url(_reset_path(user, token)), subject=_("Choose a new password"),
        )  # fmt: skip


def send_password_changed(user_id: str, **_rest: Any) -> None:
    user = _find(user_id)
    if user is None:
        return
    with letters.speaking_to(user.locale):
        letters.send(
            "password_changed", to=user.email, to_name=user.name, name=user.first_name,
            reset_link=letters.url("/password/forgot" if user.role is Role.CUSTOMER else "/admin/password/forgot"),
            subject=_("Your password was changed"),
        )  # fmt: skip


def send_invite(user_id: str, **_rest: Any) -> None:
    """A new colleague chooses a password by a link that works for a week. No password ever stands in a mail."""
    user = _find(user_id)
    if user is None or user.password_hash:
        return
    end_reading()
    token = passwords.open_reset(user, good_for=passwords.INVITE_FOR)
    with letters.speaking_to(user.locale):
        letters.send(
            "invite", to=user.email, to_name=user.name, name=user.first_name,
            link=letters.url(_reset_path(user, token)), days=passwords.INVITE_FOR.days,
            subject=_("You are invited to work in %(store)s", store=tenants.current().name),
        )  # fmt: skip


def send_erased(email: str, name: str, locale: str, **_rest: Any) -> None:
    with letters.speaking_to(locale):
        letters.send("erased", to=email, to_name=name, subject=_("Your account was deleted"))
