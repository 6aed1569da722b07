"""People who work in several stores: from one back office into another without a password.

Accounts are per store. Two of them are taken for one person's where both are colleagues' and both have confirmed the
same address, which only a link to that mailbox does. The way over is a random word, good once and for a minute, that
the other store's own host has to be shown by a press of a button; a second factor that is on there is asked for there.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from kit import clock
from kit.actor import Actor, Role
from kit.crypto import new_token, token_hash
from kit.db import db, end_reading, transaction
from kit.errors import Invalid, NotFound
from kit.i18n import _
from kit.tenancy import every_tenant
from models.accounts import HandOver, User
from models.tenants import Tenant, TenantStatus
from services import audit, tenants
from services.accounts import people
from services.notifications import letters

GOOD_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Workplace:
    """Another store in which the same person works."""

    tenant_id: UUID
    user_id: UUID
    name: str
    role: Role


def list_others(*, actor: Actor) -> list[Workplace]:
    """By name. Nobody else than a colleague with a confirmed address has any."""
    user = people.get_self(actor)
    if not isinstance(user, User) or user.role is Role.CUSTOMER or user.email_verified_at is None:
        return []
    here, key = user.tenant_id, user.email_key
    query = (
        select(User.id, User.role, Tenant.id.label("tenant_id"), Tenant.name)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(
            User.email_key == key,
            User.tenant_id != here,
            User.role != Role.CUSTOMER,
            User.is_active,
            User.erased_at.is_(None),
            User.email_verified_at.is_not(None),
            Tenant.status != TenantStatus.DELETED,
        )
        .order_by(Tenant.name, Tenant.id)
    )
    end_reading()
    with every_tenant():
        rows = db.session.execute(query).all()
    return [Workplace(row.tenant_id, row.id, row.name, Role(row.role)) for row in rows]


def begin(tenant_id: UUID, *, actor: Actor) -> str:
    """The address on the other store's host that opens its door. NotFound where one does not work there."""
    place = next((one for one in list_others(actor=actor) if one.tenant_id == tenant_id), None)
    if place is None:
        raise NotFound(_("You don't work in such a store."))
    token, come_from = new_token(), tenants.current().name
    end_reading()
    with tenants.in_store(tenant_id), transaction():
        now = clock.now()
        db.session.add(
            HandOver(user_id=place.user_id, token_hash=token_hash(token), from_store=come_from, created_at=now,
                     expires_at=now + GOOD_FOR)
        )  # fmt: skip
        return letters.url(f"/admin/arrive/{token}")


def find(token: str) -> HandOver | None:
    """While it is good, in the store that is entered."""
    return db.session.scalar(
        select(HandOver).where(
            HandOver.token_hash == token_hash(token),
            HandOver.used_at.is_(None),
            HandOver.expires_at > clock.now(),
        )
    )


@transaction()
def finish(token: str, *, actor: Actor) -> User:
    """Who arrives; the word is spent. Invalid on `token`. The caller starts the session, or asks for the code first."""
    claimed = db.session.execute(
        update(HandOver)
        .where(
            HandOver.token_hash == token_hash(token),
            HandOver.used_at.is_(None),
            HandOver.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(HandOver.user_id, HandOver.from_store)
    ).first()
    user = db.session.get(User, claimed.user_id, populate_existing=True) if claimed else None
    if user is None or claimed is None or not user.is_active or user.role is Role.CUSTOMER:
        raise Invalid.field("token", "invalid_token", _("This way over no longer works. Please sign in."))
    if user.two_factor_since is None:
        user.last_login_at = clock.now()
        audit.record(
            "login", user, actor=people.as_actor(user, actor), changes={"from": [None, claimed.from_store]}
        )
    return user


@transaction()
def forget_old() -> int:
    """Those that were used or have run out; inside `every_tenant()`, by the clock."""
    gone = db.session.execute(delete(HandOver).where(HandOver.expires_at < clock.now()))
    count: int = gone.rowcount  # type: ignore[attr-defined]
    return count
