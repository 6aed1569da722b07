"""Where a person is signed in: browsers and apps, each with a row that can be ended by itself.

A browser's cookie names its row, so ending one works at its next request. When it was used last is counted in memory
and written now and then: no page writes in its own time.
"""

import threading
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import NotFound
from kit.i18n import _
from kit.tenancy import current_tenant_id, every_tenant, tenant_scope
from models.accounts import Channel, PlatformRefreshFamily, PlatformUser, RefreshFamily, User
from services import audit
from services.accounts import people, tokens

FRESH = timedelta(minutes=5)  # how exact "last used" is
_seen: dict[tuple[UUID | None, UUID], datetime] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in as its owner sees it."""

    id: UUID
    channel: Channel
    user_agent: str
    ip: str
    started_at: datetime
    used_at: datetime
    is_this_one: bool


def open_browser(person: User | PlatformUser, *, actor: Actor) -> UUID:
    """Sign a browser in; the answer goes into its cookie."""
    with _where(isinstance(person, PlatformUser)):
        return tokens.open_family(person, actor, Channel.BROWSER).id


def holder_of(kind: str, person_id: UUID, version: str, session_id: UUID) -> User | PlatformUser | None:
    """The person behind a browser's cookie, by one query; None once it is worth nothing."""
    platform = kind == "platform"
    family: Any = PlatformRefreshFamily if platform else RefreshFamily
    person: Any = PlatformUser if platform else User
    query = (
        select(person, family.used_at)
        .join(family, family.user_id == person.id)
        .where(
            person.id == person_id,
            person.is_active,
            family.id == session_id,
            family.channel == Channel.BROWSER,
            family.revoked_at.is_(None),
            family.expires_at > clock.now(),
            family.token_version == person.token_version,
        )
    )
    with _where(platform):
        row = db.session.execute(query).first()
    if row is None or str(row[0].token_version) != version:
        return None
    if row[1] < clock.now() - FRESH:
        _note(None if platform else current_tenant_id(), session_id)
    found: User | PlatformUser = row[0]
    return found


def list_sessions(*, actor: Actor, this: UUID | None = None) -> list[Session]:
    """One's own, those used last first; `this` is the one that asks."""
    platform = actor.kind == "platform"
    family: Any = PlatformRefreshFamily if platform else RefreshFamily
    with _where(platform):
        rows = db.session.scalars(
            select(family)
            .where(*_live(family, people.get_self(actor)))
            .order_by(family.used_at.desc(), family.id)
        ).all()
    return [
        Session(row.id, row.channel, row.user_agent, row.ip, row.created_at, row.used_at, row.id == this)
        for row in sorted(rows, key=lambda row: row.id != this)
    ]


def end_one(session_id: UUID, *, actor: Actor) -> None:
    """End one of one's own. NotFound for somebody else's, and for one that has ended."""
    with _where(actor.kind == "platform"):
        if not _end(actor, session_id=session_id):
            raise NotFound(_("This session has ended already."))


def end_others(*, actor: Actor, this: UUID | None) -> int:
    """End every other session of one's own, and answer how many there were."""
    with _where(actor.kind == "platform"):
        return _end(actor, but=this)


@transaction()
def _end(actor: Actor, *, session_id: UUID | None = None, but: UUID | None = None) -> int:
    person = people.get_self(actor)
    family: Any = PlatformRefreshFamily if isinstance(person, PlatformUser) else RefreshFamily
    mine = list(_live(family, person))
    if session_id is not None:
        mine.append(family.id == session_id)
    if but is not None:
        mine.append(family.id != but)
    ended: int = db.session.execute(update(family).where(*mine).values(revoked_at=clock.now())).rowcount  # type: ignore[attr-defined]
    if ended and isinstance(person, User) and actor.is_staff:
        audit.record("session.ended", person, actor=actor, changes={"sessions": [ended, 0]})
    return ended


def close_browser(kind: str, session_id: UUID) -> None:
    """Signed out by hand."""
    with _where(kind == "platform"):
        tokens.end_family(PlatformRefreshFamily if kind == "platform" else RefreshFamily, session_id)


def is_known_place(email: str, *, ip: str) -> bool:
    """Has the account behind this address, if there is one, signed in from there?"""
    with people.where_people_are():
        person = people.find_by_email(email)
        if person is None or not ip:
            return False
        family: Any = RefreshFamily if isinstance(person, User) else PlatformRefreshFamily
        query = select(family.id).where(family.user_id == person.id, family.ip == ip).limit(1)
        return db.session.scalar(query) is not None


def _live(family: Any, person: User | PlatformUser) -> tuple[Any, ...]:
    return (
        family.user_id == person.id,
        family.revoked_at.is_(None),
        family.expires_at > clock.now(),
        family.token_version == person.token_version,
    )


def _where(platform: bool) -> Any:
    return every_tenant() if platform else nullcontext()


# --- last used ----------------------------------------------------------------------------------------------------


def _note(tenant_id: UUID | None, session_id: UUID) -> None:
    with _lock:
        _seen[tenant_id, session_id] = clock.now()


def waiting() -> int:
    with _lock:
        return len(_seen)


def flush() -> int:
    """Write when sessions were used, and how many. Call it outside of a request."""
    with _lock:
        seen = dict(_seen)
        _seen.clear()
    by_store: dict[UUID | None, dict[UUID, datetime]] = {}
    for (tenant_id, session_id), moment in seen.items():
        by_store.setdefault(tenant_id, {})[session_id] = moment
    for tenant_id, sessions in by_store.items():
        with tenant_scope(tenant_id) if tenant_id else every_tenant(), transaction():
            family: Any = RefreshFamily if tenant_id else PlatformRefreshFamily
            for session_id in sorted(sessions):
                db.session.execute(
                    update(family).where(family.id == session_id).values(used_at=sessions[session_id])
                )
    return len(seen)


def clear() -> None:
    with _lock:
        _seen.clear()
