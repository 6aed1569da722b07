"""Who is told what by mail. Each `send_…` is a handler of the outbox and bears repetition."""

from services.notifications.accounts import (
    send_erased,
    send_invite,
    send_password_changed,
    send_password_reset,
    send_register_repeated,
    send_welcome,
)
from services.notifications.letters import configure
from services.notifications.orders import (
    resend,
    send_order_cancelled,
    send_order_confirmed,
    send_order_expired,
    send_order_received,
    send_order_refunded,
    send_order_shipped,
)
from services.notifications.staff import (
    send_dispute_opened,
    send_new_order,
    send_new_unpaid_order,
    send_order_oversold,
    send_payment_orphaned,
    send_stock_low,
)

__all__ = [
    "configure",
    "resend",
    "send_dispute_opened",
    "send_erased",
    "send_invite",
    "send_new_order",
    "send_new_unpaid_order",
    "send_order_cancelled",
    "send_order_confirmed",
    "send_order_expired",
    "send_order_oversold",
    "send_order_received",
    "send_order_refunded",
    "send_order_shipped",
    "send_password_changed",
    "send_password_reset",
    "send_payment_orphaned",
    "send_register_repeated",
    "send_stock_low",
    "send_welcome",
]
