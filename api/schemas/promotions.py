"""Coupons as JSON."""

from typing import Any
from uuid import UUID

from api.schemas.base import MoneyOut, Out, Time
from models.promotions import Coupon, CouponType
from services.carts import CouponAnswer
from services.promotions import value_text


class CouponOut(Out):
    """`value`: percent for a percentage, money for a fixed amount."""

    id: UUID
    code: str
    type: CouponType
    value: str
    description: str
    minimum_amount: MoneyOut | None
    maximum_discount: MoneyOut | None
    starts_at: Time | None
    ends_at: Time | None
    usage_limit: int | None
    usage_limit_per_customer: int | None
    usage_count: int
    product_ids: list[str]
    category_ids: list[str]
    excluded_product_ids: list[str]
    exclude_sale_items: bool
    first_order_only: bool
    is_active: bool
    version: int
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, coupon: Coupon) -> "CouponOut":
        plain = {name: getattr(coupon, name) for name in cls.model_fields if name != "value"}
        return cls(value=value_text(coupon), **plain)


class AppliedCouponOut(Out):
    """What a shopper is told of a coupon."""

    code: str
    type: CouponType
    value: str
    description: str

    @classmethod
    def of(cls, coupon: Any) -> "AppliedCouponOut":
        return cls(
            code=coupon.code, type=coupon.type, value=value_text(coupon), description=coupon.description
        )


class CouponAnswerOut(Out):
    """`reason` is a code, `message` the same in words."""

    valid: bool
    reason: str | None
    message: str | None
    discount: MoneyOut
    coupon: AppliedCouponOut | None

    @classmethod
    def of(cls, answer: CouponAnswer) -> "CouponAnswerOut":
        coupon = AppliedCouponOut.of(answer.coupon) if answer.coupon else None
        return cls(valid=answer.valid, reason=answer.reason, message=answer.message, discount=answer.discount,
                   coupon=coupon)  # fmt: skip
