"""The cart: an account's own, or a guest's by X-Session-ID. Each change answers the whole cart."""

from uuid import UUID

from api.contract import actor, endpoint
from api.schemas.carts import CartOut
from kit.drafts import Draft
from services import carts
from services.carts import CartView, CouponCode, ItemDraft, QuantityDraft
from web.access import OPTIONAL, SIGNED_IN
from web.guest import cart_token, give_token

GROUP = "Cart"


class MergeDraft(Draft):
    session_id: str


def _hand_over(cart: CartView) -> CartView:
    """A guest gets the session's id in the response header: the one that was sent, or a new one."""
    if cart.session_id is not None:
        give_token(cart.session_id)
    return cart


@endpoint("GET", "/cart", allow=OPTIONAL, group=GROUP, answer=CartOut)
def show_cart():
    """The cart at today's prices, with warnings on what has changed."""
    return _hand_over(carts.view(actor=actor(), token=cart_token()))


@endpoint("POST", "/cart/items", allow=OPTIONAL, group=GROUP, body=ItemDraft, answer=CartOut,
          errors=("out-of-stock", "cart-full"))  # fmt: skip
def add_item(draft: ItemDraft):
    """Add to the line that is there already, or put in a new one."""
    return _hand_over(carts.add_item(draft, actor=actor(), token=cart_token()))


@endpoint("PUT", "/cart/items/<uuid:item_id>", allow=OPTIONAL, group=GROUP, body=QuantityDraft, answer=CartOut,
          errors=("out-of-stock",))  # fmt: skip
def update_item(item_id: UUID, draft: QuantityDraft):
    """Set the quantity of a line; 0 takes it out."""
    return _hand_over(carts.update_item(item_id, draft, actor=actor(), token=cart_token()))


@endpoint("DELETE", "/cart/items/<uuid:item_id>", allow=OPTIONAL, group=GROUP, answer=CartOut)
def remove_item(item_id: UUID):
    """Take a line out; answers the cart that is left."""
    return _hand_over(carts.remove_item(item_id, actor=actor(), token=cart_token()))


@endpoint("POST", "/cart/coupon", allow=OPTIONAL, group=GROUP, body=CouponCode, answer=CartOut,
          errors=("coupon-invalid", "cart-empty"), limit="20 per minute")  # fmt: skip
def apply_coupon(draft: CouponCode):
    """Use a coupon. A refusal has a `reason` code, and the cart keeps the coupon that it had."""
    return _hand_over(carts.apply_coupon(draft.code, actor=actor(), token=cart_token()))


@endpoint("DELETE", "/cart/coupon", allow=OPTIONAL, group=GROUP, answer=CartOut)
def remove_coupon():
    """Take the coupon off; answers the cart."""
    return _hand_over(carts.remove_coupon(actor=actor(), token=cart_token()))


@endpoint("POST", "/cart/merge", allow=SIGNED_IN, group=GROUP, body=MergeDraft, answer=CartOut)
def merge_carts(draft: MergeDraft):
    """Take a guest's cart into your own: the larger quantity of what is in both, the rest added. What was capped or
    left out stands in the warnings. Doing it twice changes nothing."""
    return carts.merge(draft.session_id, actor=actor())
