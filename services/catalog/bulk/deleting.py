"""Deleting and bringing back: by the rules of one product, for each of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db
from kit.i18n import _
from models.batches import Batch, BatchRow, Verdict
from models.catalog import Product
from services import batches
from services.catalog import archive, products


def check_delete(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    _expect(rows, _versions(rows, archived=False), _("It is deleted meanwhile."), deleted=True)


def check_restore(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    _expect(rows, _versions(rows, archived=True), _("It is not deleted."), deleted=False)


def _expect(rows: Sequence[BatchRow], there: dict[UUID, int], otherwise: str, *, deleted: bool) -> None:
    for row in rows:
        if row.target_id in there:
            row.verdict, row.before, row.after = (
                Verdict.CHANGED,
                {"deleted": not deleted},
                {"deleted": deleted},
            )
        else:
            row.verdict, row.message = Verdict.BAD, otherwise


def delete(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    there = _versions(rows, archived=False)

    def act(row: BatchRow) -> None:
        if row.target_id is None or row.target_id not in there:
            return row.fail(_("It is deleted meanwhile."))
        was_active = products.lock_product(row.target_id).is_active
        products.delete_product(row.target_id, actor=actor)
        return row.done({"deleted": False, "is_active": was_active}, {"deleted": True})

    batches.each(rows, act)


def undo_delete(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """Back as it was, shown or not; one whose SKU is taken meanwhile stays deleted and is named."""

    def act(row: BatchRow) -> None:
        archive.restore_product(row.target_id or "", actor=actor)
        if (row.before or {}).get("is_active"):
            product = products.lock_product(row.target_id or "")
            product.is_active = True
            products.changed(product)

    batches.each_back(rows, act)


def restore(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """As drafts."""

    def act(row: BatchRow) -> None:
        product = archive.restore_product(row.target_id or "", actor=actor)
        row.done({"deleted": True}, {"deleted": False, "version": product.version})

    batches.each(rows, act)


def undo_restore(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """Deleted again, unless somebody has worked on it since."""
    versions = _versions(rows, archived=False)

    def act(row: BatchRow) -> None:
        if row.target_id is not None and row.target_id in versions:
            products.delete_product(row.target_id, actor=actor)

    touched = [row for row in rows if row.target_id in versions
               and versions[row.target_id] != (row.after or {}).get("version")]  # fmt: skip
    for row in touched:
        row.keep(_("Somebody has changed it since."))
    batches.each_back([row for row in rows if row not in touched], act)


def _versions(rows: Sequence[BatchRow], *, archived: bool) -> dict[UUID, int]:
    ids = [row.target_id for row in rows if row.target_id]
    is_so = Product.archived_at.is_not(None) if archived else Product.archived_at.is_(None)
    query = select(Product.id, Product.version).where(Product.id.in_(ids), is_so)
    return {row.id: row.version for row in db.session.execute(query)}
