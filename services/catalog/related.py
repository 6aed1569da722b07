"""What goes well with a product, chosen by hand. Where nothing was chosen the page offers the best of its category."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select

from kit.db import db
from models.catalog import Product, Variant
from models.product_details import RelatedProduct

AT_MOST = 24


def ids_of(product_id: UUID, *, all_of_them: bool = True) -> list[UUID]:
    """In their order; archived ones are left out, and what is not shown unless `all_of_them` are asked for."""
    query = (
        select(RelatedProduct.related_id)
        .join(Product, Product.id == RelatedProduct.related_id)
        .where(RelatedProduct.product_id == product_id, Product.archived_at.is_(None))
        .order_by(RelatedProduct.position, RelatedProduct.id)
    )
    if not all_of_them:
        query = query.where(Product.is_active)
    return list(db.session.scalars(query))


def named(product_ids: Sequence[UUID]) -> list[tuple[UUID, str, str]]:
    """(id, name, SKU) for staff, in the order of `product_ids`."""
    query = select(Product.id, Product.name, Product.sku).where(
        Product.id.in_(product_ids), Product.archived_at.is_(None)
    )
    found = {row[0]: (row[0], row[1], row[2] or "") for row in db.session.execute(query)}
    return [found[ident] for ident in product_ids if ident in found]


def by_skus(skus: Sequence[str]) -> tuple[list[UUID], list[str]]:
    """The products with these SKUs (or of variants with them), and the SKUs that nobody has."""
    keys = [sku.lower() for sku in skus]
    live = Product.archived_at.is_(None)
    found: dict[str, UUID] = dict(db.session.execute(
        select(func.lower(Variant.sku), Variant.product_id)
        .join(Product, Product.id == Variant.product_id)
        .where(func.lower(Variant.sku).in_(keys), live)
    ).all())  # fmt: skip
    own = select(func.lower(Product.sku), Product.id).where(func.lower(Product.sku).in_(keys), live)
    found |= dict(db.session.execute(own).all())
    return [found[key] for key in keys if key in found], [sku for sku in skus if sku.lower() not in found]


def save(product_id: UUID, wanted: Sequence[UUID]) -> None:
    """Make these the related ones. They are known to be this store's."""
    query = select(RelatedProduct).where(RelatedProduct.product_id == product_id)
    rows = {row.related_id: row for row in db.session.scalars(query)}
    gone = [row.id for related_id, row in rows.items() if related_id not in set(wanted)]
    if gone:
        db.session.execute(delete(RelatedProduct).where(RelatedProduct.id.in_(gone)))
    for position, related_id in enumerate(wanted):
        if related_id in rows:
            rows[related_id].position = position
        else:
            db.session.add(RelatedProduct(product_id=product_id, related_id=related_id, position=position))
    db.session.flush()
