"""Where a store sends to, how, and for how much."""

from services.shipping.quotes import Option, Quote, ShippingQuestion, calculate, options_for, served_countries, tester
from services.shipping.rates import Parcel, find_zone, price_of
from services.shipping.zones import (
    MethodDraft,
    ZoneDraft,
    create_method,
    create_zone,
    delete_method,
    delete_zone,
    get_method,
    get_zone,
    install_defaults,
    list_zones,
    method_exists,
    steps_as_text,
    update_method,
    update_zone,
)

__all__ = [
    "MethodDraft",
    "Option",
    "Parcel",
    "Quote",
    "ShippingQuestion",
    "ZoneDraft",
    "calculate",
    "create_method",
    "create_zone",
    "delete_method",
    "delete_zone",
    "find_zone",
    "get_method",
    "get_zone",
    "install_defaults",
    "list_zones",
    "method_exists",
    "options_for",
    "price_of",
    "served_countries",
    "steps_as_text",
    "tester",
    "update_method",
    "update_zone",
]
