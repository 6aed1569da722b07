"""An order as its buyer sees it. All amounts are ready to show."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import g, url_for

from kit import clock
from kit.actor import Actor
from kit.i18n import _
from kit.money import Money
from models.fulfilment import Fulfillment, ParcelStatus
from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus, PaymentMethod, PaymentStatus
from models.payments import Refund, RefundStatus
from services import explained
from services.catalog import images
from services.catalog.images import View
from services.orders import access, reading, status
from shop import downloads
from shop.wording import address_lines, payment_name, state_of
from web.explained import steps
from web.filters import day, moment, money

LIVE = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.COMPLETED)
UNPAID = (PaymentStatus.UNPAID, PaymentStatus.FAILED, PaymentStatus.PARTIALLY_PAID)


def cards(orders: Sequence[Order]) -> list[dict[str, Any]]:
    """A list of orders, with their pictures by one query."""
    pictures = images.views_of(item.image_key for order in orders for item in order.items)
    return [_card(order, pictures) for order in orders]


def _card(order: Order, pictures: dict[str, View]) -> dict[str, Any]:
    return {
        "number": order.order_number,
        "url": url_for("shop.account_order", number=order.order_number),
        "placed": day(order.placed_at),
        "iso": order.placed_at.isoformat() if order.placed_at else "",
        "total": money(order.total, order.currency),
        "state": state_of(order),
        "images": [pictures.get(item.image_key) for item in order.items],
        "count": sum(item.quantity for item in order.items),
        "buy_again_url": url_for("shop.buy_again", number=order.order_number),
    }


def whole(order: Order, *, viewer: Actor) -> dict[str, Any]:
    """Three queries on top of the order's own: parcels, refunds and pictures."""
    parcels = reading.parcels_of([order])[order.id]
    refunds = reading.refunds_of([order])[order.id]
    token = access.issue_token(order)
    may_cancel = status.may_move(order, OrderStatus.CANCELLED, actor=viewer)
    return {
        "number": order.order_number,
        "email": order.email,
        "first_name": (order.shipping_address or order.billing_address or {}).get(
            "first_name", order.customer_name
        ),
        "summary": summary(order),
        "explained": steps(explained.of_order(order, refunds), order.currency),
        "shipping_address": address_lines(order.shipping_address),
        "billing_address": address_lines(order.billing_address),
        "delivery": order.shipping_method,
        "payment": payment_name(order.payment_method),
        "placed": day(order.placed_at, "long"),
        "state_text": state_of(order)[0],
        "steps": _steps(order),
        "parcels": [
            _parcel(order, parcel)
            for parcel in parcels
            if parcel.status in (ParcelStatus.SHIPPED, ParcelStatus.DELIVERED)
        ],
        "refunds": _refunds(order, refunds),
        "downloads": downloads.shown(order),
        "notice": _notice(order),
        "instructions": _instructions(order),
        "note": order.customer_note,
        "pay_url": url_for("shop.pay", token=token) if is_to_be_paid(order) else None,
        "cancel_url": url_for("shop.cancel_order", token=token)
        if may_cancel and not viewer.is_staff
        else None,
        "status_url": url_for("shop.order_status", token=token),
        "register_url": url_for("shop.register_from_order", token=token),
        "again_url": url_for("shop.order_again", token=token),
    }


def is_to_be_paid(order: Order) -> bool:
    """By card, now, on the hosted page."""
    is_card = order.payment_method is PaymentMethod.CARD
    return is_card and order.payment_status in UNPAID and order.status in LIVE and order.total > 0


def summary(order: Order) -> dict[str, Any]:
    def text(amount: int) -> str:
        return money(amount, order.currency)

    pictures = images.views_of(item.image_key for item in order.items)
    discounts = [
        {"label": discount_name(off["name"], off["code"]), "amount": "−" + text(off["amount"])}
        for off in order.discounts
    ]
    tax = text(order.tax_total)
    return {
        "lines": [_line(order, item, pictures) for item in order.items],
        "subtotal": text(order.subtotal),
        "discounts": discounts,
        "shipping": text(order.shipping_total) if order.shipping_total else _("Free"),
        "tax_lines": [] if order.prices_include_tax else [{"label": _("Tax"), "amount": tax}],
        "tax_note": _("Includes %(tax)s tax.", tax=tax)
        if order.prices_include_tax and order.tax_total
        else "",
        "total": text(order.total),
        "count": sum(item.quantity for item in order.items),
    }


