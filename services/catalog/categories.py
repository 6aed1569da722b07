"""The tree that shoppers browse."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator
from sqlalchemy import func, select, union_all, update

from kit import cache, clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Flag, IdRef, Int, SlugText, Text, blank_to_none
from kit.errors import Invalid, NotFound
from kit.html import sanitize
from kit.i18n import _
from kit.ids import parse_id
from kit.tenancy import current_tenant_id
from models.catalog import Category, Product, collection_products, product_categories
from services import audit, outbox, tenants
from services.catalog import addresses
from services.catalog.products import check_version
from services.catalog.texts import check_languages, other_locale
from services.kept import remember

_kept = cache.Cache(500)


class CategoryTexts(Draft):
    """A category in another language; what is empty is read in the store's own."""

    name: Annotated[str, Text(200)] = ""
    description: Annotated[str, Text(100_000)] = ""
    meta_title: Annotated[str, Text(200)] = ""
    meta_description: Annotated[str, Text(500)] = ""


class CategoryDraft(Draft):
    """`translations` has the other languages of the store, all of them at once."""

    name: Annotated[str, Text(200, min=1)]
    slug: Annotated[SlugText | None, BeforeValidator(blank_to_none)] = None
    description: Annotated[str, Text(100_000)] = ""
    parent_id: Annotated[IdRef | None, BeforeValidator(blank_to_none)] = None
    position: Annotated[Annotated[Int, Field(ge=0, le=100_000)] | None, BeforeValidator(blank_to_none)] = None
    is_active: Flag = True
    meta_title: Annotated[str, Text(200)] = ""
    meta_description: Annotated[str, Text(500)] = ""
    translations: dict[str, CategoryTexts] = {}

    @model_validator(mode="after")
    def _languages(self) -> "CategoryDraft":
        check_languages(self.translations)
        return self

    @classmethod
    def of(cls, row: Category) -> dict[str, Any]:
        return {name: getattr(row, name) for name in cls.model_fields}


@dataclass(frozen=True, slots=True)
class Node:
    """A category in its place. `is_visible`: it and all above it are active. `depth` counts from 0."""

    id: UUID
    parent_id: UUID | None
    name: str
    slug: str
    description: str
    image_key: str
    position: int
    is_active: bool
    meta_title: str
    meta_description: str
    version: int
    depth: int
    is_visible: bool
    translations: Mapping[str, Any] = field(default_factory=dict, compare=False)
    children: tuple["Node", ...] = ()
    product_count: int = 0
    is_collection: bool = False  # filled by a rule, see collections.py

    def walk(self) -> Iterator["Node"]:
        """This one and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def ids(self) -> frozenset[UUID]:
        return frozenset(node.id for node in self.walk())


def tree(*, include_inactive: bool = False) -> tuple[Node, ...]:
    """The roots, with their children in order: all of them as staff named them, or what shoppers see, in the reader's
    language. One query, and none while the catalogue stays as it is."""
    if include_inactive:
        return remember(_kept, "tree", _read_tree)
    locale = other_locale() or ""
    return remember(_kept, f"visible {locale}", lambda: _visible(remember(_kept, "tree", _read_tree), locale))


def counted_tree(*, include_inactive: bool = False) -> tuple[Node, ...]:
    """The same with `product_count`: products to be seen, in a category or anywhere below it, each once."""
    counts = remember(_kept, "counts", _read_counts)

    def with_counts(nodes: Iterable[Node]) -> tuple[Node, ...]:
        return tuple(
            replace(node, children=with_counts(node.children), product_count=counts.get(node.id, 0))
            for node in nodes
        )

    return with_counts(tree(include_inactive=include_inactive))


def flat(nodes: Iterable[Node]) -> list[Node]:
    """All of them, parents before their children."""
    return [node for root in nodes for node in root.walk()]


def find_node(
    ident: UUID | str | None, *, include_inactive: bool = False, counted: bool = False
) -> Node | None:
    """By id or slug."""
    if ident is None:
        return None
    roots = (counted_tree if counted else tree)(include_inactive=include_inactive)
    wanted = parse_id(ident)
    return next((n for n in flat(roots) if n.slug == ident or n.id == wanted), None)


def get_node(ident: UUID | str, *, actor: Actor) -> Node:
    """With counts. Shoppers find no category that is hidden, itself or by one above it."""
    node = find_node(ident, include_inactive=actor.is_staff, counted=True)
    if node is None:
        raise NotFound(_("There is no such category."))
    return node


def path_to(ident: UUID, *, include_inactive: bool = False) -> list[Node]:
    """From the root down to it: the breadcrumb. Empty where it can't be seen."""
    nodes = {node.id: node for node in flat(tree(include_inactive=include_inactive))}
    path: list[Node] = []
    at: UUID | None = ident
    while at is not None and at in nodes:
        path.insert(0, nodes[at])
        at = nodes[at].parent_id
    return path


def get_category(category_id: UUID | str) -> Category:
    ident = parse_id(category_id)
    row = db.session.scalar(select(Category).where(Category.id == ident)) if ident else None
    if row is None:
        raise NotFound(_("There is no such category."))
    return row


@transaction()
def create_category(draft: CategoryDraft, *, actor: Actor) -> Category:
    addresses.lock_names()
    check_place(draft.parent_id, None)
    slug = addresses.choose_slug(Category, draft.slug, draft.name)
    row = Category(slug=slug, **_values(draft))
    if draft.position is None:
        row.position = _last_position(draft.parent_id) + 1
    db.session.add(row)
    db.session.flush()  # the audit line needs the id
    addresses.claim("category", slug)
    audit.record("create", row, actor=actor, changes={"name": [None, row.name]})
    tenants.touch_catalog()
    return row


