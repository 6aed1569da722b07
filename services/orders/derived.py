"""What is told of an order is worked out from its money and its parcels, never set by hand.

The rules are tables: the first one that holds gives the value. `refresh` writes the answers on the order, so that
lists can filter by them.
"""

from dataclasses import dataclass

from sqlalchemy import select

from kit.db import db
from kit.money import share
from models.fulfilment import Fulfillment, ParcelStatus
from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus, PaymentStatus
from models.payments import AttemptStatus, Dispute, PaymentAttempt, Refund, RefundStatus

OPEN_DISPUTE = ("open", "under_review")


@dataclass(frozen=True, slots=True)
class Money:
    """The money of an order, in minor units. `credits`: what the shop no longer asks for. Every refund carries an
    equal credit, so that giving money back never makes an order look underpaid."""

    total: int
    captured: int = 0
    refunded: int = 0
    authorized: int = 0
    credits: int = 0
    is_disputed: bool = False
    is_processing: bool = False
    is_cancelled: bool = False
    has_failed: bool = False

    @property
    def net(self) -> int:
        return self.captured - self.refunded

    @property
    def owed(self) -> int:
        return self.total - self.credits

    @property
    def balance(self) -> int:
        """What is still to be paid; negative where too much was."""
        return self.owed - self.net


@dataclass(frozen=True, slots=True)
class Units:
    """What of an order has to be sent, in units; what needs no sending is not counted."""

    ordered: int
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0
    is_delivered: bool = False  # every parcel that was sent has arrived

    @property
    def left(self) -> int:
        return self.ordered - self.cancelled - self.shipped


def payment_status(m: Money) -> PaymentStatus:
    rules = (
        (m.is_disputed, PaymentStatus.DISPUTED),
        (m.captured > 0 and m.net == 0, PaymentStatus.REFUNDED),
        (m.refunded > 0 and m.net > 0 and m.net == m.owed, PaymentStatus.PARTIALLY_REFUNDED),
        ((m.net == m.owed and m.owed > 0) or m.total == 0, PaymentStatus.PAID),
        (m.net > m.owed, PaymentStatus.OVERPAID),
        (0 < m.net < m.owed, PaymentStatus.PARTIALLY_PAID),
        (m.authorized > 0 and m.authorized >= m.owed, PaymentStatus.AUTHORIZED),
        (m.is_processing, PaymentStatus.PENDING),
        (m.is_cancelled and m.captured == 0, PaymentStatus.VOIDED),
        (m.has_failed, PaymentStatus.FAILED),
    )
    return next((status for holds, status in rules if holds), PaymentStatus.UNPAID)


def fulfillment_status(u: Units) -> FulfillmentStatus:
    rules = (
        (u.ordered == 0, FulfillmentStatus.NOT_REQUIRED),
        (u.shipped > 0 and u.returned >= u.shipped and u.left == 0, FulfillmentStatus.RETURNED),
        (u.returned > 0, FulfillmentStatus.PARTIALLY_RETURNED),
        (u.shipped == 0, FulfillmentStatus.UNFULFILLED),
        (u.left > 0, FulfillmentStatus.PARTIAL),
        (u.is_delivered, FulfillmentStatus.DELIVERED),
    )
    return next((status for holds, status in rules if holds), FulfillmentStatus.FULFILLED)


def display_status(order: Order) -> str:
    """One word for the shopper, from the three statuses of the order."""
    status, sent = order.status, order.fulfillment_status
    rules = (
        (status is OrderStatus.DRAFT, "draft"),
        (status is OrderStatus.EXPIRED, "expired"),
        (order.captured_total > 0 and order.refunded_total == order.captured_total, "refunded"),
        (status is OrderStatus.CANCELLED, "cancelled"),
        (sent is FulfillmentStatus.DELIVERED, "delivered"),
        (sent is FulfillmentStatus.FULFILLED, "shipped"),
        (sent is FulfillmentStatus.PARTIAL, "partially_shipped"),
        (status is OrderStatus.COMPLETED, "completed"),
        (status is OrderStatus.PROCESSING, "processing"),
        (status is OrderStatus.CONFIRMED, "confirmed"),
    )
    return next((word for holds, word in rules if holds), "pending")


def paid_for(order: Order, item: OrderItem) -> int:
    """What the customer pays for a line: discounts off, tax on."""
    return item.line_total - item.discount_amount + (0 if order.prices_include_tax else item.tax_amount)


def shipping_paid(order: Order) -> int:
    return order.shipping_total + (0 if order.prices_include_tax else order.shipping_tax)


def money_of(order: Order) -> Money:
    """Read from the rows; three small queries."""
    attempts = db.session.scalars(
        select(PaymentAttempt).where(PaymentAttempt.order_id == order.id).order_by(PaymentAttempt.number)
    ).all()
    refunds = db.session.scalars(select(Refund).where(Refund.order_id == order.id)).all()
    disputed = db.session.scalar(
        select(Dispute.id).where(Dispute.order_id == order.id, Dispute.status.in_(OPEN_DISPUTE)).limit(1)
    )
    refunded = sum(refund.amount for refund in refunds if refund.status is RefundStatus.SUCCEEDED)
    is_cancelled = order.status is OrderStatus.CANCELLED
    last = attempts[-1] if attempts else None
    return Money(
        total=order.total,
        captured=sum(attempt.captured_amount for attempt in attempts),
        refunded=refunded,
        authorized=sum(a.amount for a in attempts if a.status is AttemptStatus.AUTHORIZED),
        credits=order.total if is_cancelled else max(refunded, _cancelled_value(order)),
        is_disputed=disputed is not None,
        is_processing=any(a.status is AttemptStatus.PROCESSING for a in attempts),
        is_cancelled=is_cancelled,
        has_failed=last is not None and (last.status is AttemptStatus.FAILED or bool(last.failure_message)),
    )


def _cancelled_value(order: Order) -> int:
    return sum(share(paid_for(order, i), i.cancelled_quantity, i.quantity) for i in order.items)


def units_of(order: Order) -> Units:
    sent = [item for item in order.items if item.requires_shipping]
    parcels = db.session.scalars(select(Fulfillment.status).where(Fulfillment.order_id == order.id)).all()
    live = [status for status in parcels if status in (ParcelStatus.SHIPPED, ParcelStatus.DELIVERED)]
    return Units(
        ordered=sum(item.quantity for item in sent),
        cancelled=sum(item.cancelled_quantity for item in sent),
        shipped=sum(item.fulfilled_quantity for item in sent),
        returned=sum(item.returned_quantity for item in sent),
        is_delivered=bool(live) and all(status is ParcelStatus.DELIVERED for status in live),
    )


def refresh(order: Order) -> Money:
    """Write what follows from money and parcels on the locked order; answers the money it was worked out from."""
    db.session.flush()
    money = money_of(order)
    order.captured_total, order.refunded_total = money.captured, money.refunded
    order.payment_status = payment_status(money)
    order.fulfillment_status = fulfillment_status(units_of(order))
    order.display_status = display_status(order)
    order.version += 1
    return money
