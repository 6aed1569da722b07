"""The worker's side of a batch: slice after slice, each in one transaction with the states of its rows."""

import time
from collections.abc import Callable, Sequence
from operator import attrgetter

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.attributes import set_committed_value

from kit import clock
from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.errors import NotFound, ShopError
from kit.i18n import _, speaking
from kit.ids import parse_id
from kit.many import update_many
from models.batches import Batch, BatchRow, BatchStatus, RowState, Verdict
from services import outbox, tenants
from services.batches.kinds import Kind, find_kind
from services.batches.reading import lock_batch

# Seconds of work on one message: other messages get their turn between, and its lease does not run out.
AT_ONE_GO = 5.0
log = structlog.get_logger("services.batches")


def run(batch_id: str) -> None:
    """The handler of `batch.started`: work on it for a while, and post the rest. May be repeated at any time."""
    until = time.monotonic() + AT_ONE_GO
    while work_slice(batch_id):
        if time.monotonic() >= until:
            with transaction():
                outbox.post("batch.started", batch_id=batch_id)
            return


def work_slice(batch_id: str) -> bool:
    """One slice; False where there is nothing left to do (or the batch is gone, stopped or through)."""
    _go_ahead(batch_id)
    try:
        return _work_slice(batch_id, None)
    except OperationalError:
        raise  # a lost connection or a deadlock is no fault of a row: the message comes again
    except Exception:
        log.exception("a slice failed: its rows are tried one by one", batch=batch_id)
    finally:
        db.session.remove()
    return _one_by_one(batch_id)


def _go_ahead(batch_id: str) -> None:
    """What has to be asked outside before the next slice. A failure is for the slice to find out, row by row."""
    ident = parse_id(batch_id)
    batch = db.session.get(Batch, ident) if ident else None
    if batch is None or batch.status not in (BatchStatus.QUEUED, BatchStatus.RUNNING):
        return
    kind = find_kind(batch.kind)
    if kind.ahead is None:
        return
    things = [row.target_id for row in _next_rows(batch, kind.slice) if row.target_id]
    actor = actor_of(batch)
    db.session.remove()
    try:
        kind.ahead(things, actor)
    except Exception:
        log.exception("what a slice needs ahead of it failed", batch=batch_id)
    finally:
        db.session.remove()


def _one_by_one(batch_id: str) -> bool:
    """The row that fails alone, too, is named in the report; the others are done."""
    for _row in range(find_kind(_look(batch_id).kind).slice):
        try:
            if not _work_slice(batch_id, 1):
                return False
        except OperationalError:
            raise
        except Exception:
            log.exception("a row failed", batch=batch_id)
            _give_up_next(batch_id)
        finally:
            db.session.remove()
    return True


def _look(batch_id: str) -> Batch:
    with transaction():
        return lock_batch(batch_id)


@transaction()
def _work_slice(batch_id: str, size: int | None) -> bool:
    try:
        batch = lock_batch(batch_id)
    except NotFound:
        return False
    if not batch.is_moving:
        return False
    kind = find_kind(batch.kind)
    rows = _next_rows(batch, size or kind.slice)
    with speaking(batch.locale), tenants.touching_once():
        if rows:
            _PHASES[batch.status](kind, batch, rows)
        if len(rows) < (size or kind.slice) and not _next_rows(batch, 1):
            _end(batch)
            return False
    return True


def _next_rows(batch: Batch, size: int) -> Sequence[BatchRow]:
    query = select(BatchRow).where(BatchRow.batch_id == batch.id).limit(size)
    if batch.status is BatchStatus.CHECKING:
        query = query.where(BatchRow.verdict.is_(None)).order_by(BatchRow.position)
    elif batch.status is BatchStatus.UNDOING:
        query = query.where(BatchRow.state == RowState.DONE).order_by(BatchRow.position.desc())
    else:
        query = query.where(BatchRow.state == RowState.PENDING).order_by(BatchRow.position)
    return db.session.scalars(query).all()


def _check(kind: Kind, batch: Batch, rows: Sequence[BatchRow]) -> None:
    if kind.check is None:
        raise RuntimeError(f"{kind.name} has no dry run")
    kind.check(batch, rows, actor_of(batch))
    _all_settled(kind, all(row.verdict is not None for row in rows))
    batch.checked += len(rows)


