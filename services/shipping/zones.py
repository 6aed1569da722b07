"""Zones and their methods: what staff set up."""

from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from babel import Locale
from pydantic import AfterValidator, Field, WithJsonSchema, WrapValidator, model_validator
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from kit.actor import Actor
from kit.cache import Cache
from kit.db import copy_of, db, is_writing, transaction
from kit.drafts import Amount, Country, Draft, Flag, Int, Number, Text, Weight, ambient_currency, wrong
from kit.errors import NotFound
from kit.i18n import _, cldr
from kit.money import to_minor, to_text
from models.catalog import TaxClass
from models.shipping import ShippingMethod, ShippingType, ShippingZone
from services import audit, tenants
from services.places import PATTERNS_MAX, NoneIsEmpty, Pattern
from services.shipping.rates import REST_OF_WORLD, specificity

UNIT = {ShippingType.WEIGHT_BASED: "weight", ShippingType.PRICE_BASED: "amount"}
UP_TO_MAX = 10**12


CountryOrRest = Annotated[
    Country,
    WrapValidator(lambda value, check: value if value == REST_OF_WORLD else check(value)),
    WithJsonSchema({"type": "string", "pattern": r"^([A-Z]{2}|\*)$"}),
]


class ZoneDraft(Draft):
    """`countries`: codes, or `*` for the rest of the world. Without a `position` a new zone is placed by how specific
    it is, because the first match wins."""

    name: Annotated[str, Text(100, min=1)]
    countries: Annotated[list[CountryOrRest], Field(min_length=1, max_length=250)]
    postal_codes: Annotated[list[Pattern], Field(max_length=PATTERNS_MAX), NoneIsEmpty] = []
    is_active: Flag = True
    position: Annotated[Int, Field(ge=0, le=10_000)] | None = None

    @classmethod
    def of(cls, zone: ShippingZone) -> dict[str, Any]:
        return {name: getattr(zone, name) for name in cls.model_fields}


class StepDraft(Draft):
    """`up_to` (inclusive) in kilograms or in money, by the method's type."""

    up_to: Number
    price: Amount


def _ascending(steps: list[StepDraft]) -> list[StepDraft]:
    bounds = [step.up_to for step in steps]
    if any(high <= low for low, high in zip(bounds, bounds[1:], strict=False)):
        raise wrong("", "not_ascending", _("Each step must reach further than the one before."))
    return steps


class MethodDraft(Draft):
    name: Annotated[str, Text(100, min=1)]
    type: ShippingType
    price: Amount = 0
    free_above: Amount | None = None
    min_weight: Weight | None = None
    max_weight: Weight | None = None
    min_total: Amount | None = None
    max_total: Amount | None = None
    rates: Annotated[list[StepDraft], Field(max_length=100), AfterValidator(_ascending), NoneIsEmpty] = []
    estimated_days_min: Annotated[Int, Field(ge=0, le=365)] | None = None
    estimated_days_max: Annotated[Int, Field(ge=0, le=365)] | None = None
    tax_class: TaxClass = TaxClass.STANDARD
    is_active: Flag = True
    position: Annotated[Int, Field(ge=0, le=10_000)] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for low, high in (("min_weight", "max_weight"), ("min_total", "max_total"),
                          ("estimated_days_min", "estimated_days_max")):  # fmt: skip
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise wrong(high, "below_minimum", _("Must not be below the minimum."))
        if self.type in UNIT and not self.rates:
            raise wrong("rates", "required", _("Enter at least one step."))
        self.steps()
        return self

    def steps(self) -> list[dict[str, int]]:
        """The steps as they are stored: grams or minor units."""
        return [
            {"up_to": self._bound(i, step.up_to), "price": step.price} for i, step in enumerate(self.rates)
        ]

    def _bound(self, i: int, up_to: Decimal) -> int:
        try:
            if UNIT.get(self.type) == "weight":
                grams = up_to.scaleb(3)
                bound = int(grams) if grams == grams.to_integral_value() else -1
            else:
                bound = to_minor(up_to, ambient_currency.get())
        except ValueError:
            bound = -1
        if not 0 < bound <= UP_TO_MAX:
            raise wrong(
                f"rates.{i}.up_to", "out_of_range", _("Is not a weight or an amount that can be used.")
            )
        return bound

    @classmethod
    def of(cls, method: ShippingMethod) -> dict[str, Any]:
        current = {name: getattr(method, name) for name in cls.model_fields}
        for name in ("price", "free_above", "min_total", "max_total"):
            current[name] = money_text(current[name])
        for name in ("min_weight", "max_weight"):
            current[name] = weight_text(current[name])
        return current | {"rates": steps_as_text(method)}


def money_text(minor: int | None) -> str | None:
    return None if minor is None else to_text(minor, ambient_currency.get())


def weight_text(grams: int | None) -> str | None:
    return None if grams is None else f"{grams // 1000}.{grams % 1000:03d}"


def steps_as_text(method: ShippingMethod) -> list[dict[str, str | None]]:
    """The steps as they are entered and shown: kilograms or money."""
    show = weight_text if UNIT.get(method.type) == "weight" else money_text
    return [{"up_to": show(step["up_to"]), "price": money_text(step["price"])} for step in method.rates]


# --- zones --------------------------------------------------------------------------------------------------------


