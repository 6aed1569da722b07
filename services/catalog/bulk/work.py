"""The rows of a batch of products: read at once, changed one by one, and what follows from it done once for all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.actor import Actor
from kit.drafts import Draft, read
from kit.errors import ShopError
from kit.i18n import _
from models.batches import Batch, BatchRow, RowState, Verdict
from services import batches
from services.batches.running import reason_of
from services.catalog.bulk.plans import Plan, Planner, differing, standing
from services.catalog.bulk.reading import ProductRow, load, load_lists
from services.catalog.bulk.writing import LISTS, write

_TIMES = {"sale_starts_at", "sale_ends_at", "publish_at", "unpublish_at"}


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked (`draft` reads it) and what it makes of a product (`plan`)."""

    draft: type[Draft]
    plan: Planner
    lists: bool = False  # does it look at categories or tags?

    def check(self, batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
        """The dry run."""
        asked, found = self.read(batch), _load(rows, lists=self.lists, lock=False)

        def look(row: BatchRow, product: ProductRow, plan: Plan) -> None:
            row.verdict = Verdict.CHANGED if plan else Verdict.UNCHANGED
            row.before, row.after = _kept(standing(product, plan)), _kept(plan)

        for row in rows:
            message = self._each(asked, row, found, look)
            if message:
                row.verdict, row.message = Verdict.BAD, message
        batches.write_down(rows, "verdict", "message", "before", "after")

    def apply(self, batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
        asked, found = self.read(batch), _load(rows, lists=self.lists, lock=True)
        changes: list[tuple[ProductRow, Plan]] = []

        def change(row: BatchRow, product: ProductRow, plan: Plan) -> None:
            before, after = _kept(standing(product, plan)), _kept(plan)
            if row.verdict is not None and (before, after) != (row.before, row.after):
                return _refuse(row, _("Somebody has changed it since the preview."))
            if not plan:
                return row.same()
            row.done(before, after)
            changes.append((product, plan))
            return None

        for row in rows:
            message = self._each(asked, row, found, change)
            if message:
                _refuse(row, message)
        foreseen = [row for row in rows if row.state is RowState.DONE and row.verdict is not None]
        batches.write_down(foreseen, "state", "message")  # the rest of it stands there since the preview
        write(changes, actor)

    def undo(self, batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
        """What was changed again since stays, and with it all that this batch did to the product."""
        found = _load(rows, lists=self.lists, lock=True)
        changes: list[tuple[ProductRow, Plan]] = []
        for row in rows:
            product, after = found.get(row.target_id), _unkept(row.after or {})
            if product is None:
                row.keep(_("It is deleted meanwhile."))
            elif standing(product, after) != after:
                row.keep(_("Somebody has changed it since."))
            else:
                changes.append((product, _unkept(row.before or {})))
                row.undone()
        batches.write_down(rows, "state", "message")
        write(changes, actor)

    def read(self, batch: Batch) -> Any:
        return read(self.draft, batch.params, form=True)

    def _each(
        self,
        asked: Any,
        row: BatchRow,
        found: Mapping[UUID | None, ProductRow],
        act: Callable[[BatchRow, ProductRow, Plan], None],
    ) -> str:
        """Why the row is refused, or nothing."""
        product = found.get(row.target_id)
        if product is None:
            return _("It is deleted meanwhile.")
        try:
            plan = differing(product, self.plan(asked, product))
        except ShopError as error:
            return reason_of(error)
        act(row, product, plan)
        return ""


def _refuse(row: BatchRow, message: str) -> None:
    """The preview's expectation goes: nothing was changed."""
    row.before = row.after = None
    row.fail(message)


def _load(rows: Iterable[BatchRow], *, lists: bool, lock: bool) -> Mapping[UUID | None, ProductRow]:
    """The products of the rows with what plans look at; of deleted ones none."""
    found = load((row.target_id for row in rows if row.target_id is not None), lock=lock)
    if lists:
        load_lists(found)
    return {ident: product for ident, product in found.items()}  # noqa: C416 (None is a key that finds nothing)


# --- plans as JSON ---------------------------------------------------------------------------------------------------


def _kept(plan: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in plan.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return value


def _unkept(plan: Mapping[str, Any]) -> Plan:
    return {name: _typed(name, value) for name, value in plan.items()}


def _typed(name: str, value: Any) -> Any:
    if name == "variants":
        return {UUID(ident): dict(part) for ident, part in value.items()}
    if name in LISTS:
        return [UUID(ident) for ident in value]
    if name in _TIMES and value is not None:
        return datetime.fromisoformat(value)
    return value
