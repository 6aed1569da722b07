"""Coupons and promotions: what they are, which are good for a cart, and how their uses are counted."""

from services.promotions.baskets import Basket, BasketLine
from services.promotions.coupons import (
    Typed,
    create_codes,
    create_coupon,
    create_promotion,
    delete_coupon,
    find_coupon,
    find_typed,
    get_coupon,
    list_coupons,
    update_coupon,
)
from services.promotions.drafts import CodesDraft, CouponDraft, PromotionDraft, RuleDraft, value_text
from services.promotions.offers import Hint, Offers, offers_for, running
from services.promotions.uses import give_back, note_uses, use, use_again
from services.promotions.validity import Verdict, judge, judge_code, outdone_text

__all__ = [
    "Basket",
    "BasketLine",
    "CodesDraft",
    "CouponDraft",
    "Hint",
    "Offers",
    "PromotionDraft",
    "RuleDraft",
    "Typed",
    "Verdict",
    "create_codes",
    "create_coupon",
    "create_promotion",
    "delete_coupon",
    "find_coupon",
    "find_typed",
    "get_coupon",
    "give_back",
    "judge",
    "judge_code",
    "list_coupons",
    "note_uses",
    "offers_for",
    "outdone_text",
    "running",
    "update_coupon",
    "use",
    "use_again",
    "value_text",
]
