"""How things are said to staff: statuses as a badge (text, tone, mark), ways to pay, lines of the timeline."""

from collections.abc import Mapping
from typing import Any

from kit.i18n import _, _n, mark
from models.catalog import StockStatus
from models.orders import FulfillmentStatus, OrderEvent, OrderStatus, PaymentMethod, PaymentStatus
from services.addresses import envelope
from web.filters import money

Badge = tuple[str, str, str]

STATUS: dict[str, Badge] = {
    OrderStatus.DRAFT: (mark("Draft"), "neutral", "open"),
    OrderStatus.PENDING: (mark("Waiting"), "warn", "open"),
    OrderStatus.CONFIRMED: (mark("Confirmed"), "info", "dot"),
    OrderStatus.PROCESSING: (mark("In progress"), "info", "part"),
    OrderStatus.COMPLETED: (mark("Completed"), "good", "done"),
    OrderStatus.CANCELLED: (mark("Cancelled"), "neutral", "stop"),
    OrderStatus.EXPIRED: (mark("Expired"), "neutral", "stop"),
}
PAYMENT: dict[str, Badge] = {
    PaymentStatus.UNPAID: (mark("Unpaid"), "warn", "open"),
    PaymentStatus.PENDING: (mark("Payment on its way"), "info", "part"),
    PaymentStatus.AUTHORIZED: (mark("Authorised"), "info", "dot"),
    PaymentStatus.PARTIALLY_PAID: (mark("Partly paid"), "warn", "part"),
    PaymentStatus.PAID: (mark("Paid"), "good", "done"),
    PaymentStatus.OVERPAID: (mark("Overpaid"), "warn", "warn"),
    PaymentStatus.PARTIALLY_REFUNDED: (mark("Partly refunded"), "neutral", "part"),
    PaymentStatus.REFUNDED: (mark("Refunded"), "neutral", "done"),
    PaymentStatus.VOIDED: (mark("Voided"), "neutral", "stop"),
    PaymentStatus.FAILED: (mark("Payment failed"), "bad", "stop"),
    PaymentStatus.DISPUTED: (mark("Disputed"), "bad", "warn"),
}
FULFILMENT: dict[str, Badge] = {
    FulfillmentStatus.NOT_REQUIRED: (mark("Nothing to send"), "neutral", "done"),
    FulfillmentStatus.UNFULFILLED: (mark("Unfulfilled"), "warn", "open"),
    FulfillmentStatus.PARTIAL: (mark("Partly sent"), "warn", "part"),
    FulfillmentStatus.FULFILLED: (mark("Sent"), "good", "done"),
    FulfillmentStatus.DELIVERED: (mark("Delivered"), "good", "done"),
    FulfillmentStatus.PARTIALLY_RETURNED: (mark("Partly returned"), "neutral", "part"),
    FulfillmentStatus.RETURNED: (mark("Returned"), "neutral", "stop"),
}
STOCK: dict[str, Badge] = {
    StockStatus.IN_STOCK: (mark("In stock"), "good", "done"),
    StockStatus.LOW_STOCK: (mark("Low stock"), "warn", "warn"),
    StockStatus.OUT_OF_STOCK: (mark("Sold out"), "bad", "stop"),
    StockStatus.ON_BACKORDER: (mark("On backorder"), "info", "part"),
}
CREDIT: dict[str, Badge] = {
    "prepared": (mark("Prepared"), "neutral", "open"),
    "issued": (mark("Issued"), "good", "done"),
    "void": (mark("Void"), "neutral", "stop"),
}
METHODS = {
    PaymentMethod.CARD: mark("Card (Stripe)"),
    PaymentMethod.BANK_TRANSFER: mark("Bank transfer"),
    PaymentMethod.CASH_ON_DELIVERY: mark("Cash on delivery"),
    PaymentMethod.PAY_IN_SHOP: mark("Pay in the shop"),
    PaymentMethod.NONE: mark("Nothing to pay"),
}


def badge(table: Mapping[str, Badge], key: str) -> Badge:
    """A status in words, with tone and shape; one this table does not know is said as it is."""
    text, tone, shape = table.get(key, (key, "neutral", "open"))
    return _(text), tone, shape


def options(table: Mapping[str, Any]) -> dict[str, str]:
    """The words of a table, for a filter or a select."""
    return {str(key): _(value[0] if isinstance(value, tuple) else value) for key, value in table.items()}


def word(table: Mapping[str, str], key: str) -> str:
    return _(table[key]) if key in table else key


def address_lines(address: Mapping[str, Any] | None) -> list[str]:
    """As on an envelope, with the number of a business."""
    return envelope(address, with_vat_number=True)