def discount_name(name: str, code: str) -> str:
    """A typed code by itself, what applied without one by its name."""
    return _("Discount %(code)s", code=code) if code else name or _("Discount")


def _line(order: Order, item: OrderItem, pictures: dict[str, View]) -> dict[str, Any]:
    return {
        "name": item.name,
        "options": options_text(item.options),
        "image": pictures.get(item.image_key),
        "quantity": item.quantity,
        "total": money(Money(item.line_total, order.currency)),
    }


def options_text(options: Sequence[dict[str, Any]]) -> str:
    """`Size M, Blue`"""
    return ", ".join(f"{option.get('attribute', '')} {option.get('value', '')}".strip() for option in options)


def _steps(order: Order) -> list[dict[str, str]]:
    if order.status not in LIVE:
        return []
    sent = order.fulfillment_status in (FulfillmentStatus.FULFILLED, FulfillmentStatus.DELIVERED)
    arrived = order.fulfillment_status is FulfillmentStatus.DELIVERED or order.status is OrderStatus.COMPLETED
    packed = sent or order.fulfillment_status is FulfillmentStatus.PARTIAL
    confirmed = order.status is not OrderStatus.PENDING
    names = [_("Ordered"), _("Confirmed"), _("Packed"), _("Shipped"), _("Delivered")]
    reached = [True, confirmed, packed, sent or arrived, arrived]
    if order.fulfillment_status is FulfillmentStatus.NOT_REQUIRED:
        names, reached = names[:2], reached[:2]
    current = reached.index(False) if False in reached else -1
    return [
        {"label": name, "state": "done" if done else ("current" if i == current else "todo"), "when": ""}
        for i, (name, done) in enumerate(zip(names, reached, strict=True))
    ]


def _parcel(order: Order, parcel: Fulfillment) -> dict[str, Any]:
    names = {item.id: item.name for item in order.items}
    return {
        "carrier": parcel.carrier or order.shipping_method,
        "number": parcel.tracking_number,
        "url": parcel.tracking_url,
        "items": ", ".join(f"{line.quantity} × {names.get(line.order_item_id, '')}" for line in parcel.items),
        "when": _("delivered on %(date)s", date=day(parcel.delivered_at)) if parcel.delivered_at
        else _("sent on %(date)s", date=day(parcel.shipped_at or parcel.created_at)),
    }  # fmt: skip


def _refunds(order: Order, refunds: Sequence[Refund]) -> list[dict[str, str]]:
    return [
        {"amount": money(refund.amount, order.currency), "date": day(refund.created_at)}
        for refund in refunds
        if refund.status in (RefundStatus.PENDING, RefundStatus.SUCCEEDED)
    ]


def _notice(order: Order) -> str:
    if order.status is OrderStatus.EXPIRED:
        return _("It was not paid in time, so nothing will be sent. You can order the same things again.")
    if order.payment_status is PaymentStatus.PENDING:
        return _("Your payment is on its way. We confirm the order as soon as it arrives.")
    if is_to_be_paid(order) and order.payment_due_at:
        is_near = order.payment_due_at - clock.now() < timedelta(days=1)
        until = moment(order.payment_due_at, "short") if is_near else day(order.payment_due_at, "long")
        return _("It is not paid yet. We keep it for you until %(date)s.", date=until)
    return ""


def _instructions(order: Order) -> list[tuple[str, str]]:
    """How to pay by transfer; nothing once it is paid."""
    is_due = order.status is OrderStatus.PENDING and order.payment_status in UNPAID
    if order.payment_method is not PaymentMethod.BANK_TRANSFER or not is_due:
        return []
    method = g.store.payment_methods.get("bank_transfer")
    account = str(method.get("instructions") or "") if isinstance(method, dict) else ""
    lines = [(_("Amount"), money(order.total, order.currency)), (_("Reference"), order.order_number)]
    return [*lines, (_("Account"), account)] if account else lines
