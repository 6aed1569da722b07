"""Is a coupon good for this basket? If not, why, and what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import func, or_, select

from kit import clock
from kit.db import db
from kit.i18n import _, _n
from models.orders import Order, OrderStatus
from models.promotions import Coupon, CouponType, CouponUse, Offered, Stacking
from services import tenants
from services.accounts.people import email_key
from services.pricing import Discount, PriceLine, take_off
from services.promotions.baskets import Basket, Shelves, gives, is_for, shelves_of
from services.promotions.coupons import Typed
from services.promotions.spelling import customer_key

Refusal = tuple[str, str, int]  # code, words, what is missing (an amount or units)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`eligible[i]`: the coupon may take from line i; `bought[i]`: the line is what it is for. `reason` is a code,
    `message` the same in words. `code` as it is written on the coupon."""

    coupon: Coupon | None
    reason: str = ""
    message: str = ""
    missing: int = 0
    eligible: tuple[bool, ...] = field(default=())
    bought: tuple[bool, ...] = field(default=())
    code: str = ""
    code_id: UUID | None = None

    @property
    def is_valid(self) -> bool:
        return not self.reason


def judge_code(typed: Typed | None, basket: Basket) -> Verdict:
    """A look that promises nothing: the use itself is counted in the order's transaction."""
    if typed is None:
        return Verdict(None, "not_found", _("There is no such coupon."))
    coupon = typed.coupon
    return judge(coupon, basket, shelves_of(basket.lines, [coupon]), typed=typed)


def judge(
    coupon: Coupon, basket: Basket, shelves: Shelves | None = None, *, typed: Typed | None = None
) -> Verdict:
    shelves = shelves_of(basket.lines, [coupon]) if shelves is None else shelves
    bought = tuple(is_for(coupon, line, shelves) for line in basket.lines)
    eligible = tuple(gives(coupon, line, shelves) for line in basket.lines)
    code, one = (typed.code, typed.one) if typed else (coupon.code or "", None)
    found = Verdict(coupon, "", "", 0, eligible, bought, code, one.id if one else None)
    is_spent = one is not None and one.used_at is not None
    for reason, message, missing in _refusals(coupon, basket, found, is_spent=is_spent):
        return Verdict(coupon, reason, message, missing, eligible, bought, code, found.code_id)
    return found


def discount_of(verdict: Verdict, basket: Basket) -> Discount:
    """The rule as the till knows it, for the lines of this basket (which have keys)."""
    coupon = verdict.coupon
    assert coupon is not None
    keys = [line.key for line in basket.lines]

    def named(flags: Sequence[bool]) -> frozenset[str] | None:
        return None if all(flags) else frozenset(key for key, flag in zip(keys, flags, strict=True) if flag)

    return Discount(
        key=str(coupon.id),
        name=coupon.name or verdict.code or coupon.description,
        takes=coupon.type,
        value=coupon.value,
        stacking=coupon.stacking,
        combines_with=frozenset(Stacking(other) for other in coupon.combines_with),
        eligible=named(verdict.eligible),
        bought=named(verdict.bought) if coupon.type is CouponType.BUY_X_GET_Y else None,
        buy=coupon.buy_quantity or 0,
        get=coupon.get_quantity or 0,
        maximum=coupon.maximum_discount,
        max_items=_max_items(coupon),
        code="" if coupon.offered is Offered.AUTOMATIC else verdict.code,
    )


def _max_items(coupon: Coupon) -> int | None:
    limits = [coupon.max_items]
    if coupon.type is CouponType.GIFT:
        limits.append(coupon.get_quantity or 1)
    if coupon.once_per_order and coupon.stacking is Stacking.PRODUCT:
        limits.append((coupon.get_quantity or 1) if coupon.type is CouponType.BUY_X_GET_Y else 1)
    return min((limit for limit in limits if limit is not None), default=None)


# --- why not ------------------------------------------------------------------------------------------------------


def _refusals(coupon: Coupon, basket: Basket, found: Verdict, *, is_spent: bool) -> Iterator[Refusal]:
    yield from _not_now(coupon, is_spent)
    yield from _not_these_things(coupon, basket, found)
    yield from _not_this_person(coupon, basket)


def _not_now(coupon: Coupon, is_spent: bool) -> Iterator[Refusal]:
    now = clock.now()
    if not coupon.is_active:
        yield "inactive", _("This coupon is not active."), 0
    if coupon.starts_at and now < coupon.starts_at:
        yield "not_started", _("This coupon is not valid yet."), 0
    if coupon.ends_at and now >= coupon.ends_at:
        yield "expired", _("This coupon is no longer valid."), 0
    if is_spent or (coupon.usage_limit is not None and coupon.usage_count >= coupon.usage_limit):
        yield "used_up", _("This coupon has been used up."), 0


