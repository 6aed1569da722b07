"""The product rows of a slice: each is planned and refused by itself, then all of them are written together.

Whatever can be refused is refused before anything of the row is touched, so no row needs a way back of its own; only
one that has to make a category or a tag has a savepoint.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from kit import clock
from kit.actor import Actor
from kit.db import db
from kit.ids import uuid7
from models.catalog import Product
from services import audit, outbox, plans, stock
from services.catalog import addresses, products
from services.catalog.importing.lookup import Lookup, Names
from services.catalog.importing.planning import Plan, current
from services.catalog.importing.values import paths_of

Cells = Mapping[str, str]


class Addresses:
    """Which addresses are free, asked once for the slice. What was not foreseen is asked for by itself."""

    def __init__(self, cells: Iterable[Cells]):
        self.foreseen = {
            base for cell in cells for base in (cell.get("slug"), _base(cell.get("name", ""))) if base
        }
        self.taken = addresses.taken_slugs(Product, self.foreseen) if self.foreseen else set()

    def choose(self, wished: str | None, name: str, own_id: UUID | None = None) -> str:
        """Conflict where another product has the wished one."""
        base = wished or _base(name)
        if base in self.foreseen and base not in self.taken:
            return base
        return addresses.choose_slug(Product, wished, name, own_id=own_id)


def _base(name: str) -> str:
    return addresses.slug_base(Product, name)


class Writer:
    """`put` each row that has something to do, then `finish`. The names of the store are locked."""

    def __init__(self, lookup: Lookup, names: Names, cells: Iterable[Cells], actor: Actor):
        self.lookup, self.names, self.actor = lookup, names, actor
        cells = list(cells)
        names.foresee(path for cell in cells for path in paths_of(cell.get("categories", "")))
        self.addresses = Addresses(cells)
        self.room = plans.room("products")
        self.made: dict[UUID, Product] = {}
        self.changed: dict[UUID, Product] = {}
        self.first_stock: dict[stock.Key, int] = {}
        self.stock: dict[stock.Key, int] = {}

    def put(self, found: Plan) -> Product:
        if found.product is None:
            product = self._make(found)
        else:
            product = found.product
            self._change(product, found)
        self.lookup.remember(product)
        return product

    def _make(self, found: Plan) -> Product:
        draft = found.draft
        if self.room is not None and len(self.made) >= self.room:
            plans.check_room("products")
        slug = self.addresses.choose(draft.slug, draft.name)
        lists = self._lists(found)
        product = Product(
            id=uuid7(), slug=slug, **products.values_of(draft),
            **{"categories": [], "tags": [], "images": [], "variants": []} | lists,
        )  # fmt: skip
        db.session.add(product)
        self.addresses.taken.add(slug)
        self.made[product.id] = product
        self.first_stock[product.id, None] = draft.stock_quantity or 0
        audit.record("create", product, actor=self.actor, changes={"name": [None, product.name]})
        outbox.post("product.created", product_id=product.id)
        return product

    def _change(self, product: Product, found: Plan) -> None:
        draft, before = found.draft, _as_input(product)
        slug = product.slug
        if draft.slug != slug:
            slug = self.addresses.choose(draft.slug, draft.name, product.id)
        lists = self._lists(found)
        for name, value in (products.values_of(draft) | lists).items():
            setattr(product, name, value)
        if slug != product.slug:
            addresses.moved("product", product.slug, slug, product.id)
            self.addresses.taken.add(slug)
            product.slug = slug
        if draft.stock_quantity is not None and not product.variants:
            self.stock[product.id, None] = draft.stock_quantity
        changes = audit.difference(before, _as_input(product))
        if changes:
            product.version += 1
            product.updated_at = clock.now()
            audit.record("update", product, actor=self.actor, changes=changes)
            outbox.post("product.updated", product_id=product.id)
            self.changed[product.id] = product

    def _lists(self, found: Plan) -> dict[str, Any]:
        """The categories and tags that the row says and that would differ."""
        categories = (
            found.categories if found.categories is not None and "categories" in found.after else None
        )
        tags = found.tags if found.tags is not None and "tags" in found.after else None
        if self.names.know(categories or (), tags or ()):
            return self._named(categories, tags)
        with db.session.begin_nested():
            return self._named(categories, tags)

    def _named(self, categories: Any, tags: Any) -> dict[str, Any]:
        lists: dict[str, Any] = {}
        if categories is not None:
            lists["categories"] = self.names.category_rows(self.names.category_ids(categories, self.actor))
        if tags is not None:
            lists["tags"] = self.names.tag_rows(self.names.tag_ids(tags, self.actor))
        return lists

    def finish(self) -> None:
        """What follows from the rows: the shelves, prices, search and pages."""
        db.session.flush()
        if self.made:
            addresses.claim_all("product", [product.slug for product in self.made.values()])
            stock.new_items(self.first_stock, actor=self.actor)
        stock.set_sellable_of_many(self.stock, actor=self.actor)
        whole = self.made | self.changed
        products.all_changed(list(whole.values()))
        stock.refresh({product_id for product_id, _variant in self.stock if product_id not in whole})


def _as_input(product: Product) -> dict[str, Any]:
    return current(product) | {
        "category_ids": [row.id for row in product.categories],
        "tag_ids": [row.id for row in product.tags],
    }
