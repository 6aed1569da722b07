"""Products from a file: uploaded, mapped, looked at in a dry run, started. Afterwards it is a job like others."""

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from admin import bp
from admin.batches import shown, view_of_rows
from admin.files import csv_file
from admin.frame import page
from admin.products import filters
from admin.wording import Badge, badge
from kit.actor import Role
from kit.errors import Conflict, Invalid, NotFound, TooLarge
from kit.i18n import _, mark
from models.batches import Batch, BatchRow, BatchStatus, Verdict
from services import batches
from services.catalog import exporting, importing
from services.catalog.importing import fields
from web.access import allow
from web.auth import actor
from web.filters import number
from web.htmx import go, wants_fragment
from web.lists import choice_arg, listing, page_arg, page_url

VERDICT: dict[str, Badge] = {
    Verdict.NEW: (mark("New"), "good", "dot"),
    Verdict.CHANGED: (mark("Changes"), "info", "part"),
    Verdict.UNCHANGED: (mark("As it is"), "neutral", "done"),
    Verdict.BAD: (mark("Can’t be taken"), "bad", "stop"),
}
READY = {BatchStatus.DRAFT, BatchStatus.CHECKING, BatchStatus.CHECKED}


@bp.get("/products/import")
@allow(Role.MANAGER)
def import_products() -> Response:
    return _upload_page()


@bp.post("/products/import")
@allow(Role.MANAGER)
def upload_products() -> Response:
    file = request.files.get("file")
    if file is None or not file.filename:
        return _upload_page(_("Choose a file first."), 422)
    try:
        content = file.read(importing.BYTES_MAX + 1)
        batch = importing.upload(content, file.filename.rpartition("/")[2], actor=actor())
    except (Invalid, TooLarge) as error:
        return _upload_page(error.said, 422)
    return go("admin.show_import", batch_id=batch.id)


def _upload_page(error: str = "", status: int = 200) -> Response:
    last = batches.list_batches(kinds=(importing.NAME,), page_size=5)
    return page("admin/imports/upload.html", status=status, error=error, size=importing.BYTES_MAX // 1024 // 1024,
                batches=[shown(batch) for batch in last.items])  # fmt: skip


@bp.get("/products/import/example")
@allow(Role.MANAGER)
def import_template() -> Response:
    return csv_file("products-example", exporting.example())


@bp.get("/products/export")
@allow(Role.MANAGER)
def export_products() -> Response:
    """What the list shows with the same address, in one file."""
    wanted = filters.read_filter(filters.state_of(request.args))
    return csv_file("products", exporting.export_products(wanted, actor=actor()))


@bp.get("/imports/<uuid:batch_id>")
@allow(Role.MANAGER)
def show_import(batch_id: UUID) -> Response:
    """The step that it is at: what the columns mean, how far the dry run is, or what it found."""
    batch = _import(batch_id)
    if batch.status not in READY:
        return go("admin.show_batch", batch_id=batch.id)
    has_columns = batch.kind == importing.NAME
    if has_columns and (
        batch.status is BatchStatus.DRAFT or (request.args.get("step") == "columns" and not wants_fragment())
    ):
        return _mapping(batch)
    if wants_fragment():
        if not batch.is_moving:
            return go("admin.show_import", batch_id=batch.id)
        return page("admin/batches/_progress.html", batch=_shown(batch))
    return _findings(batch)


def _import(batch_id: UUID) -> Batch:
    """NotFound for a batch that never has a dry run."""
    batch = batches.get_batch(batch_id)
    if batches.find_kind(batch.kind).check is None:
        raise NotFound(_("There is no such job."))
    return batch


def _shown(batch: Batch) -> dict[str, Any]:
    return shown(batch) | {"url": url_for("admin.show_import", batch_id=batch.id)}


