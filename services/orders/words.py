"""States of an order inside a sentence, in the reader's language."""

from kit.i18n import _, mark
from models.orders import OrderStatus

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
