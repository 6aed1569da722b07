"""An order: frozen at placement, then moved through its life by services/orders."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base, TenantOwned, Timestamps, Word, ref
from models.taxes import TaxTreatment


class OrderStatus(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    def may_become(self, other: "OrderStatus") -> bool:
        return other in NEXT[self]


NEXT: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.DRAFT: frozenset({OrderStatus.PENDING}),
    OrderStatus.PENDING: frozenset({OrderStatus.CONFIRMED, OrderStatus.EXPIRED, OrderStatus.CANCELLED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.PROCESSING, OrderStatus.COMPLETED, OrderStatus.CANCELLED}),
    OrderStatus.PROCESSING: frozenset({OrderStatus.CONFIRMED, OrderStatus.COMPLETED, OrderStatus.CANCELLED}),
    OrderStatus.COMPLETED: frozenset({OrderStatus.PROCESSING}),
    OrderStatus.CANCELLED: frozenset(),
    OrderStatus.EXPIRED: frozenset({OrderStatus.CONFIRMED}),  # only late money does that
}


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    FAILED = "failed"
    DISPUTED = "disputed"


# Paid for, and not all of it was given back.
PAID = (PaymentStatus.PAID, PaymentStatus.OVERPAID, PaymentStatus.PARTIALLY_REFUNDED)


class FulfillmentStatus(StrEnum):
    NOT_REQUIRED = "not_required"
    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    DELIVERED = "delivered"
    PARTIALLY_RETURNED = "partially_returned"
    RETURNED = "returned"


class PaymentMethod(StrEnum):
    CARD = "card"
    BANK_TRANSFER = "bank_transfer"
    CASH_ON_DELIVERY = "cash_on_delivery"
    PAY_IN_SHOP = "pay_in_shop"
    NONE = "none"  # nothing was left to pay


class Order(TenantOwned, Timestamps, Base):
    """All amounts in minor units of `currency`. Nothing here is recomputed after placement."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_number"),
        CheckConstraint("total >= 0", name="total_not_negative"),
        Index(None, "tenant_id", "placed_at", "id"),
        Index(None, "tenant_id", "status", "placed_at"),
        Index(None, "tenant_id", "email_key"),
        Index(None, "payment_due_at"),
        Index(None, "completed_at"),
        # Sums over a year are read from this index alone: a row of this table is long.
        Index("ix_orders_figures", "tenant_id", "placed_at", "status", "payment_method", "payment_status",
              "captured_total", "refunded_total", "prices_include_tax", "id"),
    )  # fmt: skip

    order_number: Mapped[str] = mapped_column(String(30))
    status: Mapped[OrderStatus] = mapped_column(Word(OrderStatus), default=OrderStatus.PENDING)
    payment_status: Mapped[PaymentStatus] = mapped_column(Word(PaymentStatus), default=PaymentStatus.UNPAID)
    fulfillment_status: Mapped[FulfillmentStatus] = mapped_column(
        Word(FulfillmentStatus), default=FulfillmentStatus.UNFULFILLED
    )
    display_status: Mapped[str] = mapped_column(String(30), default="pending")
    is_on_hold: Mapped[bool] = mapped_column(default=False)
    hold_reason: Mapped[str] = mapped_column(String(500), default="")
    is_oversold: Mapped[bool] = mapped_column(default=False)

    customer_id: Mapped[UUID | None] = ref("users")
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    customer_name: Mapped[str] = mapped_column(String(200), default="")  # for lists and search
    locale: Mapped[str] = mapped_column(String(5), default="en")
    currency: Mapped[str] = mapped_column(String(3))
    prices_include_tax: Mapped[bool]

    tax_treatment: Mapped[TaxTreatment] = mapped_column(Word(TaxTreatment), default=TaxTreatment.HOME)
    vat_proof: Mapped[dict[str, Any] | None]  # of reverse charge: number, name, consultation, checked_at

    subtotal: Mapped[int]
    discount_total: Mapped[int] = mapped_column(default=0)
    shipping_total: Mapped[int] = mapped_column(default=0)  # with tax where prices_include_tax
    shipping_tax: Mapped[int] = mapped_column(default=0)
    shipping_tax_rate: Mapped[int] = mapped_column(default=0)
    tax_total: Mapped[int] = mapped_column(default=0)  # goods and shipping
    total: Mapped[int]
    captured_total: Mapped[int] = mapped_column(default=0)  # money in
    refunded_total: Mapped[int] = mapped_column(default=0)  # money back, succeeded
    explanation: Mapped[dict[str, Any]] = mapped_column(default=dict)  # how the total was reached
    draft_terms: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # of a draft: what its sums are made from

    coupon_code: Mapped[str | None] = mapped_column(String(60))
    shipping_method: Mapped[str] = mapped_column(String(100), default="")
    shipping_method_id: Mapped[UUID | None]  # a copy, no reference: methods come and go
    estimated_days_min: Mapped[int | None]
    estimated_days_max: Mapped[int | None]
    shipping_address: Mapped[dict[str, Any] | None]
    billing_address: Mapped[dict[str, Any] | None]
    payment_method: Mapped[PaymentMethod] = mapped_column(Word(PaymentMethod))
    customer_note: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(String(20), default="shop")  # shop | staff: who put it together
    terms_accepted_at: Mapped[datetime | None]
    token_version: Mapped[int] = mapped_column(default=1)  # moves on to end the order's links

    placed_at: Mapped[datetime | None]
    payment_due_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    review_asked_at: Mapped[datetime | None]  # when it was settled whether its customer is asked for a review
    archived_at: Mapped[datetime | None]  # out of the way of those who work through the list
    version: Mapped[int] = mapped_column(default=1)

    items: Mapped[list["OrderItem"]] = relationship(
        back_populates="order",
        order_by="OrderItem.position",
        cascade="all, delete-orphan",
        foreign_keys="OrderItem.order_id",
    )
    events: Mapped[list["OrderEvent"]] = relationship(
        order_by="OrderEvent.id", foreign_keys="OrderEvent.order_id"
    )

    @property
    def discounts(self) -> list[dict[str, Any]]:
        """What took something off the goods: {name, code, amount}, frozen with the total."""
        frozen = [off for off in (self.explanation or {}).get("discounts") or () if off.get("amount")]
        if frozen or not self.discount_total:
            return frozen
        return [{"name": "", "code": self.coupon_code or "", "amount": self.discount_total}]

    tags: Mapped[list["OrderTag"]] = relationship(
        cascade="all, delete-orphan", order_by="OrderTag.key", foreign_keys="OrderTag.order_id"
    )


