"""Filling the variants of one product: what the rows need is looked up once for all of them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from kit.db import db
from kit.errors import Conflict, Invalid
from kit.i18n import _
from models.catalog import AttributeValue, Product, Variant
from services.catalog import addresses
from services.catalog.variant_draft import VariantDraft

PLAIN = ("sku", "barcode", "price", "sale_price", "weight", "measure", "image_id", "is_active")


class Filler:
    """Writes drafts into the variants of a locked product. Queries are made here, at the start, and only here."""

    def __init__(self, product: Product, drafts: Iterable[VariantDraft], own: Iterable[Variant] = ()):
        drafts, own = list(drafts), list(own)
        self.product = product
        self.taken = addresses.taken_skus(
            (draft.sku for draft in drafts if draft.sku), except_variants=[variant.id for variant in own]
        )
        wanted = {ident for draft in drafts for ident in draft.attribute_value_ids}
        rows = db.session.scalars(
            select(AttributeValue)
            .where(AttributeValue.id.in_(wanted))
            .options(joinedload(AttributeValue.attribute))
        )
        self.values = {row.id: row for row in rows}
        changing = {id(variant) for variant in own}
        self.combinations = {v.combination for v in product.variants if id(v) not in changing}
        self.images = {image.id for image in product.images}

    def fill(self, variant: Variant, draft: VariantDraft) -> None:
        """Conflict or Invalid where the row can't be; the row is as it was then."""
        values = self._values(draft.attribute_value_ids)
        key = combination(draft.attribute_value_ids)
        if key in self.combinations:
            raise Conflict(
                _("The product already has a variant with these values."), code="duplicate-combination"
            )
        if draft.sku and draft.sku.lower() in self.taken:
            raise addresses.sku_taken(draft.sku)
        if draft.image_id is not None and draft.image_id not in self.images:
            raise Invalid.field("image_id", "unknown_id", _("The product has no such picture."))
        price = self.product.price if draft.price is None else draft.price
        if draft.sale_price is not None and draft.sale_price >= price:
            raise Invalid.field("sale_price", "too_large", _("Must be less than the price."))
        self.combinations.add(key)
        if draft.sku:
            self.taken.add(draft.sku.lower())
        variant.combination = key
        if [value.id for value in variant.values] != [value.id for value in values]:
            variant.values = values
        for name in PLAIN:
            setattr(variant, name, getattr(draft, name))
        if draft.position is not None:
            variant.position = draft.position

    def _values(self, ids: list[UUID]) -> list[AttributeValue]:
        """The values in the order of their attributes, one of each attribute."""
        attributes: set[UUID] = set()
        for i, ident in enumerate(ids):
            value = self.values.get(ident)
            if value is None:
                raise Invalid.field(f"attribute_value_ids.{i}", "unknown_id", _("There is no such thing."))
            if value.attribute_id in attributes:
                raise Invalid.field(
                    f"attribute_value_ids.{i}",
                    "same_attribute",
                    _("A variant has one value of each attribute."),
                )
            attributes.add(value.attribute_id)
        return sorted((self.values[ident] for ident in ids), key=in_order)


def in_order(value: AttributeValue) -> tuple[int, str, int]:
    return value.attribute.position, value.attribute.name, value.position


def combination(value_ids: Iterable[UUID]) -> str:
    """The key that makes a combination unique in its product."""
    return ",".join(sorted(ident.hex for ident in value_ids))


def load_values(product: Product) -> None:
    """The values of all its variants, in one query for any number of them."""
    query = select(Variant).where(Variant.product_id == product.id)
    whole = selectinload(Variant.values).joinedload(AttributeValue.attribute)
    db.session.scalars(query.options(whole).execution_options(populate_existing=True)).all()