def _mapping(
    batch: Batch, chosen: dict[int, str] | None = None, error: str = "", status: int = 200
) -> Response:
    up = importing.get_upload(batch.id)
    chosen = up.guesses if chosen is None else chosen
    columns = [
        {"number": n, "heading": heading or _("Column %(number)s", number=n + 1), "field": chosen.get(n, ""),
         "samples": [text[:60] for text in dict.fromkeys(cells[n] for cells in up.samples) if text]}
        for n, heading in enumerate(up.header)
    ]  # fmt: skip
    return page("admin/imports/columns.html", status=status, batch=_shown(batch), columns=columns, error=error,
                choices=fields.choices(), rows=up.rows, clear=bool(batch.params.get("clear")),
                left_out=sum(1 for column in columns if not column["field"]))  # fmt: skip


@bp.post("/imports/<uuid:batch_id>/columns")
@allow(Role.MANAGER)
def choose_import_columns(batch_id: UUID) -> Response:
    batch = batches.get_batch(batch_id, importing.NAME)
    chosen = {
        int(name.removeprefix("column-")): value
        for name, value in request.form.items()
        if name.startswith("column-")
        and name[7:].isascii()
        and name[7:].isdigit()
        and len(name) < 12
        and value
    }
    try:
        importing.choose_columns(batch.id, chosen, clear="clear" in request.form, actor=actor())
    except Invalid as error:
        return _mapping(batch, chosen, error.said, 422)
    return go("admin.show_import", batch_id=batch_id)


def _findings(batch: Batch) -> Response:
    verdict = choice_arg("verdict", list(Verdict))
    rows = batches.list_rows(batch, verdict=Verdict(verdict) if verdict else None, page=page_arg())
    counts = batches.counts_of_rows(batch)
    to_do = counts.get("new", 0) + counts.get("changed", 0)
    return page(
        "admin/imports/findings.html", batch=_shown(batch), page_url=page_url, to_do=to_do,
        rows=listing(rows, _row) | {"changes": batches.find_kind(batch.kind).show(rows.items)},
        views=view_of_rows("admin.show_import", batch, "verdict", verdict,
                           [(key, badge(VERDICT, key)[0], counts.get(key, 0)) for key in VERDICT]),
        bad=counts.get("bad", 0), bad_url=_bad_url(batch),
        columns_url=url_for("admin.show_import", batch_id=batch.id, step="columns")
        if batch.kind == importing.NAME else None,
        facts=[(badge(VERDICT, key)[0], number(counts.get(key, 0))) for key in VERDICT],
    )  # fmt: skip


def _bad_url(batch: Batch) -> str:
    endpoint = "admin.export_import_errors" if batch.kind == importing.NAME else "admin.export_batch"
    return url_for(endpoint, batch_id=batch.id)


def _row(row: BatchRow) -> dict[str, Any]:
    url = url_for("admin.show_product", product_id=row.target_id) if row.target_id else None
    state = badge(VERDICT, row.verdict) if row.verdict else (_("Not yet"), "neutral", "open")
    return {"line": row.line, "reference": row.reference or "–", "url": url, "state": state,
            "message": row.message}  # fmt: skip


@bp.post("/imports/<uuid:batch_id>/start")
@allow(Role.MANAGER)
def start_import(batch_id: UUID) -> Response:
    batch = _import(batch_id)
    if batch.status not in READY:
        return go("admin.show_batch", batch_id=batch.id)  # pressed twice
    if batch.status is not BatchStatus.CHECKED:
        raise Conflict(_("The dry run is not through yet."), code="wrong-status")
    batches.start_prepared(batch.id, actor=actor())
    return go("admin.show_batch", batch_id=batch.id)


@bp.get("/imports/<uuid:batch_id>/errors")
@allow(Role.MANAGER)
def export_import_errors(batch_id: UUID) -> Response:
    """The lines that could not be taken, to be corrected and handed in again."""
    return csv_file("refused-lines", importing.bad_lines(batches.get_batch(batch_id, importing.NAME)))
