"""The door to Stripe, through its official SDK. Every call refuses to run inside a transaction.

Refusals are ShopErrors: Unavailable (`stripe-unavailable`, `integration-not-configured`), Conflict
(`stripe-not-connected`) and StripeRefused with Stripe's own reason.
"""

from gateways.stripe.accounts import (
    create_account,
    create_payout,
    get_account,
    get_balance,
    get_payout,
    list_movements,
    list_payouts,
    onboarding_link,
)
from gateways.stripe.books import get_charge, list_charges, list_disputes, list_refunds_made
from gateways.stripe.client import (
    KeyReused,
    StripeRefused,
    configure,
    dashboard_url,
    is_configured,
    publishable_key,
)
from gateways.stripe.events import read_event
from gateways.stripe.payments import (
    cancel_intent,
    create_intent,
    create_refund,
    create_session,
    expire_session,
    get_dispute,
    get_intent,
    get_refund,
    get_session,
    list_refunds,
)
from gateways.stripe.types import (
    Account,
    Balance,
    Batch,
    Charge,
    DisputeCase,
    Event,
    Intent,
    Link,
    Movement,
    Payout,
    RefundMade,
    Session,
)

__all__ = [
    "Account", "Balance", "Batch", "Charge", "DisputeCase", "Event", "Intent", "KeyReused", "Link", "Movement",
    "Payout", "RefundMade", "Session", "StripeRefused", "cancel_intent", "configure", "create_account",
    "create_intent", "create_payout", "create_refund", "create_session", "dashboard_url", "expire_session",
    "get_account", "get_balance", "get_charge", "get_dispute", "get_intent", "get_payout", "get_refund",
    "get_session", "is_configured", "list_charges", "list_disputes", "list_movements", "list_payouts", "list_refunds",
    "list_refunds_made", "onboarding_link", "publishable_key", "read_event",
]  # fmt: skip
