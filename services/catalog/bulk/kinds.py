"""Which commands there are, and how one begins: prepared with all its rows, checked, then started."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, read
from kit.errors import Invalid, ShopError
from kit.i18n import _, mark
from models.batches import Batch, BatchRow, Verdict
from models.catalog import Category, Product, Tag
from services import batches
from services.batches import Kind, RowInput
from services.catalog import archive, products
from services.catalog.bulk import drafts, plans
from services.catalog.bulk.words import describe, show
from services.catalog.bulk.work import Command

SLICE = 250  # on SQLite shoppers' carts wait as long as a slice takes


def _kind(name: str, title: str, command: Command) -> Kind:
    return batches.register(
        Kind(f"products.{name}", title, command.apply, command.undo, command.check, describe, show, SLICE)
    )


_PLAIN: dict[str, tuple[str, Command]] = {
    "price": (mark("Change prices"), Command(drafts.PriceDraft, plans.plan_price)),
    "sale": (mark("Change sale prices"), Command(drafts.SaleDraft, plans.plan_sale)),
    "status": (mark("Show or hide products"), Command(drafts.StatusDraft, plans.plan_status)),
    "categories": (
        mark("Change categories"),
        Command(drafts.CategoriesDraft, plans.plan_categories, lists=True),
    ),
    "tags": (mark("Change tags"), Command(drafts.TagsDraft, plans.plan_tags, lists=True)),
    "featured": (mark("Feature products"), Command(drafts.FeaturedDraft, plans.plan_featured)),
    "brand": (mark("Change the brand"), Command(drafts.BrandDraft, plans.plan_brand)),
}


# --- deleting: the rules of one product, for each ------------------------------------------------------------------


def _check_delete(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    there = _living(rows)
    for row in rows:
        if row.target_id in there:
            row.verdict, row.before, row.after = Verdict.CHANGED, {"deleted": False}, {"deleted": True}
        else:
            row.verdict, row.message = Verdict.BAD, _("It is deleted meanwhile.")


def _delete(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    there = _living(rows)

    def delete(row: BatchRow) -> None:
        if row.target_id is None or row.target_id not in there:
            return row.fail(_("It is deleted meanwhile."))
        product = products.lock_product(row.target_id)
        before = {"is_active": product.is_active, "slug": product.slug}
        products.delete_product(product.id, actor=actor)
        return row.done({"deleted": False, **before}, {"deleted": True})

    batches.each(rows, delete)


def _restore(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """Back as it was, shown or not; one whose SKU is taken meanwhile stays deleted and is named."""
    for row in rows:
        try:
            with db.session.begin_nested():
                archive.restore_product(row.target_id or "", actor=actor)
                if (row.before or {}).get("is_active"):
                    product = products.lock_product(row.target_id or "")
                    product.is_active = True
                    products.changed(product)
        except ShopError as error:
            row.keep(error.message)
        else:
            row.undone()


def _living(rows: Iterable[BatchRow]) -> set[UUID | None]:
    ids = [row.target_id for row in rows if row.target_id]
    return set(
        db.session.scalars(select(Product.id).where(Product.id.in_(ids), Product.archived_at.is_(None)))
    )


COMMANDS: dict[str, tuple[Kind, type[Draft]]] = {
    name: (_kind(name, title, command), command.draft) for name, (title, command) in _PLAIN.items()
}
COMMANDS["delete"] = (
    batches.register(Kind("products.delete", mark("Delete products"), _delete, _restore, _check_delete, describe, show,
                          50)),
    drafts.DeleteDraft,
)  # fmt: skip


@transaction()
def prepare(name: str, sent: Mapping[str, Any], chosen: Sequence[tuple[UUID, str]], *, actor: Actor) -> Batch:
    """Begin the dry run of a command for the chosen products (id and name). Invalid names what is wrong with it."""
    kind, draft = COMMANDS[name]
    asked: Draft = read(draft, sent, form=True)
    _check_references(asked)
    rows = (RowInput(label, target_id=ident) for ident, label in chosen)
    batch = batches.prepare(kind, sent, rows, actor=actor)
    return batches.check(batch.id, sent, actor=actor)


def start(batch_id: UUID, *, actor: Actor) -> Batch:
    """After the dry run. Conflict `wrong-status` before it is through, or when it was started already."""
    return batches.start_prepared(batch_id, actor=actor)


def _check_references(asked: Any) -> None:
    """Categories and tags must be this store's."""
    if not isinstance(asked, drafts.CategoriesDraft):
        return
    kind = Tag if isinstance(asked, drafts.TagsDraft) else Category
    ids = {*asked.add, *asked.remove}
    known = set(db.session.scalars(select(kind.id).where(kind.id.in_(ids))))
    if ids - known:
        raise Invalid.field(
            "add" if set(asked.add) - known else "remove", "unknown_id", _("There is no such thing.")
        )
