"""Tags: plain labels across categories."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import delete, func, select, update

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Text
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.ids import parse_id
from kit.slugs import fold, numbered, slugify
from models.catalog import Product, Tag, product_tags
from services import audit, search, tenants
from services.catalog import addresses


class TagDraft(Draft):
    name: Annotated[str, Text(100, min=1)]


@dataclass(frozen=True)
class CountedTag:
    """`product_count`: products that shoppers can see."""

    id: UUID
    name: str
    slug: str
    product_count: int


def list_tags() -> list[CountedTag]:
    visible = Product.is_active & Product.archived_at.is_(None)
    query = (
        select(Tag.id, Tag.name, Tag.slug, func.count(Product.id))
        .outerjoin(product_tags, product_tags.c.tag_id == Tag.id)
        .outerjoin(Product, (product_tags.c.product_id == Product.id) & visible)
        .group_by(Tag.tenant_id, Tag.id, Tag.name, Tag.slug)
        .order_by(Tag.name, Tag.id)
    )
    return [CountedTag(*row) for row in db.session.execute(query)]


@transaction()
def create_tag(draft: TagDraft, *, actor: Actor) -> CountedTag:
    """Conflict `tag-exists` where there is one of that name already, whatever its case."""
    addresses.lock_names()
    _check_name(draft.name)
    taken = set(db.session.scalars(select(Tag.slug)))
    tag = Tag(name=draft.name, slug=numbered(slugify(draft.name, 100) or "tag", taken))
    db.session.add(tag)
    db.session.flush()
    audit.record("create", tag, actor=actor, changes={"name": [None, tag.name]})
    tenants.touch_catalog()
    return CountedTag(tag.id, tag.name, tag.slug, 0)


@transaction()
def rename_tag(tag_id: UUID | str, draft: TagDraft, *, actor: Actor) -> Tag:
    addresses.lock_names()
    tag = get_tag(tag_id)
    _check_name(draft.name, tag)
    audit.record("update", tag, actor=actor, changes={"name": [tag.name, draft.name]})
    tag.name = draft.name
    search.index(_products_of(tag.id))
    tenants.touch_catalog()
    return tag


@transaction()
def merge_tags(tag_id: UUID | str, into_id: UUID | str, *, actor: Actor) -> Tag:
    """Products of the one tag get the other; the one is gone."""
    addresses.lock_names()
    gone, kept = get_tag(tag_id), get_tag(into_id)
    if gone is kept:
        raise Invalid.field("into", "same", _("Choose another tag."))
    products = _products_of(gone.id)
    have = set(_products_of(kept.id))
    db.session.execute(
        update(product_tags)
        .where(product_tags.c.tag_id == gone.id, product_tags.c.product_id.in_(set(products) - have))
        .values(tag_id=kept.id)
    )
    db.session.execute(delete(product_tags).where(product_tags.c.tag_id == gone.id))
    audit.record(
        "delete", gone, actor=actor, changes={"name": [gone.name, None], "merged_into": [None, kept.name]}
    )
    db.session.delete(gone)
    db.session.flush()
    search.index(products)
    tenants.touch_catalog()
    return kept


@transaction()
def delete_tag(tag_id: UUID | str, *, actor: Actor) -> None:
    """The products stay, without it."""
    tag = get_tag(tag_id)
    products = _products_of(tag.id)
    audit.record(
        "delete", tag, actor=actor, changes={"name": [tag.name, None], "products": [len(products), None]}
    )
    db.session.delete(tag)
    db.session.flush()
    db.session.expire_all()  # products in this session still list it
    search.index(products)
    tenants.touch_catalog()


def get_tag(tag_id: UUID | str) -> Tag:
    ident = parse_id(tag_id)
    tag = db.session.scalar(select(Tag).where(Tag.id == ident)) if ident else None
    if tag is None:
        raise NotFound(_("There is no such tag."))
    return tag


def _check_name(name: str, own: Tag | None = None) -> None:
    for row in db.session.scalars(select(Tag)):
        if row is not own and fold(row.name) == fold(name):
            raise Conflict(_("There is already a tag “%(name)s”.", name=row.name), code="tag-exists")


def _products_of(tag_id: UUID) -> list[UUID]:
    query = select(Product.id).join(product_tags, product_tags.c.product_id == Product.id)
    return list(db.session.scalars(query.where(product_tags.c.tag_id == tag_id)))
