"""Which function serves which of Stripe's operations."""

from collections.abc import Callable
from typing import Any

from . import flows
from .objects import (
    accounts,
    charges,
    disputes,
    events,
    fees,
    intents,
    ledger,
    payouts,
    refunds,
    sessions,
)

# Each takes (sandbox, account, params, *ids in the path).
Serve = Callable[..., dict[str, Any]]

SERVED: dict[str, Serve] = {
    "POST /v1/checkout/sessions": sessions.create,
    "GET /v1/checkout/sessions": sessions.list_,
    "GET /v1/checkout/sessions/{session}": sessions.retrieve,
    "POST /v1/checkout/sessions/{session}/expire": sessions.expire,
    "GET /v1/checkout/sessions/{session}/line_items": sessions.line_items,
    "POST /v1/payment_intents": intents.create,
    "GET /v1/payment_intents": intents.list_,
    "GET /v1/payment_intents/{intent}": intents.retrieve,
    "POST /v1/payment_intents/{intent}": intents.update,
    "POST /v1/payment_intents/{intent}/cancel": flows.cancel_intent,
    "POST /v1/payment_intents/{intent}/confirm": flows.confirm_intent,
    "POST /v1/payment_intents/{intent}/capture": flows.capture_intent,
    "GET /v1/charges": charges.list_,
    "GET /v1/charges/{charge}": charges.retrieve,
    "POST /v1/refunds": refunds.create,
    "GET /v1/refunds": refunds.list_,
    "GET /v1/refunds/{refund}": refunds.retrieve,
    "POST /v1/refunds/{refund}": refunds.update,
    "POST /v1/accounts": accounts.create,
    "GET /v1/accounts": accounts.list_,
    "GET /v1/accounts/{account}": accounts.retrieve,
    "POST /v1/accounts/{account}": accounts.update,
    "GET /v1/account": accounts.current,
    "POST /v1/account_links": accounts.create_link,
    "POST /v1/accounts/{account}/login_links": accounts.create_login_link,
    "GET /v1/balance": ledger.balance,
    "POST /v1/payouts": payouts.create,
    "GET /v1/payouts": payouts.list_,
    "GET /v1/payouts/{payout}": payouts.retrieve,
    "GET /v1/balance_transactions": ledger.list_,
    "GET /v1/balance_transactions/{id}": ledger.retrieve,
    "GET /v1/disputes": disputes.list_,
    "GET /v1/disputes/{dispute}": disputes.retrieve,
    "POST /v1/disputes/{dispute}": disputes.update,
    "POST /v1/disputes/{dispute}/close": disputes.close,
    "GET /v1/events": events.list_,
    "GET /v1/events/{id}": events.retrieve,
    "GET /v1/application_fees": fees.list_,
    "GET /v1/application_fees/{id}": fees.retrieve,
    "POST /v1/webhook_endpoints": events.create_endpoint,
    "GET /v1/webhook_endpoints": events.list_endpoints,
    "GET /v1/webhook_endpoints/{webhook_endpoint}": events.retrieve_endpoint,
    "POST /v1/webhook_endpoints/{webhook_endpoint}": events.update_endpoint,
    "DELETE /v1/webhook_endpoints/{webhook_endpoint}": events.delete_endpoint,
}

# These speak about the platform whatever `Stripe-Account` says.
_PLATFORM = ("/v1/account_links", "/v1/accounts", "/v1/application_fees")


def acts_on_platform(path: str) -> bool:
    return path.startswith(_PLATFORM)
