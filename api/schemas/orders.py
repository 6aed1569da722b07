"""Orders as JSON. A list is presented at once, so that parcels and refunds are read once for all of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api.schemas.base import MoneyOut, Out, RateOut, Time
from api.schemas.carts import OptionOut
from models.fulfilment import Fulfillment, ParcelStatus
from models.orders import FulfillmentStatus, Order, OrderStatus, PaymentMethod, PaymentStatus
from models.payments import Refund, RefundStatus
from services.orders import reading


class OrderItemOut(Out):
    """The order's own copy of what was sold. `line_total` is before, `discount_amount` what came off."""

    id: UUID
    product_id: UUID | None
    variant_id: UUID | None
    name: str
    sku: str
    options: list[OptionOut]
    unit_price: MoneyOut
    quantity: int
    line_total: MoneyOut
    tax_rate: RateOut
    tax_amount: MoneyOut
    discount_amount: MoneyOut
    fulfilled_quantity: int
    refunded_quantity: int
    cancelled_quantity: int


class OrderAddressOut(Out):
    first_name: str
    last_name: str
    company: str = ""
    vat_number: str = ""
    line1: str
    line2: str = ""
    city: str
    region: str = ""
    postal_code: str
    country: str
    phone: str = ""


class UnitsOut(Out):
    order_item_id: UUID
    quantity: int


class FulfillmentOut(Out):
    id: UUID
    status: ParcelStatus
    carrier: str
    tracking_number: str
    tracking_url: str
    items: list[UnitsOut]
    created_at: Time
    shipped_at: Time | None


class RefundOut(Out):
    id: UUID
    status: RefundStatus
    amount: MoneyOut
    reason: str
    items: list[UnitsOut]
    created_at: Time


class OrderOut(Out):
    """`total` = `subtotal` − `discount_total` + `shipping_total`, plus `tax_total` where prices exclude tax."""

    id: UUID
    order_number: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    display_status: str
    is_on_hold: bool
    channel: str
    email: str
    customer_id: UUID | None
    currency: str
    locale: str
    items: list[OrderItemOut]
    subtotal: MoneyOut
    discount_total: MoneyOut
    shipping_total: MoneyOut
    tax_total: MoneyOut
    total: MoneyOut
    refunded_total: MoneyOut
    prices_include_tax: bool
    coupon_code: str | None
    shipping_method: str
    shipping_address: OrderAddressOut | None
    billing_address: OrderAddressOut | None
    payment_method: PaymentMethod
    customer_note: str
    fulfillments: list[FulfillmentOut]
    refunds: list[RefundOut]
    placed_at: Time | None
    payment_due_at: Time | None
    paid_at: Time | None
    cancelled_at: Time | None
    completed_at: Time | None
    version: int

    @classmethod
    def of(cls, order: Order) -> "OrderOut":
        return present_orders([order])[0]


def present_orders(orders: Sequence[Order]) -> list[OrderOut]:
    parcels, refunds = reading.parcels_of(orders), reading.refunds_of(orders)
    return [_present(order, parcels[order.id], refunds[order.id]) for order in orders]


def _present(order: Order, parcels: list[Fulfillment], refunds: list[Refund]) -> OrderOut:
    special = {"items", "shipping_address", "billing_address", "fulfillments", "refunds"}
    plain: dict[str, Any] = {
        name: getattr(order, name) for name in OrderOut.model_fields if name not in special
    }
    return OrderOut(
        items=[OrderItemOut.model_validate(item) for item in order.items],
        shipping_address=_address(order.shipping_address),
        billing_address=_address(order.billing_address),
        fulfillments=[FulfillmentOut.model_validate(parcel) for parcel in parcels],
        refunds=[RefundOut.model_validate(refund) for refund in refunds],
        **plain,
    )


def _address(address: dict[str, Any] | None) -> OrderAddressOut | None:
    return OrderAddressOut.model_validate(address) if address else None
