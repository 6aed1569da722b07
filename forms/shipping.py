"""Zones, methods and the test box."""

from typing import Any

from wtforms import BooleanField, SelectField, StringField

from forms.addresses import country_choices
from forms.base import DraftForm, canonical_number
from forms.catalog import tax_choices
from forms.fields import DecimalTextField, LinesField, TickListField, entries_of
from kit.countries import CODES
from kit.i18n import _, mark
from models.shipping import ShippingMethod, ShippingType, ShippingZone
from services.carriers import CarriersDraft
from services.shipping.quotes import ShippingQuestion
from services.shipping.rates import REST_OF_WORLD
from services.shipping.zones import MethodDraft, ZoneDraft

TYPES = {
    ShippingType.FLAT_RATE: mark("One price"),
    ShippingType.FREE: mark("Free"),
    ShippingType.WEIGHT_BASED: mark("By weight"),
    ShippingType.PRICE_BASED: mark("By the amount of the order"),
    ShippingType.PER_ITEM: mark("By the number of things"),
    ShippingType.PICKUP: mark("Collect in the shop"),
}


class ZoneForm(DraftForm):
    makes = ZoneDraft

    name = StringField(mark("Name"))
    countries = TickListField(mark("Countries"))
    postal_codes = LinesField(mark("Only these postcodes"))
    is_active = BooleanField(mark("Active"))

    @classmethod
    def of(cls, zone: ShippingZone) -> "ZoneForm":
        return cls(values=ZoneDraft.of(zone))

    def offer(self) -> "ZoneForm":
        self.countries.choices = [(REST_OF_WORLD, _("Rest of the world")), *country_choices(tuple(CODES))]
        return self

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        return values | {"postal_codes": entries_of(values["postal_codes"])}


class MethodForm(DraftForm):
    """`rates`: one step to a line, `up to = price`."""

    makes = MethodDraft
    numbers = ("price", "free_above", "min_weight", "max_weight", "min_total", "max_total")

    name = StringField(mark("Name"))
    type = SelectField(mark("Kind"), validate_choice=False)
    price = DecimalTextField(mark("Price"))
    rates = LinesField(mark("Steps"))
    free_above = DecimalTextField(mark("Free from an order of"))
    min_weight = DecimalTextField(mark("From a weight of"))
    max_weight = DecimalTextField(mark("Up to a weight of"))
    min_total = DecimalTextField(mark("From an order of"))
    max_total = DecimalTextField(mark("Up to an order of"))
    estimated_days_min = StringField(mark("Days at least"))
    estimated_days_max = StringField(mark("Days at most"))
    tax_class = SelectField(mark("Tax class"), validate_choice=False)
    is_active = BooleanField(mark("Active"))

    @classmethod
    def of(cls, method: ShippingMethod) -> "MethodForm":
        values = MethodDraft.of(method)
        steps = [f"{step['up_to']} = {step['price']}" for step in values["rates"]]
        return cls(values={**values, "rates": steps})

    def offer(self) -> "MethodForm":
        self.type.choices = [(str(kind), _(label)) for kind, label in TYPES.items()]
        self.tax_class.choices = tax_choices()
        return self

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        return values | {
            "rates": [_step(line) for line in str(values["rates"] or "").splitlines() if line.strip()]
        }


def _step(line: str) -> dict[str, str]:
    up_to, _sign, price = line.replace(":", "=").partition("=")
    return {"up_to": canonical_number(up_to.strip()), "price": canonical_number(price.strip())}


class CarriersForm(DraftForm):
    """One carrier to a line, `name = address`."""

    makes = CarriersDraft

    carriers = LinesField(mark("Carriers"))

    @classmethod
    def of(cls, own: list[dict[str, str]]) -> "CarriersForm":
        return cls(values={"carriers": [f"{one['name']} = {one['url']}" for one in own]})

    def raw(self) -> dict[str, Any]:
        lines = str(super().raw()["carriers"] or "").splitlines()
        return {"carriers": [_carrier(line) for line in lines if line.strip()]}


def _carrier(line: str) -> dict[str, str]:
    name, _sign, url = line.partition("=")
    return {"name": name.strip(), "url": url.strip()}


class ParcelQuestionForm(DraftForm):
    """What would a parcel cost?"""

    makes = ShippingQuestion
    numbers = ("weight", "total")

    country = SelectField(mark("Country"), validate_choice=False)
    postal_code = StringField(mark("Postcode"))
    weight = DecimalTextField(mark("Weight"))
    total = DecimalTextField(mark("Amount of the order"))

    def offer(self) -> "ParcelQuestionForm":
        self.country.choices = country_choices(tuple(CODES))
        return self
