"""Counting a coupon's uses, inside the order's transaction.

The counter moves by one guarded UPDATE, which also locks the coupon: what is asked after it can't change before the
commit. Stock rows are locked before, never after.
"""

from uuid import UUID

from sqlalchemy import delete, or_, select, update

from kit import clock
from kit.db import db
from kit.errors import Conflict
from kit.i18n import _
from models.orders import Order
from models.promotions import Coupon, CouponUse
from services.promotions.coupons import find_coupon
from services.promotions.validity import customer_key, has_ordered, uses_by


def use(coupon: Coupon, order: Order) -> None:
    """Count this order as a use, or Conflict `coupon-unavailable`. Call it before the order itself is added, or the
    order would stand in the way of its own "first order"; `order.id` must be set."""
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
        raise _unavailable(
            coupon, "used_up", _("The coupon “%(code)s” can no longer be used.", code=coupon.code)
        )
    limit = coupon.usage_limit_per_customer
    if limit is not None and uses_by(coupon.id, order.email) >= limit:
        raise _unavailable(
            coupon, "used_up_by_customer", _("You have used this coupon as often as it allows.")
        )
    if coupon.first_order_only and has_ordered(order.email, order.customer_id):
        raise _unavailable(coupon, "not_first_order", _("This coupon is for the first order only."))


def note_use(coupon: Coupon, order: Order) -> None:
    """Write which order it was, once the order stands in the database."""
    db.session.add(
        CouponUse(
            coupon_id=coupon.id,
            order_id=order.id,
            email_key=customer_key(order.email),
            created_at=clock.now(),
        )
    )


def _unavailable(coupon: Coupon, reason: str, message: str) -> Conflict:
    return Conflict(message, code="coupon-unavailable", reason=reason, coupon=coupon.code)


def give_back(order: Order) -> None:
    """The order expired or was cancelled unpaid. By the row that says it was used, so that twice gives back once."""
    used = db.session.execute(
        select(CouponUse.id, CouponUse.coupon_id).where(CouponUse.order_id == order.id)
    ).all()
    for use_id, coupon_id in used:
        gone = db.session.execute(
            delete(CouponUse).where(CouponUse.id == use_id).execution_options(synchronize_session=False)
        )
        if gone.rowcount:  # type: ignore[attr-defined]
            _count(coupon_id, -1)


def use_again(order: Order) -> None:
    """Late money brought the order back: its use counts again, beyond the limit if need be, for the price was
    promised."""
    coupon = find_coupon(order.coupon_code) if order.coupon_code else None
    if coupon is not None:
        note_use(coupon, order)
        _count(coupon.id, 1)


def _count(coupon_id: UUID, by: int) -> None:
    db.session.execute(
        update(Coupon)
        .where(Coupon.id == coupon_id, Coupon.usage_count + by >= 0)
        .values(usage_count=Coupon.usage_count + by)
        .execution_options(synchronize_session=False)
    )
