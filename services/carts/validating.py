"""Would this code do something for this cart? A look for shoppers; nothing is put in, used or promised."""

from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import select

from kit import clock
from kit.actor import Actor
from kit.db import db
from kit.drafts import Amount, Draft, IdRef, Int, Text, wrong
from kit.errors import Invalid
from kit.i18n import _
from models.carts import CartItem
from models.catalog import Product, Variant
from services import promotions, tenants
from services.bills import Buyer, basket_of
from services.carts.changes import LINES_MAX
from services.carts.lines import is_for_sale, read_lines
from services.carts.owners import find_cart, owner_of
from services.carts.view import AppliedCoupon
from services.pricing import PriceLine, compute
from services.promotions import Basket, BasketLine


class CheckedItem(Draft):
    product_id: IdRef
    variant_id: IdRef | None = None
    quantity: Annotated[Int, Field(ge=1, le=CartItem.QUANTITY_MAX)] = 1


class CouponQuestion(Draft):
    """For `items`, or for an amount of which nothing more is known, or for the caller's own cart."""

    code: Annotated[str, Text(60, min=1)]
    subtotal: Amount | None = None
    items: Annotated[list[CheckedItem], Field(max_length=LINES_MAX)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.subtotal is not None and self.items is not None:
            raise wrong("subtotal", "not_both", _("Send the items or the subtotal, not both."))
        return self


@dataclass(frozen=True, slots=True)
class CouponAnswer:
    """`coupon` only where it is valid: what else there is, is nobody's business."""

    valid: bool
    reason: str | None
    message: str | None
    discount: int
    coupon: AppliedCoupon | None


def check_coupon(question: CouponQuestion, *, actor: Actor, token: str | None) -> CouponAnswer:
    """With what applies by itself taken into account; `outdone`: that is the better offer, and excludes the code."""
    basket = _basket(question, actor, token)
    offers = promotions.offers_for(question.code, basket)
    verdict = offers.verdict or promotions.judge_code(promotions.find_typed(question.code), basket)
    if verdict.coupon is None or not verdict.is_valid:
        return CouponAnswer(False, verdict.reason, verdict.message, 0, None)
    lines = [PriceLine(line.key, line.unit_price, line.quantity) for line in basket.lines]
    included = tenants.current().prices_include_tax
    cut = compute(lines, prices_include_tax=included, discounts=offers.discounts).coupon
    if cut is None:
        return CouponAnswer(False, "outdone", promotions.outdone_text(), 0, None)
    rule = verdict.coupon
    applied = AppliedCoupon(verdict.code, rule.type, rule.value, rule.description or rule.name, cut.goods)
    return CouponAnswer(True, None, None, cut.goods, applied)


def _basket(question: CouponQuestion, actor: Actor, token: str | None) -> Basket:
    owner = owner_of(actor, token)
    email = actor.email if owner.user_id else ""
    if question.items is not None:
        return Basket(_lines(question.items), email, owner.user_id)
    if question.subtotal is not None:
        return Basket((BasketLine(None, question.subtotal, key="0"),), email, owner.user_id)
    cart = find_cart(owner)
    return basket_of(read_lines(cart) if cart else (), Buyer(email, owner.user_id))


def _lines(items: list[CheckedItem]) -> tuple[BasketLine, ...]:
    found = select(Product).where(Product.id.in_({item.product_id for item in items}))
    products = {row.id: row for row in db.session.scalars(found)}
    ids = {item.variant_id for item in items if item.variant_id}
    variants: dict[UUID, Variant] = {}
    if ids:
        variants = {row.id: row for row in db.session.scalars(select(Variant).where(Variant.id.in_(ids)))}
    lines = []
    for i, item in enumerate(items):
        product = products.get(item.product_id)
        variant = variants.get(item.variant_id) if item.variant_id else None
        if product is None or not is_for_sale(product, variant, item.variant_id):
            raise Invalid.field(f"items.{i}.product_id", "unknown_id", _("There is no such product."))
        price = (variant or product).current_price
        regular = variant.regular_price if variant else product.price
        is_on_sale = price < regular and product.is_on_sale(clock.now())
        lines.append(BasketLine(product.id, price * item.quantity, is_on_sale, item.quantity, str(i)))
    return tuple(lines)
