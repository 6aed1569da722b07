"""Shipping as JSON."""

from typing import Any
from uuid import UUID

from api.schemas.base import MoneyOut, Out, WeightOut
from models.catalog import TaxClass
from models.shipping import ShippingMethod, ShippingType
from services import tenants
from services.shipping import Quote, steps_as_text


class StepOut(Out):
    """`up_to`, inclusive, in kilograms or in money, by the method's type."""

    up_to: str
    price: str


class MethodOut(Out):
    id: UUID
    zone_id: UUID
    name: str
    type: ShippingType
    price: MoneyOut
    free_above: MoneyOut | None
    min_weight: WeightOut | None
    max_weight: WeightOut | None
    min_total: MoneyOut | None
    max_total: MoneyOut | None
    rates: list[StepOut]
    estimated_days_min: int | None
    estimated_days_max: int | None
    tax_class: TaxClass
    is_active: bool
    position: int

    @classmethod
    def of(cls, method: ShippingMethod) -> "MethodOut":
        plain: dict[str, Any] = {name: getattr(method, name) for name in cls.model_fields if name != "rates"}
        return cls(rates=[StepOut.model_validate(step) for step in steps_as_text(method)], **plain)


class ZoneOut(Out):
    """`countries`: codes, or `*` for the rest of the world. Zones are tried in the order of `position`."""

    id: UUID
    name: str
    countries: list[str]
    postal_codes: list[str]
    is_active: bool
    position: int
    methods: list[MethodOut]

    @classmethod
    def of(cls, zone: Any) -> "ZoneOut":
        plain = {name: getattr(zone, name) for name in cls.model_fields if name != "methods"}
        return cls(methods=[MethodOut.of(method) for method in zone.methods], **plain)


class ZoneNameOut(Out):
    id: UUID
    name: str


class ShippingOptionOut(Out):
    id: UUID
    name: str
    type: ShippingType
    price: MoneyOut
    estimated_days_min: int | None
    estimated_days_max: int | None


class QuoteOut(Out):
    """`zone` null: the store does not send there."""

    zone: ZoneNameOut | None
    currency: str
    items: list[ShippingOptionOut]

    @classmethod
    def of(cls, quote: Quote) -> "QuoteOut":
        return cls(
            zone=ZoneNameOut.model_validate(quote.zone) if quote.zone else None,
            currency=tenants.current().currency,
            items=[ShippingOptionOut.model_validate(option) for option in quote.items],
        )
