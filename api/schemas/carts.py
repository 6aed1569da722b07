"""The cart as JSON."""

from uuid import UUID

from api.schemas.base import MoneyOut, Out
from api.schemas.promotions import AppliedCouponOut
from services.carts import CartLine, CartView
from services.catalog import images


class OptionOut(Out):
    attribute: str
    value: str


class CartItemOut(Out):
    """`available_quantity` null: there is no limit. `compare_at_price`: the regular price, while a sale runs."""

    id: UUID
    product_id: UUID
    variant_id: UUID | None
    slug: str
    name: str
    sku: str
    options: list[OptionOut]
    image_url: str | None
    unit_price: MoneyOut
    compare_at_price: MoneyOut | None
    quantity: int
    line_total: MoneyOut
    available_quantity: int | None

    @classmethod
    def of(cls, line: CartLine) -> "CartItemOut":
        special = {"options", "image_url"}
        plain = {name: getattr(line, name) for name in cls.model_fields if name not in special}
        return cls(
            options=[OptionOut(**option) for option in line.options],
            image_url=images.url(line.image_key) if line.image_key else None,
            **plain,
        )


class CartWarningOut(Out):
    """`item_id` null: it is about the cart as a whole."""

    code: str
    item_id: UUID | None
    message: str


class CartOut(Out):
    """`id` null: nothing was ever put in. `session_id` is for guests: send it as X-Session-ID."""

    id: UUID | None
    session_id: str | None
    currency: str
    items: list[CartItemOut]
    item_count: int
    subtotal: MoneyOut
    discount_total: MoneyOut
    coupon: AppliedCouponOut | None
    tax_total: MoneyOut
    shipping_total: MoneyOut
    total: MoneyOut
    prices_include_tax: bool
    requires_shipping: bool
    warnings: list[CartWarningOut]

    @classmethod
    def of(cls, cart: CartView) -> "CartOut":
        special = {"items", "coupon", "warnings", "prices_include_tax"}
        plain = {name: getattr(cart, name) for name in cls.model_fields if name not in special}
        return cls(
            items=[CartItemOut.of(line) for line in cart.items],
            coupon=AppliedCouponOut.of(cart.coupon) if cart.coupon else None,
            warnings=[CartWarningOut.model_validate(warning) for warning in cart.warnings],
            prices_include_tax=cart.totals.prices_include_tax,
            **plain,
        )
