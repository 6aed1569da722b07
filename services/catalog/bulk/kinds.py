"""Which commands there are, and how one begins: prepared with all its rows, checked, then started."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, read
from kit.errors import Invalid
from kit.i18n import _, mark
from models.batches import Batch
from models.catalog import Category, Tag
from services import batches
from services.batches import Kind, RowInput
from services.catalog.bulk import deleting, drafts, plans, stocking
from services.catalog.bulk.words import describe, show
from services.catalog.bulk.work import Command

SLICE = 250  # on SQLite shoppers' carts wait as long as a slice takes


def _kind(name: str, title: str, command: Command) -> Kind:
    return batches.register(
        Kind(
            f"products.{name}",
            title,
            command.apply,
            command.undo,
            command.check,
            describe=describe,
            show=show,
            slice=SLICE,
        )
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

COMMANDS: dict[str, tuple[Kind, type[Draft]]] = {
    name: (_kind(name, title, command), command.draft) for name, (title, command) in _PLAIN.items()
}
_DELETE = Kind(
    "products.delete", mark("Delete products"), deleting.delete, deleting.undo_delete, deleting.check_delete,
    describe=describe, show=show, slice=50,
)  # fmt: skip
_RESTORE = Kind(
    "products.restore", mark("Bring products back"), deleting.restore, deleting.undo_restore, deleting.check_restore,
    describe=describe, show=show, slice=50,
)  # fmt: skip
_STOCK = Kind(
    "products.stock", mark("Change stock"), stocking.apply, stocking.undo, stocking.check,
    describe=describe, show=show, slice=SLICE,
)  # fmt: skip
COMMANDS["stock"] = (batches.register(_STOCK), drafts.StockDraft)
COMMANDS["delete"] = (batches.register(_DELETE), drafts.DeleteDraft)
COMMANDS["restore"] = (batches.register(_RESTORE), drafts.DeleteDraft)


@transaction()
def prepare(name: str, sent: Mapping[str, Any], chosen: Sequence[tuple[UUID, str]], *, actor: Actor) -> Batch:
    """Begin the dry run of a command for the chosen products (id and name). Invalid names what is wrong with it."""
    kind, draft = COMMANDS[name]
    asked: Draft = read(draft, sent, form=True)
    _check_references(asked)
    rows = (RowInput(label, target_id=ident) for ident, label in chosen)
    batch = batches.prepare(kind, sent, rows, actor=actor)
    return batches.check(batch.id, sent, actor=actor)


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
