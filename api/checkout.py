"""From cart to order."""

from flask import request

from api.contract import Created, actor, endpoint
from api.schemas.base import Out
from api.schemas.carts import CartOut
from api.schemas.orders import OrderOut
from kit.errors import Conflict
from models.orders import Order
from services.orders import access, placing
from services.orders.making import OrderDraft
from web.access import OPTIONAL
from web.guest import cart_token


class PlacedOut(Out):
    """`order_token`, sent as a bearer token, lets a guest read this order and pay for it, for 30 days."""

    order: OrderOut
    order_token: str

    @classmethod
    def of(cls, order: Order) -> "PlacedOut":
        return cls(order=OrderOut.of(order), order_token=access.issue_token(order))


@endpoint("POST", "/orders/checkout", allow=OPTIONAL, group="Orders", body=OrderDraft, answer=PlacedOut, status=201,
          idempotent=True, limit="60 per minute",
          errors=("cart-empty", "out-of-stock", "items-unavailable", "coupon-unavailable", "shipping-unavailable",
                  "stripe-not-connected", "total-changed", "plan-limit-reached"))  # fmt: skip
def place_order(draft: OrderDraft):
    """Place what is in the cart: all of it or nothing. `total-changed` carries the cart as it is now."""
    key = request.headers.get("Idempotency-Key", "")
    try:
        order = placing.place_order(draft, actor=actor(), token=cart_token(), submission=key)
    except Conflict as error:
        if "cart" not in error.extra:
            raise
        cart = CartOut.of(error.extra["cart"]).model_dump(mode="json")
        raise Conflict(error.message, code=error.code, **{**error.extra, "cart": cart}) from error
    return Created(order, f"/api/orders/{order.id}")
