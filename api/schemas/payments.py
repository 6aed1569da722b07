"""Payments and the store's account at Stripe as JSON."""

from api.schemas.base import MoneyOut, Out, Time
from api.schemas.orders import RefundOut
from gateways.stripe import Balance
from models.payments import PaymentAttempt, Refund


class SessionOut(Out):
    """Send the shopper to `url`; it is good until `expires_at`."""

    session_id: str
    url: str
    expires_at: Time

    @classmethod
    def of(cls, attempt: PaymentAttempt) -> "SessionOut":
        return cls(session_id=attempt.session_id, url=attempt.session_url, expires_at=attempt.expires_at)


class IntentOut(Out):
    """Stripe's script wants the account beside the publishable key."""

    payment_intent_id: str
    client_secret: str
    publishable_key: str
    account_id: str
    amount: MoneyOut
    currency: str


class OrderRefundOut(RefundOut):
    """`pending` until Stripe has said yes or no."""

    order_id: str
    currency: str

    @classmethod
    def of(cls, refund: Refund, currency: str) -> "OrderRefundOut":
        plain = RefundOut.model_validate(refund)
        return cls(
            order_id=str(refund.order_id),
            currency=currency,
            **{name: getattr(plain, name) for name in RefundOut.model_fields},
        )


class ConnectOut(Out):
    """`requirements`: what Stripe still asks for, in its words."""

    connected: bool
    account_id: str | None
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    requirements: tuple[str, ...]


class LinkOut(Out):
    url: str
    expires_at: Time


class AmountOut(Out):
    amount: MoneyOut
    currency: str


class BalanceOut(Out):
    available: list[AmountOut]
    pending: list[AmountOut]

    @classmethod
    def of(cls, balance: Balance) -> "BalanceOut":
        return cls(
            available=[AmountOut(amount=amount, currency=code) for amount, code in balance.available],
            pending=[AmountOut(amount=amount, currency=code) for amount, code in balance.pending],
        )


class PayoutOut(Out):
    id: str
    amount: MoneyOut
    currency: str
    status: str
    arrives_at: Time
    created_at: Time


class TransactionOut(Out):
    id: str
    type: str
    amount: MoneyOut
    fee: MoneyOut
    net: MoneyOut
    currency: str
    status: str
    description: str
    source: str | None
    created_at: Time
    available_at: Time


class PayoutsOut(Out):
    """`next_cursor` asks for what follows; null at the end."""

    items: list[PayoutOut]
    has_more: bool
    next_cursor: str | None


class TransactionsOut(Out):
    """`next_cursor` asks for what follows; null at the end."""

    items: list[TransactionOut]
    has_more: bool
    next_cursor: str | None


class ReceivedOut(Out):
    received: bool
