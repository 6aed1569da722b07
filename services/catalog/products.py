"""Products: made, changed, archived. What is looked up for shoppers is in listing.py and product_page.py."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import selectinload

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Amount, Draft, Flag, IdRef, Int, Moment, SlugText, Text, Weight, blank_to_none, wrong
from kit.errors import Conflict, Invalid, NotFound
from kit.html import sanitize
from kit.i18n import _
from kit.ids import parse_id
from kit.money import to_text
from models.carts import CartItem
from models.catalog import AttributeValue, Category, Product, Tag, TaxClass, Variant
from models.orders import OrderItem
from services import audit, outbox, plans, search, stock, tenants
from services.catalog import addresses
from services.catalog.prices import refresh_prices

Blank = BeforeValidator(blank_to_none)
STOCK_MAX = 10_000_000


class ProductDraft(Draft):
    """`stock_quantity` is how many can be sold; left out or null, stock stays as it is."""

    name: Annotated[str, Text(Product.NAME_MAX, min=1)]
    slug: Annotated[SlugText | None, Blank] = None
    sku: Annotated[Annotated[str, Text(Product.SKU_MAX)] | None, Blank] = None
    description: Annotated[str, Text(Product.TEXT_MAX)] = ""
    short_description: Annotated[str, Text(Product.TEXT_MAX)] = ""
    price: Amount
    sale_price: Annotated[Amount | None, Blank] = None
    sale_starts_at: Annotated[Moment | None, Blank] = None
    sale_ends_at: Annotated[Moment | None, Blank] = None
    tax_class: TaxClass = TaxClass.STANDARD
    weight: Annotated[Weight | None, Blank] = None
    is_digital: Flag = False
    track_stock: Flag = True
    stock_quantity: Annotated[Annotated[Int, Field(ge=0, le=STOCK_MAX)] | None, Blank] = None
    low_stock_threshold: Annotated[Annotated[Int, Field(ge=0, le=STOCK_MAX)] | None, Blank] = None
    allow_backorder: Flag = False
    is_active: Flag = True
    is_featured: Flag = False
    category_ids: Annotated[list[IdRef], Field(max_length=100)] = []
    tag_ids: Annotated[list[IdRef], Field(max_length=100)] = []
    meta_title: Annotated[str, Text(200)] = ""
    meta_description: Annotated[str, Text(500)] = ""

    @model_validator(mode="after")
    def _sale_is_a_reduction(self) -> "ProductDraft":
        if self.sale_price is not None and self.sale_price >= self.price:
            raise wrong("sale_price", "too_large", _("Must be less than the price."))
        if self.sale_starts_at and self.sale_ends_at and self.sale_ends_at <= self.sale_starts_at:
            raise wrong("sale_ends_at", "too_early", _("Must be after the start."))
        return self

    @classmethod
    def of(cls, product: Product) -> dict[str, Any]:
        """The product as input. Without its stock: a change of the text must not write back an old number."""
        currency = tenants.current().currency
        plain = {name: getattr(product, name) for name in _PLAIN}
        return {
            **plain,
            "slug": product.slug,
            "price": to_text(product.price, currency),
            "sale_price": None if product.sale_price is None else to_text(product.sale_price, currency),
            "weight": None
            if product.weight is None
            else f"{product.weight // 1000}.{product.weight % 1000:03d}",
            "category_ids": [row.id for row in product.categories],
            "tag_ids": [row.id for row in product.tags],
        }


_PLAIN = ("name", "sku", "description", "short_description", "sale_starts_at", "sale_ends_at", "tax_class",
          "is_digital", "track_stock", "low_stock_threshold", "allow_backorder", "is_active", "is_featured",
          "meta_title", "meta_description")  # fmt: skip
_PRICED = ("price", "sale_price", "weight")
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
    product = Product(slug=slug, **_values(draft), categories=categories, tags=tags, images=[], variants=[])
    db.session.add(product)
    db.session.flush()  # what follows refers to it
    addresses.claim("product", slug)
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
    product_id: UUID | str, draft: ProductDraft, *, actor: Actor, version: int | None = None
) -> Product:
    """Make the product what the draft says. A changed address leaves a redirect."""
    addresses.lock_names()
    product = lock_product(product_id)
    check_version(product, version)
    before = ProductDraft.of(product)
    slug = addresses.choose_slug(Product, draft.slug, draft.name, own_id=product.id)
    addresses.check_sku(draft.sku, product_id=product.id)
    for name, value in _values(draft).items():
        setattr(product, name, value)
    product.categories = _all(Category, draft.category_ids, "category_ids")
    product.tags = _all(Tag, draft.tag_ids, "tag_ids")
    if slug != product.slug:
        addresses.moved("product", product.slug, slug, product.id)
        product.slug = slug
    changes = audit.difference(before, ProductDraft.of(product))
    _set_stock(product, draft.stock_quantity, actor)
    if changes:
        product.version += 1
        product.updated_at = clock.now()
        audit.record("update", product, actor=actor, changes=changes)
        outbox.post("product.updated", product_id=product.id)
        changed(product)
    return product


@transaction()
def delete_product(product_id: UUID | str, *, actor: Actor) -> None:
    """Gone for good, or archived where orders refer to it (they keep their own copy of what was sold). Either way
    its address and SKU are free again and it leaves all carts."""
    addresses.lock_names()
    product = lock_product(product_id)
    addresses.forget("product", [product.id])
    search.remove([product.id])
    db.session.execute(delete(CartItem).where(CartItem.product_id == product.id))
    audit.record("delete", product, actor=actor, changes={"name": [product.name, None]})
    outbox.post("product.deleted", product_id=product.id)
    if db.session.scalar(select(exists().where(OrderItem.product_id == product.id))):
        product.archived_at = clock.now()
        product.is_active = False
        product.slug = f"{product.slug[:100]}-{product.id.hex[-12:]}"
        product.version += 1
    else:
        outbox.post("image.unused", keys=[image.key for image in product.images])
        db.session.delete(product)
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
    db.session.flush()
    refresh_prices(product, product.variants)
    product.variant_count = sum(1 for v in product.variants if v.is_active)
    stock.refresh([product.id])
    search.index([product.id])
    tenants.touch_catalog()


def _values(draft: ProductDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in (*_PLAIN, *_PRICED)}
    return values | {"description": sanitize(draft.description),
                     "short_description": sanitize(draft.short_description)}  # fmt: skip


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


def _set_stock(product: Product, quantity: int | None, actor: Actor) -> None:
    if quantity is None:
        return
    if not product.variants:
        stock.set_sellable(product.id, None, quantity, actor=actor)
    elif quantity != product.stock_quantity:
        raise Invalid.field("stock_quantity", "kept_by_variant", _("Stock is counted by variant here."))
