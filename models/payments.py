"""Money in and out: attempts, refunds, disputes, the store's Stripe account, and the webhook inbox."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base, TenantOwned, Timestamps, Word, ref
from kit.ids import uuid7


class AttemptStatus(StrEnum):
    """In the order in which a late message can't undo a later state."""

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PaymentAttempt(TenantOwned, Timestamps, Base):
    """One try at paying an order. At most one is live (`live_key` = the order's id, else NULL)."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "live_key"),
        UniqueConstraint("tenant_id", "order_id", "number"),
        Index(None, "tenant_id", "session_id"),
        Index(None, "tenant_id", "payment_intent_id"),
    )

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    number: Mapped[int]  # 1, 2, 3 …: part of the idempotency key at Stripe
    live_key: Mapped[str | None] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(20))  # session | intent | offline
    status: Mapped[AttemptStatus] = mapped_column(Word(AttemptStatus), default=AttemptStatus.CREATED)
    amount: Mapped[int]
    captured_amount: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    fee_amount: Mapped[int] = mapped_column(default=0)
    account_id: Mapped[str] = mapped_column(String(60), default="")  # the connected account it was made on
    session_id: Mapped[str | None] = mapped_column(String(120))
    session_url: Mapped[str] = mapped_column(Text, default="")
    payment_intent_id: Mapped[str | None] = mapped_column(String(120))
    client_secret: Mapped[str] = mapped_column(String(200), default="")
    charge_id: Mapped[str | None] = mapped_column(String(120))
    method: Mapped[str] = mapped_column(String(40), default="")  # card, multibanco, …
    failure_message: Mapped[str] = mapped_column(String(500), default="")
    expires_at: Mapped[datetime | None]


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Refund(TenantOwned, Timestamps, Base):
    """Reserved in the database before Stripe is asked, so that two tabs can't give back twice."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        UniqueConstraint("tenant_id", "provider_id"),
    )

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    attempt_id: Mapped[UUID | None] = ref("payment_attempts")
    status: Mapped[RefundStatus] = mapped_column(Word(RefundStatus), default=RefundStatus.PENDING)
    amount: Mapped[int]
    tax_amount: Mapped[int] = mapped_column(default=0)
    shipping_amount: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(500), default="")
    restock: Mapped[bool] = mapped_column(default=False)
    is_restocked: Mapped[bool] = mapped_column(default=False)  # done once, though Stripe may tell twice
    provider_id: Mapped[str | None] = mapped_column(String(120))
    failure_message: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[str] = mapped_column(String(200), default="")

    items: Mapped[list["RefundItem"]] = relationship(
        cascade="all, delete-orphan", foreign_keys="RefundItem.refund_id", order_by="RefundItem.id"
    )


class RefundItem(TenantOwned, Base):
    __tablename__ = "refund_items"
    __table_args__ = (CheckConstraint("quantity >= 1", name="quantity_positive"),)

    refund_id: Mapped[UUID] = ref("refunds", cascade=True)
    order_item_id: Mapped[UUID] = ref("order_items", cascade=True)
    quantity: Mapped[int]
    amount: Mapped[int]
    tax_amount: Mapped[int]
    restock: Mapped[bool] = mapped_column(default=True)  # counts where the refund restocks at all


class Dispute(TenantOwned, Timestamps, Base):
    __tablename__ = "disputes"
    __table_args__ = (UniqueConstraint("tenant_id", "provider_id"),)

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    provider_id: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(40))  # open | under_review | won | lost
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(String(100), default="")
    evidence_due_at: Mapped[datetime | None]
    has_evidence: Mapped[bool] = mapped_column(default=False)  # something was handed in at Stripe
    is_inquiry: Mapped[bool] = mapped_column(default=False)  # a question only: no money has been taken yet


class OrphanPayment(TenantOwned, Timestamps, Base):
    """Money that no order was waiting for. Never ignored: staff refund it or accept it."""

    __tablename__ = "orphan_payments"
    __table_args__ = (UniqueConstraint("tenant_id", "charge_id"),)

    order_id: Mapped[UUID | None] = ref("orders")
    charge_id: Mapped[str] = mapped_column(String(120))
    payment_intent_id: Mapped[str | None] = mapped_column(String(120))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    why: Mapped[str] = mapped_column(String(200), default="")
    resolved_as: Mapped[str | None] = mapped_column(String(40))  # refunded | accepted | attached


class StripeAccount(TenantOwned, Timestamps, Base):
    """The store's connected account, as Stripe last described it."""

    __tablename__ = "stripe_accounts"
    __table_args__ = (UniqueConstraint("tenant_id"), UniqueConstraint("account_id"))

    account_id: Mapped[str] = mapped_column(String(60))
    charges_enabled: Mapped[bool] = mapped_column(default=False)
    payouts_enabled: Mapped[bool] = mapped_column(default=False)
    details_submitted: Mapped[bool] = mapped_column(default=False)
    requirements: Mapped[list[str]] = mapped_column(default=list)  # due now, in Stripe's codes
    pending_requirements: Mapped[list[str]] = mapped_column(
        default=list
    )  # given, and being checked by Stripe
    requirements_due_at: Mapped[datetime | None]  # after that Stripe switches something off
    disabled_reason: Mapped[str] = mapped_column(String(100), default="")
    capabilities: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"card_payments": "active", …}


class WebhookEvent(Base):
    """The inbox: stored once by the provider's id, then acted on by the worker. The platform's, not a store's:
    whose it is shows only from the event's account."""

    __tablename__ = "webhook_events"
    __table_args__ = (UniqueConstraint("provider_id"), Index(None, "tenant_id", "received_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    provider_id: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[str] = mapped_column(String(60), default="")
    tenant_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(
        String(20), default="received"
    )  # received | processed | ignored | failed
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    order_id: Mapped[UUID | None]  # which order it moved, if one
    effects: Mapped[list[str]] = mapped_column(
        default=list
    )  # what came of it: types of the order's timeline …
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]


class CheckStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class PaymentCheck(TenantOwned, Timestamps, Base):
    """One comparison of the store's books with its account at Stripe, over what was made there in a span of time."""

    __tablename__ = "payment_checks"
    __table_args__ = (Index(None, "tenant_id", "created_at"),)

    status: Mapped[CheckStatus] = mapped_column(Word(CheckStatus), default=CheckStatus.WAITING)
    since: Mapped[datetime]
    until: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(40), default="")  # what is being looked at
    looked_at: Mapped[int] = mapped_column(default=0)  # how many things so far
    mended: Mapped[int] = mapped_column(default=0)
    open: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[str] = mapped_column(String(200), default="")
    finished_at: Mapped[datetime | None]


class PaymentFinding(TenantOwned, Timestamps, Base):
    """A difference between our books and Stripe's, once per thing at Stripe. Amounts in minor units."""

    __tablename__ = "payment_findings"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "provider_id"), Index(None, "tenant_id", "state"))

    check_id: Mapped[UUID] = ref("payment_checks")  # which saw it last
    kind: Mapped[str] = mapped_column(String(40))
    provider_id: Mapped[str] = mapped_column(String(120))
    order_id: Mapped[UUID | None] = ref("orders", cascade=True)
    ours: Mapped[int | None]
    theirs: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="")
    state: Mapped[str] = mapped_column(String(20))  # mended | open | closed (gone, or looked at by somebody)
    note: Mapped[str] = mapped_column(String(500), default="")
    closed_by: Mapped[str] = mapped_column(String(200), default="")
