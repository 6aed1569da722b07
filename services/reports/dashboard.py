"""The numbers of the first page: today, this month, the chart, and where the money came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from kit.actor import Role
from kit.db import db
from models.accounts import User
from models.catalog import Product, StockStatus
from models.orders import Order, OrderStatus
from models.payments import Dispute, OrphanPayment
from models.reviews import Review
from services.reports.categories import sold_categories
from services.reports.keeping import kept
from services.reports.periods import COUNTED, REVENUE, Span, month_before, span_of, start_of, today, total
from services.reports.products import Sold, sold_products

TOP = 5


@dataclass(frozen=True, slots=True)
class Point:
    date: date
    orders: int
    revenue: int


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a breakdown. `key` is a status, a way to pay or a category's id."""

    key: str
    name: str
    orders: int
    revenue: int
    quantity: int = 0


def stats() -> dict[str, Any]:
    """The KPIs. The previous month is counted over as many days, so that the 3rd is compared with the 3rd."""
    money, people, things = _money(), _customers(), _products()
    before = money["revenue_previous_month"]
    now = money["revenue_this_month"]
    return {
        **money,
        "revenue_change_pct": round((now - before) * 100 / before, 1) if before else None,
        **things,
        "total_customers": people,
        "pending_orders": db.session.scalar(
            select(func.count()).select_from(Order).where(Order.status == OrderStatus.PENDING)
        ),
        "top_products": top_products(span_of("30d")),
        "latest_orders": latest_orders(),
    }


def _money() -> dict[str, int]:
    """Today, the same day a week ago, this month and the one before: one pass over two months."""
    day = today()
    month, previous = day.replace(day=1), month_before(day)
    reached = min(previous + timedelta(days=day.day), month)
    windows = {"today": (day, day + timedelta(days=1)), "last_week": (day - timedelta(days=7), day - timedelta(days=6)),
               "this_month": (month, day + timedelta(days=1)), "previous_month": (previous, reached)}  # fmt: skip
    columns = []
    for name, (first, end) in windows.items():
        inside = and_(Order.placed_at >= start_of(first), Order.placed_at < start_of(end))
        columns += [total(case((inside, 1), else_=0)).label(f"orders_{name}"),
                    total(case((inside, REVENUE), else_=0)).label(f"revenue_{name}")]  # fmt: skip
    since = min(start_of(previous), start_of(day - timedelta(days=7)))
    row = db.session.execute(
        select(*columns).where(Order.placed_at >= since, Order.status.in_(COUNTED))
    ).one()
    return dict(row._mapping)


def _customers() -> int:
    query = select(func.count()).select_from(User).where(User.role == Role.CUSTOMER, User.erased_at.is_(None))
    return db.session.scalar(query) or 0


def _products() -> dict[str, int]:
    low = total(case((Product.stock_status == StockStatus.LOW_STOCK, 1), else_=0))
    out = total(case((Product.stock_status == StockStatus.OUT_OF_STOCK, 1), else_=0))
    row = db.session.execute(
        select(func.count(), low, out).where(Product.is_active, Product.archived_at.is_(None))
    ).one()
    return {"active_products": row[0], "low_stock_products": row[1], "out_of_stock_products": row[2]}


def latest_orders(count: int = TOP) -> Sequence[Order]:
    """Newest first."""
    query = select(Order).where(Order.placed_at.is_not(None), Order.status != OrderStatus.DRAFT)
    return db.session.scalars(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(count)).all()


# --- what sold ----------------------------------------------------------------------------------------------------


def top_products(span: Span, count: int = TOP) -> list[Sold]:
    """The most sold products by units, with today's names and pictures; what was given back does not count."""
    return kept(("top_products", span, count), lambda: _top_products(span, count))


def _top_products(span: Span, count: int) -> list[Sold]:
    return sold_products(span, sort_by="quantity", limit=count, known_only=True)


def top_categories(span: Span, count: int = TOP) -> list[Part]:
    """By what was paid for their products. A product of two categories counts in both."""
    found = sold_categories(span, limit=count, known_only=True)
    return [Part(str(one.category_id), one.name, one.orders, one.revenue, one.quantity) for one in found]


# --- over time and by kind ----------------------------------------------------------------------------------------


def chart(span: Span) -> list[Point]:
    """Orders and revenue of each day or month of the span, none left out."""
    return kept(("chart", span), lambda: _chart(span))


def _chart(span: Span) -> list[Point]:
    bucket = span.bucket().label("bucket")
    rows = db.session.execute(
        select(bucket, func.count(), total(REVENUE))
        .where(*span.holds(), Order.status.in_(COUNTED))
        .group_by("bucket")
    ).all()
    found = {row[0]: (row[1], row[2]) for row in rows}
    return [Point(day, *found.get(i, (0, 0))) for i, day in enumerate(span.days)]


def breakdown(span: Span) -> dict[str, list[Part]]:
    """Orders of the span by status (all but drafts), by way to pay and by state of payment (the counted ones), and
    the categories that brought most."""
    return kept(("breakdown", span), lambda: _breakdown(span))


def _breakdown(span: Span) -> dict[str, list[Part]]:
    rows = db.session.execute(
        select(Order.status, Order.payment_method, Order.payment_status, func.count(), total(REVENUE))
        .where(*span.holds(), Order.status != OrderStatus.DRAFT)
        .group_by(Order.status, Order.payment_method, Order.payment_status)
    ).all()
    counted = [row for row in rows if row[0] in COUNTED]
    return {
        "by_status": _sum_up((str(row[0]), row[3], row[4]) for row in rows),
        "by_payment_method": _sum_up((str(row[1]), row[3], row[4]) for row in counted),
        "by_payment_status": _sum_up((str(row[2]), row[3], row[4]) for row in counted),
        "top_categories": top_categories(span),
    }


def _sum_up(rows: Any) -> list[Part]:
    sums: dict[str, list[int]] = {}
    for key, orders, revenue in rows:
        one = sums.setdefault(key, [0, 0])
        one[0] += orders
        one[1] += revenue
    parts = [Part(key, key, orders, revenue) for key, (orders, revenue) in sums.items()]
    return sorted(parts, key=lambda part: (-part.orders, part.key))


def attention() -> dict[str, int]:
    """What waits for somebody, in numbers: asked by the menu on every page, so by index only."""
    waiting = or_(Order.fulfillment_status == "unfulfilled", Order.fulfillment_status == "partial")
    to_send = select(func.count()).select_from(Order).where(
        Order.status.in_((OrderStatus.CONFIRMED, OrderStatus.PROCESSING)), waiting, Order.is_on_hold.is_(False)
    )  # fmt: skip
    reviews = (
        select(func.count())
        .select_from(Review)
        .where(Review.is_approved.is_(False), Review.rejected_at.is_(None))
    )
    disputes = select(func.count(Dispute.id)).where(Dispute.status == "open")
    orphans = select(func.count(OrphanPayment.id)).where(OrphanPayment.resolved_as.is_(None))
    payments = disputes.scalar_subquery() + orphans.scalar_subquery()
    row = db.session.execute(
        select(to_send.scalar_subquery().label("to_fulfil"), reviews.scalar_subquery().label("reviews"),
               payments.label("payments"))
    ).one()  # fmt: skip
    return dict(row._mapping)