def list_zones() -> list[ShippingZone]:
    """All zones in the order in which they are tried, with their methods. One query."""
    return list(
        db.session.scalars(
            select(ShippingZone)
            .options(joinedload(ShippingZone.methods))
            .order_by(ShippingZone.position, ShippingZone.id)
        ).unique()
    )


def zones_in_order() -> list[ShippingZone]:
    """The same to compute with, not for changing: kept with the store's catalogue version, which every change of a
    zone or method moves."""
    store = tenants.current()
    key = (store.id, store.catalog_version)
    if is_writing():  # what this transaction has changed itself may yet be undone: nothing of it is kept
        return _kept.find(key) or list_zones()
    return _kept.remember(key, lambda: [_copy(zone) for zone in list_zones()])


_kept = Cache(1_000)


def _copy(zone: ShippingZone) -> ShippingZone:
    copy: ShippingZone = copy_of(zone)
    copy.methods = [copy_of(method) for method in zone.methods]
    return copy


def get_zone(zone_id: UUID) -> ShippingZone:
    zone = db.session.get(ShippingZone, zone_id)
    if zone is None:
        raise NotFound(_("There is no such shipping zone."))
    return zone


@transaction()
def create_zone(draft: ZoneDraft, *, actor: Actor) -> ShippingZone:
    tenants.row(lock=True)  # two new zones must not take the same place
    zone = ShippingZone(**draft.model_dump())
    others = list_zones()
    place = draft.position
    if place is None:
        place = next(
            (i for i, other in enumerate(others) if specificity(other) < specificity(zone)), len(others)
        )
    others.insert(min(place, len(others)), zone)
    _number(others)
    db.session.add(zone)
    db.session.flush()
    audit.record("create", zone, actor=actor, changes={"name": [None, zone.name]})
    tenants.touch_catalog()
    return zone


@transaction()
def update_zone(zone_id: UUID, draft: ZoneDraft, *, actor: Actor) -> ShippingZone:
    tenants.row(lock=True)
    zone = get_zone(zone_id)
    wanted = draft.model_dump(exclude={"position"})
    before = {name: getattr(zone, name) for name in wanted} | {"position": zone.position}
    for name, value in wanted.items():
        setattr(zone, name, value)
    if draft.position is not None and draft.position != zone.position:
        others = [other for other in list_zones() if other.id != zone.id]
        others.insert(min(draft.position, len(others)), zone)
        _number(others)
    after = wanted | {"position": zone.position}
    audit.record("update", zone, actor=actor, changes=audit.difference(before, after))
    tenants.touch_catalog()
    return zone


def _number(zones: list[ShippingZone]) -> None:
    for i, zone in enumerate(zones):
        zone.position = i


@transaction()
def delete_zone(zone_id: UUID, *, actor: Actor) -> None:
    """With its methods. Orders keep the name and the price of the method they were sent by."""
    zone = get_zone(zone_id)
    db.session.delete(zone)
    audit.record("delete", zone, actor=actor, changes={"name": [zone.name, None]})
    tenants.touch_catalog()


# --- methods ------------------------------------------------------------------------------------------------------


def get_method(method_id: UUID) -> ShippingMethod:
    method = db.session.get(ShippingMethod, method_id)
    if method is None:
        raise NotFound(_("There is no such shipping method."))
    return method


def method_exists(method_id: UUID) -> bool:
    return db.session.get(ShippingMethod, method_id) is not None


@transaction()
def create_method(zone_id: UUID, draft: MethodDraft, *, actor: Actor) -> ShippingMethod:
    zone = get_zone(zone_id)
    method = ShippingMethod(zone_id=zone.id, **_values(draft))
    if draft.position is None:
        last = db.session.scalar(
            select(func.max(ShippingMethod.position)).where(ShippingMethod.zone_id == zone.id)
        )
        method.position = 0 if last is None else last + 1
    db.session.add(method)
    db.session.flush()
    audit.record("create", method, actor=actor, changes={"name": [None, method.name]})
    tenants.touch_catalog()
    return method


@transaction()
def update_method(method_id: UUID, draft: MethodDraft, *, actor: Actor) -> ShippingMethod:
    method = get_method(method_id)
    values = _values(draft)
    if draft.position is None:
        del values["position"]
    before = {name: getattr(method, name) for name in values}
    for name, value in values.items():
        setattr(method, name, value)
    audit.record("update", method, actor=actor, changes=audit.difference(before, values))
    tenants.touch_catalog()
    return method


def _values(draft: MethodDraft) -> dict[str, Any]:
    return draft.model_dump() | {"rates": draft.steps()}


@transaction()
def delete_method(method_id: UUID, *, actor: Actor) -> None:
    method = get_method(method_id)
    db.session.delete(method)
    audit.record("delete", method, actor=actor, changes={"name": [method.name, None]})
    tenants.touch_catalog()


@transaction()
def install_defaults(country: str) -> ShippingZone:
    """What a new store starts with: its own country at a flat rate. Part of setting up a store."""
    name = Locale.parse(cldr()).territories.get(country, country)
    zone = ShippingZone(name=name, countries=[country], postal_codes=[], position=0)
    zone.methods = [
        ShippingMethod(
            name=_("Standard delivery"),
            type=ShippingType.FLAT_RATE,
            price=to_minor(5, tenants.current().currency),
            rates=[],
            estimated_days_min=2,
            estimated_days_max=4,
        )
    ]
    db.session.add(zone)
    db.session.flush()
    return zone