# --- the timeline -------------------------------------------------------------------------------------------------

EVENTS = {
    "order.placed": mark("Order placed"),
    "order.confirmed": mark("Order confirmed"),
    "order.processing": mark("Taken into work"),
    "order.completed": mark("Order completed"),
    "order.cancelled": mark("Order cancelled"),
    "order.expired": mark("Expired: it was not paid in time"),
    "order.reopened": mark("Opened again"),
    "order.oversold": mark("Paid after its stock was gone: more was sold than there is"),
    "order.held": mark("Put on hold"),
    "order.released": mark("No longer on hold"),
    "order.note": mark("Note"),
    "order.message": mark("Message to the customer"),
    "order.payment_requested": mark("Link to pay sent to the customer"),
    "order.archived": mark("Archived"),
    "order.unarchived": mark("Back in the list"),
    "draft.created": mark("Draft begun"),
    "order.mail": mark("Mail sent"),
    "parcel.delivered": mark("Parcel delivered"),
    "parcel.cancelled": mark("Parcel cancelled"),
    "parcel.tracking": mark("Tracking changed"),
    "payment.failed": mark("Payment failed"),
    "payment.started": mark("Payment started"),
    "payment.expired": mark("Payment page expired"),
    "payment.pending": mark("Payment on its way"),
    "payment.late": mark("Paid after it had expired"),
}
BAD = ("failed", "expired", "oversold", "disputed", "orphan")


def event_text(event: OrderEvent, currency: str) -> str:
    """One line of the timeline, in words."""
    data = event.data or {}
    if event.type == "parcel.shipped":
        text = _n(
            "Parcel with %(num)d unit sent", "Parcel with %(num)d units sent", int(data.get("units") or 1)
        )
        tracking = " ".join(filter(None, (data.get("carrier"), data.get("tracking_number"))))
        return f"{text} · {tracking}" if tracking else text
    if event.type == "parcel.packed":
        return _n(
            "Parcel with %(num)d unit packed", "Parcel with %(num)d units packed", int(data.get("units") or 1)
        )
    if event.type == "order.tagged":
        return _tagged(data)
    if event.type == "order.note" and data.get("removed_by"):
        return _("Note, removed by %(who)s", who=data["removed_by"])
    if event.type == "order.units_cancelled":
        return _n("%(num)d unit cancelled", "%(num)d units cancelled", int(data.get("units") or 1))
    if event.type == "order.confirmed" and event.actor_kind == "user":
        return _("Order accepted")
    if isinstance(data.get("amount"), int):
        return _money_text(event.type, money(data["amount"], data.get("currency") or currency))
    if event.type == "mail.sent" or event.type == "order.mail":
        return _(
            "Mail sent: %(subject)s",
            subject=data.get("subject") or data.get("template") or data.get("kind") or "",
        )
    return (
        _(EVENTS[event.type])
        if event.type in EVENTS
        else event.type.replace(".", ": ").replace("_", " ").capitalize()
    )


def _tagged(data: Mapping[str, Any]) -> str:
    parts = []
    if added := data.get("added"):
        parts.append(_("Tagged: %(tags)s", tags=", ".join(added)))
    if removed := data.get("removed"):
        parts.append(_("Tags removed: %(tags)s", tags=", ".join(removed)))
    return " · ".join(parts)


MONEY_EVENTS = {
    "payment.recorded": mark("%(amount)s received"),
    "payment.captured": mark("%(amount)s paid"),
    "payment.authorized": mark("%(amount)s authorised"),
    "payment.failed": mark("Payment of %(amount)s failed"),
    "refund.requested": mark("Refund of %(amount)s asked for"),
    "refund.succeeded": mark("%(amount)s refunded"),
    "refund.failed": mark("Refund of %(amount)s failed"),
    "dispute.opened": mark("Payment of %(amount)s disputed"),
    "dispute.won": mark("Dispute about %(amount)s won"),
    "dispute.lost": mark("Dispute about %(amount)s lost"),
    "payment.attached": mark("%(amount)s put to this order by hand"),
    "payment.orphaned": mark("%(amount)s came in that the order was not waiting for"),
    "orphan.refunded": mark("%(amount)s given back that the order was not waiting for"),
    "orphan.accepted": mark("%(amount)s kept that the order was not waiting for"),
}


def _money_text(kind: str, sum_text: str) -> str:
    if kind in MONEY_EVENTS:
        return _(MONEY_EVENTS[kind], amount=sum_text)
    return f"{_(EVENTS[kind]) if kind in EVENTS else kind.replace('.', ': ').capitalize()}: {sum_text}"


def is_bad(event: OrderEvent) -> bool:
    return any(event.type.endswith(word_) for word_ in BAD)
