"""The cart as JSON."""

from uuid import UUID

from api.schemas.base import MoneyOut, Out
from api.schemas.promotions import AppliedCouponOut
from services.carts import CartLine, CartView
from services.catalog import images
from services.pricing import Cut


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


class CartDiscountOut(Out):
    """`code` null: it applies by itself. `amount`: what it takes off, goods and delivery."""

    name: str
    code: str | None
    amount: MoneyOut

    @classmethod
    def of(cls, cut: Cut) -> "CartDiscountOut":
        return cls(name=cut.discount.name, code=cut.discount.code or None, amount=cut.total)


class CartOut(Out):
    """`id` null: nothing was ever put in. `session_id` is for guests: send it as X-Session-ID. `discounts`: what takes
    something off, the coupon among them; `hints`: what is almost reached, in words."""

    id: UUID | None
    session_id: str | None
    currency: str
    items: list[CartItemOut]
    item_count: int
    subtotal: MoneyOut
    discount_total: MoneyOut
    discounts: list[CartDiscountOut]
    coupon: AppliedCouponOut | None
    tax_total: MoneyOut
    shipping_total: MoneyOut
    total: MoneyOut
    prices_include_tax: bool
    requires_shipping: bool
    warnings: list[CartWarningOut]
    hints: list[str]

    @classmethod
    def of(cls, cart: CartView) -> "CartOut":
        special = {"items", "discounts", "coupon", "warnings", "hints", "prices_include_tax"}
        plain = {name: getattr(cart, name) for name in cls.model_fields if name not in special}
        return cls(
            items=[CartItemOut.of(line) for line in cart.items],
            discounts=[CartDiscountOut.of(cut) for cut in cart.cuts],
            coupon=AppliedCouponOut.of(cart.coupon) if cart.coupon else None,
            warnings=[CartWarningOut.model_validate(warning) for warning in cart.warnings],
            hints=[hint.message for hint in cart.hints],
            prices_include_tax=cart.totals.prices_include_tax,
            **plain,
        )
