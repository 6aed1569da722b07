"""States of an order inside a sentence, in the reader's language."""

from kit.i18n import _, mark
from models.orders import FulfillmentStatus, OrderStatus

# With the moves that staff may ask for: they are no states of their own.
_STATUS = {
    OrderStatus.DRAFT: mark("draft"),
    OrderStatus.PENDING: mark("pending"),
    OrderStatus.CONFIRMED: mark("confirmed"),
    OrderStatus.PROCESSING: mark("processing"),
    OrderStatus.COMPLETED: mark("completed"),
    OrderStatus.CANCELLED: mark("cancelled"),
    OrderStatus.EXPIRED: mark("expired"),
    "shipped": mark("shipped"),
    "delivered": mark("delivered"),
    "refunded": mark("refunded"),
}


def status_word(status: str) -> str:
    return _(_STATUS[status])


_FULFILMENT = {
    FulfillmentStatus.NOT_REQUIRED: mark("nothing to send"),
    FulfillmentStatus.UNFULFILLED: mark("not sent"),
    FulfillmentStatus.PARTIAL: mark("partly sent"),
    FulfillmentStatus.FULFILLED: mark("sent"),
    FulfillmentStatus.DELIVERED: mark("delivered"),
    FulfillmentStatus.PARTIALLY_RETURNED: mark("partly returned"),
    FulfillmentStatus.RETURNED: mark("returned"),
}


def fulfilment_word(status: str) -> str:
    return _(_FULFILMENT[FulfillmentStatus(status)])
