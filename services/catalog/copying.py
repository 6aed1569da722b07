"""A product made after another one."""

from uuid import UUID

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import read
from kit.i18n import _
from models.catalog import Product, ProductImage
from services.catalog.products import ProductDraft, changed, create_product, get_product
from services.catalog.variants import VariantDraft, create_variants


@transaction()
def duplicate_product(product_id: UUID, *, actor: Actor) -> Product:
    """A draft with the same texts, prices, pictures and variants. SKUs are one product's own, and stock begins at 0."""
    source = get_product(product_id)
    own = {"name": _("%(name)s (copy)", name=source.name)[: Product.NAME_MAX], "slug": None, "sku": None,
           "barcode": None, "is_active": False, "publish_at": None, "unpublish_at": None, "is_featured": False,
           "stock_quantity": 0}  # fmt: skip
    copy = create_product(read(ProductDraft, {**ProductDraft.of(source), **own}), actor=actor)
    pictures: dict[UUID, UUID] = {}
    for image in source.images:
        same = ProductImage(key=image.key, width=image.width, height=image.height, size=image.size, alt=image.alt,
                            widths=list(image.widths or ()), position=image.position)  # fmt: skip
        copy.images.append(same)
        db.session.flush()
        pictures[image.id] = same.id
    drafts = []
    for variant in source.variants:
        wanted = {**VariantDraft.of(variant), "sku": None, "barcode": None, "stock_quantity": 0,
                  "image_id": pictures.get(variant.image_id) if variant.image_id else None}  # fmt: skip
        drafts.append(read(VariantDraft, wanted))
    if drafts:
        create_variants(copy.id, drafts, actor=actor)
    changed(copy)
    return copy
