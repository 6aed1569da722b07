"""The variants of a product as one table: an option added with its values, all rows saved at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, IdRef, Text
from kit.errors import Conflict, NotFound
from kit.i18n import _
from models.catalog import AttributeValue, Product, Variant
from services.catalog import attributes, variants
from services.catalog.attributes import ValueDraft
from services.catalog.products import lock_product
from services.catalog.variant_draft import VariantDraft
from services.catalog.variant_rows import load_values


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
    load_values(product)
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
    missing = [text for text in draft.values if text.casefold() not in known]
    if missing:
        attribute = attributes.add_values(
            attribute.id, [ValueDraft(value=text) for text in missing], actor=actor
        )
        known = {value.value.casefold(): value for value in attribute.values}
    return [known[text.casefold()] for text in draft.values]


def _settle(product: Product, value: AttributeValue, actor: Actor) -> None:
    _revalue(product, list(product.variants), lambda ids: [*ids, value.id], actor)


def _revalue(
    product: Product, rows: Sequence[Variant], make: Callable[[list[UUID]], list[UUID]], actor: Actor
) -> None:
    drafts = {}
    for variant in rows:
        current = VariantDraft.of(variant)
        current["attribute_value_ids"] = make(current["attribute_value_ids"])
        drafts[variant.id] = VariantDraft.model_validate(current)
    variants.update_variants(product.id, drafts, actor=actor)


def having(product: Product, value_id: UUID) -> list[Variant]:
    """The variants with this value: those that go with it. NotFound where there are none."""
    found = [variant for variant in product.variants if any(v.id == value_id for v in variant.values)]
    if not found:
        raise NotFound(_("There is no such value."))
    return found


@transaction()
def remove_value(product_id: UUID, value_id: UUID, *, actor: Actor) -> int:
    """Take a value out of the product; how many variants went with it.

    Where it is the only one of its option no variant goes: they just don't speak of that option any more.
    """
    product = lock_product(product_id)
    load_values(product)
    gone = having(product, value_id)
    attribute_id = next(v.attribute_id for v in gone[0].values if v.id == value_id)
    kept = [v for v in product.variants if v not in gone]
    if kept:
        variants.take_out(product, gone, actor=actor)
        return len(gone)
    if all(len(variant.values) == 1 for variant in gone):
        raise Conflict(
            _(
                "It is the product's only option. Delete the variant itself, and the product is bought as it is."
            ),
            code="last-option",
        )
    own = {v.id for variant in gone for v in variant.values if v.attribute_id == attribute_id}
    _revalue(product, gone, lambda ids: [ident for ident in ids if ident not in own], actor)
    return 0


def save_rows(product_id: UUID, rows: Mapping[UUID, VariantDraft], *, actor: Actor) -> Product:
    """All rows or none. Invalid names the row and the field: `<variant>.sku`."""
    return variants.update_variants(product_id, rows, actor=actor)
