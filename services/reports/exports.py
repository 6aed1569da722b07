"""Reports as CSV, row by row. Amounts are plain numbers with the currency beside them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from kit.actor import Actor
from kit.csv import lines
from kit.db import db, transaction
from kit.money import to_text
from models.orders import Order
from services import audit, tenants
from services.reports import customers
from services.reports.categories import sold_categories
from services.reports.periods import COUNTED, Period, Span
from services.reports.products import sold_products
from services.reports.sales import Sums, refunded_tax, sales, sums
from services.tenants import Store

TYPES = ("sales", "products", "categories", "customers", "orders")
ROWS = 1000  # read at a time
MONEY = ("gross", "discounts", "refunds", "net", "tax", "shipping", "revenue")
HEADERS = {
    "sales": ("date", "orders", *MONEY, "average_order_value", "currency"),
    "products": ("product_id", "name", "sku", "quantity", "revenue", "currency"),
    "categories": ("category_id", "name", "orders", "quantity", "revenue", "currency"),
    "customers": ("customer_id", "email", "name", "orders", "total_spent", "lifetime_value", "currency",
                  "first_order_at", "last_order_at"),
    "orders": ("order_number", "placed_at", "status", "payment_status", "fulfillment_status", "payment_method", "email",
               "name", "country", *MONEY, "currency"),
}  # fmt: skip


def export(type: str, period: Period, group_by: str | None = None, *, actor: Actor) -> Iterator[str]:
    """One of TYPES in pieces, a row each. That somebody took it stands in the audit log."""
    span, store = period.span(group_by), tenants.current()
    said = f"{period.since.isoformat(timespec='seconds')} – {period.before.isoformat(timespec='seconds')}"
    with transaction():
        audit.record("export", ("report", type), actor=actor, changes={"period": [None, said]})
    return lines(HEADERS[type], _ROWS[type](store, span))


def _sales(store: Store, span: Span) -> Iterator[Sequence[Any]]:
    with tenants.in_store(store):
        points = sales(span).points
    for day, one in points:
        average = to_text(one.average_order_value, store.currency)
        yield [day.isoformat(), one.orders, *_money(one, store), average, store.currency]


def _money(one: Sums, store: Store) -> list[str]:
    return [to_text(getattr(one, name), store.currency) for name in MONEY]


def _products(store: Store, span: Span) -> Iterator[Sequence[Any]]:
    with tenants.in_store(store):
        found = sold_products(span)
    for one in found:
        yield [
            one.product_id,
            one.name,
            one.sku,
            one.quantity,
            to_text(one.revenue, store.currency),
            store.currency,
        ]


def _categories(store: Store, span: Span) -> Iterator[Sequence[Any]]:
    with tenants.in_store(store):
        found = sold_categories(span)
    for one in found:
        revenue = to_text(one.revenue, store.currency)
        yield [one.category_id, one.name, one.orders, one.quantity, revenue, store.currency]


def _customers(store: Store, span: Span) -> Iterator[Sequence[Any]]:
    """Page by page, and in no store between the pages: whoever streams this may be elsewhere by then."""
    after = ""
    while True:
        with tenants.in_store(store):
            found = customers.page_of_buyers(span, after=after, limit=ROWS)
        for one in found:
            yield [one.id, one.email, one.name, one.orders_count, to_text(one.total_spent, store.currency),
                   to_text(one.lifetime_value, store.currency), store.currency, _time(one.first_order_at),
                   _time(one.last_order_at)]  # fmt: skip
        if len(found) < ROWS:
            return
        after = found[-1].email_key


def _orders(store: Store, span: Span) -> Iterator[Sequence[Any]]:
    """Oldest first, page by page."""
    last = None
    while True:
        with tenants.in_store(store):
            found = _page_of_orders(span, last)
        for order, *numbers in found:
            address = order.shipping_address or order.billing_address or {}
            yield [order.order_number, _time(order.placed_at), order.status, order.payment_status,
                   order.fulfillment_status, order.payment_method, order.email, order.customer_name,
                   address.get("country", ""), *_money(Sums(*numbers), store), order.currency]  # fmt: skip
        if len(found) < ROWS:
            return
        last = found[-1][0]


def _page_of_orders(span: Span, last: Order | None) -> Sequence[Any]:
    back = refunded_tax()
    query = (
        select(Order, *sums(back))
        .outerjoin(back, back.c.order_id == Order.id)
        .where(*span.holds(), Order.status.in_(COUNTED))
        .group_by(Order.tenant_id, Order.id)
        .order_by(Order.placed_at, Order.id)
        .limit(ROWS)
    )
    if last is not None:
        later = and_(Order.placed_at == last.placed_at, Order.id > last.id)
        query = query.where(or_(Order.placed_at > last.placed_at, later))
    return db.session.execute(query).all()


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


_ROWS: dict[str, Callable[[Store, Span], Iterator[Sequence[Any]]]] = {
    "sales": _sales,
    "products": _products,
    "categories": _categories,
    "customers": _customers,
    "orders": _orders,
}
