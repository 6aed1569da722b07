"""When a day begins, and which orders count.

Counted are orders that are confirmed, processing or completed, on the day on which they were placed in the store's
time zone. Revenue is money in less money back, tax included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, literal

from kit import clock
from models.orders import Order, OrderStatus
from services import tenants

COUNTED = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.COMPLETED)
REVENUE = Order.captured_total - Order.refunded_total
PERIODS = {"7d": 7, "30d": 30, "12m": 12}


def total(amount: Any) -> ColumnElement[int]:
    """A sum that is 0 for nothing (PostgreSQL sums whole numbers into decimals, so it is cast back)."""
    return cast(func.coalesce(func.sum(amount), 0), BigInteger)


def start_of(day: date) -> datetime:
    """The first moment of a day on the wall of the store."""
    return datetime.combine(day, time.min, ZoneInfo(tenants.current().timezone))


def today() -> date:
    return clock.today(tenants.current().timezone)


def month_before(day: date) -> date:
    """The first of the month before the one of `day`."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(day: date) -> date:
    """The first of the month after the one of `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days or months in a row, without gaps; `days[i]` begins the i-th, `end` is the first day after the last."""

    days: tuple[date, ...]
    end: date

    @property
    def first(self) -> date:
        return self.days[0]

    def holds(self) -> list[ColumnElement[bool]]:
        """The condition that an order was placed inside of it."""
        return [Order.placed_at >= start_of(self.first), Order.placed_at < start_of(self.end)]

    def bucket(self) -> ColumnElement[int]:
        """Which of the days an order inside the span belongs to: a search by halves, so that a long span stays quick."""
        return _halves(Order.placed_at, [start_of(day) for day in self.days], 0)


def _halves(column: Any, starts: Sequence[datetime], offset: int) -> Any:
    if len(starts) == 1:
        return literal(offset)
    middle = len(starts) // 2
    below = _halves(column, starts[:middle], offset)
    return case((column < starts[middle], below), else_=_halves(column, starts[middle:], offset + middle))


def span_of(period: str, *, before: bool = False) -> Span:
    """`7d`, `30d` (days) or `12m` (months), the current one last; `before`: as many right before those."""
    count = PERIODS[period]
    if period.endswith("m"):
        return _months(count, before)
    last = today() - timedelta(days=count if before else 0)
    days = tuple(last - timedelta(days=back) for back in range(count - 1, -1, -1))
    return Span(days, last + timedelta(days=1))


def _months(count: int, before: bool) -> Span:
    first = today().replace(day=1)
    end = month_after(first)
    for _step in range(count if before else 0):
        first, end = month_before(first), first
    months = [first]
    while len(months) < count:
        months.insert(0, month_before(months[0]))
    return Span(tuple(months), end)
