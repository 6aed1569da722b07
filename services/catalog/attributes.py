"""Attributes (Size, Colour) and their values, from which variants are combined."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Color, Draft, Int, Text, blank_to_none
from kit.errors import Conflict, NotFound
from kit.i18n import _, _n
from kit.ids import parse_id
from kit.slugs import fold, numbered, slugify
from models.catalog import Attribute, AttributeType, AttributeValue, Product, Variant, variant_values
from services import audit, tenants
from services.catalog import addresses
from services.catalog.texts import check_languages

VALUES_MAX = 500


Names = dict[str, Annotated[str, Text(100)]]


class _Named(Draft):
    """`names` has the other languages of the store: {"pt": "Cor"}; what is left out is read in the store's own."""

    names: Names = {}

    @model_validator(mode="after")
    def _languages(self) -> "_Named":
        check_languages(self.names, "names")
        return self


class ValueDraft(_Named):
    value: Annotated[str, Text(100, min=1)]
    color: Annotated[Color | None, BeforeValidator(blank_to_none)] = None
    position: Annotated[Annotated[Int, Field(ge=0, le=100_000)] | None, BeforeValidator(blank_to_none)] = None


def _as_value(value: Any) -> Any:
    return {"value": value} if isinstance(value, str) else value


class AttributeDraft(_Named):
    """A value may be given as plain text: `"values": ["S", "M"]`."""

    name: Annotated[str, Text(100, min=1)]
    type: AttributeType = AttributeType.SELECT
    values: Annotated[
        list[Annotated[ValueDraft, BeforeValidator(_as_value)]], Field(max_length=VALUES_MAX)
    ] = []


class AttributeChange(_Named):
    name: Annotated[str, Text(100, min=1)]
    type: AttributeType = AttributeType.SELECT


def list_attributes() -> list[Attribute]:
    query = (
        select(Attribute).options(selectinload(Attribute.values)).order_by(Attribute.position, Attribute.id)
    )
    return list(db.session.scalars(query))


def get_attribute(attribute_id: UUID | str) -> Attribute:
    ident = parse_id(attribute_id)
    query = select(Attribute).where(Attribute.id == ident).options(selectinload(Attribute.values))
    found = db.session.scalar(query) if ident else None
    if found is None:
        raise NotFound(_("There is no such attribute."))
    return found


@transaction()
def create_attribute(draft: AttributeDraft, *, actor: Actor) -> Attribute:
    addresses.lock_names()
    _check_name(draft.name)
    last = db.session.scalar(select(func.max(Attribute.position)))
    attribute = Attribute(
        name=draft.name,
        slug=_slug_of(draft.name, set(db.session.scalars(select(Attribute.slug)))),
        type=draft.type,
        names=_given(draft.names),
        position=0 if last is None else last + 1,
        values=[],
    )
    db.session.add(attribute)
    for value in draft.values:
        _append(attribute, value)
    db.session.flush()
    audit.record("create", attribute, actor=actor, changes={"name": [None, draft.name]})
    tenants.touch_catalog()
    return attribute


@transaction()
def update_attribute(attribute_id: UUID | str, draft: AttributeChange, *, actor: Actor) -> Attribute:
    addresses.lock_names()
    attribute = get_attribute(attribute_id)
    _check_name(draft.name, attribute)
    changes = audit.difference(
        {"name": attribute.name, "type": str(attribute.type), "names": attribute.names},
        {"name": draft.name, "type": str(draft.type), "names": _given(draft.names)},
    )
    attribute.name, attribute.type, attribute.names = draft.name, draft.type, _given(draft.names)
    audit.record("update", attribute, actor=actor, changes=changes)
    tenants.touch_catalog()
    return attribute


@transaction()
def add_value(attribute_id: UUID | str, draft: ValueDraft, *, actor: Actor) -> Attribute:
    addresses.lock_names()
    attribute = get_attribute(attribute_id)
    _append(attribute, draft)
    db.session.flush()
    audit.record("update", attribute, actor=actor, changes={"values": [None, draft.value]})
    tenants.touch_catalog()
    return attribute


@transaction()
def add_values(attribute_id: UUID | str, drafts: Sequence[ValueDraft], *, actor: Actor) -> Attribute:
    """The same for several at once."""
    addresses.lock_names()
    attribute = get_attribute(attribute_id)
    for draft in drafts:
        _append(attribute, draft)
    db.session.flush()
    audit.record(
        "update", attribute, actor=actor, changes={"values": [None, [draft.value for draft in drafts]]}
    )
    tenants.touch_catalog()
    return attribute


