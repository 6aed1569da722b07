"""Mails about an order, to whoever placed it."""

from typing import Any

from kit.db import db
from kit.i18n import _
from kit.ids import parse_id
from models.fulfilment import Fulfillment
from models.orders import FulfillmentStatus, Order, OrderEvent, OrderStatus, PaymentMethod, PaymentStatus
from models.payments import Refund, RefundStatus
from services import downloads, tenants
from services.addresses import envelope
from services.notifications import letters
from services.orders import access, reading, sending_drafts

OFFLINE = (PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.PAY_IN_SHOP)
UNPAID = (PaymentStatus.UNPAID, PaymentStatus.FAILED, PaymentStatus.VOIDED, PaymentStatus.PARTIALLY_PAID)


def find(order_id: str) -> Order | None:
    ident = parse_id(order_id)
    return reading.find_order(ident) if ident else None


def _send(template: str, order: Order, subject: str, **context: Any) -> None:
    """In the order's language, with its link. Orders of erased people are written to nobody."""
    if order.email.endswith("@erased.invalid"):
        return
    letters.send(
        template,
        to=order.email,
        to_name=order.customer_name,
        subject=subject,
        order=order,
        zone=tenants.current().timezone,
        ship_to=envelope(order.shipping_address),
        link=letters.url(f"/orders/{access.issue_token(order)}"),
        **context,
    )


def send_order_received(order_id: str, notify: bool = True, **_rest: Any) -> None:
    """Only where money comes later by other ways: it says how to pay. A card order hears when it is confirmed."""
    order = find(order_id)
    if order is None or order.payment_method not in OFFLINE or not notify:
        return
    setting = tenants.current().payment_methods.get(str(order.payment_method))
    instructions = setting.get("instructions", "") if isinstance(setting, dict) else ""
    with letters.speaking_to(order.locale):
        _send(
            "order_received", order, _("We have your order %(number)s", number=order.order_number),
            instructions=instructions,
        )  # fmt: skip


def send_order_confirmed(order_id: str, **_rest: Any) -> None:
    order = find(order_id)
    if order is None:
        return
    with letters.speaking_to(order.locale):
        _send("order_confirmed", order, _("Your order %(number)s is confirmed", number=order.order_number),
              downloads=_downloads(order))  # fmt: skip


def _downloads(order: Order) -> list[tuple[str, str]]:
    """(name, address) of the files that the buyer may fetch."""
    return [
        (row.name, letters.url(f"/downloads/{downloads.token_of(row)}")) for row in downloads.of_order(order)
    ]


def resend(order_id: str, **_rest: Any) -> None:
    """What staff send again: how to pay while it is owed, else the confirmation."""
    order = find(order_id)
    if order is None:
        return
    owed = order.confirmed_at is None and order.payment_status is PaymentStatus.UNPAID
    if owed and order.payment_method in OFFLINE:
        send_order_received(order_id)
    else:
        send_order_confirmed(order_id)


def send_payment_request(order_id: str, **_rest: Any) -> None:
    """The link to pay an order that the store has put together, while there is something to pay."""
    order = find(order_id)
    if order is None or not sending_drafts.is_payable(order):
        return
    with letters.speaking_to(order.locale):
        _send(
            "order_payment_request",
            order,
            _("Your order %(number)s can be paid now", number=order.order_number),
            pay_link=letters.url(sending_drafts.payment_path(order)),
        )


def send_order_message(order_id: str, event_id: str, **_rest: Any) -> None:
    """What staff wrote to the customer, as it stands on the timeline."""
    order, ident = find(order_id), parse_id(event_id)
    event = db.session.get(OrderEvent, ident) if ident else None
    if order is None or event is None or not event.message:
        return
    with letters.speaking_to(order.locale):
        _send(
            "order_message",
            order,
            _("About your order %(number)s", number=order.order_number),
            message=event.message,
        )


def send_units_cancelled(
    order_id: str, lines: list[dict[str, Any]] | None = None, notify: bool = False, **_rest: Any
) -> None:
    """A part of the order will not be sent."""
    order = find(order_id)
    if order is None or not notify or not lines:
        return
    with letters.speaking_to(order.locale):
        _send(
            "order_units_cancelled",
            order,
            _("A part of your order %(number)s was cancelled", number=order.order_number),
            cancelled=[(line["name"], line["quantity"]) for line in lines],
        )


def send_order_shipped(order_id: str, parcel_id: str, notify: bool = True, **_rest: Any) -> None:
    order, ident = find(order_id), parse_id(parcel_id)
    parcel = db.session.get(Fulfillment, ident) if ident else None
    if order is None or parcel is None or not notify:
        return
    names = {item.id: item for item in order.items}
    sent = [
        (names[part.order_item_id], part.quantity) for part in parcel.items if part.order_item_id in names
    ]
    with letters.speaking_to(order.locale):
        _send(
            "order_shipped", order, _("Your order %(number)s is on its way", number=order.order_number),
            parcel=parcel, sent=sent, tracking_url=_safe_link(parcel.tracking_url),
        )  # fmt: skip


def _safe_link(link: str) -> str:
    return link if link.startswith(("https://", "http://")) else ""


def send_order_cancelled(order_id: str, **_rest: Any) -> None:
    order = find(order_id)
    if order is None:
        return
    with letters.speaking_to(order.locale):
        _send("order_cancelled", order, _("Your order %(number)s was cancelled", number=order.order_number))


def send_order_expired(order_id: str, **_rest: Any) -> None:
    order = find(order_id)
    if order is None:
        return
    with letters.speaking_to(order.locale):
        _send(
            "order_expired", order, _("Your order %(number)s was not paid in time", number=order.order_number),
            shop_link=letters.url("/products"),
        )  # fmt: skip


def send_order_refunded(order_id: str, refund_id: str, **_rest: Any) -> None:
    order, ident = find(order_id), parse_id(refund_id)
    refund = db.session.get(Refund, ident) if ident else None
    if order is None or refund is None or refund.status is not RefundStatus.SUCCEEDED:
        return
    with letters.speaking_to(order.locale):
        _send(
            "order_refunded",
            order,
            _("Your refund for order %(number)s", number=order.order_number),
            refund=refund,
        )


def send_order_delivered(order_id: str, parcel_id: str, **_rest: Any) -> None:
    order, ident = find(order_id), parse_id(parcel_id)
    parcel = db.session.get(Fulfillment, ident) if ident else None
    if order is None or parcel is None:
        return
    names = {item.id: item for item in order.items}
    sent = [
        (names[part.order_item_id], part.quantity) for part in parcel.items if part.order_item_id in names
    ]
    with letters.speaking_to(order.locale):
        _send(
            "order_delivered", order, _("Your order %(number)s has arrived", number=order.order_number), sent=sent,
            is_all=order.fulfillment_status is FulfillmentStatus.DELIVERED,
        )  # fmt: skip


def send_payment_failed(order_id: str, **_rest: Any) -> None:
    """To who believed that it was under way. Nobody is bothered whose order is paid by now, or over."""
    order = find(order_id)
    if order is None or order.status is not OrderStatus.PENDING or order.payment_status not in UNPAID:
        return
    with letters.speaking_to(order.locale):
        _send(
            "payment_failed", order, _("Your payment for order %(number)s failed", number=order.order_number),
            until=order.payment_due_at,
        )  # fmt: skip
