"""What was sold, line by line: the one definition behind the dashboard and the reports of products and categories.

A line is worth what was paid for it: discounts off, tax on, less what was given back for it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, case, func, literal_column, select

from kit.db import db
from models.orders import Order, OrderItem
from models.payments import Refund, RefundItem, RefundStatus
from services.reports.periods import COUNTED, Span, total

VALUE = (
    OrderItem.line_total - OrderItem.discount_amount
    + case((Order.prices_include_tax, 0), else_=OrderItem.tax_amount)
)  # fmt: skip
SHIPPING = Order.shipping_total + case((Order.prices_include_tax, 0), else_=Order.shipping_tax)


@dataclass(frozen=True, slots=True)
class Goods:
    """All lines of a span, and what is missing to the sum of its orders: `revenue` + `shipping` −
    `unassigned_refunds` = `total`, the orders' totals less all refunds.

    `unassigned_refunds` were given back by amount, for no line in particular."""

    quantity: int
    revenue: int
    shipping: int
    unassigned_refunds: int

    @property
    def total(self) -> int:
        return self.revenue + self.shipping - self.unassigned_refunds


def sold_lines(span: Span) -> Subquery:
    """(order_id, product_id, loose_name, name, sku, image_key, units, revenue). `loose_name` tells lines without a
    product apart."""
    back = _given_back()
    return (
        select(
            OrderItem.order_id,
            OrderItem.product_id,
            case((OrderItem.product_id.is_(None), OrderItem.name), else_=literal_column("''")).label(
                "loose_name"
            ),
            OrderItem.name,
            OrderItem.sku,
            OrderItem.image_key,
            (OrderItem.quantity - OrderItem.refunded_quantity).label("units"),
            (VALUE - func.coalesce(back.c.amount, 0)).label("revenue"),
        )
        .join(Order, Order.id == OrderItem.order_id)
        .outerjoin(back, back.c.item_id == OrderItem.id)
        .where(*span.holds(), Order.status.in_(COUNTED))
        .subquery()
    )


def _given_back() -> Any:
    """What was refunded line by line."""
    return (
        select(RefundItem.order_item_id.label("item_id"), total(RefundItem.amount).label("amount"))
        .join(Refund, Refund.id == RefundItem.refund_id)
        .where(Refund.status == RefundStatus.SUCCEEDED)
        .group_by(RefundItem.order_item_id)
        .subquery()
    )


def goods(span: Span) -> Goods:
    lines = sold_lines(span)
    quantity, revenue = db.session.execute(select(total(lines.c.units), total(lines.c.revenue))).one()
    counted = (*span.holds(), Order.status.in_(COUNTED))
    shipping, refunded = db.session.execute(
        select(total(SHIPPING), total(Order.refunded_total)).where(*counted)
    ).one()
    of_orders = select(Refund.id).join(Order, Order.id == Refund.order_id).where(
        *counted, Refund.status == RefundStatus.SUCCEEDED
    )  # fmt: skip
    for_shipping = (
        db.session.scalar(select(total(Refund.shipping_amount)).where(Refund.id.in_(of_orders))) or 0
    )
    for_lines = (
        db.session.scalar(select(total(RefundItem.amount)).where(RefundItem.refund_id.in_(of_orders))) or 0
    )
    return Goods(quantity, revenue, shipping - for_shipping, refunded - for_shipping - for_lines)
