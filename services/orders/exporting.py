"""Orders as CSV: those that a filter holds, a row each, in pieces."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit.actor import Actor
from kit.csv import lines
from kit.db import db, transaction
from kit.money import to_text
from models.orders import Order
from services import audit, tenants
from services.orders.filtering import OrderFilter, conditions
from services.tenants import Store

ROWS = 500
MONEY = (
    "subtotal",
    "discount_total",
    "shipping_total",
    "tax_total",
    "total",
    "captured_total",
    "refunded_total",
)
HEADER = ("order_number", "placed_at", "status", "payment_status", "fulfillment_status", "payment_method", "channel",
          "email", "name", "company", "city", "country", "items", *MONEY, "currency", "coupon", "shipping_method",
          "tags", "note")  # fmt: skip


def export_orders(wanted: OrderFilter, *, actor: Actor) -> Iterator[str]:
    """Oldest first. That somebody took it stands in the audit log."""
    with transaction():
        audit.record("export", ("order", "list"), actor=actor)
    return lines(HEADER, _rows(wanted, tenants.current()))


def _rows(wanted: OrderFilter, store: Store) -> Iterator[Sequence[Any]]:
    """Page by page, and in no store between the pages: whoever streams this may be elsewhere by then."""
    query = (
        select(Order)
        .where(*conditions(wanted))
        .options(selectinload(Order.items), selectinload(Order.tags))
        .order_by(Order.id)
        .limit(ROWS)
    )
    last = None
    while True:
        with tenants.in_store(store):
            page = db.session.scalars(query if last is None else query.where(Order.id > last)).all()
            rows = [_row(order) for order in page]
        yield from rows
        if len(page) < ROWS:
            return
        last = page[-1].id


def _row(order: Order) -> list[Any]:
    address = order.shipping_address or order.billing_address or {}
    money = [to_text(getattr(order, name), order.currency) for name in MONEY]
    return [
        order.order_number, _time(order.placed_at), order.status, order.payment_status, order.fulfillment_status,
        order.payment_method, order.channel, order.email, order.customer_name, address.get("company", ""),
        address.get("city", ""), address.get("country", ""), sum(item.quantity for item in order.items), *money,
        order.currency, order.coupon_code or "", order.shipping_method, ", ".join(tag.name for tag in order.tags),
        order.customer_note,
    ]  # fmt: skip


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
