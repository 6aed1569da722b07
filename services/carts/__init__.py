"""What a shopper is about to buy.

A customer's cart is found by the account, a guest's by a token that the server has issued. `view` says what is in it
at today's prices; every change answers the whole view.
"""

from services.carts.again import add_again
from services.carts.changes import (
    CouponCode,
    ItemDraft,
    QuantityDraft,
    add_item,
    apply_coupon,
    remove_coupon,
    remove_item,
    update_item,
)
from services.carts.lines import CartLine
from services.carts.merging import merge, merge_guest
from services.carts.owners import Owner, configure, owner_of
from services.carts.validating import CouponAnswer, CouponQuestion, check_coupon
from services.carts.view import AppliedCoupon, CartView, CartWarning, ShippingEstimate, count_items, view

__all__ = [
    "AppliedCoupon",
    "CartLine",
    "CartView",
    "CartWarning",
    "CouponAnswer",
    "CouponCode",
    "CouponQuestion",
    "ItemDraft",
    "Owner",
    "QuantityDraft",
    "ShippingEstimate",
    "add_again",
    "add_item",
    "apply_coupon",
    "check_coupon",
    "configure",
    "count_items",
    "merge",
    "merge_guest",
    "owner_of",
    "remove_coupon",
    "remove_item",
    "update_item",
    "view",
]
