"""How things are said to shoppers: addresses, days, states of orders, ways to pay."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from kit.i18n import _, cldr, mark, pgettext
from models.catalog import MeasureUnit
from models.orders import FulfillmentStatus, Order, OrderStatus, PaymentMethod, PaymentStatus
from services.addresses import envelope
from web.filters import money

PAYMENT_NAMES = {
    PaymentMethod.CARD: mark("Card and more"),
    PaymentMethod.BANK_TRANSFER: mark("Bank transfer"),
    PaymentMethod.CASH_ON_DELIVERY: mark("Cash on delivery"),
    PaymentMethod.PAY_IN_SHOP: mark("Pay in the shop"),
    PaymentMethod.NONE: mark("Nothing to pay"),
}
PAYMENT_NOTES = {
    PaymentMethod.CARD: mark("You pay on the secure page of Stripe."),
    PaymentMethod.BANK_TRANSFER: mark("We send you our account; the order leaves when the money is there."),
    PaymentMethod.CASH_ON_DELIVERY: mark("You pay the courier at the door."),
    PaymentMethod.PAY_IN_SHOP: mark("You pay when you collect it."),
}
PAYMENT_ICONS = {
    PaymentMethod.CARD: "card",
    PaymentMethod.BANK_TRANSFER: "bank",
    PaymentMethod.CASH_ON_DELIVERY: "truck",
    PaymentMethod.PAY_IN_SHOP: "store",
}
WORKDAYS = 5


def address_lines(address: Mapping[str, Any] | None) -> list[str]:
    """As on an envelope, with the telephone number that the courier may ring."""
    return envelope(address, with_phone=True)


def add_workdays(day: date, count: int) -> date:
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < WORKDAYS:
            count -= 1
    return day


def arrival(today: date, shortest: int | None, longest: int | None) -> str:
    """`Arrives Tue 6 – Thu 8 May`; empty where the method says nothing of it. Working days, from today on."""
    if longest is None and shortest is None:
        return ""
    first, last = (add_workdays(today, n) for n in (shortest or longest or 0, longest or shortest or 0))
    if first >= last:
        return _("Arrives %(day)s", day=_weekday(last))
    return _("Arrives %(first)s – %(last)s", first=_weekday(first), last=_weekday(last))


def _weekday(day: date) -> str:
    return format_date(day, "EEE d MMM", locale=cldr())


def kilograms_text(grams: int) -> str:
    """`270 g`, `1.5 kg`"""
    if grams < 1000:
        return f"{grams}\N{NO-BREAK SPACE}g"
    return format_decimal(grams / 1000, locale=cldr()) + "\N{NO-BREAK SPACE}kg"


UNITS = {
    MeasureUnit.KILOGRAM: "kg",
    MeasureUnit.LITRE: "l",
    MeasureUnit.METRE: "m",
    MeasureUnit.SQUARE_METRE: "m²",
}


def unit_price_text(price: int | None, unit: MeasureUnit | None) -> str:
    """`€13.32 / l`; nothing where the product is not measured."""
    if price is None or unit is None:
        return ""
    return _("%(price)s / %(unit)s", price=money(price), unit=UNITS.get(unit) or pgettext("unit", "piece"))


def payment_name(method: PaymentMethod) -> str:
    return _(PAYMENT_NAMES[method])


def state_of(order: Order) -> tuple[str, str]:
    """The state of an order in a few words, and its tone."""
    if order.status is OrderStatus.CANCELLED:
        return _("Cancelled"), "neutral"
    if order.status is OrderStatus.EXPIRED:
        return _("Not paid in time"), "neutral"
    if order.payment_status is PaymentStatus.REFUNDED:
        return _("Refunded"), "neutral"
    if order.status is OrderStatus.PENDING:
        return _pending(order)
    if order.fulfillment_status is FulfillmentStatus.DELIVERED:
        return _("Delivered"), "good"
    if order.fulfillment_status is FulfillmentStatus.FULFILLED:
        return _("On its way"), "info"
    if order.fulfillment_status is FulfillmentStatus.PARTIAL:
        return _("Partly on its way"), "info"
    if order.status is OrderStatus.COMPLETED:
        return _("Completed"), "good"
    if order.status is OrderStatus.PROCESSING:
        return _("Being packed"), "info"
    return _("Confirmed"), "info"


def _pending(order: Order) -> tuple[str, str]:
    if (
        order.payment_method is PaymentMethod.CASH_ON_DELIVERY
        or order.payment_method is PaymentMethod.PAY_IN_SHOP
    ):
        return _("Received"), "info"
    if order.payment_status is PaymentStatus.PENDING:
        return _("Waiting for the payment to arrive"), "warn"
    if order.payment_status is PaymentStatus.FAILED:
        return _("The payment failed"), "bad"
    return _("Waiting for your payment"), "warn"
