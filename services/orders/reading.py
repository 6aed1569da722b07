"""Finding orders: one by id or number, or a page of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import selectinload

from kit.actor import Actor
from kit.db import db
from kit.errors import NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from models.fulfilment import Fulfillment
from models.orders import FulfillmentStatus, Order, OrderStatus, PaymentStatus
from models.payments import Refund

SHIPPABLE = Order.status.in_((OrderStatus.CONFIRMED, OrderStatus.PROCESSING))
LIVE = Order.status.in_((OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING))
# What staff work through.
VIEWS: dict[str, tuple[ColumnElement[bool], ...]] = {
    "unfulfilled": (
        SHIPPABLE, Order.fulfillment_status.in_((FulfillmentStatus.UNFULFILLED, FulfillmentStatus.PARTIAL))
    ),
    "unpaid": (LIVE, Order.payment_status.in_(
        (PaymentStatus.UNPAID, PaymentStatus.PENDING, PaymentStatus.PARTIALLY_PAID, PaymentStatus.FAILED)
    )),
    "open": (LIVE,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list is narrowed by. `view` is one of VIEWS; `since` is included, `before` is not; `search` looks at
    number, e-mail and name."""

    view: str = ""

    status: str = ""
    payment_status: str = ""
    fulfillment_status: str = ""
    display_status: str = ""
    since: datetime | None = None
    before: datetime | None = None
    search: str = ""
    customer_id: UUID | None = None


def find_order(order_id: UUID) -> Order | None:
    return db.session.scalar(select(Order).where(Order.id == order_id).options(selectinload(Order.items)))


def get_order(order_id: UUID) -> Order:
    """With its lines; two queries."""
    order = find_order(order_id)
    if order is None:
        raise NotFound(_("There is no such order."))
    return order


def is_visible(order: Order, actor: Actor) -> bool:
    """Staff see every order, a customer their own, the holder of an order's link that one."""
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


def list_orders(wanted: OrderFilter, *, page: int = 1, page_size: int = 20) -> Page[Order]:
    """Newest first, with lines; drafts have no date and come last. Three queries."""
    query = (
        select(Order)
        .where(*_conditions(wanted))
        .options(selectinload(Order.items))
        .order_by(Order.placed_at.desc().nulls_last(), Order.id.desc())
    )
    return paginate(query, page, page_size)


def _conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Order.status, wanted.status),
            (Order.payment_status, wanted.payment_status),
            (Order.fulfillment_status, wanted.fulfillment_status),
            (Order.display_status, wanted.display_status),
            (Order.customer_id, wanted.customer_id),
        )
        if value
    ]
    found += VIEWS.get(wanted.view, ())
    if wanted.since is not None:
        found.append(Order.placed_at >= wanted.since)
    if wanted.before is not None:
        found.append(Order.placed_at < wanted.before)
    if words := wanted.search.strip():
        found.append(or_(
            Order.order_number.icontains(words, autoescape=True),
            Order.email_key.contains(words.casefold(), autoescape=True),
            Order.customer_name.icontains(words, autoescape=True),
        ))  # fmt: skip
    return found


def count_views() -> dict[str, int]:
    """How many orders each view has; one query over what is not finished."""
    columns = [
        func.sum(case((and_(*conditions), 1), else_=0)).label(name) for name, conditions in VIEWS.items()
    ]
    row = db.session.execute(select(*columns).where(LIVE)).one()
    return {name: int(value or 0) for name, value in row._mapping.items()}


def parcels_of(orders: Sequence[Order]) -> dict[UUID, list[Fulfillment]]:
    """The parcels of these orders, oldest first, in two queries however many orders there are."""
    found: dict[UUID, list[Fulfillment]] = {order.id: [] for order in orders}
    touched = _touched(orders)
    if not touched:
        return found
    rows = db.session.scalars(
        select(Fulfillment)
        .where(Fulfillment.order_id.in_(touched))
        .options(selectinload(Fulfillment.items))
        .order_by(Fulfillment.id)
    )
    for row in rows:
        found[row.order_id].append(row)
    return found


def _touched(orders: Sequence[Order]) -> list[UUID]:
    """Parcels and refunds move an order's version: one that was just placed has none, and is not asked for."""
    return [order.id for order in orders if order.version > 1]


def refunds_of(orders: Sequence[Order]) -> dict[UUID, list[Refund]]:
    """The same for refunds."""
    found: dict[UUID, list[Refund]] = {order.id: [] for order in orders}
    touched = _touched(orders)
    if not touched:
        return found
    rows = db.session.scalars(
        select(Refund)
        .where(Refund.order_id.in_(touched))
        .options(selectinload(Refund.items))
        .order_by(Refund.id)
    )
    for row in rows:
        found[row.order_id].append(row)
    return found
