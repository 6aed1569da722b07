"""What a draft costs now, by the code that works out a cart (services/bills.py): the offers that hold, a coupon's code
and a discount of the staff's, the taxes of the place that it goes to. Frozen when the draft is sent."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.db import db
from kit.drafts import AMOUNT_MAX
from kit.errors import Invalid
from kit.i18n import _
from kit.ids import parse_id
from models.catalog import Product, Variant
from models.orders import FulfillmentStatus, Order, OrderItem
from services import bills, checkout, shipping, vat_numbers
from services.bills import Bill, Buyer, Delivery
from services.orders import derived
from services.orders.making import sums_of, sums_of_line
from services.places import Place
from services.pricing import CouponType
from services.pricing import Discount as Terms

BY_STAFF = "staff"  # the key of the discount that staff give


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
            return (Terms(BY_STAFF, name, CouponType.PERCENTAGE, self.percent),)
        return (Terms(BY_STAFF, name, CouponType.FIXED_AMOUNT, self.amount),) if self.amount else ()


@dataclass(frozen=True, slots=True)
class Sending:
    """By a method of the store, or (without one) under any name for any price."""

    method_id: UUID | None = None
    name: str = ""
    price: int = 0


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as services/bills.py asks for it: `unit_price` as prices are entered, whatever the buyer pays of it."""

    id: UUID
    product_id: UUID | None
    unit_price: int
    quantity: int
    is_on_sale: bool
    tax_class: str
    weight: int
    requires_shipping: bool

    @property
    def line_total(self) -> int:
        return self.unit_price * self.quantity


# --- what was agreed ----------------------------------------------------------------------------------------------


def discount_of(order: Order) -> Discount:
    return Discount(**(order.draft_terms.get("discount") or {}))


def sending_of(order: Order) -> Sending | None:
    kept: dict[str, Any] | None = order.draft_terms.get("sending")
    if not kept:
        return None
    return Sending(parse_id(kept.get("method_id") or ""), kept.get("name", ""), kept.get("price", 0))


def code_of(order: Order) -> str:
    """The coupon's code that was typed; what it takes, if anything, is for the sums to say."""
    return str(order.draft_terms.get("code") or "")


def keep_terms(order: Order, discount: Discount, sending: Sending | None, code: str = "") -> None:
    order.draft_terms = {
        **order.draft_terms,
        "discount": {"percent": discount.percent, "amount": discount.amount, "reason": discount.reason},
        "sending": sending
        and {"method_id": str(sending.method_id or ""), "name": sending.name, "price": sending.price},
        "code": code,
    }


def entered_price(order: Order, item: OrderItem) -> int:
    """As it was entered; `item.unit_price` is what this buyer pays."""
    return int((order.draft_terms.get("prices") or {}).get(str(item.id), item.unit_price))


def enter_price(order: Order, item: OrderItem, price: int) -> None:
    item.unit_price = price
    order.draft_terms = {
        **order.draft_terms,
        "prices": {**(order.draft_terms.get("prices") or {}), str(item.id): price},
    }


def requires_shipping(order: Order) -> bool:
    return any(item.requires_shipping for item in order.items)


# --- what it comes to ---------------------------------------------------------------------------------------------


def options_for(order: Order) -> tuple[shipping.Option, ...]:
    """How the store would send it there."""
    return _goods(order).offered.items


def bill_of(order: Order) -> Bill:
    """Writes nothing. A method that does not take this parcel (any more) counts as none."""
    return _worked_out(order)[0]


def is_outdated(order: Order, bill: Bill) -> bool:
    """Does it come to something else now than when it was worked out last?"""
    seen = order.explanation, order.tax_treatment, bool(order.vat_proof)
    now = bill.totals.explanation, bill.table.treatment, bill.table.proof is not None
    return bool(order.items) and seen != now


@dataclass(frozen=True, slots=True)
class Remarks:
    """What who puts it together should know. `code`: why the coupon takes nothing; `hints`: what the customer could
    have more of."""

    is_outdated: bool
    is_discount_outdone: bool
    is_number_in_doubt: bool
    code: str
    hints: tuple[str, ...]


