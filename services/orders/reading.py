"""Finding orders: one by id or number, or a page of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import selectinload

from kit.actor import Actor
from kit.db import db
from kit.errors import NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from models.fulfilment import Fulfillment
from models.orders import Order, OrderStatus, OrderTag
from models.payments import Refund
from services.orders.filtering import LIVE, VIEWS, OrderFilter, conditions, ordering
from services.reports.keeping import kept

__all__ = [
    "VIEWS",
    "OrderFilter",
    "count_views",
    "find_order",
    "get_by_number",
    "get_order",
    "get_own_order",
    "is_visible",
    "list_ids",
    "list_orders",
    "parcels_of",
    "refunds_of",
    "shipping_methods",
    "tags_of",
]


def find_order(order_id: UUID) -> Order | None:
    return db.session.scalar(select(Order).where(Order.id == order_id).options(selectinload(Order.items)))


def get_order(order_id: UUID) -> Order:
    """With its lines; two queries."""
    order = find_order(order_id)
    if order is None:
        raise NotFound(_("There is no such order."))
    return order


def is_visible(order: Order, actor: Actor) -> bool:
    """Staff see every order, a customer their own, the holder of an order's link that one; nobody else sees a draft."""
    if order.status is OrderStatus.DRAFT and not (actor.is_staff or actor.kind == "system"):
        return False
    if actor.kind == "order":
        return actor.order_id == order.id
    if actor.is_staff or actor.kind == "system":
        return True
    return actor.kind == "user" and actor.id is not None and order.customer_id == actor.id


def get_own_order(order_id: UUID, *, actor: Actor) -> Order:
    """NotFound for who may not see it: nobody learns which orders there are."""
    order = find_order(order_id)
    if order is None or not is_visible(order, actor):
        raise NotFound(_("There is no such order."))
    return order


def get_by_number(number: str, *, actor: Actor) -> Order:
    order = db.session.scalar(
        select(Order).where(Order.order_number == number).options(selectinload(Order.items))
    )
    if order is None or not is_visible(order, actor):
        raise NotFound(_("There is no such order."))
    return order


def list_orders(wanted: OrderFilter, *, page: int = 1, page_size: int = 20, sort: str = "placed_at",
                descending: bool = True) -> Page[Order]:  # fmt: skip
    """Newest first unless said otherwise, with lines; drafts have no date and come last. Three queries."""
    query = (
        select(Order)
        .where(*conditions(wanted))
        .options(selectinload(Order.items))
        .order_by(*ordering(sort, descending=descending))
    )
    return paginate(query, page, page_size)


def list_ids(wanted: OrderFilter, limit: int) -> list[UUID]:
    """The orders that a filter holds, oldest first: what bulk work goes through. One query."""
    query = select(Order.id).where(*conditions(wanted)).order_by(Order.id).limit(limit)
    return list(db.session.scalars(query))


def tags_of(orders: Sequence[Order]) -> dict[UUID, list[str]]:
    """One query, however many orders there are."""
    found: dict[UUID, list[str]] = {order.id: [] for order in orders}
    if found:
        query = select(OrderTag).where(OrderTag.order_id.in_(found)).order_by(OrderTag.key)
        for tag in db.session.scalars(query):
            found[tag.order_id].append(tag.name)
    return found


def shipping_methods(limit: int = 50) -> list[str]:
    """The names under which things were sent, for a filter. Every order is looked at, so they are kept."""
    return list(kept(("shipping methods", limit), lambda: _shipping_methods(limit)))


def _shipping_methods(limit: int) -> list[str]:
    query = (
        select(Order.shipping_method)
        .where(Order.shipping_method != "")
        .distinct()
        .order_by(Order.shipping_method)
    )
    return list(db.session.scalars(query.limit(limit)))


def count_views() -> dict[str, int]:
    """How many orders each view of what is not finished has; one query."""
    columns = [
        func.sum(case((and_(*VIEWS[name], Order.archived_at.is_(None)), 1), else_=0)).label(name)
        for name in ("unfulfilled", "unpaid", "open", "drafts")
    ]
    row = db.session.execute(select(*columns).where(or_(LIVE, Order.status == OrderStatus.DRAFT))).one()
    return {name: int(value or 0) for name, value in row._mapping.items()}


def parcels_of(orders: Sequence[Order]) -> dict[UUID, list[Fulfillment]]:
    """The parcels of these orders, oldest first, in two queries however many orders there are."""
    return _with_items(Fulfillment, orders)


def refunds_of(orders: Sequence[Order]) -> dict[UUID, list[Refund]]:
    """The same for refunds."""
    return _with_items(Refund, orders)


def _with_items(kind: Any, orders: Sequence[Order]) -> dict[UUID, list[Any]]:
    """Parcels and refunds move an order's version: one that was just placed has none, and is not asked for."""
    found: dict[UUID, list[Any]] = {order.id: [] for order in orders}
    touched = [order.id for order in orders if order.version > 1]
    if not touched:
        return found
    rows = db.session.scalars(
        select(kind).where(kind.order_id.in_(touched)).options(selectinload(kind.items)).order_by(kind.id)
    )
    for row in rows:
        found[row.order_id].append(row)
    return found
