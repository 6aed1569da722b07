"""Coupons as JSON."""

from typing import Any
from uuid import UUID

from api.schemas.base import MoneyOut, Out, Time
from models.promotions import Coupon, CouponType, Stacking
from services.carts import CouponAnswer
from services.promotions import value_text


class CouponOut(Out):
    """`value`: percent for a percentage (and for what buy X get Y takes off what is given), money for amounts.
    `stacking`: what it takes from; `combines_with`: the classes it may be had together with."""

    id: UUID
    code: str
    name: str
    type: CouponType
    value: str
    description: str
    stacking: Stacking
    combines_with: list[Stacking]
    minimum_amount: MoneyOut | None
    maximum_amount: MoneyOut | None
    minimum_quantity: int | None
    maximum_discount: MoneyOut | None
    max_items: int | None
    buy_quantity: int | None
    get_quantity: int | None
    get_product_ids: list[str]
    get_category_ids: list[str]
    starts_at: Time | None
    ends_at: Time | None
    usage_limit: int | None
    usage_limit_per_customer: int | None
    once_per_order: bool
    usage_count: int
    product_ids: list[str]
    category_ids: list[str]
    tag_ids: list[str]
    excluded_product_ids: list[str]
    excluded_category_ids: list[str]
    excluded_tag_ids: list[str]
    exclude_sale_items: bool
    first_order_only: bool
    segments: list[str]
    emails: list[str]
    countries: list[str]
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
