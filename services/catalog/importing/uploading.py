"""A file comes in, and what its columns mean is said: then it is rows of a batch, ready for the dry run."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, insert, select

from kit import tables
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound, TooLarge
from kit.i18n import _
from kit.ids import uuid7
from kit.slugs import fold
from kit.tables import Table, read_table
from models.batches import Batch, BatchFile, BatchRow, BatchStatus, RowState
from services import batches
from services.batches.starting import new_batch
from services.catalog.importing import fields
from services.catalog.importing.rows import FileRow, read_rows

NAME = "products.import"
BYTES_MAX = 10 * 1024 * 1024
ROWS_MAX = 50_000
REMEMBERED = 20  # imports that are looked through for what a heading meant
_PORTION = 1000
_OPEN = (BatchStatus.DRAFT, BatchStatus.CHECKED)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for its mapping. `guesses`: {column: field}; `samples`: the first lines."""

    batch: Batch
    file_name: str
    header: list[str]
    samples: list[list[str]]
    rows: int
    guesses: dict[int, str]


def upload(content: bytes, name: str, *, actor: Actor) -> Batch:
    """Keep the file. Invalid where it is no table, TooLarge beyond BYTES_MAX or ROWS_MAX."""
    if len(content) > BYTES_MAX:
        raise TooLarge(_("The file is larger than %(size)s MB.", size=BYTES_MAX // 1024 // 1024))
    table = _read(content)
    if len(table.lines) > ROWS_MAX:
        raise TooLarge(_("The file has more than %(limit)s rows: divide it.", limit=ROWS_MAX))
    packed = zlib.compress(content, 6)
    with transaction():
        batch = new_batch(NAME, {"file": name[:200], "header": table.header}, actor=actor)
        batch.total = len(table.lines)
        db.session.add(BatchFile(batch_id=batch.id, name=name[:200], content=packed))
        return batch


def _read(content: bytes) -> Table:
    try:
        return read_table(content)
    except tables.NoTable as error:
        message = _("This is no CSV file with a heading and rows below it.")
        raise Invalid.field("file", "unreadable", message) from error


def table_of(batch: Batch) -> Table:
    file = db.session.scalar(select(BatchFile).where(BatchFile.batch_id == batch.id))
    if file is None:
        raise NotFound(_("There is no such job."))
    return read_table(zlib.decompress(file.content))


def get_upload(batch_id: UUID) -> Upload:
    """For the mapping. Conflict where the import has begun."""
    batch = batches.get_batch(batch_id, NAME)
    if batch.status not in (*_OPEN, BatchStatus.CHECKING):
        raise Conflict(
            _("This import has begun: what its columns mean can't be changed any more."), code="wrong-status"
        )
    table = table_of(batch)
    chosen = {int(column): field for column, field in batch.params.get("columns", {}).items()}
    return Upload(batch, batch.params["file"], table.header, [line.cells for line in table.lines[:3]],
                  len(table.lines), chosen or fields.guess(table.header, remembered()))  # fmt: skip


def remembered() -> dict[str, str]:
    """{folded heading: field} as this store chose before; "" for one that it left out."""
    query = select(Batch.params).where(Batch.kind == NAME).order_by(Batch.created_at.desc()).limit(REMEMBERED)
    found: dict[str, str] = {}
    for params in db.session.scalars(query):
        if "columns" in params:
            for column, heading in enumerate(params.get("header", ())):
                found.setdefault(fold(heading), params["columns"].get(str(column), ""))
    return found


def choose_columns(batch_id: UUID, columns: Mapping[int, str], *, clear: bool, actor: Actor) -> Batch:
    """Say what the columns mean, and begin the dry run. May be said again until the import is started. With `clear`
    an empty cell empties its field; else it says nothing."""
    batch = batches.get_batch(batch_id, NAME)
    table = table_of(batch)
    _check_columns(columns, table.header)
    rows = read_rows(table, columns, clear=clear)
    chosen = {str(column): field for column, field in sorted(columns.items())}
    with transaction():
        batch = batches.check(batch.id, batch.params | {"columns": chosen, "clear": clear}, actor=actor)
        db.session.execute(delete(BatchRow).where(BatchRow.batch_id == batch.id))
        for start in range(0, len(rows), _PORTION):
            _write(batch, rows[start : start + _PORTION], start)
        batch.total = len(rows)
        return batch


def _write(batch: Batch, rows: Sequence[FileRow], start: int) -> None:
    db.session.execute(insert(BatchRow), [
        {"id": uuid7(), "batch_id": batch.id, "position": position, "line": row.line,
         "reference": row.reference[: BatchRow.REFERENCE_MAX], "input": row.as_input(), "state": RowState.PENDING,
         "message": ""}
        for position, row in enumerate(rows, start + 1)
    ])  # fmt: skip


def _check_columns(columns: Mapping[int, str], header: Sequence[str]) -> None:
    if any(not 0 <= column < len(header) or field not in fields.ALL for column, field in columns.items()):
        raise Invalid.field("columns", "not_a_choice", _("There is no such field."))
    chosen = list(columns.values())
    if twice := {field for field in chosen if chosen.count(field) > 1}:
        said = ", ".join(fields.say(field) for field in sorted(twice))
        raise Invalid.field("columns", "twice", _("Two columns can't both be: %(fields)s.", fields=said))
    if not {"sku", "slug", "name"} & set(chosen):
        said = _("One column must say which product it is: its SKU, its address or its name.")
        raise Invalid.field("columns", "required", said)
