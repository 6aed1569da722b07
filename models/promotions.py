"""Coupons and promotions: what takes something off, and how often it was used."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, Word, ref


class CouponType(StrEnum):
    PERCENTAGE = "percentage"
    FIXED_AMOUNT = "fixed_amount"
    FIXED_PER_ITEM = "fixed_per_item"
    FREE_SHIPPING = "free_shipping"
    BUY_X_GET_Y = "buy_x_get_y"
    GIFT = "gift"


class Offered(StrEnum):
    """How it comes to a cart: by one code, by one of many codes, or by itself."""

    CODE = "code"
    CODES = "codes"
    AUTOMATIC = "automatic"


class Stacking(StrEnum):
    """What it takes from: single products, the order as a whole, or the delivery."""

    PRODUCT = "product"
    ORDER = "order"
    SHIPPING = "shipping"


class Coupon(TenantOwned, Timestamps, Base):
    """A rule that takes something off. `code` is null where there are many codes, or none is needed.

    `value`: hundredths of a percent for a percentage (10 % = 1000) and for what buy X get Y takes off the given units,
    minor units for amounts. Lists of ids, segments, addresses and countries that are empty exclude nobody.
    """

    __tablename__ = "coupons"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code_key"),
        CheckConstraint("usage_count >= 0", name="usage_not_negative"),
        CheckConstraint("value >= 0", name="value_not_negative"),
        Index(None, "tenant_id", "offered"),
    )

    CODE_MAX = 60
    NAME_MAX = 120

    offered: Mapped[Offered] = mapped_column(Word(Offered), default=Offered.CODE)
    name: Mapped[str] = mapped_column(String(NAME_MAX), default="")  # as shoppers read it
    code: Mapped[str | None] = mapped_column(String(CODE_MAX))
    code_key: Mapped[str | None] = mapped_column(String(CODE_MAX))  # NFKC, trimmed, case-folded
    type: Mapped[CouponType] = mapped_column(Word(CouponType))
    value: Mapped[int] = mapped_column(default=0)
    stacking: Mapped[Stacking] = mapped_column(Word(Stacking), default=Stacking.ORDER)
    combines_with: Mapped[list[str]] = mapped_column(
        default=lambda: [str(Stacking.PRODUCT), str(Stacking.SHIPPING)]
    )
    description: Mapped[str] = mapped_column(String(500), default="")

    minimum_amount: Mapped[int | None]
    maximum_amount: Mapped[int | None]
    minimum_quantity: Mapped[int | None]
    maximum_discount: Mapped[int | None]
    max_items: Mapped[int | None]
    buy_quantity: Mapped[int | None]
    get_quantity: Mapped[int | None]
    get_product_ids: Mapped[list[str]] = mapped_column(default=list)  # none: the same that are bought
    get_category_ids: Mapped[list[str]] = mapped_column(default=list)

    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    usage_limit: Mapped[int | None]
    usage_limit_per_customer: Mapped[int | None]
    once_per_order: Mapped[bool] = mapped_column(default=False)
    usage_count: Mapped[int] = mapped_column(default=0)

    product_ids: Mapped[list[str]] = mapped_column(default=list)
    category_ids: Mapped[list[str]] = mapped_column(default=list)
    tag_ids: Mapped[list[str]] = mapped_column(default=list)
    excluded_product_ids: Mapped[list[str]] = mapped_column(default=list)
    excluded_category_ids: Mapped[list[str]] = mapped_column(default=list)
    excluded_tag_ids: Mapped[list[str]] = mapped_column(default=list)
    exclude_sale_items: Mapped[bool] = mapped_column(default=False)
    first_order_only: Mapped[bool] = mapped_column(default=False)
    segments: Mapped[list[str]] = mapped_column(default=list)
    emails: Mapped[list[str]] = mapped_column(default=list)  # addresses, or `@example.com` for a whole house
    countries: Mapped[list[str]] = mapped_column(default=list)

    codes_wanted: Mapped[int] = mapped_column(default=0)  # of many codes: how many there shall be
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class CouponCode(TenantOwned, Base):
    """One of a coupon's many codes: good for one order."""

    __tablename__ = "coupon_codes"
    __table_args__ = (UniqueConstraint("tenant_id", "code_key"),)

    coupon_id: Mapped[UUID] = ref("coupons", cascade=True)
    code: Mapped[str] = mapped_column(String(Coupon.CODE_MAX))
    code_key: Mapped[str] = mapped_column(String(Coupon.CODE_MAX))
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class CouponUse(TenantOwned, Base):
    """One order used one coupon. Given back when the order expires or is cancelled before payment."""

    __tablename__ = "coupon_uses"
    __table_args__ = (
        UniqueConstraint("tenant_id", "coupon_id", "order_id"),
        Index(None, "tenant_id", "coupon_id", "email_key"),
    )

    coupon_id: Mapped[UUID] = ref("coupons", cascade=True, index=False)
    code_id: Mapped[UUID | None]  # which of many codes
    order_id: Mapped[UUID] = ref("orders", cascade=True)
    email_key: Mapped[str] = mapped_column(String(254))
    amount: Mapped[int] = mapped_column(default=0)  # what it took off, goods and delivery
    created_at: Mapped[datetime]
