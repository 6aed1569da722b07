"""The reports' answers. Amounts are in the store's currency, days are the store's."""

from typing import Any, Literal, Self

from pydantic import Field

from api.schemas.base import Date, IdOut, MoneyOut, Out
from kit.paging import whole
from services import tenants
from services.reports.customers import CustomerReport
from services.reports.lines import Goods
from services.reports.periods import Period
from services.reports.sales import Sales, Sums

SUMS = ("orders", "gross", "discounts", "refunds", "net", "tax", "shipping", "revenue", "average_order_value")


class AboutOut(Out):
    """What a report is about; both dates are included."""

    period: str
    date_from: Date
    date_to: Date
    currency: str


def about(period: Period) -> dict[str, Any]:
    return {"period": period.name, "date_from": period.first, "date_to": period.last,
            "currency": tenants.current().currency}  # fmt: skip


class SumsOut(Out):
    """`gross`: the orders before discounts, with tax and delivery. `net` = gross − discounts − refunds − tax. `tax` is
    less the refunds' tax. `revenue`: money in less money back."""

    orders: int
    gross: MoneyOut
    discounts: MoneyOut
    refunds: MoneyOut
    net: MoneyOut
    tax: MoneyOut
    shipping: MoneyOut
    revenue: MoneyOut
    average_order_value: MoneyOut

    @classmethod
    def of(cls, sums: Sums) -> "SumsOut":
        return cls(**{name: getattr(sums, name) for name in SUMS})


class SalesPointOut(SumsOut):
    date: Date


class SalesOut(AboutOut):
    group_by: str
    summary: SumsOut
    points: list[SalesPointOut]

    @classmethod
    def build(cls, period: Period, group_by: str, sales: Sales) -> "SalesOut":
        points = [
            SalesPointOut(date=day, **{name: getattr(one, name) for name in SUMS})
            for day, one in sales.points
        ]
        return cls(**about(period), group_by=group_by, summary=SumsOut.of(sales.summary), points=points)


class GoodsOut(Out):
    """All that was sold, also what is not among the rows: `revenue` + `shipping` − `unassigned_refunds` (given back by
    amount, for no product in particular) = `total` = the sales report's gross − discounts − refunds."""

    quantity: int
    revenue: MoneyOut
    shipping: MoneyOut
    unassigned_refunds: MoneyOut
    total: MoneyOut


class SoldProductOut(Out):
    """The id is null for lines whose product is unknown."""

    product_id: IdOut | None
    name: str
    sku: str
    quantity: int
    revenue: MoneyOut


class SoldCategoryOut(Out):
    """The id is null for products that are in no category. A product of two categories counts in both."""

    category_id: IdOut | None
    name: str
    orders: int
    quantity: int
    revenue: MoneyOut


class RowsOut(AboutOut):
    """One page has all the rows."""

    total: int
    page: int = 1
    page_size: int
    pages: int
    summary: GoodsOut

    @classmethod
    def build(cls, period: Period, rows: list[Any], summary: Goods) -> Self:
        listed = whole(rows)
        return cls.model_validate({**about(period), "items": rows, "summary": summary, "total": listed.total,
                                   "page_size": listed.page_size, "pages": listed.pages})  # fmt: skip


class ProductsOut(RowsOut):
    items: list[SoldProductOut]


class CategoriesOut(RowsOut):
    items: list[SoldCategoryOut]


class CustomerPointOut(Out):
    date: Date
    new: int
    returning: int


class BuyerOut(Out):
    """`total_spent` in the period, `lifetime_value` up to its end. The id is null for guests."""

    id: IdOut | None
    email: str
    name: str
    orders_count: int
    total_spent: MoneyOut
    lifetime_value: MoneyOut


class SegmentSizesOut(Out):
    new: int
    returning: int
    vip: int
    at_risk: int
    inactive: int


class CustomersOut(AboutOut):
    """`new` bought for the first time in the period, `returning` had bought before it. `repeat_rate` (0 to 1): how many
    of them have bought more than once; `average_lifetime_value`: of all of them; both up to the period's end."""

    group_by: Literal["day", "week", "month"]
    new: int
    returning: int
    repeat_rate: float
    average_lifetime_value: MoneyOut
    points: list[CustomerPointOut]
    trend: list[CustomerPointOut] = Field(description="The same as `points`.")
    segments: SegmentSizesOut = Field(description="All customers, as of now.")
    top_customers: list[BuyerOut]

    @classmethod
    def build(cls, period: Period, group_by: str, report: CustomerReport) -> "CustomersOut":
        points = [CustomerPointOut.model_validate(point) for point in report.points]
        return cls(
            **about(period), group_by=group_by, new=report.new, returning=report.returning,
            repeat_rate=report.repeat_rate, average_lifetime_value=report.average_lifetime_value, points=points,
            trend=points, segments=SegmentSizesOut(**report.segments),
            top_customers=[BuyerOut.model_validate(buyer) for buyer in report.top_customers],
        )  # fmt: skip