def remarks_on(order: Order, bill: Bill) -> Remarks:
    address, trouble = order.billing_address or {}, bills.trouble_with_code(bill)
    number = str(address.get("vat_number") or "")
    is_given = bool(discount_of(order).terms) and bill.totals.subtotal > 0
    return Remarks(
        is_outdated=is_outdated(order, bill),
        is_discount_outdone=is_given and all(cut.discount.key != BY_STAFF for cut in bill.totals.cuts),
        is_number_in_doubt=vat_numbers.is_in_doubt(number, str(address.get("country") or "")),
        code=trouble[1] if trouble else "",
        hints=tuple(hint.message for hint in bill.offers.hints),
    )


def recount(order: Order) -> Bill:
    """Write the sums of the locked draft. Invalid where they are more than anything can cost."""
    bill, way = _worked_out(order)
    if bill.totals.subtotal > AMOUNT_MAX:
        raise Invalid.field("quantity", "too_large", _("That is more than an order can cost."))
    order.draft_terms = {
        **order.draft_terms,
        "prices": {str(item.id): entered_price(order, item) for item in order.items},
    }
    _write_way(order, way)
    _write_sums(order, bill)
    order.fulfillment_status = (
        FulfillmentStatus.UNFULFILLED if requires_shipping(order) else FulfillmentStatus.NOT_REQUIRED
    )
    derived.refresh(order)
    return bill


def _worked_out(order: Order) -> tuple[Bill, shipping.Option | Delivery | None]:
    bill = _goods(order)
    way = _way(order, bill)
    if way is None:
        return bill, None
    free = bills.delivered(bill, way)
    # Where there is nothing to pay there is no way to pay either, nor what it costs: as in the checkout.
    fee = checkout.fee_of(order.payment_method) if free.totals.total else 0
    return bills.delivered(bill, way, fee) if fee else free, way


def _goods(order: Order) -> Bill:
    return bills.bill_for(_lines(order), _buyer(order), code_of(order) or None, also=discount_of(order).terms)


def _way(order: Order, bill: Bill) -> shipping.Option | Delivery | None:
    sending = sending_of(order)
    if sending is None or not requires_shipping(order):
        return None
    if sending.method_id is None:
        return Delivery(sending.name, sending.price)
    return next((one for one in bill.offered.items if one.id == sending.method_id), None)


def _buyer(order: Order) -> Buyer:
    address = order.shipping_address or order.billing_address
    place = Place.of_address(address) if address else None
    number = (order.billing_address or {}).get("vat_number") or ""
    return Buyer(order.email, order.customer_id, place, number)


def _lines(order: Order) -> list[DraftLine]:
    reduced = _reduced(order)
    return [
        DraftLine(item.id, item.product_id, entered_price(order, item), item.quantity,
                  (item.product_id, item.variant_id) in reduced, item.tax_class, item.weight, item.requires_shipping)
        for item in order.items
    ]  # fmt: skip


def _reduced(order: Order) -> set[tuple[UUID | None, UUID | None]]:
    """What is on sale now: some coupons leave it out. Two queries at most."""
    ids = {item.product_id for item in order.items if item.product_id}
    found = select(Product).where(Product.id.in_(ids))
    now = clock.now()
    on_sale = {row.id: row for row in db.session.scalars(found) if row.is_on_sale(now)} if ids else {}
    reduced: set[tuple[UUID | None, UUID | None]] = {
        (row.id, None) for row in on_sale.values() if row.current_price < row.price
    }
    wanted = {item.variant_id for item in order.items if item.variant_id and item.product_id in on_sale}
    variants = db.session.scalars(select(Variant).where(Variant.id.in_(wanted))) if wanted else ()
    return reduced | {(v.product_id, v.id) for v in variants if v.current_price < v.regular_price}


def _write_way(order: Order, way: shipping.Option | Delivery | None) -> None:
    option = way if isinstance(way, shipping.Option) else None
    order.shipping_method = way.name if way else ""
    order.shipping_method_id = option.id if option else None
    order.estimated_days_min = option.estimated_days_min if option else None
    order.estimated_days_max = option.estimated_days_max if option else None


def _write_sums(order: Order, bill: Bill) -> None:
    _write(order, sums_of(bill))
    for item, priced in zip(order.items, bill.totals.lines, strict=True):
        _write(item, sums_of_line(priced))


def _write(row: Order | OrderItem, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
