"""Is a coupon good for this basket? If not, why, and what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, or_, select

from kit import clock
from kit.db import db
from kit.i18n import _, current_locale
from kit.money import display
from models.catalog import Category, product_categories
from models.orders import Order, OrderStatus
from models.promotions import Coupon, CouponUse
from services import tenants
from services.accounts.people import email_key
from services.pricing import CouponTerms, Takes


@dataclass(frozen=True, slots=True)
class BasketLine:
    """`product_id` None: an amount of which nothing more is known."""

    product_id: UUID | None
    line_total: int
    is_on_sale: bool = False


@dataclass(frozen=True, slots=True)
class Basket:
    """`email` as far as it is known: limits per customer are checked once it is, and at checkout without fail."""

    lines: tuple[BasketLine, ...]
    email: str = ""
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`eligible[i]`: the coupon may take from line i. `reason` is a code, `message` the same in words."""

    coupon: Coupon | None
    reason: str = ""
    message: str = ""
    missing: int = 0
    eligible: tuple[bool, ...] = field(default=())

    @property
    def is_valid(self) -> bool:
        return not self.reason


def customer_key(email: str) -> str:
    """One customer, one limit: `Ana+shop@Example.com` is `ana@example.com`; dots mean nothing at Gmail."""
    name, _at, domain = email_key(email).rpartition("@")
    name = name.partition("+")[0]
    if domain in {"gmail.com", "googlemail.com"}:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def terms_of(coupon: Coupon) -> CouponTerms:
    return CouponTerms(coupon.code, Takes(coupon.type.value), coupon.value, coupon.maximum_discount)


def judge(coupon: Coupon | None, basket: Basket) -> Verdict:
    """A look that promises nothing: the use itself is counted in the order's transaction."""
    if coupon is None:
        return Verdict(None, "not_found", _("There is no such coupon."))
    eligible = _eligible(coupon, basket.lines)
    for reason, message, missing in _refusals(coupon, basket, eligible):
        return Verdict(coupon, reason, message, missing, eligible)
    return Verdict(coupon, eligible=eligible)


def _refusals(coupon: Coupon, basket: Basket, eligible: Sequence[bool]) -> Iterator[tuple[str, str, int]]:
    now = clock.now()
    if not coupon.is_active:
        yield "inactive", _("This coupon is not active."), 0
    if coupon.starts_at and now < coupon.starts_at:
        yield "not_started", _("This coupon is not valid yet."), 0
    if coupon.ends_at and now >= coupon.ends_at:
        yield "expired", _("This coupon is no longer valid."), 0
    if coupon.usage_limit is not None and coupon.usage_count >= coupon.usage_limit:
        yield "used_up", _("This coupon has been used up."), 0
    if not any(eligible):
        yield "no_eligible_items", _("This coupon is not for anything in the cart."), 0
    subtotal = sum(line.line_total for line in basket.lines)
    if coupon.minimum_amount is not None and subtotal < coupon.minimum_amount:
        missing = coupon.minimum_amount - subtotal
        amount = display(missing, tenants.current().currency, current_locale())
        yield "minimum_not_reached", _("Add %(amount)s more to use this coupon.", amount=amount), missing
    limit = coupon.usage_limit_per_customer
    if limit is not None and basket.email and uses_by(coupon.id, basket.email) >= limit:
        yield "used_up_by_customer", _("You have used this coupon as often as it allows."), 0
    if coupon.first_order_only and has_ordered(basket.email, basket.customer_id):
        yield "not_first_order", _("This coupon is for the first order only."), 0


def _eligible(coupon: Coupon, lines: Sequence[BasketLine]) -> tuple[bool, ...]:
    chosen, excluded = set(coupon.product_ids), set(coupon.excluded_product_ids)
    ids = {line.product_id for line in lines if line.product_id}
    in_categories = _products_in(coupon.category_ids, ids) if coupon.category_ids and ids else set()
    is_narrow = bool(chosen or coupon.category_ids)

    def is_eligible(line: BasketLine) -> bool:
        if line.product_id is None:
            return True
        key = str(line.product_id)
        if key in excluded or (coupon.exclude_sale_items and line.is_on_sale):
            return False
        return not is_narrow or key in chosen or line.product_id in in_categories

    return tuple(is_eligible(line) for line in lines)


def _products_in(category_ids: Sequence[str], product_ids: set[UUID]) -> set[UUID]:
    """Which of the products stand in these categories or below them."""
    tree = (
        select(Category.id)
        .where(Category.id.in_([UUID(i) for i in category_ids]))
        .cte("branch", recursive=True)
    )
    tree = tree.union(select(Category.id).join(tree, Category.parent_id == tree.c.id))
    return set(
        db.session.scalars(
            select(product_categories.c.product_id).where(
                product_categories.c.tenant_id == tenants.current().id,
                product_categories.c.category_id.in_(select(tree.c.id)),
                product_categories.c.product_id.in_(product_ids),
            )
        )
    )


def uses_by(coupon_id: UUID, email: str) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(CouponUse)
            .where(CouponUse.coupon_id == coupon_id, CouponUse.email_key == customer_key(email))
        )
        or 0
    )


def has_ordered(email: str, customer_id: UUID | None) -> bool:
    """Has this customer an order that was not cancelled and did not expire?"""
    if not email and customer_id is None:
        return False
    who = [Order.email_key == email_key(email)] if email else []
    who += [Order.customer_id == customer_id] if customer_id else []
    dead = (OrderStatus.DRAFT, OrderStatus.CANCELLED, OrderStatus.EXPIRED)
    return (
        db.session.scalar(select(Order.id).where(or_(*who), Order.status.not_in(dead)).limit(1)) is not None
    )
