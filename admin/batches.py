"""Long work on many things: how far it is, what became of each row, and the way back."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Response, flash, url_for

from admin import bp
from admin.files import csv_file
from admin.frame import page
from admin.wording import Badge, badge
from kit import clock
from kit.actor import Role
from kit.i18n import _, _n, mark
from models.batches import Batch, BatchRow, BatchStatus, RowState
from services import batches
from services.catalog import importing
from web.access import allow
from web.auth import actor
from web.filters import moment, number
from web.htmx import go, go_to, wants_fragment
from web.lists import choice_arg, listing, page_arg, page_url

UNSTARTED = frozenset({BatchStatus.DRAFT, BatchStatus.CHECKED})
SILENT = 60  # seconds without progress after which somebody may push
dry_runs: dict[str, str] = {}  # a kind → the page that shows its dry run; without one, the import's
STATUS: dict[str, Badge] = {
    BatchStatus.DRAFT: (mark("Being prepared"), "neutral", "open"),
    BatchStatus.CHECKING: (mark("Being checked"), "info", "part"),
    BatchStatus.CHECKED: (mark("Ready to start"), "warn", "open"),
    BatchStatus.QUEUED: (mark("Waiting"), "info", "open"),
    BatchStatus.RUNNING: (mark("At work"), "info", "part"),
    BatchStatus.STOPPED: (mark("Stopped"), "warn", "stop"),
    BatchStatus.DONE: (mark("Done"), "good", "done"),
    BatchStatus.UNDOING: (mark("Being undone"), "info", "part"),
    BatchStatus.UNDONE: (mark("Undone"), "neutral", "done"),
}
STATE: dict[str, Badge] = {
    RowState.PENDING: (mark("Not yet"), "neutral", "open"),
    RowState.DONE: (mark("Changed"), "good", "done"),
    RowState.UNCHANGED: (mark("As it was"), "neutral", "done"),
    RowState.FAILED: (mark("Refused"), "bad", "stop"),
    RowState.UNDONE: (mark("Undone"), "neutral", "done"),
    RowState.KEPT: (mark("Left as it is"), "warn", "warn"),
}


@bp.get("/batches")
@allow(Role.MANAGER)
def batch_list() -> Response:
    found = batches.list_batches(page=page_arg())
    return page("admin/batches/index.html", batches=listing(found, _line), page_url=page_url)


@bp.get("/batches/<uuid:batch_id>")
@allow(Role.MANAGER)
def show_batch(batch_id: UUID) -> Response:
    """While it moves, htmx asks for the progress alone; at the end the page is loaded anew, with its report."""
    batch = batches.get_batch(batch_id)
    if wants_fragment():
        if not batch.is_moving:
            return go_to(url_for("admin.show_batch", batch_id=batch.id))
        return page("admin/batches/_progress.html", batch=shown(batch))
    state = choice_arg("state", list(RowState))
    rows = batches.list_rows(batch, state=RowState(state) if state else None, page=page_arg())
    changes = batches.find_kind(batch.kind).show(rows.items)
    return page(
        "admin/batches/batch.html",
        batch=shown(batch),
        rows=listing(rows, lambda row: _row(batch, row)) | {"changes": changes},
        views=_views(batch, state),
        page_url=page_url,
        filtered=bool(state),
        csv_url=url_for("admin.export_batch", batch_id=batch.id, state=state or None),
        trail=[(_("Jobs"), url_for("admin.batch_list")), (batches.find_kind(batch.kind).says, None)],
    )


@bp.get("/batches/<uuid:batch_id>/report")
@allow(Role.MANAGER)
def export_batch(batch_id: UUID) -> Response:
    batch = batches.get_batch(batch_id)
    state = choice_arg("state", list(RowState))
    pieces = batches.export_rows(batch, state=RowState(state) if state else None)
    return csv_file(f"{batch.kind.replace('.', '-')}-report", pieces)


@bp.post("/batches/<uuid:batch_id>/stop")
@allow(Role.MANAGER)
def stop_batch(batch_id: UUID) -> Response:
    batches.stop(batch_id, actor=actor())
    flash(_("Stopped. What was done until now stays; you can undo it."), "success")
    return go("admin.show_batch", batch_id=batch_id)


@bp.post("/batches/<uuid:batch_id>/resume")
@allow(Role.MANAGER)
def resume_batch(batch_id: UUID) -> Response:
    batches.resume(batch_id, actor=actor())
    return go("admin.show_batch", batch_id=batch_id)


@bp.get("/batches/<uuid:batch_id>/undo")
@allow(Role.MANAGER)
def ask_undo_batch(batch_id: UUID) -> Response:
    """The question of the dialog, as a page."""
    batch = batches.get_batch(batch_id)
    return page("admin/confirm.html", heading=_("Undo it all?"), text=_undo_text(batch), button=_("Undo"),
                action=url_for("admin.undo_batch", batch_id=batch_id),
                back=url_for("admin.show_batch", batch_id=batch_id))  # fmt: skip


@bp.post("/batches/<uuid:batch_id>/undo")
@allow(Role.MANAGER)
def undo_batch(batch_id: UUID) -> Response:
    batches.undo(batch_id, actor=actor())
    return go("admin.show_batch", batch_id=batch_id)


def _undo_text(batch: Batch) -> str:
    return _n("%(num)d row becomes what it was before. If somebody has changed it since, it stays and is named.",
              "%(num)d rows become what they were before. Those that somebody has changed since stay and are named.",
              batch.changed)  # fmt: skip


def _line(batch: Batch) -> dict[str, Any]:
    kind = batches.find_kind(batch.kind)
    return {"url": url_for("admin.show_batch", batch_id=batch.id), "title": kind.says,
            "note": kind.describe(batch), "status": badge(STATUS, batch.status), "who": batch.actor_name or "–",
            "when": moment(batch.created_at, "short"), "iso": batch.created_at.isoformat(),
            "rows": number(batch.total), "failed": number(batch.failed) if batch.failed else ""}  # fmt: skip


def shown(batch: Batch) -> dict[str, Any]:
    kind = batches.find_kind(batch.kind)
    done, of = _progress(batch)
    undoable = (
        kind.undo is not None
        and batch.status in (BatchStatus.DONE, BatchStatus.STOPPED)
        and batch.changed > 0
    )
    return _line(batch) | {
        "id": batch.id, "is_moving": batch.is_moving, "done": done, "of": of,
        "progress": _("%(done)s of %(total)s rows", done=number(done), total=number(of)),
        "can_stop": batch.status in (BatchStatus.QUEUED, BatchStatus.RUNNING),
        "can_resume": batch.status is BatchStatus.STOPPED or (batch.is_moving and _is_silent(batch)),
        "can_undo": undoable, "undo_text": _undo_text(batch),
        "kept_count": batch.kept if batch.status is BatchStatus.UNDONE else 0,
        "next_url": url_for(dry_runs.get(batch.kind, "admin.show_import"), batch_id=batch.id)
        if batch.status in UNSTARTED else None,
        "errors_url": url_for("admin.export_import_errors", batch_id=batch.id)
        if kind is importing.KIND and batch.failed else None,
        "counts": [(_("Changed"), number(batch.changed)), (_("As it was"), number(batch.unchanged)),
                   (_("Refused"), number(batch.failed))]
        + ([(_("Undone"), number(batch.undone)), (_("Left as it is"), number(batch.kept))] if batch.undone_at else []),
    }  # fmt: skip


def _progress(batch: Batch) -> tuple[int, int]:
    if batch.status is BatchStatus.CHECKING:
        return batch.checked, batch.total
    if batch.status is BatchStatus.UNDOING:
        return batch.undone + batch.kept, batch.changed
    return batch.worked, batch.total


def _is_silent(batch: Batch) -> bool:
    return (clock.now() - batch.updated_at).total_seconds() > SILENT


def _views(batch: Batch, current: str) -> list[dict[str, Any]]:
    counts = {RowState.DONE: batch.changed - batch.undone - batch.kept, RowState.UNCHANGED: batch.unchanged,
              RowState.FAILED: batch.failed, RowState.UNDONE: batch.undone, RowState.KEPT: batch.kept,
              RowState.PENDING: batch.total - batch.worked}  # fmt: skip
    named = [(str(state), badge(STATE, state)[0], count) for state, count in counts.items()]
    return view_of_rows("admin.show_batch", batch, "state", current, named)


def view_of_rows(
    endpoint: str, batch: Batch, name: str, current: str, counts: Iterable[tuple[str, str, int]]
) -> list[dict[str, Any]]:
    """Tabs over the rows of a batch: all, and each kind that there is."""
    views = [("", _("All"), batch.total), *(view for view in counts if view[2])]
    return [{"label": label, "count": count, "current": key == current,
             "url": url_for(endpoint, batch_id=batch.id, **({name: key} if key else {}))}
            for key, label, count in views]  # fmt: skip


def thing_url(batch: Batch, row: BatchRow) -> str | None:
    """The page of what the row is about: the kind's name begins with it."""
    if row.target_id is None:
        return None
    if batch.kind.startswith("orders."):
        return url_for("admin.show_order", order_id=row.target_id)
    return url_for("admin.show_product", product_id=row.target_id)


def _row(batch: Batch, row: BatchRow) -> dict[str, Any]:
    return {"line": row.line, "reference": row.reference or "–", "url": thing_url(batch, row),
            "state": badge(STATE, row.state), "message": row.message}  # fmt: skip
