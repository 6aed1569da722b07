"""What sending to a place would cost: the options a shopper chooses from, and why they are these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit.countries import CODES
from kit.drafts import Amount, Country, Draft, Int, Text, Weight
from kit.i18n import _
from models.catalog import TaxClass
from models.shipping import ShippingMethod, ShippingType, ShippingZone
from services.places import Place
from services.shipping.rates import REST_OF_WORLD, Parcel, ZoneMatch, find_zone, price_of
from services.shipping.zones import zones_in_order


@dataclass(frozen=True, slots=True)
class Option:
    """A method with its price for this parcel, before the tax that is added where prices exclude it."""

    id: UUID
    name: str
    price: int
    type: ShippingType
    tax_class: TaxClass
    estimated_days_min: int | None
    estimated_days_max: int | None
    free_above: int | None


@dataclass(frozen=True, slots=True)
class Quote:
    """`zone` None: the store does not send there."""

    zone: ShippingZone | None
    items: tuple[Option, ...]


class ShippingQuestion(Draft):
    country: Country
    postal_code: Annotated[str, Text(20)] = ""
    weight: Weight = 0
    total: Amount = 0
    items: Annotated[Int, Field(ge=1, le=100_000)] = 1


def options_for(place: Place, parcel: Parcel) -> Quote:
    """The methods that take this parcel there, in the store's order."""
    match = find_zone(zones_in_order(), place)
    return Quote(match.zone, _options(match.zone, parcel)) if match else Quote(None, ())


def cheapest(options: Sequence[Option]) -> Option | None:
    """The cheapest delivery; fetching it oneself only where nothing is brought."""
    return min(options, key=lambda option: (option.type is ShippingType.PICKUP, option.price), default=None)


def served_countries() -> tuple[str, ...]:
    """Where something can be sent to: the countries of active zones that have a method. The whole world for `*`."""
    named = {c for zone in zones_in_order() if zone.is_active and any(m.is_active for m in zone.methods)
             for c in zone.countries}  # fmt: skip
    return tuple(sorted(CODES if REST_OF_WORLD in named else named))


def _options(zone: ShippingZone, parcel: Parcel) -> tuple[Option, ...]:
    priced = ((method, price_of(method, parcel)) for method in zone.methods)
    return tuple(_option(method, price) for method, price in priced if price is not None)


def _option(method: ShippingMethod, price: int) -> Option:
    return Option(method.id, method.name, price, method.type, method.tax_class, method.estimated_days_min,
                  method.estimated_days_max, method.free_above)  # fmt: skip


def calculate(question: ShippingQuestion) -> Quote:
    """For display: checkout asks again with what is really in the cart."""
    place = Place(question.country, postal_code=question.postal_code)
    return options_for(place, Parcel(question.weight, question.total, question.items))


@dataclass(frozen=True, slots=True)
class Tested:
    """`reason` says in words why this zone won, or why none did."""

    quote: Quote
    reason: str


def tester(question: ShippingQuestion) -> Tested:
    """The test box of the back office."""
    place = Place(question.country, postal_code=question.postal_code)
    match = find_zone(zones_in_order(), place)
    parcel = Parcel(question.weight, question.total, question.items)
    if match is None:
        return Tested(
            Quote(None, ()), _("No active zone has this country and postcode: nothing is sent there.")
        )
    return Tested(Quote(match.zone, _options(match.zone, parcel)), _why(match))


def _why(match: ZoneMatch) -> str:
    if match.pattern:
        return _("“%(zone)s” is the first zone with this country and its postcode pattern %(pattern)s.",
                 zone=match.zone.name, pattern=match.pattern)  # fmt: skip
    if match.country == REST_OF_WORLD:
        return _("“%(zone)s” takes the rest of the world, and no zone before it fits.", zone=match.zone.name)
    return _("“%(zone)s” is the first zone with this country.", zone=match.zone.name)
