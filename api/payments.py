"""Paying by Stripe, giving back, the store's own account, and what Stripe tells."""

from typing import Annotated, Any

from flask import request, url_for
from pydantic import Field, StringConstraints

from api.contract import Created, Query, QueryInt, actor, endpoint
from api.schemas.payments import (
    BalanceOut,
    ConnectOut,
    IntentOut,
    LinkOut,
    OrderRefundOut,
    PayoutOut,
    PayoutsOut,
    ReceivedOut,
    SessionOut,
    TransactionsOut,
)
from kit.actor import Role
from kit.drafts import Amount, Draft, IdRef, Text
from kit.errors import Invalid, TooLarge
from kit.i18n import _
from models.payments import Refund
from services.orders import access, reading
from services.payments import connect, intents, refunds, sessions, webhooks
from services.payments.connect import OnboardingDraft, PayoutDraft
from services.payments.intents import IntentDraft
from services.payments.refunds import RefundDraft
from services.payments.sessions import SessionDraft
from web.access import HOLDER, PUBLIC

GROUP = "Payments (Stripe Connect)"
PAYING = ("already-paid", "payment-in-progress", "order-not-payable", "stripe-not-connected", "stripe-refused",
          "integration-not-configured", "stripe-unavailable")  # fmt: skip
AT_STRIPE = ("stripe-not-connected", "stripe-refused", "integration-not-configured", "stripe-unavailable")
WEBHOOK_LIMIT = 512 * 1024


@endpoint("POST", "/checkout/create-session", allow=HOLDER, group="Checkout (Stripe Hosted)", body=SessionDraft,
          answer=SessionOut, idempotent=True, errors=PAYING)  # fmt: skip
def create_session(draft: SessionDraft):
    """Open Stripe's hosted page for an order. Without return addresses the shopper comes back to the store's own
    pages."""
    if not (draft.success_url and draft.cancel_url):
        draft = draft.model_copy(update=_own_pages(draft))
    return sessions.create_session(draft, actor=actor())


def _own_pages(draft: SessionDraft) -> dict[str, Any]:
    order = reading.find_order(draft.order_id)
    if order is None or not reading.is_visible(order, actor()):
        return {}  # the service says what is wrong
    back = url_for("shop.payment_return", token=access.issue_token(order), _external=True)
    return {"success_url": draft.success_url or back, "cancel_url": draft.cancel_url or back}


@endpoint("POST", "/payments/create-intent", allow=HOLDER, group=GROUP, body=IntentDraft, answer=IntentOut,
          idempotent=True, errors=PAYING)  # fmt: skip
def create_intent(draft: IntentDraft):
    """Start a payment inside your own front end. Asked again while unpaid, it is the same intent."""
    return intents.create_intent(draft, actor=actor())


class PaymentRefundDraft(Draft):
    """`amount` missing: all that is left."""

    order_id: IdRef
    amount: Annotated[Amount, Field(gt=0)] | None = None
    reason: Annotated[str, Text(500)] = ""


@endpoint("POST", "/payments/refund", allow=Role.ADMIN, group=GROUP, body=PaymentRefundDraft, answer=OrderRefundOut,
          status=201, idempotent=True, errors=("nothing-to-refund", "refund-too-large", *AT_STRIPE))  # fmt: skip
def create_refund(draft: PaymentRefundDraft):
    """Give back an amount of an order's payment, or all of it."""
    order = reading.find_order(draft.order_id)
    if order is None:
        raise Invalid.field("order_id", "unknown_id", _("There is no such order."))
    currency = order.currency
    # The amount was read already: it is in minor units, which a draft would read as a price.
    wanted = RefundDraft(reason=draft.reason).model_copy(update={"amount": draft.amount})
    refund: Refund = refunds.refund_order(draft.order_id, wanted, actor=actor())
    return Created(OrderRefundOut.of(refund, currency), f"/api/orders/{draft.order_id}")


@endpoint("GET", "/payments/connect/status", allow=Role.ADMIN, group=GROUP, answer=ConnectOut)
def get_connect_status():
    """The store's account at Stripe, and what it can do."""
    return connect.get_status()


@endpoint("POST", "/payments/connect/onboard", allow=Role.ADMIN, group=GROUP, body=OnboardingDraft,
          body_optional=True, answer=LinkOut, errors=("integration-not-configured", "stripe-unavailable"))  # fmt: skip
def start_onboarding(draft: OnboardingDraft):
    """A link to Stripe's form, good once and for minutes. The first call opens the account."""
    if not draft.return_url:
        draft = draft.model_copy(update={"return_url": request.host_url + "admin/settings/payments"})
    return connect.start_onboarding(draft, actor=actor())


@endpoint(
    "GET", "/payments/connect/balance", allow=Role.ADMIN, group=GROUP, answer=BalanceOut, errors=AT_STRIPE
)
def get_balance():
    """What the account holds: free for a payout, and not yet."""
    return connect.get_balance()


@endpoint("POST", "/payments/connect/payout", allow=Role.ADMIN, group=GROUP, body=PayoutDraft, answer=PayoutOut,
          status=201, idempotent=True, errors=AT_STRIPE)  # fmt: skip
def create_payout(draft: PayoutDraft):
    """Send money of the balance to the store's bank."""
    return Created(connect.create_payout(draft, actor=actor()), "/api/payments/connect/payouts")


class CursorQuery(Query):
    limit: Annotated[QueryInt, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9_]+$")] | None = None


@endpoint("GET", "/payments/connect/transactions", allow=Role.ADMIN, group=GROUP, query=CursorQuery,
          answer=TransactionsOut, errors=AT_STRIPE)  # fmt: skip
def list_transactions(query: CursorQuery):
    """What moved the balance, newest first."""
    return connect.list_movements(query.limit, query.cursor)


@endpoint("GET", "/payments/connect/payouts", allow=Role.ADMIN, group=GROUP, query=CursorQuery, answer=PayoutsOut,
          errors=AT_STRIPE)  # fmt: skip
def list_payouts(query: CursorQuery):
    """Payouts, newest first."""
    return connect.list_payouts(query.limit, query.cursor)


@endpoint("POST", "/webhooks/stripe", allow=PUBLIC, group="Webhooks", raw=True, platform=True, answer=ReceivedOut,
          errors=("bad-signature", "integration-not-configured"))  # fmt: skip
def receive_webhook():
    """Where Stripe's events arrive, on the platform's host or a store's. Each is kept once and acted on later."""
    return _receive()


@endpoint("POST", "/payments/webhook", allow=PUBLIC, group=GROUP, raw=True, platform=True, answer=ReceivedOut,
          errors=("bad-signature", "integration-not-configured"))  # fmt: skip
def receive_webhook_at_old_address():
    """The same at its older address."""
    return _receive()


def _receive() -> ReceivedOut:
    if (request.content_length or 0) > WEBHOOK_LIMIT:
        raise TooLarge(_("What was sent is too large."))
    webhooks.receive(request.get_data(cache=False), request.headers.get("Stripe-Signature", ""))
    return ReceivedOut(received=True)
