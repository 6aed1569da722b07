"""Deleted products: out of the shop and all lists, kept with everything that hangs on them until somebody wants them
back, or gone for good."""

from uuid import UUID

from sqlalchemy import exists, select

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import _
from kit.ids import parse_id
from models.catalog import Product
from models.orders import OrderItem
from models.product_details import ProductFile
from services import audit, outbox, plans, stock, tenants
from services.catalog import addresses
from services.catalog.products import WHOLE, changed


def get_archived(product_id: UUID | str) -> Product:
    ident = parse_id(product_id)
    query = select(Product).where(Product.id == ident, Product.archived_at.is_not(None)).options(*WHOLE)
    found = db.session.scalar(query) if ident else None
    if found is None:
        raise NotFound(_("There is no such product."))
    return found


def is_in_orders(product_id: UUID) -> bool:
    return bool(db.session.scalar(select(exists().where(OrderItem.product_id == product_id))))


@transaction()
def restore_product(product_id: UUID | str, *, actor: Actor) -> Product:
    """Back as a draft, at its old address where that is still free. Conflict `sku-taken` where another product has its
    SKU meanwhile, `not-archived` where it is no deleted one."""
    addresses.lock_names()
    plans.check_room("products")
    product = _lock(product_id)
    own = [v.id for v in product.variants]
    skus = [sku for sku in (product.sku, *(v.sku for v in product.variants)) if sku]
    taken = addresses.taken_skus(skus, except_variants=own)
    if taken:
        raise addresses.sku_taken(next(sku for sku in skus if sku.lower() in taken))
    wished = product.slug.removesuffix(f"-{product.id.hex[-12:]}")
    product.slug = addresses.free_slug(Product, wished, own_id=product.id)
    addresses.claim("product", product.slug)
    product.archived_at = None
    product.is_active = False
    product.version += 1
    product.updated_at = clock.now()
    audit.record("restore", product, actor=actor, changes={"name": [None, product.name]})
    outbox.post("product.updated", product_id=product.id)
    changed(product)
    return product


@transaction()
def purge_product(product_id: UUID | str, *, actor: Actor) -> None:
    """Gone for good, its pictures and files, too. Conflict `in-orders` where an order refers to it."""
    product = _lock(product_id)
    if is_in_orders(product.id):
        raise Conflict(_("Orders refer to it, so it stays in the archive."), code="in-orders")
    keys = [image.key for image in product.images]
    files = list(db.session.scalars(select(ProductFile.key).where(ProductFile.product_id == product.id)))
    if keys:
        outbox.post("image.unused", keys=keys)
    if files:
        outbox.post("file.unused", keys=files)
    audit.record("purge", product, actor=actor, changes={"name": [product.name, None]})
    db.session.delete(product)
    tenants.touch_catalog()


def _lock(product_id: UUID | str) -> Product:
    ident = parse_id(product_id)
    product = stock.lock_products([ident]).get(ident) if ident else None
    if product is None:
        raise NotFound(_("There is no such product."))
    if product.archived_at is None:
        raise Conflict(_("It is not deleted."), code="not-archived")
    db.session.refresh(product, ["categories", "tags", "images", "variants"])
    return product