@transaction()
def update_category(
    category_id: UUID | str, draft: CategoryDraft, *, actor: Actor, version: int | None = None
) -> Category:
    """A changed address leaves a redirect. It can't move below itself, or deeper than MAX_DEPTH."""
    addresses.lock_names()
    row = get_category(category_id)
    check_version(row, version)
    check_place(draft.parent_id, row)
    before = CategoryDraft.of(row)
    slug = addresses.choose_slug(Category, draft.slug, draft.name, own_id=row.id)
    for name, value in _values(draft).items():
        setattr(row, name, value)
    if slug != row.slug:
        addresses.moved("category", row.slug, slug, row.id)
        row.slug = slug
    if changes := audit.difference(before, CategoryDraft.of(row)):
        row.version += 1
        row.updated_at = clock.now()
        audit.record("update", row, actor=actor, changes=changes)
        tenants.touch_catalog()
    return row


@transaction()
def delete_category(category_id: UUID | str, *, actor: Actor) -> None:
    """Its children move up to its parent; its products stay, without it."""
    addresses.lock_names()
    row = get_category(category_id)
    db.session.execute(
        update(Category)
        .where(Category.parent_id == row.id)
        .values(parent_id=row.parent_id, version=Category.version + 1)
    )
    addresses.forget("category", [row.id])
    audit.record("delete", row, actor=actor, changes={"name": [row.name, None]})
    if row.image_key:
        outbox.post("image.unused", keys=[row.image_key])
    db.session.delete(row)
    db.session.flush()
    db.session.expire_all()  # products in this session still list it
    tenants.touch_catalog()


def _values(draft: CategoryDraft) -> dict[str, Any]:
    names = ("name", "parent_id", "is_active", "meta_title", "meta_description")
    values = {name: getattr(draft, name) for name in names} | {"description": sanitize(draft.description)}
    values["translations"] = {
        locale: {**texts.model_dump(), "description": sanitize(texts.description)}
        for locale, texts in draft.translations.items()
        if any(texts.model_dump().values())
    }
    return values if draft.position is None else values | {"position": draft.position}


def _last_position(parent_id: UUID | None) -> int:
    siblings = Category.parent_id.is_(None) if parent_id is None else Category.parent_id == parent_id
    last = db.session.scalar(select(func.max(Category.position)).where(siblings))
    return -1 if last is None else last


def check_place(parent_id: UUID | None, row: Category | None) -> None:
    if parent_id is None:
        return
    nodes = {node.id: node for node in flat(_read_tree())}
    parent = nodes.get(parent_id)
    if parent is None:
        raise Invalid.field("parent_id", "unknown_id", _("There is no such category."))
    own = nodes.get(row.id) if row is not None else None
    if own is not None and parent.id in own.ids:
        raise Invalid.field("parent_id", "cycle", _("A category can't stand below itself."))
    height = max(node.depth for node in own.walk()) - own.depth if own is not None else 0
    if parent.depth + 1 + height >= Category.MAX_DEPTH:
        raise Invalid.field(
            "parent_id",
            "too_deep",
            _("Categories can be %(depth)s levels deep at most.", depth=Category.MAX_DEPTH),
        )


def _read_tree() -> tuple[Node, ...]:
    rows = db.session.scalars(select(Category).order_by(Category.position, Category.id)).all()
    below: dict[UUID | None, list[Category]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    return _nodes(below, None, 0, True)


def _nodes(
    below: dict[UUID | None, list[Category]], parent: UUID | None, depth: int, shown: bool
) -> tuple[Node, ...]:
    return tuple(
        Node(
            **{name: getattr(row, name) for name in _COPIED},
            depth=depth,
            is_visible=shown and row.is_active,
            children=_nodes(below, row.id, depth + 1, shown and row.is_active),
        )
        for row in below.get(parent, [])
    )


_COPIED = ("id", "parent_id", "name", "slug", "description", "image_key", "position", "is_active", "meta_title",
           "meta_description", "version", "translations", "is_collection")  # fmt: skip


def _visible(nodes: Iterable[Node], locale: str) -> tuple[Node, ...]:
    return tuple(
        replace(node, children=_visible(node.children, locale), **_words(node, locale))
        for node in nodes
        if node.is_active
    )


def _words(node: Node, locale: str) -> dict[str, Any]:
    own = node.translations.get(locale) or {}
    return {name: own[name] for name in CategoryTexts.model_fields if own.get(name)}


def _read_counts() -> dict[UUID, int]:
    """{category: products in it or below}, each product once. The database unfolds the tree."""
    roots = select(Category.id.label("top"), Category.id.label("member")).cte("below", recursive=True)
    step = select(roots.c.top, Category.id).join(roots, Category.parent_id == roots.c.member)
    below = roots.union_all(step)
    members = union_all(
        *(
            select(pairs.c.category_id, pairs.c.product_id).where(pairs.c.tenant_id == current_tenant_id())
            for pairs in (product_categories, collection_products)
        )
    ).subquery("members")
    query = (
        select(below.c.top, func.count(members.c.product_id.distinct()))
        .join(members, members.c.category_id == below.c.member)
        .join(Product, Product.id == members.c.product_id)
        .where(Product.is_active, Product.archived_at.is_(None))
        .group_by(below.c.top)
    )
    return dict(db.session.execute(query).all())
