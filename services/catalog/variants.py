"""Variants: the combinations in which a product is bought."""

from itertools import product as every_combination
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Amount, Draft, Flag, IdRef, Int, Text, Weight
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.ids import parse_id, uuid7
from kit.money import to_text
from models.catalog import AttributeValue, Product, Variant
from services import audit, stock, tenants
from services.catalog import addresses
from services.catalog.products import STOCK_MAX, Blank, changed, check_version, get_product, lock_product

ATTRIBUTES_MAX = 5
PER_PRODUCT = 500


class VariantDraft(Draft):
    """Price, sale price and weight may be null: then the product's hold. Stock as in ProductDraft."""

    sku: Annotated[Annotated[str, Text(Product.SKU_MAX)] | None, Blank] = None
    attribute_value_ids: Annotated[list[IdRef], Field(min_length=1, max_length=ATTRIBUTES_MAX)]
    price: Annotated[Amount | None, Blank] = None
    sale_price: Annotated[Amount | None, Blank] = None
    stock_quantity: Annotated[Annotated[Int, Field(ge=0, le=STOCK_MAX)] | None, Blank] = None
    weight: Annotated[Weight | None, Blank] = None
    image_id: Annotated[IdRef | None, Blank] = None
    is_active: Flag = True
    position: Annotated[Annotated[Int, Field(ge=0, le=100_000)] | None, Blank] = None

    @classmethod
    def of(cls, variant: Variant) -> dict[str, Any]:
        currency = tenants.current().currency
        amounts = {name: getattr(variant, name) for name in ("price", "sale_price")}
        return {
            "sku": variant.sku,
            "attribute_value_ids": [value.id for value in variant.values],
            **{name: None if minor is None else to_text(minor, currency) for name, minor in amounts.items()},
            "weight": None
            if variant.weight is None
            else f"{variant.weight // 1000}.{variant.weight % 1000:03d}",
            "image_id": variant.image_id,
            "is_active": variant.is_active,
            "position": variant.position,
        }


def list_variants(product_id: UUID | str, *, actor: Actor) -> list[Variant]:
    """In their order; for shoppers only those that can be chosen, of a product that they can see."""
    product = get_product(product_id, actor=actor)
    return [v for v in product.variants if v.is_active or actor.is_staff]


def get_variant(product_id: UUID | str, variant_id: UUID | str) -> Variant:
    ident, owner = parse_id(variant_id), parse_id(product_id)
    variant = db.session.scalar(
        select(Variant)
        .join(Product, Variant.product_id == Product.id)
        .where(Variant.id == ident, Product.id == owner, Product.archived_at.is_(None))
    )
    if variant is None:
        raise NotFound(_("There is no such variant."))
    return variant


@transaction()
def create_variant(product_id: UUID | str, draft: VariantDraft, *, actor: Actor) -> Variant:
    addresses.lock_names()
    product = lock_product(product_id)
    if len(product.variants) >= PER_PRODUCT:
        raise Conflict(
            _("A product can have %(limit)s variants at most.", limit=PER_PRODUCT), code="too-many-variants"
        )
    variant = Variant(id=uuid7(), product_id=product.id, values=[])
    _fill(variant, draft, product)
    if draft.position is None:
        variant.position = max((v.position for v in product.variants), default=-1) + 1
    product.variants.append(variant)
    db.session.flush()  # its stock refers to it
    stock.ensure_item(product.id, variant.id, on_hand=draft.stock_quantity or 0, actor=actor)
    audit.record(
        "create", variant, actor=actor, changes={"product": [None, product.name], "sku": [None, variant.sku]}
    )
    _touch(product)
    return variant


@transaction()
def update_variant(
    product_id: UUID | str,
    variant_id: UUID | str,
    draft: VariantDraft,
    *,
    actor: Actor,
    version: int | None = None,
) -> Variant:
    addresses.lock_names()
    product = lock_product(product_id)
    variant = _of(product, variant_id)
    check_version(variant, version)
    before = VariantDraft.of(variant)
    _fill(variant, draft, product)
    changes = audit.difference(before, VariantDraft.of(variant))
    if draft.stock_quantity is not None:
        db.session.flush()
        stock.set_sellable(product.id, variant.id, draft.stock_quantity, actor=actor)
    if changes:
        variant.version += 1
        variant.updated_at = clock.now()
        audit.record("update", variant, actor=actor, changes=changes)
        _touch(product)
    return variant


