"""Somebody of the platform works as one of a store's people for a while: to see what they see, and to help.

From the console into the store's own host leads a random word, good once and for a minute, that has to be shown there
by a press of a button. It ends by itself after half an hour. The store's log says who came, as whom, why, and until
when, and every entry made meanwhile names who it really was. What is that person's own (password, second factor,
address, sessions, other stores) stays out of reach: `people.get_self` refuses.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, select, update

from kit import clock
from kit.actor import Actor, Role
from kit.crypto import new_token, token_hash
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, IdRef, Text
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _
from kit.tenancy import every_tenant
from models.accounts import Impersonation, PlatformUser, User
from models.tenants import TenantStatus
from services import audit, tenants
from services.notifications import letters

GOOD_FOR = timedelta(minutes=1)
STAYS_FOR = timedelta(minutes=30)
KEPT_FOR = timedelta(days=7)  # the log says what happened; these rows only open doors


class ImpersonationDraft(Draft):
    user_id: IdRef
    reason: Annotated[str, Text(Impersonation.REASON_MAX, min=1)]


@dataclass(frozen=True, slots=True)
class Visit:
    """An impersonation that goes on."""

    id: UUID
    by_id: UUID
    by_email: str
    reason: str
    ends_at: datetime


def list_team(tenant_id: UUID) -> list[User]:
    """As whom one may work there: the highest role first."""
    ranks = case({role: role.rank for role in Role}, value=User.role)
    query = select(User).where(User.role != Role.CUSTOMER, User.is_active, User.erased_at.is_(None))
    with tenants.in_store(tenant_id):
        return list(db.session.scalars(query.order_by(ranks.desc(), User.email_key)))


def begin(tenant_id: UUID, draft: ImpersonationDraft, *, actor: Actor) -> str:
    """The address on the store's host that opens its door. Conflict `store-deleted`; Invalid on `user_id`."""
    if actor.kind != "platform" or not actor.is_at_least(Role.SYSADMIN) or actor.id is None:
        raise Forbidden(_("Your role does not allow this."))
    token, now = new_token(), clock.now()
    end_reading()
    with tenants.in_store(tenant_id) as store, transaction():
        if store.status is TenantStatus.DELETED:
            raise Conflict(_("This store was deleted."), code="store-deleted")
        if not _is_colleague(db.session.get(User, draft.user_id)):
            raise Invalid.field("user_id", "unknown_id", _("Nobody of that name works in this store."))
        db.session.add(
            Impersonation(user_id=draft.user_id, by_id=actor.id, by_email=actor.email, reason=draft.reason,
                          token_hash=token_hash(token), created_at=now, expires_at=now + GOOD_FOR)
        )  # fmt: skip
        return letters.url(f"/admin/impersonate/{token}")


def _is_colleague(user: User | None) -> bool:
    return user is not None and user.is_active and user.erased_at is None and user.role is not Role.CUSTOMER


def find_way_in(token: str) -> tuple[Impersonation, User] | None:
    """While it is good, in the store that is entered."""
    found = db.session.scalar(select(Impersonation).where(*_open(token)))
    user = db.session.get(User, found.user_id) if found else None
    return (found, user) if found is not None and user is not None else None


def _open(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Impersonation.token_hash == token_hash(token),
        Impersonation.started_at.is_(None),
        Impersonation.expires_at > clock.now(),
    )


def come_in(token: str, *, actor: Actor) -> tuple[Visit, User]:
    """The word is spent, and the visit begins. Invalid on `token`. The caller starts the browser's session."""
    found = find_way_in(token)
    if found is None or not _is_of_the_platform(found[0].by_id):
        raise _dead()
    return _come_in(token, actor)


@transaction()
def _come_in(token: str, actor: Actor) -> tuple[Visit, User]:
    now = clock.now()
    claimed = db.session.execute(
        update(Impersonation)
        .where(*_open(token))
        .values(started_at=now, ends_at=now + STAYS_FOR)
        .returning(Impersonation.id)
    ).scalar()
    row = db.session.get(Impersonation, claimed, populate_existing=True) if claimed else None
    user = db.session.get(User, row.user_id, populate_existing=True) if row else None
    if row is None or user is None or not _is_colleague(user):
        raise _dead()
    visit = _visit(row)
    changes = {"reason": ["", visit.reason], "until": ["", visit.ends_at.isoformat(timespec="minutes")]}
    audit.record("impersonation.started", user, actor=_by(visit, actor), changes=changes)
    return visit, user


def _dead() -> Invalid:
    return Invalid.field(
        "token", "invalid_token", _("This way in no longer works. Ask for a new one in the console.")
    )


def _visit(row: Impersonation) -> Visit:
    assert row.ends_at is not None
    return Visit(row.id, row.by_id, row.by_email, row.reason, row.ends_at)


def _by(visit: Visit, traces: Actor) -> Actor:
    """Who comes and goes is the platform's person, not yet or no longer the other one."""
    return Actor("platform", id=visit.by_id, role=Role.SYSADMIN, name=visit.by_email, email=visit.by_email,
                 ip=traces.ip, user_agent=traces.user_agent, request_id=traces.request_id)  # fmt: skip


def holder_of(user_id: UUID, version: str, visit_id: UUID) -> tuple[User, Visit] | None:
    """Whom a browser's cookie stands for, and whose it is; None once the time is over, the visit was ended, or one of
    the two may not come in any more."""
    row = db.session.scalar(
        select(Impersonation).where(
            Impersonation.id == visit_id,
            Impersonation.user_id == user_id,
            Impersonation.ended_at.is_(None),
            Impersonation.ends_at > clock.now(),
        )
    )
    if row is None:
        return None
    visit = _visit(row)
    if not _is_of_the_platform(visit.by_id):
        return None
    user = db.session.get(User, user_id)
    if user is None or not _is_colleague(user) or str(user.token_version) != version:
        return None
    return user, visit


def _is_of_the_platform(person_id: UUID) -> bool:
    query = select(PlatformUser.id).where(PlatformUser.id == person_id, PlatformUser.is_active)
    end_reading()
    with every_tenant():
        return db.session.scalar(query) is not None


@transaction()
def end(visit: Visit, user_id: UUID, *, actor: Actor) -> None:
    """Before its time. Twice is once."""
    ended = db.session.execute(
        update(Impersonation)
        .where(Impersonation.id == visit.id, Impersonation.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(Impersonation.id)
    ).scalar()
    if ended:
        audit.record("impersonation.ended", ("user", user_id), actor=_by(visit, actor))


@transaction()
def forget_old() -> int:
    """Ways in and visits that are long over; inside `every_tenant()`, by the clock."""
    gone = db.session.execute(delete(Impersonation).where(Impersonation.created_at < clock.now() - KEPT_FOR))
    count: int = gone.rowcount  # type: ignore[attr-defined]
    return count
