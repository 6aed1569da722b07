"""An import is taken back: products as they were, and what it made gone, unless somebody has touched it since."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select

from kit.actor import Actor
from kit.db import db
from kit.errors import Conflict
from kit.i18n import _
from models.batches import Batch, BatchRow
from models.carts import CartItem
from models.catalog import (
    Attribute,
    AttributeValue,
    Category,
    Product,
    ProductImage,
    Tag,
    product_categories,
    product_tags,
    variant_values,
)
from models.orders import OrderItem
from services import audit, batches, outbox, search, tenants
from services.catalog import addresses, images, snapshots
from services.catalog.importing import fields
from services.catalog.snapshots import Shelf
from services.catalog.wording import MADE, PICTURES, VARIANT, label_of


def undo(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """The last row first; so a variant goes before its product, and whoever uses a category before its maker."""
    addresses.lock_names()
    shelf = snapshots.load({row.target_id for row in rows if row.target_id})
    batches.each_back(rows, lambda row: _undo_row(shelf, row, actor), fields.say)


def _undo_row(shelf: Shelf, row: BatchRow, actor: Actor) -> None:
    product = shelf.products.get(row.target_id) if row.target_id else None
    if product is None:
        raise Conflict(_("It is not there any more."))
    before = {name: value for name, value in (row.before or {}).items() if name != PICTURES}
    after = {name: value for name, value in (row.after or {}).items() if name not in (MADE, PICTURES)}
    made = (row.after or {}).get(MADE, [])
    if not row.before and not row.input["variant"]:
        _refuse_pictures(product, {ident for kind, ident, _name in made if kind == "image"})
        _erase(shelf, product, after, actor)
    else:
        snapshots.put_back(shelf, product, before, after, actor=actor, reason=_("Import undone"))
        audit.record("update", product, actor=actor, changes={"undone": [list(after), list(before)]})
        outbox.post("product.updated", product_id=product.id)
    for kind, ident, name in reversed(made):
        _UNMAKE[kind](UUID(ident), name, actor)


def _refuse_pictures(product: Product, fetched: set[str]) -> None:
    if any(str(image.id) not in fetched for image in product.images):
        raise Conflict(_("Changed since: %(fields)s.", fields=_("Pictures")))


def _erase(shelf: Shelf, product: Product, after: dict[str, Any], actor: Actor) -> None:
    """Gone for good, as if it had never been made. Conflict where it was ordered, changed, or given more variants."""
    now = shelf.take(product.id) or {}
    moved = [name for name in now if now[name] != after.get(name)]
    if moved:
        fields = dict.fromkeys(
            label_of("variant") if name.startswith(VARIANT) else label_of(name) for name in moved
        )
        raise Conflict(_("Changed since: %(fields)s.", fields=", ".join(fields)))
    if db.session.scalar(select(exists().where(OrderItem.product_id == product.id))):
        raise Conflict(_("It was ordered since."))
    addresses.forget("product", [product.id])
    search.remove([product.id])
    db.session.execute(delete(CartItem).where(CartItem.product_id == product.id))
    audit.record("delete", product, actor=actor, changes={"name": [product.name, None]})
    outbox.post("product.deleted", product_id=product.id)
    if product.images:
        outbox.post("image.unused", keys=[image.key for image in product.images])
    shelf.products.pop(product.id)
    db.session.delete(product)
    tenants.touch_catalog()


def _unmake_category(ident: UUID, name: str, actor: Actor) -> None:
    in_use = exists().where(product_categories.c.category_id == ident)
    row = db.session.scalar(select(Category).where(Category.id == ident, Category.name == name, ~in_use))
    if row is not None and not db.session.scalar(select(exists().where(Category.parent_id == ident))):
        addresses.forget("category", [row.id])
        _unmake(row, actor)


def _unmake_tag(ident: UUID, name: str, actor: Actor) -> None:
    in_use = exists().where(product_tags.c.tag_id == ident)
    row = db.session.scalar(select(Tag).where(Tag.id == ident, Tag.name == name, ~in_use))
    if row is not None:
        _unmake(row, actor)


def _unmake_value(ident: UUID, name: str, actor: Actor) -> None:
    in_use = exists().where(variant_values.c.value_id == ident)
    row = db.session.scalar(
        select(AttributeValue).where(AttributeValue.id == ident, AttributeValue.value == name, ~in_use)
    )
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def _unmake_attribute(ident: UUID, name: str, actor: Actor) -> None:
    in_use = exists().where(AttributeValue.attribute_id == ident)
    row = db.session.scalar(select(Attribute).where(Attribute.id == ident, Attribute.name == name, ~in_use))
    if row is not None:
        _unmake(row, actor)


def _unmake_image(ident: UUID, key: str, actor: Actor) -> None:
    image = db.session.scalar(select(ProductImage).where(ProductImage.id == ident))
    if image is not None:
        images.delete_image(image.product_id, ident, actor=actor)


def _unmake(row: Any, actor: Actor) -> None:
    audit.record("delete", row, actor=actor, changes={"name": [row.name, None]})
    db.session.delete(row)
    db.session.flush()
    tenants.touch_catalog()


_UNMAKE: dict[str, Callable[[UUID, str, Actor], None]] = {
    "category": _unmake_category,
    "tag": _unmake_tag,
    "attribute": _unmake_attribute,
    "value": _unmake_value,
    "image": _unmake_image,
}
