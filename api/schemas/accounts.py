"""People as JSON."""

from typing import Literal
from uuid import UUID

from api.schemas.base import Out, Time
from kit.actor import Role
from models.accounts import PlatformUser, User
from services import tenants
from services.accounts.tokens import TokenPair


class TenantRef(Out):
    id: UUID
    slug: str
    name: str


class UserOut(Out):
    """`tenant` is null for the platform's people."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    phone: str
    role: Role
    email_verified: bool
    locale: str | None
    tenant: TenantRef | None
    created_at: Time

    @classmethod
    def of(cls, person: User | PlatformUser) -> "UserOut":
        store = tenants.current() if isinstance(person, User) else None
        return cls(
            id=person.id,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            phone=person.phone if isinstance(person, User) else "",
            role=Role(person.role),
            email_verified=person.email_verified_at is not None if isinstance(person, User) else True,
            locale=person.locale,
            tenant=TenantRef.model_validate(store) if store else None,
            created_at=person.created_at,
        )


class TokenPairOut(Out):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    user: UserOut

    @classmethod
    def of(cls, pair: TokenPair) -> "TokenPairOut":
        return cls(
            access_token=pair.access_token,
            refresh_token=pair.refresh_token,
            expires_in=pair.expires_in,
            user=UserOut.of(pair.person),
        )


class AcceptedOut(Out):
    status: Literal["accepted"] = "accepted"
