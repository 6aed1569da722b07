"""What a draft costs now: its own line prices, a discount, the way of sending. Worked out by services/pricing.py with
the taxes of the place that it goes to, and frozen when the draft is sent."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.i18n import _
from kit.ids import parse_id
from models.orders import FulfillmentStatus, Order, PaymentMethod
from services import checkout, shipping, taxes, tenants
from services.orders import derived
from services.places import Place
from services.pricing import CouponType, PriceLine, ShippingCharge, Totals, compute
from services.pricing import Discount as Terms


@dataclass(frozen=True, slots=True)
class Discount:
    """`percent` in hundredths, or an `amount` in minor units, off the goods."""

    percent: int = 0
    amount: int = 0
    reason: str = ""

    @property
    def terms(self) -> tuple[Terms, ...]:
        name = self.reason or _("Discount")
        if self.percent:
            return (Terms("staff", name, CouponType.PERCENTAGE, self.percent),)
        return (Terms("staff", name, CouponType.FIXED_AMOUNT, self.amount),) if self.amount else ()


@dataclass(frozen=True, slots=True)
class Sending:
    """By a method of the store, or (without one) under any name for any price."""

    method_id: UUID | None = None
    name: str = ""
    price: int = 0


def discount_of(order: Order) -> Discount:
    return Discount(**(order.draft_terms.get("discount") or {}))


def sending_of(order: Order) -> Sending | None:
    kept: dict[str, Any] | None = order.draft_terms.get("sending")
    if not kept:
        return None
    return Sending(parse_id(kept.get("method_id") or ""), kept.get("name", ""), kept.get("price", 0))


def keep_terms(order: Order, discount: Discount, sending: Sending | None) -> None:
    order.draft_terms = {
        "discount": {"percent": discount.percent, "amount": discount.amount, "reason": discount.reason},
        "sending": sending
        and {"method_id": str(sending.method_id or ""), "name": sending.name, "price": sending.price},
    }


def place_of(order: Order) -> Place:
    """Where it goes to, as far as that is known."""
    address = order.shipping_address or order.billing_address
    place = Place.of_address(address) if address else Place("")
    return place if place.country else Place(tenants.current().country)


def requires_shipping(order: Order) -> bool:
    return any(item.requires_shipping for item in order.items)


def options_for(order: Order) -> tuple[shipping.Option, ...]:
    """How the store would send it there. The parcel's value is that of the goods after discounts."""
    if not requires_shipping(order):
        return ()
    weight = sum(item.weight * item.quantity for item in order.items if item.requires_shipping)
    goods = sum(item.line_total - item.discount_amount for item in order.items)
    count = sum(item.quantity for item in order.items if item.requires_shipping)
    return shipping.options_for(place_of(order), shipping.Parcel(weight, goods, count)).items


def recount(order: Order) -> Totals:
    """Write the sums of the locked draft. A method that does not take this parcel (any more) counts as none."""
    table = taxes.table_for(place_of(order), (order.billing_address or {}).get("vat_number") or "")
    lines = [
        PriceLine(str(item.id), item.unit_price, item.quantity, table.rates(item.tax_class))
        for item in order.items
    ]
    included, terms = tenants.current().prices_include_tax, discount_of(order).terms
    _write_lines(order, compute(lines, prices_include_tax=included, discounts=terms))
    charge = _charge(order, table)
    totals = compute(lines, prices_include_tax=included, discounts=terms, shipping=charge)
    _write_lines(order, totals)
    order.prices_include_tax = included
    order.tax_treatment, order.vat_proof = table.treatment, table.proof.plain() if table.proof else None
    order.subtotal, order.discount_total, order.total = totals.subtotal, totals.discount_total, totals.total
    order.shipping_total, order.shipping_tax = totals.shipping_total, totals.shipping_tax
    order.shipping_tax_rate, order.tax_total = totals.shipping_tax_rate, totals.tax_total
    order.explanation = totals.explanation
    order.fulfillment_status = (
        FulfillmentStatus.UNFULFILLED if requires_shipping(order) else FulfillmentStatus.NOT_REQUIRED
    )
    derived.refresh(order)
    return totals


def _write_lines(order: Order, totals: Totals) -> None:
    for item, priced in zip(order.items, totals.lines, strict=True):
        item.line_total, item.discount_amount = priced.line_total, priced.discount_amount
        item.tax_rate, item.tax_amount = priced.tax_rate, priced.tax_amount
        item.taxes = [{"name": part.name, "rate": part.rate, "amount": part.amount} for part in priced.taxes]


def _charge(order: Order, table: taxes.TaxTable) -> ShippingCharge | None:
    order.shipping_method, order.shipping_method_id = "", None
    order.estimated_days_min = order.estimated_days_max = None
    sending = sending_of(order)
    fee = (
        checkout.fee_of(order.payment_method) if order.payment_method is PaymentMethod.CASH_ON_DELIVERY else 0
    )
    if sending is None or not requires_shipping(order):
        return None
    if sending.method_id is None:
        order.shipping_method = sending.name
        return ShippingCharge(sending.name, sending.price, table.rates("standard", shipping=True), fee)
    option = next((one for one in options_for(order) if one.id == sending.method_id), None)
    if option is None:
        return None
    order.shipping_method, order.shipping_method_id = option.name, option.id
    order.estimated_days_min, order.estimated_days_max = option.estimated_days_min, option.estimated_days_max
    return ShippingCharge(option.name, option.price, table.rates(option.tax_class, shipping=True), fee)
