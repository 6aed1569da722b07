"""What can be done with many orders at once: each order goes by its own rules, and what one of them refuses stands in
its row, while the others go on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from kit.actor import Actor
from kit.db import db
from kit.drafts import Draft, Flag, Text, read
from kit.errors import Conflict, NotFound, ShopError
from kit.i18n import _
from kit.ids import parse_id
from models.batches import Batch, BatchRow, Verdict
from models.fulfilment import ParcelStatus
from models.orders import Order, OrderStatus
from services import batches, fulfilment
from services.batches.running import reason_of
from services.orders import archiving, cancelling, effects, holds, notes, reading, status, tagging
from services.orders.holds import HoldDraft
from services.orders.notes import NoteDraft
from services.orders.status import StatusDraft, WantedStatus
from services.orders.tagging import MoreTagsDraft, TagsDraft
from services.payments import attempts

Made = dict[str, Any]
PENDING, SHIPPED = ParcelStatus.PENDING, ParcelStatus.SHIPPED


class NoteAll(Draft):
    """For colleagues; customers never see it."""

    text: Annotated[str, Text(2000, min=1)]


class CancelAll(Draft):
    reason: Annotated[str, Text(500)] = ""
    restock: Flag = True


class NothingMore(Draft):
    """Nothing more is asked."""


class Command(ABC):
    """What is done with one order, and (where that is honest) how it is taken back."""

    draft: type[Draft]
    can_undo = True

    @abstractmethod
    def act(self, order: Order, draft: Any, actor: Actor) -> Made:
        """Do it. What is answered beside what people look at is kept in the row, for the way back."""

    def foresee(self, order: Order, draft: Any, actor: Actor) -> str:
        """In the dry run: the act itself, which is taken back afterwards, so that it says exactly what the act would.
        Answers what there is to say beside it."""
        self.act(order, draft, actor)
        return ""

    def take_back(self, order: Order, row: BatchRow, actor: Actor) -> None:
        """Make it what it was, or raise a ShopError that says why not."""
        raise NotImplementedError

    def apply(self, batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
        draft = read(self.draft, batch.params, form=True)
        batches.each(rows, lambda row: self._one(row, draft, actor))

    def check(self, batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
        draft = read(self.draft, batch.params, form=True)
        for row in rows:
            try:
                before, after, row.message = self._try(row, draft, actor)
            except ShopError as error:
                row.verdict, row.message = Verdict.BAD, reason_of(error)
            else:
                row.verdict = Verdict.UNCHANGED if before == after else Verdict.CHANGED
                row.before, row.after = _differing(before, after), _differing(after, before)

    def undo(self, batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
        batches.each_back(rows, lambda row: self._back(row, actor))

    def _back(self, row: BatchRow, actor: Actor) -> None:
        order = _order_of(row, lock=True)
        seen, after = _seen(order), row.after or {}
        if any(seen[name] != value for name, value in after.items() if name in seen and name != "notes"):
            raise _changed_since()
        self.take_back(order, row, actor)

    def _try(self, row: BatchRow, draft: Draft, actor: Actor) -> tuple[dict[str, Any], dict[str, Any], str]:
        savepoint = db.session.begin_nested()
        try:
            order = _order_of(row)
            before = _seen(order)
            said = self.foresee(order, draft, actor)
            db.session.flush()
            return before, _seen(order), said
        finally:
            savepoint.rollback()

    def _one(self, row: BatchRow, draft: Draft, actor: Actor) -> None:
        order = _order_of(row, lock=True)
        before = _seen(order)
        if row.verdict is not None and any(
            before[name] != value for name, value in (row.before or {}).items()
        ):
            raise Conflict(_("Somebody has changed it since the preview."), code="changed-since")
        made = self.act(order, draft, actor)
        db.session.flush()
        after = _seen(order)
        if before == after:
            row.same()
        else:
            row.done(_differing(before, after), _differing(after, before) | made)


def _order_of(row: BatchRow, *, lock: bool = False) -> Order:
    if row.target_id is not None and lock:
        return effects.lock_order(row.target_id)
    order = reading.find_order(row.target_id) if row.target_id else None
    if order is None:
        raise NotFound(_("There is no such order."))
    return order


def _changed_since() -> Conflict:
    return Conflict(_("Somebody has changed it since."), code="changed-since")


# --- the commands ---------------------------------------------------------------------------------------------------


class FulfilAll(Draft):
    notify: Flag = True


class Send(Command):
    """Undone where nobody was told of it and all of it went in one parcel that is still on its way."""

    draft = FulfilAll

    def act(self, order: Order, draft: Any, actor: Actor) -> Made:
        were = fulfilment.list_parcels(order.id)
        ids, had_packed = {one.id for one in were}, any(one.status is PENDING for one in were)
        fulfilment.send_order(order.id, actor=actor, notify=draft.notify)
        made = [str(one.id) for one in fulfilment.list_parcels(order.id) if one.id not in ids]
        return {"parcels": made, "told": draft.notify, "had_packed": had_packed}

    def take_back(self, order: Order, row: BatchRow, actor: Actor) -> None:
        after, before = row.after or {}, row.before or {}
        if after.get("told"):
            raise Conflict(
                _("The customer was told that it is on its way: take it back on the order's page."),
                code="told-already",
            )
        if after.get("had_packed"):
            raise Conflict(
                _("Some of it was packed before: take it back on the order's page."), code="packed-before"
            )
        made = after.get("parcels") or ()
        sent = [
            one for one in fulfilment.list_parcels(order.id) if one.status is SHIPPED and str(one.id) in made
        ]
        if len(made) != 1 or len(sent) != 1:
            raise _changed_since()
        fulfilment.cancel_parcel(sent[0].id, actor=actor)
        if before.get("status") == str(OrderStatus.CONFIRMED):
            change = StatusDraft(status=WantedStatus.CONFIRMED)
            status.change_status(order.id, change, actor=actor)


class Tag(Command):
    draft = MoreTagsDraft

    def act(self, order: Order, draft: Any, actor: Actor) -> Made:
        tagging.change_tags(order.id, draft, actor=actor)
        return {}

    def take_back(self, order: Order, row: BatchRow, actor: Actor) -> None:
        tagging.set_tags(order.id, TagsDraft(tags=(row.before or {}).get("tags") or []), actor=actor)


class Note(Command):
    draft = NoteAll

    def act(self, order: Order, draft: Any, actor: Actor) -> Made:
        event = notes.add_note(order.id, NoteDraft(text=draft.text), actor=actor)
        db.session.flush()
        return {"event": str(event.id)}

    def take_back(self, order: Order, row: BatchRow, actor: Actor) -> None:
        event_id = parse_id((row.after or {}).get("event") or "")
        if event_id is None:
            raise _changed_since()
        notes.remove_note(order.id, event_id, actor=actor)


class Hold(Command):
    draft = HoldDraft

    def act(self, order: Order, draft: Any, actor: Actor) -> Made:
        holds.hold_order(order.id, draft, actor=actor)
        return {}

    def take_back(self, order: Order, row: BatchRow, actor: Actor) -> None:
        if reason := (row.before or {}).get("held"):
            holds.hold_order(order.id, HoldDraft(reason=reason), actor=actor)
        else:
            holds.release_order(order.id, actor=actor)


class Release(Command):
    draft = NothingMore

    def act(self, order: Order, draft: Any, actor: Actor) -> Made:
        holds.release_order(order.id, actor=actor)
        return {}

    def take_back(self, order: Order, row: BatchRow, actor: Actor) -> None:
        holds.hold_order(order.id, HoldDraft(reason=(row.before or {}).get("held") or "–"), actor=actor)


class Cancel(Command):
    """Not undone: stock, coupon and customer have moved on. Pages at Stripe are closed before each slice; a payment
    that can't be closed stands in its row."""

    draft = CancelAll
    can_undo = False

    def act(self, order: Order, draft: Any, actor: Actor) -> Made:
        if attempts.find_live(order.id) is not None:
            raise Conflict(
                _("A payment of this order is open and could not be closed."), code="payment-in-progress"
            )
        status.cancel_closed(order.id, actor=actor, note=draft.reason, restock=draft.restock)
        return {}

    def foresee(self, order: Order, draft: Any, actor: Actor) -> str:
        status.cancel_closed(order.id, actor=actor, note=draft.reason, restock=draft.restock)
        if attempts.find_live(order.id) is None:
            return ""
        return _("Its payment page is open: it is closed first. Where it is paid by then, the order stays.")

    @staticmethod
    def close_pages(ids: Sequence[UUID], actor: Actor) -> None:
        """Ahead of a slice; whoever is quicker and pays has an order that the slice leaves alone."""
        for order_id in ids:
            order = reading.find_order(order_id)
            if (
                order is None
                or order.status is not OrderStatus.PENDING
                or attempts.find_live(order_id) is None
            ):
                continue
            with suppress(ShopError):
                cancelling.close_payment(order_id, actor=actor)


class Archive(Command):
    draft = NothingMore

    def act(self, order: Order, draft: Any, actor: Actor) -> Made:
        archiving.archive_order(order.id, actor=actor)
        return {}

    def take_back(self, order: Order, row: BatchRow, actor: Actor) -> None:
        archiving.restore_order(order.id, actor=actor)


# --- what people look at --------------------------------------------------------------------------------------------


def _seen(order: Order) -> dict[str, Any]:
    """What people look at, as plain values."""
    return {
        "status": str(order.status),
        "fulfilment": str(order.fulfillment_status),
        "tags": [tag.name for tag in sorted(order.tags, key=lambda tag: tag.key)],
        "notes": notes.count_notes(order.id),
        "held": (order.hold_reason or "–") if order.is_on_hold else "",
        "archived": order.archived_at is not None,
    }


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if value != other[name]}
