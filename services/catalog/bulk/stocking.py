"""The shelves of many products at once: set to a number, or so many more or fewer, with the reason in the ledger.

A row is a product; where stock is counted by variant, each of its variants gets the number.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db
from kit.drafts import read
from kit.errors import Invalid
from kit.i18n import _
from models.batches import Batch, BatchRow, Verdict
from models.catalog import Product, Variant
from models.stock import StockItem
from services.catalog.bulk.drafts import StockDraft
from services.stock.counts import ON_HAND_MAX, move_to
from services.stock.items import Key, lock_for
from services.stock.status import refresh

Shelves = dict[UUID, dict[Key, int]]  # of each product: what lies where


def check(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    draft, keys = _asked(batch), _keys(rows)
    shelves = _read(keys)
    for row in rows:
        try:
            before, after = _plan(draft, row, shelves)
        except Invalid as error:
            row.verdict, row.message = Verdict.BAD, error.message
            continue
        row.verdict = Verdict.UNCHANGED if before == after else Verdict.CHANGED
        row.before, row.after = _kept(before), _kept(after)


def apply(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """To set a number over one that has moved since the preview would count twice what was sold in between; to add is
    right whatever is there."""
    draft, keys = _asked(batch), _keys(rows)
    _products, items = lock_for(key for found in keys.values() for key in found)
    shelves = {ident: {key: items[key].on_hand for key in found} for ident, found in keys.items()}
    touched = set()
    for row in rows:
        try:
            before, after = _plan(draft, row, shelves)
        except Invalid as error:
            row.fail(error.message)
            continue
        if draft.how == "set" and row.verdict is not None and _kept(before) != row.before:
            row.fail(_("Somebody has changed it since the preview."))
        elif before == after:
            row.same()
        else:
            _move(items, before, after, draft.reason, actor)
            touched.add(row.target_id)
            row.done(_kept(before), _kept(after))
    refresh({ident for ident in touched if ident})


def undo(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """By a movement back. Where something has moved since, the product stays and is named."""
    sides = {row.id: (_unkept(row, row.before), _unkept(row, row.after)) for row in rows}
    keys = {key for before, _after in sides.values() for key in before}
    there = _keys(rows)
    reason = _("Undone: %(reason)s", reason=_asked(batch).reason)
    known = {key for found in there.values() for key in found}
    _products, items = lock_for(keys & known)
    touched = set()
    for row in rows:
        before, after = sides[row.id]
        if not before.keys() <= known:
            row.keep(_("It is not there any more."))
        elif any(items[key].on_hand != count for key, count in after.items()):
            row.keep(_("Somebody has changed it since."))
        else:
            _move(items, after, before, reason, actor)
            touched.add(row.target_id)
            row.undone()
    refresh({ident for ident in touched if ident})


def _asked(batch: Batch) -> StockDraft:
    return read(StockDraft, batch.params, form=True)


def _keys(rows: Iterable[BatchRow]) -> dict[UUID, list[Key]]:
    """What is counted of each product: itself, or its variants; of one that does not count, nothing. Deleted ones are
    not there."""
    ids = {row.target_id for row in rows if row.target_id}
    products = db.session.execute(
        select(Product.id, Product.track_stock).where(Product.id.in_(ids), Product.archived_at.is_(None))
    ).all()
    of_product: dict[UUID, list[Key]] = {}
    for product_id, variant_id in db.session.execute(
        select(Variant.product_id, Variant.id)
        .where(Variant.product_id.in_(ids))
        .order_by(Variant.position, Variant.id)
    ):
        of_product.setdefault(product_id, []).append((product_id, variant_id))
    return {ident: of_product.get(ident, [(ident, None)]) if counts else [] for ident, counts in products}


def _read(keys: Mapping[UUID, Sequence[Key]]) -> Shelves:
    query = select(StockItem.product_id, StockItem.variant_id, StockItem.on_hand).where(
        StockItem.product_id.in_(list(keys))
    )
    on_hand = {(product_id, variant_id): count for product_id, variant_id, count in db.session.execute(query)}
    return {ident: {key: on_hand.get(key, 0) for key in found} for ident, found in keys.items()}


def _plan(draft: StockDraft, row: BatchRow, shelves: Shelves) -> tuple[dict[Key, int], dict[Key, int]]:
    """What lies there and what shall. Invalid where it can't be."""
    before = shelves.get(row.target_id) if row.target_id else None
    if before is None:
        raise Invalid(_("It is deleted meanwhile."))
    if not before:
        raise Invalid(_("Its stock is not counted."))
    after = {
        key: draft.quantity if draft.how == "set" else count + draft.quantity for key, count in before.items()
    }
    for count in after.values():
        if not 0 <= count <= ON_HAND_MAX:
            raise Invalid(_("The shelf can't hold %(count)s.", count=count))
    return before, after


def _move(
    items: Mapping[Key, StockItem],
    before: Mapping[Key, int],
    after: Mapping[Key, int],
    reason: str,
    actor: Actor,
) -> None:
    for key, count in after.items():
        if count != before[key]:
            move_to(items[key], count, actor=actor, reason=reason)


def _kept(counts: Mapping[Key, int]) -> dict[str, Any]:
    """In the shape of every other command: the product's own, or by variant."""
    kept: dict[str, Any] = {}
    for (_product, variant_id), count in counts.items():
        if variant_id is None:
            kept["on_hand"] = count
        else:
            kept.setdefault("variants", {})[str(variant_id)] = {"on_hand": count}
    return kept


def _unkept(row: BatchRow, side: Mapping[str, Any] | None) -> dict[Key, int]:
    assert row.target_id is not None  # every row of a command has a product
    found: dict[Key, int] = {}
    if side and "on_hand" in side:
        found[row.target_id, None] = side["on_hand"]
    for ident, part in ((side or {}).get("variants") or {}).items():
        found[row.target_id, UUID(ident)] = part["on_hand"]
    return found
