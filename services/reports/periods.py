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
from kit.errors import Invalid
from kit.i18n import _
from models.orders import Order, OrderStatus
from services import tenants

COUNTED = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.COMPLETED)
REVENUE = Order.captured_total - Order.refunded_total
PERIODS = {"7d": 7, "30d": 30, "12m": 12}  # the dashboard's


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
    """Days, weeks or months in a row, without gaps; `days[i]` begins the i-th, `end` is the first day after the last.
    `since` (included) and `before` (not) cut it where it does not begin or end with a day."""

    days: tuple[date, ...]
    end: date
    since: datetime | None = None
    before: datetime | None = None

    @property
    def first(self) -> date:
        return self.days[0]

    def holds(self) -> list[ColumnElement[bool]]:
        """The condition that an order was placed inside of it."""
        return [Order.placed_at >= self.starts, Order.placed_at < self.ends]

    @property
    def starts(self) -> datetime:
        return self.since or start_of(self.first)

    @property
    def ends(self) -> datetime:
        return self.before or start_of(self.end)

    def bucket(self, moment: Any = Order.placed_at) -> ColumnElement[int]:
        """Which of the days a moment inside the span belongs to: a search by halves, so that a long span stays quick.
        Group by its label's name: PostgreSQL does not see that two expressions with parameters are the same."""
        return _halves(moment, [start_of(day) for day in self.days], 0)


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


# --- the reports' periods -----------------------------------------------------------------------------------------

REPORT_PERIODS = ("today", "7d", "30d", "90d", "12m", "this_month", "last_month", "this_year", "custom")
GROUPS = ("day", "week", "month")
POINTS_MAX = 1100  # three years of days
DAYS_BY_DAY = 93  # up to here a report counts by day, unless told otherwise


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to before `before`; `first` and `last` are the days that they fall on."""

    name: str
    since: datetime
    before: datetime

    @property
    def first(self) -> date:
        return _on_the_wall(self.since)

    @property
    def last(self) -> date:
        return _on_the_wall(self.before - timedelta(microseconds=1))

    @property
    def group_by(self) -> str:
        """What suits its length."""
        return "day" if (self.last - self.first).days < DAYS_BY_DAY else "month"

    def span(self, group_by: str | None = None) -> Span:
        """Cut into days, weeks (from Monday) or months; the first and the last one may be shorter. Invalid where that
        gives more than POINTS_MAX."""
        days, day = [self.first], _next(self.first, group_by or self.group_by)
        while day <= self.last:
            days.append(day)
            if len(days) > POINTS_MAX:
                text = _("This gives too many points. Choose a shorter period, or count by week or month.")
                raise Invalid.field("group_by", "too_many_points", text)
            day = _next(day, group_by or self.group_by)
        return Span(tuple(days), self.last + timedelta(days=1), self.since, self.before)

    def earlier(self) -> "Period":
        """As long, right before it: to compare with. For months and years the one before, up to the same day."""
        if self.name in ("this_month", "last_month", "this_year"):
            is_year = self.name == "this_year"
            first = self.first.replace(year=self.first.year - 1) if is_year else month_before(self.first)
            end = first + timedelta(days=(self.last - self.first).days + 1)
            return _period(
                self.name, first, self.first if self.name == "last_month" else min(end, self.first)
            )
        return Period(self.name, self.since - (self.before - self.since), self.since)


def period_of(
    name: str | None = None, since: datetime | None = None, before: datetime | None = None
) -> Period:
    """One of REPORT_PERIODS. `since` and `before` belong to `custom`, which is meant when they come without a name;
    without `before` it goes on until today. Invalid where they contradict each other."""
    name = name or ("custom" if since or before else "30d")
    if name == "custom":
        return _custom(since, before)
    if since or before:
        text = _("Dates belong to the period “custom”.")
        raise Invalid.field("date_from" if since else "date_to", "not_together", text)
    day = today()
    firsts = {
        "today": day, "7d": day - timedelta(days=6), "30d": day - timedelta(days=29), "90d": day - timedelta(days=89),
        "12m": _months(12, False).first, "this_month": day.replace(day=1), "last_month": month_before(day),
        "this_year": day.replace(month=1, day=1),
    }  # fmt: skip
    return _period(
        name, firsts[name], day.replace(day=1) if name == "last_month" else day + timedelta(days=1)
    )


def _custom(since: datetime | None, before: datetime | None) -> Period:
    if since is None:
        raise Invalid.field("date_from", "required", _("Say from when."))
    end = before or start_of(today() + timedelta(days=1))
    if end <= since:
        raise Invalid.field("date_to", "too_early", _("Must not be before the start."))
    if since.year < 1970 or end.year > 2200:
        raise Invalid.field(
            "date_from" if since.year < 1970 else "date_to", "out_of_range", _("Is out of range.")
        )
    return Period("custom", since, end)


def _period(name: str, first: date, end: date) -> Period:
    return Period(name, start_of(first), start_of(end))


def _on_the_wall(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(tenants.current().timezone)).date()


def _next(day: date, group_by: str) -> date:
    """Where the next one begins."""
    if group_by == "month":
        return month_after(day)
    return day + timedelta(days=1 if group_by == "day" else 7 - day.weekday())
