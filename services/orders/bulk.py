"""The same done with many orders: a batch with a dry run and a report. Each order goes by its own rules; what one of
them refuses stands in its row, and the others go on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Flag, Text, read
from kit.errors import Conflict, NotFound, ShopError
from kit.i18n import _, mark
from models.batches import Batch, BatchRow, Verdict
from models.orders import Order
from services import batches, fulfilment
from services.batches import Kind, RowInput
from services.batches.kinds import Change, as_word
from services.batches.running import reason_of
from services.fulfilment import ParcelDraft
from services.orders import archiving, reading, status, tagging
from services.orders.filtering import OrderFilter
from services.orders.tagging import MoreTagsDraft
from services.orders.words import fulfilment_word, status_word
from services.payments import attempts

SLICE = 50  # each order locks and writes a good deal
CHOOSE_MAX = 10_000


class FulfilAll(Draft):
    notify: Flag = True


class CancelAll(Draft):
    reason: Annotated[str, Text(500)] = ""
    restock: Flag = True


class ArchiveAll(Draft):
    """Nothing more is asked."""


def _fulfil(order: Order, draft: Any, actor: Actor) -> None:
    fulfilment.fulfil_order(order.id, ParcelDraft(notify=draft.notify), actor=actor)


def _tag(order: Order, draft: Any, actor: Actor) -> None:
    tagging.change_tags(order.id, draft, actor=actor)


def _archive(order: Order, draft: Any, actor: Actor) -> None:
    archiving.archive_order(order.id, actor=actor)


def _cancel(order: Order, draft: Any, actor: Actor) -> None:
    """An open page at Stripe has to be closed first, and that is no work for the middle of a batch."""
    if attempts.find_live(order.id) is not None:
        raise Conflict(
            _("A payment of this order is open: cancel it on its own page."), code="payment-in-progress"
        )
    status.cancel_order(order.id, actor=actor, note=draft.reason, restock=draft.restock)


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked (`draft`) and what is done with one order."""

    draft: type[Draft]
    act: Callable[[Order, Any, Actor], None]

    def apply(self, batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
        draft = read(self.draft, batch.params, form=True)
        batches.each(rows, lambda row: self._one(row, draft, actor))

    def check(self, batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
        """The dry run is the act itself, taken back: so it says exactly what the act would."""
        draft = read(self.draft, batch.params, form=True)
        for row in rows:
            try:
                before, after = self._try(row, draft, actor)
            except ShopError as error:
                row.verdict, row.message = Verdict.BAD, reason_of(error)
            else:
                row.verdict = Verdict.UNCHANGED if before == after else Verdict.CHANGED
                row.before, row.after = _differing(before, after), _differing(after, before)

    def _try(self, row: BatchRow, draft: Draft, actor: Actor) -> tuple[dict[str, Any], dict[str, Any]]:
        savepoint = db.session.begin_nested()
        try:
            return self._do(row, draft, actor)
        finally:
            savepoint.rollback()

    def _one(self, row: BatchRow, draft: Draft, actor: Actor) -> None:
        before, after = self._do(row, draft, actor)
        if before == after:
            row.same()
        else:
            row.done(_differing(before, after), _differing(after, before))

    def _do(self, row: BatchRow, draft: Draft, actor: Actor) -> tuple[dict[str, Any], dict[str, Any]]:
        order = reading.find_order(row.target_id) if row.target_id else None
        if order is None:
            raise NotFound(_("There is no such order."))
        before = _seen(order)
        self.act(order, draft, actor)
        db.session.flush()
        return before, _seen(order)


def _seen(order: Order) -> dict[str, Any]:
    """What people look at, as plain values."""
    return {
        "status": str(order.status),
        "fulfilment": str(order.fulfillment_status),
        "tags": [tag.name for tag in order.tags],
        "archived": order.archived_at is not None,
    }


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if value != other[name]}


LABELS = {
    "status": mark("Status"),
    "fulfilment": mark("Fulfilment"),
    "tags": mark("Tags"),
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


def _kind(name: str, title: str, command: Command) -> tuple[Kind, type[Draft]]:
    kind = Kind(f"orders.{name}", title, command.apply, check=command.check, show=_words, slice=SLICE)
    return batches.register(kind), command.draft


COMMANDS: dict[str, tuple[Kind, type[Draft]]] = {
    "fulfil": _kind("fulfil", mark("Mark as sent"), Command(FulfilAll, _fulfil)),
    "tag": _kind("tag", mark("Tag orders"), Command(MoreTagsDraft, _tag)),
    "cancel": _kind("cancel", mark("Cancel orders"), Command(CancelAll, _cancel)),
    "archive": _kind("archive", mark("Archive orders"), Command(ArchiveAll, _archive)),
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
