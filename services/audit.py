"""The audit log: who did what, from where, before and after. Entries of a store form a chain of hashes.

An entry is linked to the chain at the end of its transaction, when nothing else is locked any more: the chain's lock
is the last one taken, so two transactions never wait for each other, and it is held for a moment only.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, ScalarSelect, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, SessionTransaction

from kit import clock, tenancy
from kit.actor import Actor
from kit.db import ShopSession, db, finishing, is_writing, transaction
from kit.ids import uuid7
from kit.many import insert_many
from kit.paging import Page, paginate
from models.audit import AuditChain, AuditEntry

MASKED = ("password", "secret", "token", "key")
BATCH = 1000
TRIMMED = "trimmed"  # by age: an entry that says up to which number, and what the hash of that one was
TOLD = ("removed_until", "last_removed_hash")
READ_ONCE = timedelta(minutes=15)
_WAITING = "audit"  # in session.info: [(savepoint or None, entry)], in the order of their recording
_CONTENT = ("tenant_id", "number", "id", "actor_kind", "actor_id", "actor_email", "actor_role", "action",
            "resource_type", "resource_id", "changes", "ip", "user_agent", "request_id", "created_at",
            "prev_hash")  # fmt: skip
_STORED = (*(name for name in _CONTENT if name != "tenant_id"), "impersonator", "entry_hash")


@dataclass(slots=True)
class _Entry:
    """An AuditEntry to be, by the same names: plain, because a bulk change records ten thousand of them."""

    tenant_id: UUID
    actor_kind: str
    actor_id: UUID | None
    actor_email: str
    actor_role: str
    impersonator: str
    action: str
    resource_type: str
    resource_id: str
    changes: dict[str, Any]
    ip: str
    user_agent: str
    request_id: str
    created_at: datetime
    number: int = 0
    id: UUID | None = None
    prev_hash: str = ""
    entry_hash: str = ""


def record(action: str, resource: Any, *, actor: Actor, changes: dict[str, Any] | None = None) -> None:
    """Write one entry in the transaction of what it records. `resource` is a model or a (type, id) pair."""
    if not is_writing():
        raise RuntimeError("audit.record was called outside transaction()")
    kind, ident = resource if isinstance(resource, tuple) else (type(resource).__name__.lower(), resource.id)
    session = db.session()
    entry = _Entry(
        tenant_id=tenancy.current_tenant_id(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_email=actor.email,
        actor_role=str(actor.role or ""),
        impersonator=actor.impersonator,
        action=action,
        resource_type=kind,
        resource_id=str(ident or ""),
        changes={name: _shown(name, value) for name, value in (changes or {}).items()},
        ip=actor.ip[:45],
        user_agent=actor.user_agent[:300],
        request_id=actor.request_id[:64],
        created_at=clock.now(),
    )
    session.info.setdefault(_WAITING, []).append((session.get_nested_transaction(), entry))


def record_reading(resource: Any, *, actor: Actor) -> bool:
    """Somebody has opened what is held on somebody else, in a transaction of its own. A page that the same person
    loads again within READ_ONCE is one reading; False then."""
    seen = select(AuditEntry.id).where(
        AuditEntry.resource_type == type(resource).__name__.lower(),
        AuditEntry.resource_id == str(resource.id),
        AuditEntry.action == "view",
        AuditEntry.actor_id == actor.id,
        AuditEntry.impersonator == actor.impersonator,
        AuditEntry.created_at > clock.now() - READ_ONCE,
    )
    if db.session.scalar(seen.limit(1)) is not None:
        return False
    with transaction():
        record("view", resource, actor=actor)
    return True


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """{field: [old, new]} for what differs."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def _shown(name: str, value: Any) -> Any:
    if any(word in name for word in MASKED):
        return ["•••", "•••"]
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return str(value)


# --- the chain ----------------------------------------------------------------------------------------------------


