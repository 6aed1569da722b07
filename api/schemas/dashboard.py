"""The dashboard's answers."""

from typing import Any

from api.schemas.base import Date, IdOut, MoneyOut, Out, Time
from models.orders import FulfillmentStatus, OrderStatus, PaymentStatus


class SoldOut(Out):
    product_id: IdOut
    name: str
    sku: str
    quantity: int
    revenue: MoneyOut


class LatestOrderOut(Out):
    id: IdOut
    order_number: str
    customer_name: str
    email: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    display_status: str
    total: MoneyOut
    currency: str
    placed_at: Time


class StatsOut(Out):
    """`revenue_change_pct` is null where there is nothing to compare with."""

    orders_today: int
    revenue_today: MoneyOut
    orders_this_month: int
    revenue_this_month: MoneyOut
    revenue_previous_month: MoneyOut
    revenue_change_pct: float | None
    active_products: int
    total_customers: int
    pending_orders: int
    low_stock_products: int
    out_of_stock_products: int
    top_products: list[SoldOut]
    latest_orders: list[LatestOrderOut]


class PointOut(Out):
    date: Date
    orders: int
    revenue: MoneyOut


class ChartOut(Out):
    period: str
    points: list[PointOut]


class StatusPartOut(Out):
    status: str
    orders: int
    revenue: MoneyOut

    @classmethod
    def of(cls, part):
        return cls(status=part.key, orders=part.orders, revenue=part.revenue)


class MethodPartOut(Out):
    payment_method: str
    orders: int
    revenue: MoneyOut

    @classmethod
    def of(cls, part):
        return cls(payment_method=part.key, orders=part.orders, revenue=part.revenue)


class PaymentPartOut(Out):
    payment_status: str
    orders: int
    revenue: MoneyOut

    @classmethod
    def of(cls, part):
        return cls(payment_status=part.key, orders=part.orders, revenue=part.revenue)


class CategoryPartOut(Out):
    category_id: IdOut
    name: str
    quantity: int
    revenue: MoneyOut

    @classmethod
    def of(cls, part):
        return cls(category_id=part.key, name=part.name, quantity=part.quantity, revenue=part.revenue)


class BreakdownOut(Out):
    by_status: list[StatusPartOut]
    by_payment_method: list[MethodPartOut]
    by_payment_status: list[PaymentPartOut]
    top_categories: list[CategoryPartOut]

    @classmethod
    def of(cls, found):
        kinds: dict[str, Any] = {
            "by_status": StatusPartOut,
            "by_payment_method": MethodPartOut,
            "by_payment_status": PaymentPartOut,
            "top_categories": CategoryPartOut,
        }
        return cls(**{name: [kind.of(part) for part in found[name]] for name, kind in kinds.items()})
