"""People: a store's own (customers and staff), and the platform's; how they come in, and how they are asked to."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.actor import Role
from kit.db import Base, TenantOwned, Timestamps, Word, ref
from kit.ids import uuid7


class Person:
    """What a store's account and a platform account have in common."""

    EMAIL_MAX = 254
    NAME_MAX = 100

    email: Mapped[str] = mapped_column(String(EMAIL_MAX))  # as typed, trimmed; compared by email_key
    email_key: Mapped[str] = mapped_column(String(EMAIL_MAX))  # lower case
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    first_name: Mapped[str] = mapped_column(String(NAME_MAX), default="")
    last_name: Mapped[str] = mapped_column(String(NAME_MAX), default="")
    locale: Mapped[str | None] = mapped_column(String(5))
    is_active: Mapped[bool] = mapped_column(default=True)
    # Stands in every token and session cookie: moving it on ends them all.
    token_version: Mapped[int] = mapped_column(default=1)
    last_login_at: Mapped[datetime | None]
    # Since when a code is asked for after the password; the secret stands in SecondFactor.
    two_factor_since: Mapped[datetime | None]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email


class User(Person, TenantOwned, Timestamps, Base):
    """An account of one store. The same address in two stores is two accounts."""

    __tablename__ = "users"
    # By the address alone: in which stores does one person work?
    __table_args__ = (UniqueConstraint("tenant_id", "email_key"), Index(None, "email_key"))

    phone: Mapped[str] = mapped_column(String(40), default="")
    role: Mapped[Role] = mapped_column(Word(Role), default=Role.CUSTOMER)
    email_verified_at: Mapped[datetime | None]
    accepts_marketing: Mapped[bool] = mapped_column(default=False)
    # {order_updates, marketing, newsletter, review_reminders, back_in_stock}: what differs from the defaults
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(Text, default="")  # the staff's, never shown to the customer
    erased_at: Mapped[datetime | None]


class PlatformUser(Person, Timestamps, Base):
    """A person of the platform's own team; acts in a store through that store's host."""

    __tablename__ = "platform_users"
    __table_args__ = (UniqueConstraint("email_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    role: Mapped[Role] = mapped_column(Word(Role), default=Role.SYSADMIN)


class Channel(StrEnum):
    BROWSER = "browser"
    API = "api"


class SignIn:
    """One sign-in on one device. `current_jti` is the one refresh token that is good; a browser has none."""

    channel: Mapped[Channel] = mapped_column(Word(Channel), default=Channel.API)
    current_jti: Mapped[str] = mapped_column(String(36))
    token_version: Mapped[int]  # the person's, when signed in; behind it, every token of the family is dead
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    ip: Mapped[str] = mapped_column(String(45), default="")
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshFamily(SignIn, TenantOwned, Base):
    """A sign-in to a store. Its refresh token rotates; the use of a spent one revokes the family."""

    __tablename__ = "refresh_families"

    user_id: Mapped[UUID] = ref("users", cascade=True)
    user: Mapped[User] = relationship(foreign_keys=[user_id])


class PlatformRefreshFamily(SignIn, Base):
    """The same for the platform's people, who belong to no store."""

    __tablename__ = "platform_refresh_families"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(index=True)


class Factor:
    """The second factor: a secret that an authenticator app shares, and codes for the day the phone is lost.

    Not confirmed yet: it is being set up and not asked for.
    """

    sealed_secret: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(
        default=0
    )  # the newest code that was taken; it and older ones are spent
    recovery_hashes: Mapped[list[str]] = mapped_column(default=list)  # of those that are left
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]


class SecondFactor(Factor, TenantOwned, Base):
    __tablename__ = "second_factors"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id"),)

    user_id: Mapped[UUID] = ref("users", cascade=True, index=False)


class PlatformSecondFactor(Factor, Base):
    __tablename__ = "platform_second_factors"
    __table_args__ = (UniqueConstraint("user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID]


class PasswordReset(TenantOwned, Base):
    """A link from a mail: 256 random bits, kept as a hash, good once and for one hour."""

    __tablename__ = "password_resets"
    __table_args__ = (UniqueConstraint("token_hash"),)

    user_id: Mapped[UUID] = ref("users", cascade=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Invitation(TenantOwned, Base):
    """A colleague to be. The link's token is made when the mail is written and kept as a hash; accepting is once."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "tenant_id", "email_key"))

    email: Mapped[str] = mapped_column(String(Person.EMAIL_MAX))
    email_key: Mapped[str] = mapped_column(String(Person.EMAIL_MAX))
    first_name: Mapped[str] = mapped_column(String(Person.NAME_MAX), default="")
    last_name: Mapped[str] = mapped_column(String(Person.NAME_MAX), default="")
    role: Mapped[Role] = mapped_column(Word(Role))
    token_hash: Mapped[str | None] = mapped_column(String(64))
    invited_by: Mapped[str] = mapped_column(String(Person.EMAIL_MAX), default="")
    locale: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class HandOver(TenantOwned, Base):
    """A way from one store's back office into another's: belongs to the store that is entered, good once, at once."""

    __tablename__ = "hand_overs"
    __table_args__ = (UniqueConstraint("token_hash"),)

    user_id: Mapped[UUID] = ref("users", cascade=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    from_store: Mapped[str] = mapped_column(String(200))  # its name, for the page and the log
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Impersonation(TenantOwned, Base):
    """Somebody of the platform works as one of a store's people for a while. Belongs to that store. The way in is good
    once, until `expires_at`; who came in by it stays until `ends_at` at the latest."""

    __tablename__ = "impersonations"
    __table_args__ = (UniqueConstraint("token_hash"),)

    REASON_MAX = 300

    user_id: Mapped[UUID] = ref("users", cascade=True)
    by_id: Mapped[UUID]  # of the platform's people
    by_email: Mapped[str] = mapped_column(String(Person.EMAIL_MAX))
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