def _apply(kind: Kind, batch: Batch, rows: Sequence[BatchRow]) -> None:
    if batch.status is BatchStatus.QUEUED:
        batch.status, batch.started_at = BatchStatus.RUNNING, batch.started_at or clock.now()
    kind.apply(batch, rows, actor_of(batch))
    states = [row.state for row in rows]
    _all_settled(kind, RowState.PENDING not in states)
    batch.changed += states.count(RowState.DONE)
    batch.unchanged += states.count(RowState.UNCHANGED)
    batch.failed += states.count(RowState.FAILED)


def _undo(kind: Kind, batch: Batch, rows: Sequence[BatchRow]) -> None:
    if kind.undo is None:
        raise RuntimeError(f"{kind.name} can't be undone")
    kind.undo(batch, rows, actor_of(batch))
    states = [row.state for row in rows]
    _all_settled(kind, RowState.DONE not in states)
    batch.undone += states.count(RowState.UNDONE)
    batch.kept += states.count(RowState.KEPT)


_PHASES: dict[BatchStatus, Callable[[Kind, Batch, Sequence[BatchRow]], None]] = {
    BatchStatus.CHECKING: _check,
    BatchStatus.QUEUED: _apply,
    BatchStatus.RUNNING: _apply,
    BatchStatus.UNDOING: _undo,
}


def _all_settled(kind: Kind, settled: bool) -> None:
    if not settled:
        raise RuntimeError(f"{kind.name} left rows as they were")


def _end(batch: Batch) -> None:
    """No row is left."""
    if batch.status is BatchStatus.CHECKING:
        batch.status = BatchStatus.CHECKED
    elif batch.status is BatchStatus.UNDOING:
        batch.status, batch.undone_at = BatchStatus.UNDONE, clock.now()
    else:
        batch.status = BatchStatus.DONE
    batch.finished_at = clock.now()


@transaction()
def _give_up_next(batch_id: str) -> None:
    """The next row can't be worked on, and nobody knows why; the log does."""
    batch = lock_batch(batch_id)
    for row in _next_rows(batch, 1):
        with speaking(batch.locale):
            message = _("This row failed for a reason that we did not foresee. We have written it down.")
        if batch.status is BatchStatus.CHECKING:
            row.verdict, row.message = Verdict.BAD, message
            batch.checked += 1
        elif batch.status is BatchStatus.UNDOING:
            row.keep(message)
            batch.kept += 1
        else:
            row.fail(message)
            batch.failed += 1


def actor_of(batch: Batch) -> Actor:
    role = Role(batch.actor_role) if batch.actor_role else None
    return Actor(batch.actor_kind, batch.actor_id, role, name=batch.actor_name, email=batch.actor_email,
                 impersonator=batch.impersonator)  # fmt: skip


def write_down(rows: Sequence[BatchRow], *names: str) -> None:
    """These columns of the rows in one statement, ahead of the ORM, which would write them one by one: for kinds whose
    things cost no more than that. What is not said here the ORM writes as ever."""
    said = list(map(attrgetter("id", *names), rows))
    for row in rows:
        for name in names:
            set_committed_value(row, name, getattr(row, name))
    update_many(BatchRow, ("id", *names), said)


def each(rows: Sequence[BatchRow], act: Callable[[BatchRow], None]) -> None:
    """`act` on each row in a savepoint of its own: a refusal becomes the row's message, and what it wrote is gone."""
    for row in rows:
        try:
            with db.session.begin_nested():
                act(row)
        except ShopError as error:
            row.fail(reason_of(error))


def each_back(
    rows: Sequence[BatchRow], act: Callable[[BatchRow], None], say: Callable[[str], str] = str
) -> None:
    """The same on the way back: a refusal says why the row is left as it is."""
    for row in rows:
        try:
            with db.session.begin_nested():
                act(row)
        except ShopError as error:
            row.keep(reason_of(error, say))
        else:
            row.undone()


def reason_of(error: ShopError, say: Callable[[str], str] = str) -> str:
    """`Price: Must not be negative.`, all of them; or the sentence. `say` has the fields' names."""
    said = [f"{say(e.field)}: {e.message}" if e.field else e.message for e in error.errors]
    return " ".join(said) if said else error.message
