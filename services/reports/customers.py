"""New and returning customers. A person is an e-mail address, so guests count as the people they are.

Everything is as of the end of the span: what somebody bought later changes nothing in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, case, func, select

from kit.db import db
from kit.money import share
from models.orders import Order
from services import segments
from services.reports.periods import COUNTED, REVENUE, Span, total

TOP = 10


@dataclass(frozen=True, slots=True)
class Point:
    """`new`: bought for the first time ever; `returning`: had bought before this day, week or month."""

    date: date
    new: int
    returning: int


@dataclass(frozen=True, slots=True)
class Buyer:
    """What one bought in the span; `lifetime_value` is of all times. The id is None for guests."""

    email: str
    name: str
    orders_count: int
    total_spent: int
    lifetime_value: int
    first_order_at: datetime
    last_order_at: datetime
    email_key: str = ""  # what they are told apart by
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CustomerReport:
    """`repeated`: how many of the buyers have bought more than once; `lifetime_value`: of all of them together."""

    new: int
    returning: int
    repeated: int
    lifetime_value: int
    points: list[Point]
    top_customers: list[Buyer]
    segments: dict[str, int]

    @property
    def repeat_rate(self) -> float:
        """Between 0 and 1."""
        buyers = self.new + self.returning
        return round(self.repeated / buyers, 4) if buyers else 0.0

    @property
    def average_lifetime_value(self) -> int:
        buyers = self.new + self.returning
        return share(self.lifetime_value, 1, buyers) if buyers else 0

    @property
    def trend(self) -> list[Point]:
        return self.points


def report(span: Span) -> CustomerReport:
    lives = _lives(span)
    bought = select(Order.email_key).where(*span.holds(), Order.status.in_(COUNTED))
    new, everybody, repeated, value = db.session.execute(
        select(total(case((lives.c.first_at >= span.starts, 1), else_=0)), func.count(),
               total(case((lives.c.orders > 1, 1), else_=0)), total(lives.c.value))
        .where(lives.c.email_key.in_(bought))
    ).one()  # fmt: skip
    return CustomerReport(
        new, everybody - new, repeated, value, _points(span, lives), top(span), segments.sizes()
    )


def _lives(span: Span) -> Subquery:
    """(email_key, first_at, orders, value) of everybody who ever bought, up to the end of the span."""
    return (
        select(Order.email_key, func.min(Order.placed_at).label("first_at"), func.count().label("orders"),
               total(REVENUE).label("value"))
        .where(Order.placed_at < span.ends, Order.status.in_(COUNTED))
        .group_by(Order.email_key)
        .subquery()
    )  # fmt: skip


def _points(span: Span, lives: Subquery) -> list[Point]:
    first = case((lives.c.first_at < span.starts, -1), else_=span.bucket(lives.c.first_at))
    visits = (
        select(Order.email_key, span.bucket().label("bucket"), first.label("first"))
        .join(lives, lives.c.email_key == Order.email_key)
        .where(*span.holds(), Order.status.in_(COUNTED))
        .distinct()
        .subquery()
    )
    is_new = case((visits.c.bucket == visits.c.first, 1), else_=0)
    rows = db.session.execute(
        select(visits.c.bucket, total(is_new), func.count()).group_by(visits.c.bucket)
    ).all()
    found = {bucket: (new, everybody - new) for bucket, new, everybody in rows}
    return [Point(day, *found.get(i, (0, 0))) for i, day in enumerate(span.days)]


def top(span: Span, limit: int = TOP) -> list[Buyer]:
    """Who spent the most in the span."""
    query, spent = _buyers(span)
    return _with_ids(db.session.execute(query.order_by(spent.desc(), Order.email_key).limit(limit)).all())


def page_of_buyers(span: Span, *, after: str, limit: int) -> list[Buyer]:
    """All of them in the order of their addresses, a page at a time: pass the last one's `email_key`."""
    query, _spent = _buyers(span)
    return _with_ids(
        db.session.execute(query.where(Order.email_key > after).order_by(Order.email_key).limit(limit)).all()
    )


def _buyers(span: Span) -> tuple[Any, Any]:
    lives = _lives(span)
    spent = total(REVENUE).label("spent")
    query = (
        select(func.max(Order.email), func.max(Order.customer_name), func.count(), spent, func.max(lives.c.value),
               func.min(lives.c.first_at), func.max(Order.placed_at), Order.email_key)
        .join(lives, lives.c.email_key == Order.email_key)
        .where(*span.holds(), Order.status.in_(COUNTED))
        .group_by(Order.email_key)
    )  # fmt: skip
    return query, spent


def _with_ids(rows: Sequence[Any]) -> list[Buyer]:
    keys = [row[-1] for row in rows]
    known = select(Order.email_key, Order.customer_id).where(
        Order.email_key.in_(keys), Order.customer_id.is_not(None)
    )
    ids = dict(db.session.execute(known.distinct()).all())
    return [replace(Buyer(*row), id=ids.get(row[-1])) for row in rows]
