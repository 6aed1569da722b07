"""What a person says to a batch: start, stop, go on, undo."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict, Invalid
from kit.i18n import _, current_locale
from kit.ids import uuid7
from models.batches import Batch, BatchRow, BatchStatus, RowState
from services import audit, outbox
from services.batches.kinds import Kind, find_kind
from services.batches.reading import lock_batch

ROWS_MAX = 100_000
_PORTION = 1000


@dataclass(frozen=True, slots=True)
class RowInput:
    """One row as it is asked for. `reference` is what people know it by; `line` is that of a file."""

    reference: str
    target_id: UUID | None = None
    input: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None


@transaction()
def start(kind: Kind, params: Mapping[str, Any], rows: Iterable[RowInput], *, actor: Actor) -> Batch:
    """Begin at once, in the background. Invalid without rows, or with more than ROWS_MAX."""
    batch = prepare(kind, params, rows, actor=actor)
    return _begin(batch, BatchStatus.QUEUED, actor)


@transaction()
def prepare(kind: Kind, params: Mapping[str, Any], rows: Iterable[RowInput], *, actor: Actor) -> Batch:
    """A batch that waits for somebody to say more: `check` and then `start_prepared` it."""
    batch = new_batch(kind.name, params, actor=actor)
    batch.total = _write_rows(batch, rows)
    if not batch.total:
        raise Invalid(_("There is nothing to do: no rows were chosen."), code="no-rows")
    return batch


def new_batch(kind: str, params: Mapping[str, Any], *, actor: Actor) -> Batch:
    """A draft without rows, inside the writing transaction."""
    batch = Batch(
        kind=kind, params=dict(params), status=BatchStatus.DRAFT, actor_kind=actor.kind, actor_id=actor.id,
        actor_role=str(actor.role or ""), actor_name=actor.name[:200], actor_email=actor.email,
        impersonator=actor.impersonator, locale=current_locale(),
    )  # fmt: skip
    db.session.add(batch)
    db.session.flush()
    return batch


def _write_rows(batch: Batch, rows: Iterable[RowInput]) -> int:
    count, numbered = 0, enumerate(rows, 1)
    while portion := list(islice(numbered, _PORTION)):
        count += len(portion)
        if count > ROWS_MAX:
            raise Invalid(_("At most %(limit)s rows at a time.", limit=ROWS_MAX), code="too-many-rows")
        db.session.execute(insert(BatchRow), list(_as_values(batch, portion)))
    return count


def _as_values(batch: Batch, rows: Iterable[tuple[int, RowInput]]) -> Iterator[dict[str, Any]]:
    for position, row in rows:
        yield {"id": uuid7(), "batch_id": batch.id, "position": position, "line": row.line,
               "reference": row.reference[: BatchRow.REFERENCE_MAX], "target_id": row.target_id,
               "input": dict(row.input), "state": RowState.PENDING, "message": ""}  # fmt: skip


@transaction()
def check(batch_id: UUID, params: Mapping[str, Any], *, actor: Actor) -> Batch:
    """Begin the dry run with these params, again where there was one. Conflict once the batch has been started."""
    batch = lock_batch(batch_id)
    _insist(batch, BatchStatus.DRAFT, BatchStatus.CHECKING, BatchStatus.CHECKED)
    batch.params = dict(params)
    batch.checked = 0
    db.session.execute(
        update(BatchRow)
        .where(BatchRow.batch_id == batch.id)
        .values(verdict=None, before=None, after=None, message="")
        .execution_options(synchronize_session=False)
    )
    batch.status = BatchStatus.CHECKING
    outbox.post("batch.started", batch_id=batch.id)
    return batch


@transaction()
def start_prepared(batch_id: UUID, *, actor: Actor) -> Batch:
    """After the dry run."""
    batch = lock_batch(batch_id)
    _insist(batch, BatchStatus.CHECKED)
    return _begin(batch, BatchStatus.QUEUED, actor)


@transaction()
def stop(batch_id: UUID, *, actor: Actor) -> Batch:
    """Do no more. What is done stays, and may be undone."""
    batch = lock_batch(batch_id)
    _insist(batch, BatchStatus.QUEUED, BatchStatus.RUNNING)
    batch.status, batch.finished_at = BatchStatus.STOPPED, clock.now()
    _record(batch, "batch.stopped", actor)
    return batch


@transaction()
def resume(batch_id: UUID, *, actor: Actor) -> Batch:
    """Go on with one that was stopped, or whose message was lost. Harmless where it is at work."""
    batch = lock_batch(batch_id)
    if batch.status is BatchStatus.STOPPED:
        return _begin(batch, BatchStatus.QUEUED, actor)
    _insist(batch, BatchStatus.CHECKING, BatchStatus.QUEUED, BatchStatus.RUNNING, BatchStatus.UNDOING)
    outbox.post("batch.started", batch_id=batch.id)
    return batch


@transaction()
def undo(batch_id: UUID, *, actor: Actor) -> Batch:
    """Put back what the batch changed, in the background. Rows that were changed since stay, and are named."""
    batch = lock_batch(batch_id)
    _insist(batch, BatchStatus.DONE, BatchStatus.STOPPED)
    if find_kind(batch.kind).undo is None:
        raise Conflict(_("This can't be undone."), code="not-undoable")
    return _begin(batch, BatchStatus.UNDOING, actor)


def _begin(batch: Batch, status: BatchStatus, actor: Actor) -> Batch:
    batch.status, batch.finished_at = status, None
    _record(batch, "batch.undo" if status is BatchStatus.UNDOING else "batch.start", actor)
    outbox.post("batch.started", batch_id=batch.id)
    return batch


def _record(batch: Batch, action: str, actor: Actor) -> None:
    audit.record(
        action,
        batch,
        actor=actor,
        changes={"kind": [None, batch.kind], "rows": [None, batch.total]},
    )


def _insist(batch: Batch, *allowed: BatchStatus) -> None:
    if batch.status not in allowed:
        raise Conflict(
            _("That is not possible now: somebody has already started, stopped or undone it."),
            code="wrong-status",
            status=str(batch.status),
        )
