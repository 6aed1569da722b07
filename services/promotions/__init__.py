"""Coupons: what they are, whether one is good for a cart, and how their uses are counted."""

from services.promotions.coupons import (
    CouponDraft,
    create_coupon,
    delete_coupon,
    find_coupon,
    get_coupon,
    list_coupons,
    update_coupon,
    value_text,
)
from services.promotions.uses import give_back, note_use, use, use_again
from services.promotions.validity import Basket, BasketLine, Verdict, judge, terms_of

__all__ = [
    "Basket",
    "BasketLine",
    "CouponDraft",
    "Verdict",
    "create_coupon",
    "delete_coupon",
    "find_coupon",
    "get_coupon",
    "give_back",
    "judge",
    "list_coupons",
    "note_use",
    "terms_of",
    "update_coupon",
    "use",
    "use_again",
    "value_text",
]
