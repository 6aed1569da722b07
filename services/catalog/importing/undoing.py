"""An import is taken back: products as they were, and what it made gone, unless somebody has touched it since."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select

from kit.actor import Actor
from kit.db import db
from kit.errors import Conflict, ShopError
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
from services import audit, outbox, search, tenants
from services.batches.running import reason_of
from services.catalog import addresses, images, products, snapshots
from services.catalog.importing import fields
from services.catalog.wording import MADE, PICTURES, VARIANT, label_of


def undo(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """The last row first; so a variant goes before its product, whoever uses a category before its maker, and what two
    rows did to one product is taken back in two steps."""
    addresses.lock_names()
    way = _WayBack({row.target_id for row in rows if row.target_id}, actor)
    for row in rows:
        try:
            way.take(row)
        except ShopError as error:
            row.keep(reason_of(error, fields.say))
        else:
            row.undone()
    way.finish()


class _WayBack:
    """The products of a slice. What is refused is refused before anything of it is touched, or in a savepoint; those
    that go for good go together, and what follows from the others is worked out once for all."""

    def __init__(self, ids: set[UUID], actor: Actor):
        self.actor = actor
        self.shelf = snapshots.load(ids)
        ordered = select(OrderItem.product_id).where(OrderItem.product_id.in_(ids)).distinct()
        self.ordered = set(db.session.scalars(ordered))
        self.back: dict[UUID, Product] = {}
        self.gone: list[Product] = []

    def take(self, row: BatchRow) -> None:
        """Conflict where it has to stay."""
        product = self.shelf.products.get(row.target_id) if row.target_id else None
        if product is None:
            raise Conflict(_("It is not there any more."))
        after = {name: value for name, value in (row.after or {}).items() if name not in (MADE, PICTURES)}
        made = (row.after or {}).get(MADE, [])
        if not row.before and not row.input["variant"]:
            _refuse_pictures(product, {ident for kind, ident, _name in made if kind == "image"})
            self._erase(product, after)
            if made:
                self._delete()
                self._unmake(made)
        else:
            with db.session.begin_nested():
                self._put_back(product, row.before or {}, after)
                self._unmake(made)
            self.back[product.id] = product

    def _put_back(self, product: Product, before: dict[str, Any], after: dict[str, Any]) -> None:
        before = {name: value for name, value in before.items() if name != PICTURES}
        snapshots.put_back(self.shelf, product, before, after, actor=self.actor, reason=_("Import undone"))
        audit.record("update", product, actor=self.actor, changes={"undone": [list(after), list(before)]})
        outbox.post("product.updated", product_id=product.id)

    def _erase(self, product: Product, after: dict[str, Any]) -> None:
        """Gone for good, as if it had never been made. Conflict where it was ordered, changed, or given more
        variants."""
        now = self.shelf.take(product.id) or {}
        moved = [name for name in now if now[name] != after.get(name)]
        if moved:
            labels = dict.fromkeys(
                label_of("variant") if name.startswith(VARIANT) else label_of(name) for name in moved
            )
            raise Conflict(_("Changed since: %(fields)s.", fields=", ".join(labels)))
        if product.id in self.ordered:
            raise Conflict(_("It was ordered since."))
        self.back.pop(product.id, None)
        self.gone.append(self.shelf.products.pop(product.id))

    def _delete(self) -> None:
        if not self.gone:
            return
        ids = [product.id for product in self.gone]
        addresses.forget("product", ids)
        search.remove(ids)
        db.session.execute(delete(CartItem).where(CartItem.product_id.in_(ids)))
        for product in self.gone:
            audit.record("delete", product, actor=self.actor, changes={"name": [product.name, None]})
            outbox.post("product.deleted", product_id=product.id)
            if product.images:
                outbox.post("image.unused", keys=[image.key for image in product.images])
            db.session.delete(product)
        db.session.flush()
        self.gone = []
        tenants.touch_catalog()

    def _unmake(self, made: Sequence[list[str]]) -> None:
        for kind, ident, name in reversed(made):
            _UNMAKE[kind](UUID(ident), name, self.actor)

    def finish(self) -> None:
        self._delete()
        products.all_changed(list(self.back.values()))


def _refuse_pictures(product: Product, fetched: set[str]) -> None:
    if any(str(image.id) not in fetched for image in product.images):
        raise Conflict(_("Changed since: %(fields)s.", fields=_("Pictures")))


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
