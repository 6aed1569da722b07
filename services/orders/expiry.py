"""Orders that nobody paid in time, and orders that are done. The clock's work; each order is its own transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.errors import ShopError
from kit.tenancy import every_tenant
from models.fulfilment import Fulfillment, ParcelStatus
from models.orders import FulfillmentStatus, Order, OrderStatus, PaymentStatus
from models.tenants import Tenant, TenantStatus
from services.due import work_through
from services.orders import derived, effects
from services.payments import attempts
from services.payments.attempts import Outcome

GIVE_UP = timedelta(days=2)  # after that no page at Stripe can be open, whether it answers or not
COMPLETE_AFTER = timedelta(days=14)  # sent, and nobody said that it did not arrive
SETTLED = (PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED)


def expire_due(limit: int = 500) -> int:
    """In every store: expire what is overdue; how many orders were looked at."""
    with every_tenant():
        due = db.session.execute(
            select(Order.tenant_id, Order.id)
            .join(Tenant, Tenant.id == Order.tenant_id)
            .where(*_is_due(clock.now()), Tenant.status != TenantStatus.DELETED)
            .order_by(Order.payment_due_at)
            .limit(limit)
        ).all()
    return work_through(due, expire_order)


def _is_due(moment: datetime) -> tuple:
    return (
        Order.status == OrderStatus.PENDING,
        Order.payment_due_at <= moment,
        Order.is_on_hold.is_(False),
        Order.captured_total == 0,
    )


def expire_order(order_id: UUID) -> bool:
    """First close the payment at Stripe; what was paid meanwhile is taken instead. False: it has not expired."""
    order = db.session.get(Order, order_id)
    if order is None or not _may_expire(order):
        return False
    due = order.payment_due_at or clock.now()
    try:
        outcome = attempts.close(order_id, void=True)
    except ShopError:  # Stripe is away, or the store has left it
        if clock.now() - due < GIVE_UP:
            return False
        outcome = Outcome.CLOSED
    if outcome is Outcome.PAID:
        return False
    if outcome is Outcome.PROCESSING:
        _wait_longer(order_id)
        return False
    with transaction():
        order = effects.lock_order(order_id)
        if not _may_expire(order):
            return False
        effects.expire(order, actor=SYSTEM)
        return True


def _may_expire(order: Order) -> bool:
    is_due = order.payment_due_at is not None and order.payment_due_at <= clock.now()
    return (
        order.status is OrderStatus.PENDING and is_due and order.captured_total == 0 and not order.is_on_hold
    )


@transaction()
def _wait_longer(order_id: UUID) -> None:
    """The bank has the transfer and Stripe can't call it back: its answer will come."""
    order = effects.lock_order(order_id)
    if _may_expire(order):
        order.payment_due_at = clock.now() + timedelta(days=1)


def complete_due(limit: int = 500) -> int:
    """In every store: complete what was sent two weeks ago and is paid; how many orders were looked at."""
    old = clock.now() - COMPLETE_AFTER
    newer = select(Fulfillment.id).where(
        Fulfillment.order_id == Order.id,
        Fulfillment.status == ParcelStatus.SHIPPED,
        func.coalesce(Fulfillment.shipped_at, Fulfillment.created_at) > old,
    )
    with every_tenant():
        due = db.session.execute(
            select(Order.tenant_id, Order.id)
            .where(
                Order.status == OrderStatus.PROCESSING,
                Order.fulfillment_status == FulfillmentStatus.FULFILLED,
                Order.payment_status.in_(SETTLED),
                Order.is_on_hold.is_(False),
                ~newer.exists(),
            )
            .limit(limit)
        ).all()
    return work_through(due, _complete)


@transaction()
def _complete(order_id: UUID) -> None:
    order = effects.lock_order(order_id)
    money = derived.money_of(order)
    is_done = order.fulfillment_status is FulfillmentStatus.FULFILLED and not order.is_on_hold
    if is_done and order.status is OrderStatus.PROCESSING and money.balance == 0 and not money.is_disputed:
        effects.move(order, OrderStatus.COMPLETED, actor=SYSTEM)
