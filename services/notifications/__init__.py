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
    send_order_delivered,
    send_order_expired,
    send_order_received,
    send_order_refunded,
    send_order_shipped,
    send_payment_failed,
)
from services.notifications.staff import (
    send_differences_found,
    send_dispute_closed,
    send_dispute_opened,
    send_new_order,
    send_new_unpaid_order,
    send_order_oversold,
    send_payment_orphaned,
    send_refund_failed,
    send_stock_low,
)

__all__ = [
    "configure",
    "resend",
    "send_differences_found",
    "send_dispute_closed",
    "send_dispute_opened",
    "send_erased",
    "send_invite",
    "send_new_order",
    "send_new_unpaid_order",
    "send_order_cancelled",
    "send_order_confirmed",
    "send_order_delivered",
    "send_order_expired",
    "send_order_oversold",
    "send_order_received",
    "send_order_refunded",
    "send_order_shipped",
    "send_password_changed",
    "send_password_reset",
    "send_payment_failed",
    "send_payment_orphaned",
    "send_refund_failed",
    "send_register_repeated",
    "send_stock_low",
    "send_welcome",
]
