"""Counting uses, inside the order's transaction.

The counter moves by one guarded UPDATE, which also locks the coupon: what is asked after it can't change before the
commit. Several are taken in the order of their ids. Stock rows are locked before, never after.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select, update

from kit import clock
from kit.db import db
from kit.errors import Conflict
from kit.i18n import _
from kit.ids import parse_id
from models.orders import Order
from models.promotions import Coupon, CouponCode, CouponUse, Offered
from services.pricing import Cut
from services.promotions.coupons import find_typed
from services.promotions.offers import Offers
from services.promotions.spelling import customer_key
from services.promotions.validity import has_ordered, uses_by


def use(cuts: Sequence[Cut], offers: Offers, order: Order) -> None:
    """Count this order as a use of each, or Conflict `coupon-unavailable`. Call it before the order itself is added
    (or while it is a draft), or it would stand in the way of its own "first order"; `order.id` must be set. What no
    rule gives (a discount of the staff's) is not counted."""
    given = [offers.rules[cut.discount.key] for cut in cuts if cut.discount.key in offers.rules]
    for coupon in sorted(given, key=lambda rule: rule.id):
        _use(coupon, order)
    verdict = offers.verdict
    if verdict is not None and verdict.code_id and any(cut.discount.code for cut in cuts):
        _spend(verdict.code_id, verdict.code)


def _use(coupon: Coupon, order: Order) -> None:
    now = clock.now()
    taken = db.session.execute(
        update(Coupon)
        .where(
            Coupon.id == coupon.id,
            Coupon.is_active,
            or_(Coupon.starts_at.is_(None), Coupon.starts_at <= now),
            or_(Coupon.ends_at.is_(None), Coupon.ends_at > now),
            or_(Coupon.usage_limit.is_(None), Coupon.usage_count < Coupon.usage_limit),
        )
        .values(usage_count=Coupon.usage_count + 1)
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise _unavailable(coupon, "used_up", _ended(coupon))
    limit = coupon.usage_limit_per_customer
    if limit is not None and uses_by(coupon.id, order.email) >= limit:
        raise _unavailable(
            coupon, "used_up_by_customer", _("You have used this coupon as often as it allows.")
        )
    if coupon.first_order_only and has_ordered(order.email, order.customer_id):
        raise _unavailable(coupon, "not_first_order", _("This coupon is for the first order only."))


def _ended(coupon: Coupon) -> str:
    if coupon.offered is Offered.AUTOMATIC:
        return _("The offer “%(name)s” has just ended. Please look at the total once more.", name=coupon.name)
    return _("The coupon “%(code)s” can no longer be used.", code=coupon.code or coupon.name)


def _spend(code_id: UUID, code: str) -> None:
    """One of many codes is good for one order."""
    spent = db.session.execute(
        update(CouponCode)
        .where(CouponCode.id == code_id, CouponCode.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if not spent.rowcount:  # type: ignore[attr-defined]
        message = _("The coupon “%(code)s” can no longer be used.", code=code)
        raise Conflict(message, code="coupon-unavailable", reason="used_up", coupon=code)


def _unavailable(coupon: Coupon, reason: str, message: str) -> Conflict:
    return Conflict(message, code="coupon-unavailable", reason=reason, coupon=coupon.code or coupon.name)


def note_uses(cuts: Sequence[Cut], offers: Offers, order: Order) -> None:
    """Write which order it was and what was taken off, once the order stands in the database."""
    code_id = offers.verdict.code_id if offers.verdict else None
    for cut in cuts:
        if rule := offers.rules.get(cut.discount.key):
            _note(rule.id, order, cut.total, code_id if cut.discount.code else None)


def _note(coupon_id: UUID, order: Order, amount: int, code_id: UUID | None) -> None:
    db.session.add(
        CouponUse(coupon_id=coupon_id, code_id=code_id, order_id=order.id, email_key=customer_key(order.email),
                  amount=amount, created_at=clock.now())
    )  # fmt: skip


def give_back(order: Order) -> None:
    """The order expired or was cancelled unpaid. By the row that says it was used, so that twice gives back once."""
    used = db.session.execute(
        select(CouponUse.id, CouponUse.coupon_id, CouponUse.code_id)
        .where(CouponUse.order_id == order.id)
        .order_by(CouponUse.coupon_id)
    ).all()
    for use_id, coupon_id, code_id in used:
        gone = db.session.execute(
            delete(CouponUse).where(CouponUse.id == use_id).execution_options(synchronize_session=False)
        )
        if gone.rowcount:  # type: ignore[attr-defined]
            _count(coupon_id, -1)
            if code_id is not None:
                _mark(code_id, None)


def use_again(order: Order) -> None:
    """Late money brought the order back: its uses count again, beyond the limit if need be, for the price was
    promised."""
    parts = (order.explanation or {}).get("discounts") or ()
    taken = {parse_id(part["key"]): part["amount"] + part["shipping"] for part in parts}
    typed = find_typed(order.coupon_code) if order.coupon_code else None
    if typed is not None:
        taken.setdefault(typed.coupon.id, 0)
    there = db.session.scalars(select(Coupon.id).where(Coupon.id.in_([key for key in taken if key])))
    for coupon_id in sorted(there):
        one = typed.one if typed and typed.coupon.id == coupon_id else None
        _note(coupon_id, order, taken[coupon_id], one.id if one else None)
        _count(coupon_id, 1)
        if one is not None:
            _mark(one.id, clock.now())


def _mark(code_id: UUID, used_at: datetime | None) -> None:
    db.session.execute(
        update(CouponCode)
        .where(CouponCode.id == code_id)
        .values(used_at=used_at)
        .execution_options(synchronize_session=False)
    )


def _count(coupon_id: UUID, by: int) -> None:
    db.session.execute(
        update(Coupon)
        .where(Coupon.id == coupon_id, Coupon.usage_count + by >= 0)
        .values(usage_count=Coupon.usage_count + by)
        .execution_options(synchronize_session=False)
    )
