"""The lines that could not be taken, as a file to be corrected and handed in again."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select

from kit.csv import lines
from kit.db import db
from kit.i18n import _
from models.batches import Batch, BatchRow, RowState, Verdict
from services.catalog.importing.uploading import table_of


def bad_lines(batch: Batch) -> Iterator[str]:
    """The file's own columns with the reason after them."""
    refused = or_(BatchRow.state == RowState.FAILED, BatchRow.verdict == Verdict.BAD)
    query = select(BatchRow.line, BatchRow.message).where(BatchRow.batch_id == batch.id, refused)
    reasons = {row.line: row.message for row in db.session.execute(query)}
    table = table_of(batch)
    rows: list[list[Any]] = [
        [*line.cells, reasons[line.number]] for line in table.lines if line.number in reasons
    ]
    return lines([*table.header, _("Reason")], rows)
