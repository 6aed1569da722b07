"""The variants of a product as one table: an option added with its values, all rows saved at once."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, IdRef, Text
from kit.errors import Conflict, FieldError, Invalid
from kit.i18n import _
from models.catalog import AttributeValue, Product, Variant
from services.catalog import attributes, variants
from services.catalog.attributes import ValueDraft
from services.catalog.products import get_product, lock_product
from services.catalog.variants import VariantDraft


def _split(value: object) -> object:
    """`S, M, L` → its parts, each once."""
    if not isinstance(value, str):
        return value
    return list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


class OptionDraft(Draft):
    """`values`: a list, or one text with commas."""

    attribute_id: IdRef
    values: Annotated[
        list[Annotated[str, Text(100, min=1)]], Field(min_length=1, max_length=100), BeforeValidator(_split)
    ]


def options_of(product: Product) -> list[tuple[str, list[AttributeValue]]]:
    """The attributes that the variants differ in, with the values in use."""
    found: dict[UUID, tuple[str, dict[UUID, AttributeValue]]] = {}
    for variant in product.variants:
        for value in variant.values:
            found.setdefault(value.attribute_id, (value.attribute.name, {}))[1][value.id] = value
    return [(name, sorted(values.values(), key=lambda v: v.position)) for name, values in found.values()]


@transaction()
def add_option(product_id: UUID, draft: OptionDraft, *, actor: Actor) -> list[Variant]:
    """Make a variant of every combination that is missing. Values that the attribute has not got yet are added to it.

    Variants that know nothing of the attribute become those of its first value, and keep price, SKU and stock.
    """
    product = lock_product(product_id)
    values = _known(draft, actor)
    in_use = options_of(product)
    own = [value.id for _name, group in in_use for value in group if value.attribute_id == draft.attribute_id]
    if not own and product.variants:
        _settle(product, values[0], actor)
    others = [
        [value.id for value in group]
        for _name, group in in_use
        if group[0].attribute_id != draft.attribute_id
    ]
    wanted = list(dict.fromkeys([*own, *(value.id for value in values)]))
    return variants.create_missing(product_id, [*others, wanted], actor=actor)


def _known(draft: OptionDraft, actor: Actor) -> Sequence[AttributeValue]:
    attribute = attributes.get_attribute(draft.attribute_id)
    known = {value.value.casefold(): value for value in attribute.values}
    for text in draft.values:
        if text.casefold() not in known:
            attribute = attributes.add_value(attribute.id, ValueDraft(value=text), actor=actor)
            known = {value.value.casefold(): value for value in attribute.values}
    return [known[text.casefold()] for text in draft.values]


def _settle(product: Product, value: AttributeValue, actor: Actor) -> None:
    for variant in list(product.variants):
        ids = [*(v.id for v in variant.values), value.id]
        current = VariantDraft.model_validate({**VariantDraft.of(variant), "attribute_value_ids": ids})
        variants.update_variant(product.id, variant.id, current, actor=actor)


@transaction()
def save_rows(product_id: UUID, rows: Mapping[UUID, VariantDraft], *, actor: Actor) -> Product:
    """All rows or none. Invalid names the row and the field: `<variant>.sku`."""
    for variant_id, draft in rows.items():
        try:
            variants.update_variant(product_id, variant_id, draft, actor=actor)
        except Invalid as error:
            raise _in_row(variant_id, error.errors) from error
        except Conflict as error:
            raise _in_row(variant_id, [FieldError("sku", error.code, error.message)]) from error
    return get_product(product_id)


def _in_row(variant_id: UUID, errors: Sequence[FieldError]) -> Invalid:
    named = [FieldError(f"{variant_id}.{e.field.partition('.')[0]}", e.code, e.message) for e in errors]
    return Invalid(_("Please correct the marked fields."), errors=named)