@transaction()
def delete_variant(product_id: UUID | str, variant_id: UUID | str, *, actor: Actor) -> None:
    """Orders keep their copy. Without its last variant a product is bought as it is, with its own stock."""
    product = lock_product(product_id)
    variant = _of(product, variant_id)
    audit.record(
        "delete", variant, actor=actor, changes={"product": [product.name, None], "sku": [variant.sku, None]}
    )
    product.variants.remove(variant)
    db.session.flush()
    _touch(product)


@transaction()
def create_missing(product_id: UUID | str, value_ids: list[list[UUID]], *, actor: Actor) -> list[Variant]:
    """One variant for each combination of the values (a list per attribute) that the product has not got yet."""
    taken = {v.combination for v in get_product(product_id).variants}
    wanted = [list(chosen) for chosen in every_combination(*value_ids)]
    missing = [chosen for chosen in wanted if chosen and combination(chosen) not in taken]
    if len(missing) + len(taken) > PER_PRODUCT:
        raise Invalid.field(
            "attribute_value_ids",
            "too_many",
            _("A product can have %(limit)s variants at most.", limit=PER_PRODUCT),
        )
    return [
        create_variant(product_id, VariantDraft(attribute_value_ids=chosen), actor=actor)
        for chosen in missing
    ]


def combination(value_ids: list[UUID]) -> str:
    """The key that makes a combination unique in its product."""
    return ",".join(sorted(ident.hex for ident in value_ids))


def _of(product: Product, variant_id: UUID | str) -> Variant:
    ident = parse_id(variant_id)
    variant = next((v for v in product.variants if v.id == ident), None)
    if variant is None:
        raise NotFound(_("There is no such variant."))
    return variant


def _fill(variant: Variant, draft: VariantDraft, product: Product) -> None:
    values = _values(draft.attribute_value_ids)
    key = combination(draft.attribute_value_ids)
    if any(v.combination == key for v in product.variants if v is not variant):
        raise Conflict(
            _("The product already has a variant with these values."), code="duplicate-combination"
        )
    addresses.check_sku(draft.sku, variant_id=variant.id)
    if draft.image_id is not None and draft.image_id not in {image.id for image in product.images}:
        raise Invalid.field("image_id", "unknown_id", _("The product has no such picture."))
    price = product.price if draft.price is None else draft.price
    if draft.sale_price is not None and draft.sale_price >= price:
        raise Invalid.field("sale_price", "too_large", _("Must be less than the price."))
    variant.combination = key
    variant.values = values
    for name in ("sku", "price", "sale_price", "weight", "image_id", "is_active"):
        setattr(variant, name, getattr(draft, name))
    if draft.position is not None:
        variant.position = draft.position


def _values(ids: list[UUID]) -> list[AttributeValue]:
    """The values in the order of their attributes, one of each attribute."""
    rows = db.session.scalars(
        select(AttributeValue).where(AttributeValue.id.in_(ids)).options(joinedload(AttributeValue.attribute))
    ).all()
    found = {row.id: row for row in rows}
    attributes: set[UUID] = set()
    for i, ident in enumerate(ids):
        value = found.get(ident)
        if value is None:
            raise Invalid.field(f"attribute_value_ids.{i}", "unknown_id", _("There is no such thing."))
        if value.attribute_id in attributes:
            raise Invalid.field(
                f"attribute_value_ids.{i}", "same_attribute", _("A variant has one value of each attribute.")
            )
        attributes.add(value.attribute_id)
    return sorted(rows, key=lambda row: (row.attribute.position, row.attribute.name, row.position))


def _touch(product: Product) -> None:
    product.version += 1
    product.updated_at = clock.now()
    changed(product)
