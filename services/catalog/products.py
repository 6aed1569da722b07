"""Products: made, changed, archived. What is looked up for shoppers is in listing.py and product_page.py."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound
from kit.html import sanitize
from kit.i18n import _
from kit.ids import parse_id
from models.carts import CartItem
from models.catalog import AttributeValue, Category, Product, Tag, Variant
from services import audit, outbox, plans, search, stock, tenants
from services.catalog import addresses, related, texts
from services.catalog.prices import refresh_all, refresh_prices
from services.catalog.product_draft import PLAIN, PRICED, ProductDraft

WHOLE = (
    selectinload(Product.categories),
    selectinload(Product.tags),
    selectinload(Product.images),
    selectinload(Product.variants).selectinload(Variant.values).joinedload(AttributeValue.attribute),
)


def get_product(product_id: UUID | str, *, actor: Actor | None = None) -> Product:
    """A product with all that hangs on it. Archived ones are gone; without staff's `actor` inactive ones are, too,
    unless no actor is asked for (a service reading for itself)."""
    ident = parse_id(product_id)
    return _whole(Product.id == ident if ident else None, actor)


def get_product_by_slug(slug: str, *, actor: Actor) -> Product:
    """The same by its address; an id will do as well."""
    ident = parse_id(slug)
    return _whole((Product.id == ident) if ident else (Product.slug == slug), actor)


def _whole(which: Any, actor: Actor | None) -> Product:
    found = None
    if which is not None:
        query = select(Product).where(which, Product.archived_at.is_(None)).options(*WHOLE)
        if actor is not None and not actor.is_staff:
            query = query.where(Product.is_active)
        found = db.session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such product."))
    return found


@transaction()
def create_product(draft: ProductDraft, *, actor: Actor) -> Product:
    addresses.lock_names()
    plans.check_room("products")
    slug = addresses.choose_slug(Product, draft.slug, draft.name)
    addresses.check_sku(draft.sku)
    categories = _all(Category, draft.category_ids, "category_ids")
    tags = _all(Tag, draft.tag_ids, "tag_ids")
    others = _all(Product, draft.related_ids, "related_ids")
    product = Product(slug=slug, **values_of(draft), categories=categories, tags=tags, images=[], variants=[])
    db.session.add(product)
    db.session.flush()  # what follows refers to it
    addresses.claim("product", slug)
    texts.save(product.id, draft.translations)
    related.save(product.id, [row.id for row in others])
    refresh_prices(product, [])
    stock.ensure_item(product.id, on_hand=draft.stock_quantity or 0, actor=actor)
    stock.refresh([product.id])
    search.index([product.id])
    audit.record("create", product, actor=actor, changes={"name": [None, product.name]})
    outbox.post("product.created", product_id=product.id)
    tenants.touch_catalog()
    return product


@transaction()
def update_product(
    product_id: UUID | str,
    draft: ProductDraft,
    *,
    actor: Actor,
    version: int | None = None,
    stock_reason: str = "",
) -> Product:
    """Make the product what the draft says. A changed address leaves a redirect. `stock_reason`: why there are more or
    fewer, for the ledger."""
    addresses.lock_names()
    product = lock_product(product_id)
    check_version(product, version)
    before = ProductDraft.of(product)
    slug = addresses.choose_slug(Product, draft.slug, draft.name, own_id=product.id)
    addresses.check_sku(draft.sku, product_id=product.id)
    for name, value in values_of(draft).items():
        setattr(product, name, value)
    product.categories = _all(Category, draft.category_ids, "category_ids")
    product.tags = _all(Tag, draft.tag_ids, "tag_ids")
    texts.save(product.id, draft.translations)
    _relate(product, draft.related_ids)
    if slug != product.slug:
        addresses.moved("product", product.slug, slug, product.id)
        product.slug = slug
    changes = audit.difference(before, ProductDraft.of(product))
    _set_stock(product, draft.stock_quantity, actor, stock_reason)
    if changes:
        product.version += 1
        product.updated_at = clock.now()
        audit.record("update", product, actor=actor, changes=changes)
        outbox.post("product.updated", product_id=product.id)
        changed(product)
    return product


@transaction()
def delete_product(product_id: UUID | str, *, actor: Actor) -> None:
    """Out of the shop and all carts; it can be brought back (see archive.py), and orders keep their own copy of what
    was sold. Its address and SKU are free again."""
    addresses.lock_names()
    product = lock_product(product_id)
    addresses.forget("product", [product.id])
    search.remove([product.id])
    db.session.execute(delete(CartItem).where(CartItem.product_id == product.id))
    audit.record("delete", product, actor=actor, changes={"name": [product.name, None]})
    outbox.post("product.deleted", product_id=product.id)
    product.archived_at = clock.now()
    product.is_active = False
    product.publish_at = product.unpublish_at = None
    product.slug = f"{product.slug[:100]}-{product.id.hex[-12:]}"
    product.version += 1
    tenants.touch_catalog()


def lock_product(product_id: UUID | str) -> Product:
    """The product, locked, with all that hangs on it as it is now."""
    ident = parse_id(product_id)
    product = stock.lock_products([ident]).get(ident) if ident else None
    if product is None or product.archived_at is not None:
        raise NotFound(_("There is no such product."))
    db.session.refresh(product, ["categories", "tags", "images", "variants"])
    return product


def check_version(row: Any, version: int | None) -> None:
    """Conflict `stale-version` where somebody else saved since `version` was read."""
    if version is not None and version < row.version:
        raise Conflict(
            _("Somebody else has changed this meanwhile. Load it again."),
            code="stale-version",
            version=row.version,
        )


def changed(product: Product) -> None:
    """After any change of the product or its variants: prices, stock, search and pages follow."""
    all_changed([product])


def all_changed(products: Sequence[Product]) -> None:
    """The same for many; the number of queries does not grow with them."""
    if not products:
        return
    ids = [product.id for product in products]
    db.session.flush()
    refresh_all([(product, product.variants) for product in products])
    for product in products:
        product.variant_count = sum(1 for v in product.variants if v.is_active)
    stock.refresh(ids)
    search.index(ids)
    tenants.touch_catalog()


def values_of(draft: ProductDraft) -> dict[str, Any]:
    """What is due by its date already needs no date any more."""
    values = {name: getattr(draft, name) for name in (*PLAIN, *PRICED)}
    return values | {
        "description": sanitize(draft.description),
        "short_description": sanitize(draft.short_description),
        "is_active": draft.is_shown,
        "publish_at": None if draft.publish_at and draft.publish_at <= clock.now() else draft.publish_at,
    }


def _relate(product: Product, ids: list[UUID]) -> None:
    if product.id in ids:
        raise Invalid.field(
            f"related_ids.{ids.index(product.id)}", "itself", _("A product does not go with itself.")
        )
    related.save(product.id, [row.id for row in _all(Product, ids, "related_ids")])


def _all(kind: Any, ids: list[UUID], field: str) -> list[Any]:
    """The rows in the order of `ids`, or Invalid that names the one that is not this store's."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    found = {row.id: row for row in db.session.scalars(select(kind).where(kind.id.in_(wanted)))}
    for i, ident in enumerate(wanted):
        if ident not in found:
            raise Invalid.field(f"{field}.{i}", "unknown_id", _("There is no such thing."))
    return [found[ident] for ident in wanted]


def _set_stock(product: Product, quantity: int | None, actor: Actor, reason: str) -> None:
    if quantity is None:
        return
    if not product.variants:
        stock.set_sellable(product.id, None, quantity, actor=actor, reason=reason)
    elif quantity != product.stock_quantity:
        raise Invalid.field("stock_quantity", "kept_by_variant", _("Stock is counted by variant here."))
