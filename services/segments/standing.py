"""Customers by how they buy, computed by the database in one pass.

The first that holds, in this order: vip, at_risk, inactive, returning, new. A single order that is over 30 days and at
most a year old fits none of the rules' words; such a customer counts as new until then.
"""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, literal, or_, select

from kit import clock
from kit.actor import Role
from kit.db import db
from models.accounts import User
from models.orders import Order, OrderStatus
from services import tenants

SEGMENTS = ("new", "returning", "vip", "at_risk", "inactive")
COUNTED = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.COMPLETED)
NEW_FOR = timedelta(days=30)
ACTIVE_FOR = timedelta(days=180)
KNOWN_FOR = timedelta(days=365)
VIP_SHARE = 0.1
VIP_ORDERS = 3


def with_stats() -> Select[Any]:
    """Users with (segment, orders_count, total_spent, last_order_at). Filter and sort by what this module names."""
    now = clock.now()
    bought = (
        select(
            Order.customer_id.label("customer_id"),
            func.count().label("orders_count"),
            cast(func.sum(Order.captured_total - Order.refunded_total), BigInteger).label("total_spent"),
            func.max(Order.placed_at).label("last_order_at"),
            func.sum(case((Order.placed_at >= now - KNOWN_FOR, 1), else_=0)).label("orders_lately"),
        )
        .where(Order.customer_id.is_not(None), Order.status.in_(COUNTED))
        .group_by(Order.customer_id)
        .subquery()
    )
    spender = select(
        bought, func.percent_rank().over(order_by=bought.c.total_spent.desc()).label("place")
    ).subquery()  # fmt: skip
    count = func.coalesce(spender.c.orders_count, 0)
    last = spender.c.last_order_at
    segment = case(
        (
            and_(
                spender.c.place < VIP_SHARE, spender.c.total_spent > 0, spender.c.orders_lately >= VIP_ORDERS
            ),
            "vip",
        ),
        (and_(count >= 2, last < now - ACTIVE_FOR, last >= now - KNOWN_FOR), "at_risk"),
        (or_(last < now - KNOWN_FOR, and_(count == 0, User.created_at < now - NEW_FOR)), "inactive"),
        (count >= 2, "returning"),
        else_=literal("new"),
    )
    return (
        select(
            User,
            segment.label("segment"),
            count.label("orders_count"),
            func.coalesce(spender.c.total_spent, 0).label("total_spent"),
            last.label("last_order_at"),
        )
        .select_from(User)
        .outerjoin(spender, spender.c.customer_id == User.id)
    )


def column(query: Select[Any], name: str) -> Any:
    """The expression behind one of the names that `with_stats` gives."""
    return next(part["expr"].element for part in query.column_descriptions if part["name"] == name)


def matching(search: str) -> list[ColumnElement[bool]]:
    """Each word must stand in the address, the name or the phone number."""
    conditions = []
    for word in search.split()[:6]:
        like = "%" + word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        places = (User.email_key, func.lower(User.first_name), func.lower(User.last_name), User.phone)
        conditions.append(or_(*(place.like(like, escape="\\") for place in places)))
    return conditions


def count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def sorting(query: Select[Any], by: str, *, descending: bool) -> list[Any]:
    """Ties are broken by id, so that pages never overlap. Who never bought comes last."""
    keys: dict[str, list[Any]] = {
        "created_at": [User.created_at],
        "name": [func.lower(User.last_name), func.lower(User.first_name)],
        "email": [User.email_key],
    }
    chosen = keys.get(by) or [column(query, by)]
    ordered = [key.desc().nulls_last() if descending else key.asc().nulls_last() for key in chosen]
    return [*ordered, User.id.desc() if descending else User.id.asc()]


def segment_of(customer_id: UUID | None) -> str | None:
    """None for a guest."""
    if customer_id is None:
        return None
    row = db.session.execute(with_stats().where(User.id == customer_id)).first()
    return row.segment if row else None


def sizes() -> dict[str, int]:
    """How many customers are in each segment."""
    query = with_stats().where(User.erased_at.is_(None), User.role == Role.CUSTOMER).subquery()
    rows: Any = db.session.execute(select(query.c.segment, func.count()).group_by(query.c.segment))
    found: dict[str, int] = dict(rows.all())
    return {name: found.get(name, 0) for name in SEGMENTS}


def overview(*, days: int = 30, top: int = 10) -> dict[str, Any]:
    """Segments, who bought day by day (a guest counts by address), and the best customers. Days are the store's."""
    zone = tenants.current().timezone
    today = clock.today(zone)
    first_day = today - timedelta(days=days - 1)
    since = datetime.combine(first_day, time.min, ZoneInfo(zone))
    placed = db.session.execute(
        select(Order.email_key, Order.placed_at).where(Order.placed_at >= since, Order.status.in_(COUNTED))
    ).all()
    buyers = select(Order.email_key).where(Order.placed_at >= since, Order.status.in_(COUNTED))
    first_orders: dict[str, Any] = dict(
        db.session.execute(
            select(Order.email_key, func.min(Order.placed_at))
            .where(Order.status.in_(COUNTED), Order.email_key.in_(buyers))
            .group_by(Order.email_key)
        ).all()
    )
    new: dict[date, set[str]] = defaultdict(set)
    returning: dict[date, set[str]] = defaultdict(set)
    for email, moment in placed:
        if moment is None:
            continue
        day = moment.astimezone(ZoneInfo(zone)).date()
        is_first = first_orders[email].astimezone(ZoneInfo(zone)).date() == day
        (new if is_first else returning)[day].add(email)
    every_day = [first_day + timedelta(days=n) for n in range(days)]
    return {
        "segments": sizes(),
        "trend": [{"date": day, "new": len(new[day]), "returning": len(returning[day])} for day in every_day],
        "top_customers": best(top),
    }


def best(limit: int) -> list[dict[str, Any]]:
    query = with_stats()
    spent = column(query, "total_spent")
    rows = db.session.execute(
        query.where(User.erased_at.is_(None), spent > 0).order_by(spent.desc(), User.id).limit(limit)
    ).all()
    return [
        {"id": row.User.id, "email": row.User.email, "name": row.User.name, "orders_count": row.orders_count,
         "total_spent": row.total_spent}
        for row in rows
    ]  # fmt: skip