def _not_these_things(coupon: Coupon, basket: Basket, found: Verdict) -> Iterator[Refusal]:
    is_gift = coupon.type is CouponType.GIFT  # the gift may still be put in
    if not any(found.bought if is_gift else found.eligible):
        yield "no_eligible_items", _("This coupon is not for anything in the cart."), 0
    subtotal = basket.subtotal - (_gift_worth(coupon, basket, found) if is_gift else 0)
    if coupon.minimum_amount is not None and subtotal < coupon.minimum_amount:
        missing = coupon.minimum_amount - subtotal
        yield (
            "minimum_not_reached",
            _("Add %(amount)s more to use this coupon.", amount=tenants.money(missing)),
            missing,
        )
    if coupon.maximum_amount is not None and subtotal > coupon.maximum_amount:
        text = _(
            "This coupon is for orders of at most %(amount)s.", amount=tenants.money(coupon.maximum_amount)
        )
        yield "maximum_exceeded", text, subtotal - coupon.maximum_amount
    missing = _missing_units(coupon, basket, found)
    if missing > 0:
        text = _n(
            "Add %(num)d more of what it is for to use this coupon.",
            "Add %(num)d more of what it is for to use this coupon.",
            missing,
        )
        yield "quantity_not_reached", text, missing


def _gift_worth(coupon: Coupon, basket: Basket, found: Verdict) -> int:
    """What the gift costs does not help to earn it."""
    given = found.eligible if coupon.get_product_ids else [False] * len(basket.lines)
    left, worth = coupon.get_quantity or 1, 0
    for line, flag in zip(basket.lines, given, strict=True):
        units = min(left, line.quantity) if flag else 0
        worth += units * line.unit_price
        left -= units
    return worth


def _missing_units(coupon: Coupon, basket: Basket, found: Verdict) -> int:
    units = sum(line.quantity for line, flag in zip(basket.lines, found.bought, strict=True) if flag)
    missing = (coupon.minimum_quantity or 0) - units
    if missing > 0 or coupon.type is not CouponType.BUY_X_GET_Y:
        return missing
    lines = [PriceLine(str(i), line.unit_price, line.quantity) for i, line in enumerate(basket.lines)]
    keyed = Basket(tuple(replace(line, key=str(i)) for i, line in enumerate(basket.lines)))
    if sum(cut.goods for cut in take_off(lines, [discount_of(found, keyed)])):
        return 0
    both = zip(found.bought, found.eligible, basket.lines, strict=True)
    there = sum(line.quantity for is_bought, is_given, line in both if is_bought or is_given)
    wanted = (coupon.buy_quantity or 0) + (coupon.get_quantity or 0)
    return max(1, wanted - there) if any(line.unit_price for line in basket.lines) else 0


def _not_this_person(coupon: Coupon, basket: Basket) -> Iterator[Refusal]:
    """What nobody knows yet does not stand in the way of a code; what applies by itself waits until it is known."""
    must_know = coupon.offered is Offered.AUTOMATIC
    not_for_you = _("This coupon is not for you.")
    if coupon.countries and (basket.country or must_know) and basket.country not in coupon.countries:
        yield "not_in_country", _("This coupon is not for the country you order to."), 0
    if coupon.emails and (basket.email or must_know) and not _is_named(coupon, basket.email):
        yield "not_for_you", not_for_you, 0
    is_known = bool(basket.email or basket.customer_id)
    if coupon.segments and (is_known or must_know) and basket.segment not in coupon.segments:
        yield "not_for_you", not_for_you, 0
    limit = coupon.usage_limit_per_customer
    if limit is not None and basket.email and uses_by(coupon.id, basket.email) >= limit:
        yield "used_up_by_customer", _("You have used this coupon as often as it allows."), 0
    if coupon.first_order_only and has_ordered(basket.email, basket.customer_id):
        yield "not_first_order", _("This coupon is for the first order only."), 0


def _is_named(coupon: Coupon, email: str) -> bool:
    key = email_key(email)
    return (
        key in coupon.emails
        or "@" + key.rpartition("@")[2] in coupon.emails
        or customer_key(email) in coupon.emails
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


def outdone_text() -> str:
    return _("The cart has a better offer than this code already, and the two do not go together.")
