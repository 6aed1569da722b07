"""Reports: sales, products, categories, customers, and all of them as CSV."""

from typing import Annotated, Literal

from flask import Response, stream_with_context
from pydantic import Field

from api.contract import Query, QueryInt, actor, endpoint
from api.schemas.reports import (
    CategoriesOut,
    CustomersOut,
    ProductsOut,
    SalesOut,
)
from kit.actor import Role
from kit.spans import Before, Since
from services.reports import categories, customers, exports, lines, products, sales
from services.reports.periods import Period, period_of

GROUP = "Reports"
GroupBy = Literal["day", "week", "month"]


class PeriodQuery(Query):
    """`date_from` and `date_to` belong to `custom`, which is meant when they come alone."""

    period: (
        Literal["today", "7d", "30d", "90d", "12m", "this_month", "last_month", "this_year", "custom"] | None
    ) = None
    date_from: Since | None = None
    date_to: Before | None = None

    def read(self) -> Period:
        return period_of(self.period, self.date_from, self.date_to)


class GroupedQuery(PeriodQuery):
    """Without `group_by`: days, and months where the period is longer than 93 days."""

    group_by: GroupBy | None = None


class ProductsQuery(PeriodQuery):
    sort_by: Literal["revenue", "quantity"] = "revenue"
    limit: Annotated[QueryInt, Field(ge=1, le=100)] = 10


class ExportQuery(GroupedQuery):
    type: Literal["sales", "products", "categories", "customers", "orders"]


@endpoint("GET", "/reports/sales", allow=Role.MANAGER, group=GROUP, query=GroupedQuery, answer=SalesOut)
def show_sales(query: GroupedQuery):
    """Sales over time: confirmed, processing and completed orders by the day on which they were placed."""
    period = query.read()
    group_by = query.group_by or period.group_by
    return SalesOut.build(period, group_by, sales.sales(period.span(group_by)))


@endpoint(
    "GET", "/reports/products", allow=Role.MANAGER, group=GROUP, query=ProductsQuery, answer=ProductsOut
)
def show_products(query: ProductsQuery):
    """What sold, the most first: units that were not given back, and what was paid for them."""
    period = query.read()
    span = period.span("month")
    found = products.sold_products(span, sort_by=query.sort_by, limit=query.limit)
    return ProductsOut.build(period, found, lines.goods(span))


@endpoint(
    "GET", "/reports/categories", allow=Role.MANAGER, group=GROUP, query=PeriodQuery, answer=CategoriesOut
)
def show_categories(query: PeriodQuery):
    """The same by category."""
    period = query.read()
    span = period.span("month")
    return CategoriesOut.build(period, categories.sold_categories(span), lines.goods(span))


@endpoint(
    "GET", "/reports/customers", allow=Role.MANAGER, group=GROUP, query=GroupedQuery, answer=CustomersOut
)
def show_customers(query: GroupedQuery):
    """New and returning customers. A person is an e-mail address, guests included."""
    period = query.read()
    group_by = query.group_by or period.group_by
    return CustomersOut.build(period, group_by, customers.report(period.span(group_by)))


@endpoint("GET", "/reports/export", allow=Role.MANAGER, group=GROUP, query=ExportQuery, media="text/csv")
def export_report(query: ExportQuery):
    """A report as CSV (UTF-8 with BOM; formulas are defused)."""
    period = query.read()
    pieces = exports.export(query.type, period, query.group_by, actor=actor())
    name = f"{query.type}-{period.first}-{period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(pieces), 200, headers, content_type="text/csv; charset=utf-8")