@transaction()
def update_value(
    attribute_id: UUID | str, value_id: UUID | str, draft: ValueDraft, *, actor: Actor
) -> Attribute:
    """A new name for a value shows at once in every variant; its address in filters stays."""
    addresses.lock_names()
    attribute, value = _value_of(attribute_id, value_id)
    _check_value(attribute, draft.value, value)
    changes = audit.difference({"value": value.value, "color": value.color, "names": value.names},
                               {"value": draft.value, "color": draft.color, "names": _given(draft.names)})  # fmt: skip
    value.value, value.color, value.names = draft.value, draft.color, _given(draft.names)
    if draft.position is not None:
        value.position = draft.position
    audit.record("update", attribute, actor=actor, changes=changes)
    tenants.touch_catalog()
    return attribute


@transaction()
def delete_attribute(attribute_id: UUID | str, *, actor: Actor) -> None:
    """Conflict `attribute-in-use` while a variant has one of its values."""
    attribute = get_attribute(attribute_id)
    _refuse_in_use([value.id for value in attribute.values], "attribute-in-use")
    audit.record("delete", attribute, actor=actor, changes={"name": [attribute.name, None]})
    db.session.delete(attribute)
    tenants.touch_catalog()


@transaction()
def delete_value(attribute_id: UUID | str, value_id: UUID | str, *, actor: Actor) -> None:
    attribute, value = _value_of(attribute_id, value_id)
    _refuse_in_use([value.id], "value-in-use")
    audit.record("update", attribute, actor=actor, changes={"values": [value.value, None]})
    attribute.values.remove(value)
    tenants.touch_catalog()


def _value_of(attribute_id: UUID | str, value_id: UUID | str) -> tuple[Attribute, AttributeValue]:
    attribute, ident = get_attribute(attribute_id), parse_id(value_id)
    value = next((row for row in attribute.values if row.id == ident), None)
    if value is None:
        raise NotFound(_("There is no such value."))
    return attribute, value


def _append(attribute: Attribute, draft: ValueDraft) -> None:
    _check_value(attribute, draft.value)
    position = draft.position
    if position is None:
        position = max((row.position for row in attribute.values), default=-1) + 1
    slug = _slug_of(draft.value, {row.slug for row in attribute.values})
    attribute.values.append(
        AttributeValue(
            value=draft.value, slug=slug, color=draft.color, position=position, names=_given(draft.names)
        )
    )


def _given(names: Names) -> Names:
    return {locale: name for locale, name in names.items() if name}


@transaction()
def move_value(attribute_id: UUID | str, value_id: UUID | str, by: int, *, actor: Actor) -> Attribute:
    """One place up (-1) or down (1) among its values; at the edge it stays."""
    addresses.lock_names()
    attribute, value = _value_of(attribute_id, value_id)
    rows = sorted(attribute.values, key=lambda row: (row.position, row.id))
    at = rows.index(value)
    to = min(max(at + by, 0), len(rows) - 1)
    if to == at:
        return attribute
    rows.insert(to, rows.pop(at))
    for position, row in enumerate(rows):
        row.position = position
    audit.record("update", attribute, actor=actor, changes={"position": [at, to]})
    tenants.touch_catalog()
    return attribute


def _slug_of(name: str, taken: set[str]) -> str:
    return numbered(slugify(name, 100) or "value", taken)


def _check_name(name: str, own: Attribute | None = None) -> None:
    for row in db.session.scalars(select(Attribute)):
        if row is not own and fold(row.name) == fold(name):
            raise Conflict(
                _("There is already an attribute “%(name)s”.", name=row.name), code="attribute-exists"
            )


def _check_value(attribute: Attribute, value: str, own: AttributeValue | None = None) -> None:
    """Compared without case only: folded, ½ and 1/2 would be one."""
    if any(row is not own and row.value.casefold() == value.casefold() for row in attribute.values):
        raise Conflict(
            _("The attribute already has the value “%(value)s”.", value=value), code="value-exists"
        )


def _refuse_in_use(value_ids: list[UUID], code: str) -> None:
    query = (
        select(Product.name, Variant.sku)
        .join(Variant, Variant.product_id == Product.id)
        .join(variant_values, variant_values.c.variant_id == Variant.id)
        .where(variant_values.c.value_id.in_(value_ids))
        .distinct()
    )
    users = db.session.execute(query).all() if value_ids else []
    if users:
        raise Conflict(
            _n("A variant uses it, of %(names)s.", "%(num)d variants use it, of %(names)s.", len(users),
               names=", ".join(sorted({name for name, _sku in users})[:5])),
            code=code,
            variants=[{"product": name, "sku": sku} for name, sku in users[:20]],
        )  # fmt: skip
