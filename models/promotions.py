"""Coupons and their use."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, Word, ref


class CouponType(StrEnum):
    PERCENTAGE = "percentage"
    FIXED_AMOUNT = "fixed_amount"
    FREE_SHIPPING = "free_shipping"


class Coupon(TenantOwned, Timestamps, Base):
    """`value`: hundredths of a percent for a percentage (10 % = 1000), minor units for a fixed amount."""

    __tablename__ = "coupons"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code_key"),
        CheckConstraint("usage_count >= 0", name="usage_not_negative"),
        CheckConstraint("value >= 0", name="value_not_negative"),
    )

    CODE_MAX = 60

    code: Mapped[str] = mapped_column(String(CODE_MAX))
    code_key: Mapped[str] = mapped_column(String(CODE_MAX))  # NFKC, trimmed, case-folded
    type: Mapped[CouponType] = mapped_column(Word(CouponType))
    value: Mapped[int] = mapped_column(default=0)
    description: Mapped[str] = mapped_column(String(500), default="")
    minimum_amount: Mapped[int | None]
    maximum_discount: Mapped[int | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    usage_limit: Mapped[int | None]
    usage_limit_per_customer: Mapped[int | None]
    usage_count: Mapped[int] = mapped_column(default=0)
    product_ids: Mapped[list[str]] = mapped_column(default=list)
    category_ids: Mapped[list[str]] = mapped_column(default=list)
    excluded_product_ids: Mapped[list[str]] = mapped_column(default=list)
    exclude_sale_items: Mapped[bool] = mapped_column(default=False)
    first_order_only: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class CouponUse(TenantOwned, Base):
    """One order used one coupon. Given back when the order expires or is cancelled before payment."""

    __tablename__ = "coupon_uses"
    __table_args__ = (
        UniqueConstraint("tenant_id", "coupon_id", "order_id"),
        Index(None, "tenant_id", "coupon_id", "email_key"),
    )

    coupon_id: Mapped[UUID] = ref("coupons", cascade=True, index=False)
    order_id: Mapped[UUID] = ref("orders", cascade=True)
    email_key: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]
