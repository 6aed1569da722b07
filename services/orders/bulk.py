"""The same done with many orders: a batch with a dry run, a report and (where that is honest) a way back. What is done
with each of them is in commands.py."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, read
from kit.i18n import _, mark
from models.batches import Batch, BatchRow
from models.orders import Order
from services import batches
from services.batches import Kind, RowInput
from services.batches.kinds import Change, as_word
from services.orders import reading
from services.orders.commands import Archive, Cancel, Command, Hold, Note, Release, Send, Tag
from services.orders.filtering import OrderFilter
from services.orders.words import fulfilment_word, status_word

SLICE = 50  # each order locks and writes a good deal
CHOOSE_MAX = 10_000
Ahead = Callable[[Sequence[UUID], Actor], None]

LABELS = {
    "status": mark("Status"),
    "fulfilment": mark("Fulfilment"),
    "tags": mark("Tags"),
    "notes": mark("Notes"),
    "held": mark("On hold"),
    "archived": mark("Archived"),
}


def _words(rows: Sequence[BatchRow]) -> list[list[Change]]:
    """The changes of each row, as people read them."""
    return [
        [
            Change(
                _(label), _word(name, (row.before or {}).get(name)), _word(name, (row.after or {}).get(name))
            )
            for name, label in LABELS.items()
            if name in (row.before or {}) or name in (row.after or {})
        ]
        for row in rows
    ]


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "status" and value:
        return status_word(value)
    return fulfilment_word(value) if name == "fulfilment" and value else as_word(value)


def _kind(name: str, title: str, command: Command, ahead: Ahead | None = None) -> tuple[Kind, type[Draft]]:
    undo = command.undo if command.can_undo else None
    kind = Kind(f"orders.{name}", title, command.apply, undo, command.check, ahead, show=_words, slice=SLICE)
    return batches.register(kind), command.draft


COMMANDS: dict[str, tuple[Kind, type[Draft]]] = {
    "fulfil": _kind("fulfil", mark("Mark as sent"), Send()),
    "tag": _kind("tag", mark("Tag orders"), Tag()),
    "note": _kind("note", mark("Write a note"), Note()),
    "hold": _kind("hold", mark("Put on hold"), Hold()),
    "release": _kind("release", mark("End the hold"), Release()),
    "cancel": _kind("cancel", mark("Cancel orders"), Cancel(), Cancel.close_pages),
    "archive": _kind("archive", mark("Archive orders"), Archive()),
}


def choose(ids: Iterable[UUID], wanted: OrderFilter | None) -> list[tuple[UUID, str]]:
    """Id and number of those named, or of all that the filter holds; what is not of this store is left out."""
    found = reading.list_ids(wanted, CHOOSE_MAX) if wanted is not None else list(ids)[:CHOOSE_MAX]
    chosen: list[tuple[UUID, str]] = []
    for at in range(0, len(found), 500):
        query = (
            select(Order.id, Order.order_number).where(Order.id.in_(found[at : at + 500])).order_by(Order.id)
        )
        chosen += [(ident, number) for ident, number in db.session.execute(query)]
    return chosen


def prepare(
    name: str, params: Mapping[str, Any], orders: Sequence[tuple[UUID, str]], *, actor: Actor
) -> Batch:
    """A batch whose dry run begins. Invalid where the params are wrong, or no orders are chosen."""
    kind, draft = COMMANDS[name]
    read(draft, dict(params), form=True)
    with transaction():
        rows = (RowInput(number, target_id=ident) for ident, number in orders)
        batch = batches.prepare(kind, params, rows, actor=actor)
        return batches.check(batch.id, params, actor=actor)