def hash_of(entry: Any) -> str:
    """Over everything that the entry (or its row) says, its number and the hash before it."""
    content = {name: getattr(entry, name) for name in _CONTENT}
    if entry.impersonator:  # a later column: what was written without one keeps its hash
        content["impersonator"] = entry.impersonator
    moment = entry.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in content.items()}
    text = json.dumps(
        {**plain, "created_at": moment}, sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    return hashlib.sha256(text.encode()).hexdigest()


def link_waiting() -> None:
    """Link what this transaction has recorded in the store we are in."""
    session = db.session()
    waiting = session.info.pop(_WAITING, ())
    own = [entry for _savepoint, entry in waiting if entry.tenant_id == tenancy.scope()]
    if not own:
        return  # what another store's block left behind ended with an error, and is dropped as its rows are
    head = _lock_head()
    for entry in own:
        head.last_number += 1
        entry.number, entry.prev_hash = head.last_number, head.last_hash
        entry.id = uuid7()
        head.last_hash = entry.entry_hash = hash_of(entry)
    insert_many(AuditEntry, _STORED, map(attrgetter(*_STORED), own))


def _lock_head() -> AuditChain:
    query = select(AuditChain).with_for_update().execution_options(populate_existing=True)
    head = db.session.scalar(query)
    if head is None:
        with suppress(IntegrityError), db.session.begin_nested():  # another first entry was quicker
            db.session.add(AuditChain(last_number=0, last_hash=""))
        head = db.session.scalars(query).one()
    return head


@event.listens_for(ShopSession, "after_soft_rollback")
def _forget_rolled_back(session: Session, ended: SessionTransaction) -> None:
    """What was recorded inside of a savepoint goes with it."""
    waiting = session.info.get(_WAITING)
    if not waiting:
        return
    if not ended.nested:
        session.info.pop(_WAITING)
    else:
        session.info[_WAITING] = [pair for pair in waiting if not _is_within(pair[0], ended)]


def _is_within(savepoint: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while savepoint is not None:
        if savepoint is ended:
            return True
        savepoint = savepoint.parent
    return False


finishing.append(link_waiting)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`entries`: how many there are, up to there. `broken_at`: the number of the first entry that is not as it was
    written, with `why`; None: all are."""

    entries: int
    last_hash: str
    broken_at: int | None = None
    why: str = ""

    @property
    def is_intact(self) -> bool:
        return self.broken_at is None


def verify() -> Verdict:
    """Walk the chain of the store we are in, from the oldest entry that is kept. What was let go before it has to be
    told by an entry of its own: the chain's word for it is not enough."""
    begin = _beginning()
    verdict = _walk(*begin)
    return verdict if _beginning() == begin else verify()  # some were let go while we walked


def _beginning() -> tuple[int, str]:
    """Number and hash of the last entry that was let go."""
    row = db.session.execute(select(AuditChain.removed_number, AuditChain.removed_hash)).first()
    return (row[0], row[1]) if row else (0, "")


def _walk(start: int, last: str) -> Verdict:
    number, untold = start, [start, last] if start else None
    for entry in _in_order():
        if entry.number != number + 1:
            return Verdict(number - start, last, number + 1, "missing")
        if entry.prev_hash != last:
            return Verdict(number - start, last, entry.number, "does not follow the one before")
        if hash_of(entry) != entry.entry_hash:
            return Verdict(number - start, last, entry.number, "changed")
        number, last = entry.number, entry.entry_hash
        if untold and entry.action == TRIMMED and [entry.changes.get(name) for name in TOLD] == untold:
            untold = None
    head = db.session.scalar(select(AuditChain).execution_options(populate_existing=True))
    if (head.last_number, head.last_hash) != (number, last) if head else number:
        return Verdict(number - start, last, number + 1, "missing")
    if untold:
        return Verdict(number - start, last, start, "removed, and no entry tells of it")
    return Verdict(number - start, last)


def _in_order() -> Iterator[Any]:
    """As plain rows: a long log must not stay in memory."""
    query = select(
        *(getattr(AuditEntry, name) for name in (*_CONTENT, "impersonator", "entry_hash"))
    ).order_by(AuditEntry.number)
    after = 0
    while found := db.session.execute(query.where(AuditEntry.number > after).limit(BATCH)).all():
        yield from found
        after = found[-1].number


# --- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """`since` is included, `before` is not."""

    resource_type: str = ""
    resource_id: str = ""
    action: str = ""
    user_id: UUID | None = None
    since: datetime | None = None
    before: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [
            column == value
            for column, value in (
                (AuditEntry.resource_type, self.resource_type),
                (AuditEntry.resource_id, self.resource_id),
                (AuditEntry.action, self.action),
                (AuditEntry.actor_id, self.user_id),
            )
            if value
        ]
        if self.since is not None:
            found.append(AuditEntry.created_at >= self.since)
        if self.before is not None:
            found.append(AuditEntry.created_at < self.before)
        return found


def list_entries(wanted: AuditFilter, *, page: int = 1, page_size: int = 20) -> Page[AuditEntry]:
    """Newest first."""
    query = select(AuditEntry).where(*wanted.conditions()).order_by(AuditEntry.number.desc())
    return paginate(query, page, page_size)


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to filter by, beside the actions (web/logged.py knows them all)."""

    resource_types: list[str]
    people: list[tuple[UUID, str]]  # by the address that they had last


def choices() -> Choices:
    """A step into an index for each that there is; a long log is not read."""
    types, ids = _each(AuditEntry.resource_type), _each(AuditEntry.actor_id)
    last = select(AuditEntry.actor_email).where(AuditEntry.actor_id == ids.c.value).correlate(ids)
    email = last.order_by(AuditEntry.number.desc()).limit(1).scalar_subquery()
    people = db.session.execute(select(ids.c.value, email).where(ids.c.value.is_not(None)))
    return Choices(
        resource_types=list(db.session.scalars(select(types.c.value).where(types.c.value.is_not(None)))),
        people=sorted(((ident, said) for ident, said in people), key=lambda row: row[1]),
    )


def _each(column: InstrumentedAttribute[Any]) -> CTE:
    """The values of an indexed column in their order, and None at the end: from one, the index leads to the next."""

    def first(*after: ColumnElement[bool]) -> ScalarSelect[Any]:
        return select(column).where(column.is_not(None), *after).order_by(column).limit(1).scalar_subquery()

    found = select(first().label("value")).cte(f"each_{column.key}", recursive=True)
    return found.union_all(select(first(column > found.c.value)).where(found.c.value.is_not(None)))
