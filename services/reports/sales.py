"""Sales over time. The sums are those of the orders, to the cent.

`gross` is what the orders come to before discounts, with tax and delivery; `net` = gross − discounts − refunds − tax,
where `tax` is less the tax that was given back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from kit.db import db
from kit.money import share
from models.orders import Order
from models.payments import Refund, RefundStatus
from services.reports.lines import SHIPPING
from services.reports.periods import COUNTED, REVENUE, Span, total

GROSS = Order.subtotal + Order.shipping_total + case((Order.prices_include_tax, 0), else_=Order.tax_total)


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts in minor units. `revenue` is money in less money back, as on the dashboard: an order that is not paid
    yet is in `gross`, not in `revenue`."""

    orders: int = 0
    gross: int = 0
    discounts: int = 0
    refunds: int = 0
    tax: int = 0
    shipping: int = 0
    revenue: int = 0

    @property
    def net(self) -> int:
        return self.gross - self.discounts - self.refunds - self.tax

    @property
    def average_order_value(self) -> int:
        """Revenue by order."""
        return share(self.revenue, 1, self.orders) if self.orders else 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Sales:
    summary: Sums
    points: list[tuple[date, Sums]]


def sales(span: Span) -> Sales:
    """Each day, week or month of the span, none left out, and all of it. One query."""
    back = refunded_tax()
    rows: Iterable[Any] = db.session.execute(
        select(span.bucket().label("bucket"), *sums(back))
        .outerjoin(back, back.c.order_id == Order.id)
        .where(*span.holds(), Order.status.in_(COUNTED))
        .group_by("bucket")
    ).all()
    found = {row[0]: Sums(*row[1:]) for row in rows}
    points = [(day, found.get(i, Sums())) for i, day in enumerate(span.days)]
    return Sales(sum((one for _day, one in points), Sums()), points)


def sums(back: Any) -> list[ColumnElement[int]]:
    """The columns of Sums, in its order, over Order and the tax that was given back."""
    return [
        func.count(Order.id),
        total(GROSS),
        total(Order.discount_total),
        total(Order.refunded_total),
        total(Order.tax_total - func.coalesce(back.c.tax, 0)),
        total(SHIPPING),
        total(REVENUE),
    ]


def refunded_tax() -> Any:
    """(order_id, tax): the tax within what was given back."""
    return (
        select(Refund.order_id.label("order_id"), total(Refund.tax_amount).label("tax"))
        .where(Refund.status == RefundStatus.SUCCEEDED)
        .group_by(Refund.order_id)
        .subquery()
    )
