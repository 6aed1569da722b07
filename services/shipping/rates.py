"""Which zone a place is in and what a method asks for a parcel. Pure: rows in, numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.shipping import ShippingMethod, ShippingType, ShippingZone
from services.places import Place, find_match

REST_OF_WORLD = "*"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent: grams, minor units after discounts, and how many things."""

    weight: int
    amount: int
    items: int = 1


@dataclass(frozen=True, slots=True)
class ZoneMatch:
    """`pattern`: the postcode pattern that decided, if one did."""

    zone: ShippingZone
    country: str
    pattern: str | None


def find_zone(zones: Sequence[ShippingZone], place: Place) -> ZoneMatch | None:
    """The first active zone, in the order given, that has the country and (where it names some) the postcode."""
    for zone in zones:
        country = next((c for c in (place.country, REST_OF_WORLD) if c in zone.countries), None)
        if not zone.is_active or country is None:
            continue
        pattern = find_match(zone.postal_codes, place.postal_code)
        if pattern is not None or not zone.postal_codes:
            return ZoneMatch(zone, country, pattern)
    return None


def price_of(method: ShippingMethod, parcel: Parcel) -> int | None:
    """What the method costs for this parcel; None where it is not offered. All limits are inclusive."""
    if not method.is_active or not _is_within(method, parcel):
        return None
    price = _base_price(method, parcel)
    if price is not None and method.free_above is not None and parcel.amount >= method.free_above:
        return 0
    return price


def _is_within(method: ShippingMethod, parcel: Parcel) -> bool:
    bounds = (
        (parcel.weight, method.min_weight, method.max_weight),
        (parcel.amount, method.min_total, method.max_total),
    )
    return all(
        (low is None or low <= value) and (high is None or value <= high) for value, low, high in bounds
    )


def _base_price(method: ShippingMethod, parcel: Parcel) -> int | None:
    match method.type:
        case ShippingType.FREE:
            return 0
        case ShippingType.WEIGHT_BASED:
            return _step(method, parcel.weight)
        case ShippingType.PRICE_BASED:
            return _step(method, parcel.amount)
        case ShippingType.PER_ITEM:
            return method.price * max(1, parcel.items)
    return method.price


def _step(method: ShippingMethod, value: int) -> int | None:
    """The first step that reaches up to the value; above the last one the method is not offered."""
    steps = sorted(method.rates, key=lambda step: step["up_to"])
    return next((int(step["price"]) for step in steps if value <= step["up_to"]), None)


def specificity(zone: ShippingZone) -> int:
    """Postcodes are more specific than countries, countries than the rest of the world."""
    if zone.postal_codes:
        return 2
    return 0 if REST_OF_WORLD in zone.countries else 1
