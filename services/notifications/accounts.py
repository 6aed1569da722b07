"""Mails about a person's own account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.actor import Role
from kit.db import db, end_reading
from kit.i18n import _, mark
from kit.ids import parse_id
from models.accounts import User
from services import tenants
from services.accounts import email_change, invitations, passwords, people, registering
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


def send_invitation(invitation_id: str, **_rest: Any) -> None:
    """The link to become a colleague. Each mail has a new one; the one before is worth nothing any more."""
    ident = parse_id(invitation_id)
    opened = invitations.open_link(ident) if ident else None
    if opened is None:
        return
    invitation, token = opened
    with letters.speaking_to(invitation.locale):
        letters.send(
            "invitation", to=invitation.email, to_name=invitation.first_name, name=invitation.first_name,
            by=invitation.invited_by, link=letters.url(f"/admin/invitation/{token}"), days=invitations.GOOD_FOR.days,
            subject=_("You are invited to work in %(store)s", store=tenants.current().name),
        )  # fmt: skip


def send_confirmation(user_id: str, **_rest: Any) -> None:
    user = _find(user_id)
    if user is None or user.email_verified_at is not None:
        return
    link = letters.url(f"/confirm-email/{registering.confirm_link_token(user)}")
    with letters.speaking_to(user.locale):
        letters.send("confirm_email", to=user.email, to_name=user.name, name=user.first_name, link=link,
                     subject=_("Confirm your e-mail address"))  # fmt: skip


def send_email_change(user_id: str, email: str, **_rest: Any) -> None:
    """A link to the new address, word of it to the old one. A taken address gets no link."""
    user = _find(user_id)
    if user is None:
        return
    is_free = people.find_by_email(email) is None
    link = letters.url(f"/change-email/{email_change.change_link_token(user, email)}")
    end_reading()
    with letters.speaking_to(user.locale):
        if is_free:
            letters.send("email_change", to=email, to_name=user.name, name=user.first_name, link=link,
                         hours=int(email_change.CHANGE_FOR.total_seconds()) // 3600,
                         subject=_("Confirm your new e-mail address"))  # fmt: skip
        _send_notice(user, user.email, _("Another address was asked for"),
                     _("Somebody who is signed in to your account wants to move it to another e-mail address. Nothing "
                       "changes before the link that was sent there is used."))  # fmt: skip


def send_email_changed(user_id: str, old: str, **_rest: Any) -> None:
    """Both addresses are told."""
    user = _find(user_id)
    if user is None:
        return
    with letters.speaking_to(user.locale):
        text = _(
            "Your account has moved to the address %(email)s. You sign in with it from now on.",
            email=user.email,
        )
        _send_notice(user, user.email, _("Your e-mail address was changed"), text)
        _send_notice(user, old, _("Your e-mail address was changed"), text, is_old=True)


SECURITY = {
    "two_factor.enabled": mark("Two-factor sign-in is on: after your password you are asked for a code."),
    "two_factor.disabled": mark("Two-factor sign-in is off: your password alone is enough now."),
    "two_factor.reset": mark("An admin has taken your two-factor sign-in away. Please set it up again."),
    "two_factor.codes_renewed": mark("You have new recovery codes. The old ones are worth nothing any more."),
    "two_factor.recovery_used": mark("Somebody has signed in with one of your recovery codes."),
}


def send_security_notice(user_id: str, what: str, **_rest: Any) -> None:
    user = _find(user_id)
    if user is None or what not in SECURITY:
        return
    with letters.speaking_to(user.locale):
        _send_notice(user, user.email, _("About the security of your account"), _(SECURITY[what]))


def _send_notice(user: User, to: str, subject: str, said: str, *, is_old: bool = False) -> None:
    """`is_old`: the address is no longer the account's, so a new password can't be had by it."""
    reset = "/password/forgot" if user.role is Role.CUSTOMER else "/admin/password/forgot"
    letters.send("notice", to=to, to_name=user.name, name=user.first_name, said=said, subject=subject,
                 reset_link="" if is_old else letters.url(reset), part="-old" if is_old else "",
                 contact=tenants.current().contact_email)  # fmt: skip


def send_erased(email: str, name: str, locale: str, **_rest: Any) -> None:
    with letters.speaking_to(locale):
        letters.send("erased", to=email, to_name=name, subject=_("Your account was deleted"))
