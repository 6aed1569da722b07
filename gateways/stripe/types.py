"""What Stripe tells us, as small frozen values of our own: nothing above this door knows the SDK."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Intent:
    """One purchase at Stripe. Amounts in minor units.

    `status` is Stripe's: requires_payment_method | requires_confirmation | requires_action | processing |
    requires_capture | canceled | succeeded; newer ones may come.
    """

    id: str
    status: str
    amount: int
    received: int
    currency: str
    client_secret: str = ""
    charge_id: str | None = None
    method: str = ""
    failure: str = ""
    voucher_expires_at: datetime | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """A hosted page that takes one payment. `status`: open | complete | expired; `payment_status`: paid | unpaid |
    no_payment_required. Complete does not mean paid: a voucher is paid days later."""

    id: str
    url: str
    status: str
    payment_status: str
    amount: int
    expires_at: datetime
    intent: Intent | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundMade:
    """`status`: pending | requires_action | succeeded | failed | canceled."""

    id: str
    status: str
    amount: int
    currency: str
    charge_id: str | None
    intent_id: str | None
    failure: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DisputeCase:
    id: str
    status: str
    amount: int
    charge_id: str
    intent_id: str | None
    reason: str
    evidence_due_at: datetime | None
    has_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """One taking of money. `status`: succeeded | pending | failed; `captured` and `refunded` are sums."""

    id: str
    status: str
    amount: int
    captured: int
    refunded: int
    currency: str
    intent_id: str | None
    is_disputed: bool
    created_at: datetime
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """`requirements` are due now, `pending` are given and being checked; `capabilities` {"card_payments": "active"}."""

    id: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    requirements: tuple[str, ...]
    pending: tuple[str, ...] = ()
    due_at: datetime | None = None
    disabled_reason: str = ""
    capabilities: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """(amount in minor units, currency in capitals), one per currency."""

    available: tuple[tuple[int, str], ...]
    pending: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Payout:
    """`failure`: why the bank did not take it, in Stripe's words for people."""

    id: str
    amount: int
    currency: str
    status: str
    arrives_at: datetime
    created_at: datetime
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the account's balance at Stripe."""

    id: str
    type: str
    amount: int
    fee: int
    net: int
    currency: str
    status: str
    description: str
    source: str | None
    created_at: datetime
    available_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Some items of a list; `next_cursor` asks for what follows, None at the end."""

    items: tuple[Any, ...]
    next_cursor: str | None

    @property
    def has_more(self) -> bool:
        return self.next_cursor is not None


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook whose signature was good. `object_id` is what it is about; what it says of it is never trusted."""

    id: str
    type: str
    account_id: str
    object_id: str
    payload: dict[str, Any]
