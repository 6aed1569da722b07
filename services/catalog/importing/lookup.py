"""What the rows of a slice speak of, as far as the store has it: a handful of queries for any number of rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from kit.actor import Actor
from kit.db import db
from kit.drafts import read
from kit.errors import Invalid
from kit.i18n import _
from kit.slugs import fold
from models.batches import Batch, BatchRow
from models.catalog import Attribute, Category, Product, Tag, Variant
from services.catalog import attributes, categories, tags
from services.catalog.attributes import AttributeDraft, ValueDraft
from services.catalog.categories import CategoryDraft
from services.catalog.importing.values import path_text
from services.catalog.products import WHOLE
from services.catalog.tags import TagDraft

NAME_MAX = 100
Path = tuple[str, ...]


class Lookup:
    """Products and variants by what rows call them. `parents`: rows of this batch that variants belong to, by line."""

    def __init__(self, batch: Batch, rows: Sequence[BatchRow]):
        cells = [row.input["cells"] for row in rows]
        references = {row.input["parent"].lower() for row in rows if row.input["variant"]}
        skus = references | _texts(cells, "sku")
        plain = [row.input["cells"] for row in rows if not row.input["variant"]]
        names = {
            cell["name"]
            for cell in plain
            if cell.get("name") and not cell.get("sku") and not cell.get("slug")
        }
        self.parents = _parents(batch, rows)
        found = _products(skus, references | _texts(plain, "slug"), names, self.parents.values())
        self.by_id: dict[UUID, Product] = {}
        self.by_sku: dict[str, Product] = {}
        self.by_slug: dict[str, Product] = {}
        self.by_name: dict[str, list[Product]] = {}
        self._called: dict[UUID, tuple[str, str, str]] = {}
        for product in found:
            self.remember(product)
        self.variants = {variant.sku.lower(): variant for variant in _variants(skus) if variant.sku}

    def match(self, cells: Mapping[str, str]) -> Product | None:
        """The product that a row is about: by its SKU, else by its address, else by its name alone."""
        sku, slug, name = (cells.get(key, "") for key in ("sku", "slug", "name"))
        if sku and (product := self.by_sku.get(sku.lower())):
            return product
        if slug:
            return self.by_slug.get(slug)
        if sku:
            return None
        same = self.by_name.get(name, [])
        if len(same) > 1:
            raise Invalid(
                _("There are %(count)s products of this name: say which by its SKU.", count=len(same))
            )
        return same[0] if same else None

    def parent(self, reference: str) -> Product | None:
        return self.by_sku.get(reference.lower()) or self.by_slug.get(reference.lower())

    def remember(self, product: Product) -> None:
        """It is new here, or is called otherwise now: the rows after this one find it so."""
        if (before := self._called.get(product.id)) is not None:
            sku, slug, name = before
            self.by_sku.pop(sku, None)
            self.by_slug.pop(slug, None)
            self.by_name[name].remove(product)
        sku, slug, name = self._called[product.id] = ((product.sku or "").lower(), product.slug, product.name)
        if sku:
            self.by_sku[sku] = product
        self.by_id[product.id] = self.by_slug[slug] = product
        self.by_name.setdefault(name, []).append(product)


def _texts(cells: Iterable[Mapping[str, str]], name: str) -> set[str]:
    return {cell[name].lower() for cell in cells if cell.get(name)}


def _parents(batch: Batch, rows: Sequence[BatchRow]) -> dict[int, BatchRow]:
    lines = {row.input["parent_line"] for row in rows if row.input["parent_line"]}
    if not lines:
        return {}
    query = select(BatchRow).where(BatchRow.batch_id == batch.id, BatchRow.line.in_(lines))
    return {row.line or 0: row for row in db.session.scalars(query)}


def _products(
    skus: set[str], slugs: set[str], names: set[str], parents: Iterable[BatchRow]
) -> Sequence[Product]:
    ids = {row.target_id for row in parents if row.target_id}
    which = [
        condition
        for wanted, condition in (
            (skus, func.lower(Product.sku).in_(skus)),
            (slugs, Product.slug.in_(slugs)),
            (names, Product.name.in_(names)),
            (ids, Product.id.in_(ids)),
        )
        if wanted
    ]
    if not which:
        return []
    query = select(Product).where(or_(*which), Product.archived_at.is_(None)).options(*WHOLE)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _variants(skus: set[str]) -> Sequence[Variant]:
    if not skus:
        return []
    living = Product.archived_at.is_(None)
    query = select(Variant).join(Product, Variant.product_id == Product.id)
    return db.session.scalars(query.where(func.lower(Variant.sku).in_(skus), living)).all()


class Names:
    """Categories, tags and options by their names, made where they are missing. What a row made is forgotten with
    `forget`, where the row failed and its writes are gone."""

    def __init__(self) -> None:
        nodes = categories.flat(categories.tree(include_inactive=True))
        self.path_of: dict[UUID, Path] = {}
        for node in nodes:
            above = self.path_of[node.parent_id] if node.parent_id else ()
            self.path_of[node.id] = (*above, node.name)
        self.categories = {_folded(path): ident for ident, path in reversed(self.path_of.items())}
        known_tags = db.session.scalars(select(Tag)).all()
        self.tags: dict[str, UUID] = {fold(row.name): row.id for row in known_tags}
        self.attributes: dict[str, Attribute] = {fold(row.name): row for row in attributes.list_attributes()}
        self.made: list[tuple[str, UUID, str]] = []  # (kind, id, name)
        self._rows: dict[UUID, Any] = {row.id: row for row in known_tags}

    def forget(self) -> None:
        fresh = Names()
        self.__dict__.update(fresh.__dict__)

    def know(self, paths: Sequence[Path], tag_names: Sequence[str]) -> bool:
        """Is there nothing to be made?"""
        return all(_folded(path) in self.categories for path in paths) and all(
            fold(name) in self.tags for name in tag_names
        )

    def foresee(self, paths: Iterable[Path]) -> None:
        """These categories are asked for soon: those that are there are read at once."""
        self._found(
            Category, [self.categories[key] for path in paths if (key := _folded(path)) in self.categories]
        )

    def category_rows(self, ids: Sequence[UUID]) -> list[Category]:
        return self._found(Category, ids)

    def tag_rows(self, ids: Sequence[UUID]) -> list[Tag]:
        return self._found(Tag, ids)

    def _found(self, kind: Any, ids: Sequence[UUID]) -> list[Any]:
        """Each once; read when first asked for. The products of the rows before need not be written for that."""
        wanted = list(dict.fromkeys(ids))
        if missing := [ident for ident in wanted if ident not in self._rows]:
            with db.session.no_autoflush:
                self._rows |= {
                    row.id: row for row in db.session.scalars(select(kind).where(kind.id.in_(missing)))
                }
        return [self._rows[ident] for ident in wanted]

    def category_ids(self, paths: Sequence[Path], actor: Actor) -> list[UUID]:
        return [self._category(path, actor) for path in paths]

    def _category(self, path: Path, actor: Actor) -> UUID:
        key = _folded(path)
        if key not in self.categories:
            parent = self._category(path[:-1], actor) if len(path) > 1 else None
            row = categories.create_category(
                read(CategoryDraft, {"name": path[-1], "parent_id": parent}), actor=actor
            )
            self.categories[key], self.path_of[row.id] = row.id, path
            self.made.append(("category", row.id, row.name))
        return self.categories[key]

    def tag_ids(self, names: Sequence[str], actor: Actor) -> list[UUID]:
        for name in names:
            if fold(name) not in self.tags:
                row = tags.create_tag(TagDraft(name=name), actor=actor)
                self.tags[fold(name)] = row.id
                self.made.append(("tag", row.id, row.name))
        return [self.tags[fold(name)] for name in names]

    def value_ids(self, options: Sequence[tuple[str, str]], actor: Actor) -> list[UUID]:
        return [self._value(name, value, actor) for name, value in options]

    def _value(self, name: str, value: str, actor: Actor) -> UUID:
        attribute = self.attributes.get(fold(name))
        if attribute is None:
            attribute = attributes.create_attribute(AttributeDraft(name=name), actor=actor)
            self.attributes[fold(name)] = attribute
            self.made.append(("attribute", attribute.id, attribute.name))
        found = _value_in(attribute, value)
        if found is None:
            attributes.add_value(attribute.id, ValueDraft(value=value), actor=actor)
            found = _value_in(attribute, value)
            assert found is not None  # it was just made
            self.made.append(("value", found.id, found.value))
        return found.id

    def known_value(self, name: str, value: str) -> UUID | None:
        attribute = self.attributes.get(fold(name))
        found = _value_in(attribute, value) if attribute else None
        return found.id if found else None

    def paths(self, rows: Iterable[Category]) -> list[str]:
        """The categories of a product as an import writes them."""
        return sorted({path_text(self.path_of[row.id]) for row in rows if row.id in self.path_of})


def _value_in(attribute: Attribute, value: str) -> Any:
    return next((row for row in attribute.values if row.value.casefold() == value.casefold()), None)


def _folded(path: Path) -> Path:
    return tuple(fold(name) for name in path)
