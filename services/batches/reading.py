"""Batches as people look at them: how far, and what became of each row."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from kit.csv import lines
from kit.db import db
from kit.errors import NotFound
from kit.i18n import _, current_locale, speaking
from kit.ids import parse_id
from kit.paging import Page, paginate
from models.batches import Batch, BatchRow, RowState, Verdict
from services import tenants
from services.batches.kinds import Change, find_kind
from services.tenants import Store

_AT_A_TIME = 1000
HEADER = ("line", "reference", "state", "message", "changes")


def get_batch(batch_id: UUID | str, kind: str | None = None) -> Batch:
    """NotFound where there is none in this store, or it is of another kind than asked for."""
    ident = parse_id(batch_id)
    found = db.session.scalar(select(Batch).where(Batch.id == ident)) if ident else None
    if found is None or (kind is not None and found.kind != kind):
        raise NotFound(_("There is no such job."))
    return found


def lock_batch(batch_id: UUID | str) -> Batch:
    """Before anything else is locked: a slice holds it while it works."""
    query = select(Batch).where(Batch.id == parse_id(batch_id)).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(_("There is no such job."))
    return found


def list_batches(*, kinds: tuple[str, ...] = (), page: int = 1, page_size: int = 25) -> Page[Batch]:
    """Newest first."""
    query = select(Batch).order_by(Batch.created_at.desc(), Batch.id.desc())
    return paginate(query.where(Batch.kind.in_(kinds)) if kinds else query, page, page_size)


def list_rows(
    batch: Batch,
    *,
    state: RowState | None = None,
    verdict: Verdict | None = None,
    page: int = 1,
    page_size: int = 50,
) -> Page[BatchRow]:
    """In the order of the file, else of the work."""
    known = {RowState.FAILED: batch.failed, RowState.KEPT: batch.kept, None: batch.total}
    total = known.get(state) if verdict is None else None
    return paginate(_rows(batch, state, verdict), page, page_size, total=total)


def _rows(batch: Batch, state: RowState | None, verdict: Verdict | None) -> Select[Any]:
    query = select(BatchRow).where(BatchRow.batch_id == batch.id).order_by(BatchRow.line, BatchRow.position)
    if state is not None:
        query = query.where(BatchRow.state == state)
    return query if verdict is None else query.where(BatchRow.verdict == verdict)


def counts_of_rows(batch: Batch) -> dict[str, int]:
    """{verdict: rows} of the dry run."""
    query = (
        select(BatchRow.verdict, func.count()).where(BatchRow.batch_id == batch.id).group_by(BatchRow.verdict)
    )
    return {str(verdict): count for verdict, count in db.session.execute(query) if verdict is not None}


def export_rows(
    batch: Batch, *, state: RowState | None = None, verdict: Verdict | None = None
) -> Iterator[str]:
    """The report as CSV in pieces, a row each."""
    return lines(HEADER, _exported(batch, tenants.current(), state, verdict, current_locale()))


def _exported(
    batch: Batch, store: Store, state: RowState | None, verdict: Verdict | None, locale: str
) -> Iterator[list[Any]]:
    """Page by page, and in no store between the pages: whoever streams this may be elsewhere by then."""
    query = _rows(batch, state, verdict).order_by(None).order_by(BatchRow.position).limit(_AT_A_TIME)
    after = 0
    while True:
        with tenants.in_store(store), speaking(locale):
            found = db.session.scalars(query.where(BatchRow.position > after)).all()
            shown = find_kind(batch.kind).show(found)
        for row, changes in zip(found, shown, strict=True):
            said = row.verdict if row.state is RowState.PENDING and row.verdict else row.state
            yield [row.line, row.reference, said, row.message, "; ".join(map(_sentence, changes))]
        if len(found) < _AT_A_TIME:
            return
        after = found[-1].position


def _sentence(change: Change) -> str:
    return f"{change.label}: {change.old or '–'} → {change.new or '–'}"