class OrderTag(TenantOwned, Base):
    """A word that staff put on an order; `key` is how two of them are compared."""

    __tablename__ = "order_tags"
    __table_args__ = (UniqueConstraint("tenant_id", "order_id", "key"), Index(None, "tenant_id", "key"))

    NAME_MAX = 40
    PER_ORDER = 20

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    key: Mapped[str] = mapped_column(String(NAME_MAX * 3))  # folding may lengthen a word


class OrderItem(TenantOwned, Base):
    """A line, with its own copy of what was sold."""

    __tablename__ = "order_items"
    __table_args__ = (
        Index(None, "tenant_id", "sku"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint("fulfilled_quantity BETWEEN 0 AND quantity", name="fulfilled_in_bounds"),
        CheckConstraint("refunded_quantity BETWEEN 0 AND quantity", name="refunded_in_bounds"),
        CheckConstraint(
            "fulfilled_quantity + cancelled_quantity + packed_quantity <= quantity", name="each_unit_once"
        ),
        CheckConstraint("packed_quantity >= 0", name="packed_not_negative"),
        CheckConstraint("returned_quantity BETWEEN 0 AND fulfilled_quantity", name="returned_in_bounds"),
    )

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    position: Mapped[int]
    product_id: Mapped[UUID | None] = ref("products")
    variant_id: Mapped[UUID | None]  # a copy, no reference: a variant may be deleted later
    stock_item_id: Mapped[UUID | None]  # where the allocation stands; None: stock was not tracked
    name: Mapped[str] = mapped_column(String(200))
    sku: Mapped[str] = mapped_column(String(64), default="")
    options: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    image_key: Mapped[str] = mapped_column(String(200), default="")
    unit_price: Mapped[int]
    quantity: Mapped[int]
    line_total: Mapped[int]  # unit_price × quantity, before discounts
    discount_amount: Mapped[int] = mapped_column(default=0)
    tax_class: Mapped[str] = mapped_column(String(40))
    tax_rate: Mapped[int]  # hundredths of a percent, all rules together
    tax_amount: Mapped[int]
    taxes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # [{name, rate, amount}]
    requires_shipping: Mapped[bool] = mapped_column(default=True)
    weight: Mapped[int] = mapped_column(default=0)
    fulfilled_quantity: Mapped[int] = mapped_column(default=0)
    refunded_quantity: Mapped[int] = mapped_column(default=0)
    cancelled_quantity: Mapped[int] = mapped_column(default=0)  # will never be sent
    packed_quantity: Mapped[int] = mapped_column(default=0)  # in a parcel that has not left yet
    returned_quantity: Mapped[int] = mapped_column(default=0)  # was sent and is back on the shelf

    order: Mapped[Order] = relationship(back_populates="items", foreign_keys=[order_id])


class OrderEvent(TenantOwned, Base):
    """One line of the timeline."""

    __tablename__ = "order_events"

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    type: Mapped[str] = mapped_column(String(60))
    message: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor_kind: Mapped[str] = mapped_column(String(20), default="system")
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    actor_role: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime]
