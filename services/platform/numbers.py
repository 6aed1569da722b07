"""The platform's own numbers: what stores pay it a month, and how they grow. Months are UTC's.

Stores sell in several currencies; sums are in the platform's (EUR), others stand beside them unconverted.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select

from kit import clock
from kit.db import db
from kit.tenancy import every_tenant
from models.orders import Order
from models.tenants import Tenant, TenantStatus
from services import offers
from services.segments import COUNTED

MONTHS = 12


def dashboard() -> dict[str, Any]:
    """`mrr` and every `revenue` in minor units of `currency`; `revenue_growth_pct` compares this month so far with as
    many days of the one before, None where nothing was sold then."""
    now = clock.now()
    this_month = _month_of(now)
    last_month = _before(this_month)
    as_long_ago = min(last_month + (now - this_month), this_month)
    with every_tenant():
        book = offers.book()
        _orders, lately = _sold(last_month, as_long_ago)
        orders_now, revenue_now = _sold(this_month, now)
        orders_total, revenue_total = _sold(None, now)
        points, start = [], this_month
        for _n in range(MONTHS):
            end = _after(start)
            orders, revenue = _sold(start, end)
            opened = _opened(start, end)
            points.append({"date": f"{start:%Y-%m}", "orders": orders, "revenue": revenue, "tenants": opened})
            start = _before(start)
        return {
            "mrr": sum(book.monthly_price(plan, addons) * stores for plan, addons, stores in _paying()),
            "currency": offers.CURRENCY,
            "tenants": {**_by_status(), "new_this_month": _opened(this_month, _after(this_month))},
            "orders": {"total": orders_total, "this_month": orders_now},
            "revenue": {"total": revenue_total, "this_month": revenue_now, "other_currencies": _elsewhere()},
            "revenue_growth_pct": round((revenue_now - lately) * 100 / lately, 1) if lately else None,
            "points": points[::-1],
        }


def _month_of(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, 1, tzinfo=UTC)


def _before(month: datetime) -> datetime:
    year, number = (month.year - 1, 12) if month.month == 1 else (month.year, month.month - 1)
    return datetime.combine(date(year, number, 1), datetime.min.time(), UTC)


def _after(month: datetime) -> datetime:
    year, number = (month.year + 1, 1) if month.month == 12 else (month.year, month.month + 1)
    return datetime.combine(date(year, number, 1), datetime.min.time(), UTC)


def _sold(since: datetime | None, before: datetime) -> tuple[int, int]:
    """Orders of every store, and the revenue of those in the platform's currency."""
    ours = Order.currency == offers.CURRENCY
    kept = func.coalesce(func.sum(Order.captured_total - Order.refunded_total).filter(ours), 0)
    query = select(func.count(), kept).where(Order.status.in_(COUNTED), Order.placed_at < before)
    if since is not None:
        query = query.where(Order.placed_at >= since)
    orders, revenue = db.session.execute(query).one()
    return int(orders), int(revenue)


def _elsewhere() -> dict[str, int]:
    rows = db.session.execute(
        select(Order.currency, func.sum(Order.captured_total - Order.refunded_total))
        .where(Order.status.in_(COUNTED), Order.currency != offers.CURRENCY)
        .group_by(Order.currency)
    ).all()
    return {currency: int(amount) for currency, amount in rows}


def _opened(since: datetime, before: datetime) -> int:
    query = (
        select(func.count()).select_from(Tenant).where(Tenant.created_at >= since, Tenant.created_at < before)
    )
    return db.session.scalar(query) or 0


def _by_status() -> dict[str, int]:
    rows = db.session.execute(select(Tenant.status, func.count()).group_by(Tenant.status)).all()
    found = {str(status): count for status, count in rows}
    active, suspended = found.get("active", 0), found.get("suspended", 0)
    return {
        "total": active + suspended,
        "active": active,
        "suspended": suspended,
        "deleted": found.get("deleted", 0),
    }


def _paying() -> list[tuple[str, list[str], int]]:
    """What is paid for, and by how many stores: there are few plans and many stores."""
    rows = db.session.execute(
        select(Tenant.plan, Tenant.addons, func.count())
        .where(Tenant.status == TenantStatus.ACTIVE)
        .group_by(Tenant.plan, Tenant.addons)
    ).all()
    return [(plan, list(addons or ()), stores) for plan, addons, stores in rows]
