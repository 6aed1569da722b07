"""Asking who bought for a review: once for each order, some days after it is done, and only of those who said that they
want such a reminder. What was reviewed already is not asked about.

The links of the mail are signed: one lets its reader write the reviews of that one order in the customer's name, the
other ends the reminders.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update

from kit import clock, tenancy
from kit.actor import GUEST
from kit.db import db, transaction
from kit.errors import NotFound
from kit.i18n import _
from kit.ids import parse_id
from models.accounts import User
from models.catalog import Product
from models.orders import PAID, Order, OrderItem, OrderStatus
from models.reviews import Review
from models.tenants import Tenant, TenantStatus
from services import consents, outbox, reviews
from services.accounts import people, tokens
from services.due import work_through

LINK_FOR = timedelta(days=60)
STOP_FOR = timedelta(days=400)
NOT_AFTER = timedelta(days=30)  # a store that switches it on does not write to all who ever bought
PRODUCTS_MAX = 20
PURPOSE = "review_reminders"


@dataclass(frozen=True, slots=True)
class Request:
    """`products`: what the customer may be asked about, never empty."""

    order: Order
    user: User
    products: list[Product]


def ask_due(limit: int = 500) -> int:
    """In every store: put the mails in the queue that are due; how many orders were looked at."""
    with tenancy.every_tenant():
        days = db.session.scalars(select(Tenant.review_request_days).distinct()).all()
        due = db.session.execute(
            select(Order.tenant_id, Order.id)
            .join(Tenant, Tenant.id == Order.tenant_id)
            .join(User, User.id == Order.customer_id)
            .where(
                Tenant.status == TenantStatus.ACTIVE,
                or_(*(_is_due(number) for number in days if number)),
                Order.status == OrderStatus.COMPLETED,
                Order.payment_status.in_(PAID),
                Order.review_asked_at.is_(None),
                *_wants(),
            )
            .order_by(Order.completed_at)
            .limit(limit)
        ).all() if any(days) else ()  # fmt: skip
    return work_through(due, ask)


def _is_due(days: int) -> ColumnElement[bool]:
    moment = clock.now() - timedelta(days=days)
    return and_(
        Tenant.review_request_days == days,
        Order.completed_at <= moment,
        Order.completed_at > moment - NOT_AFTER,
    )


def _wants() -> tuple[Any, ...]:
    return (
        User.is_active,
        User.erased_at.is_(None),
        User.preferences[PURPOSE].as_boolean().is_(True),
    )


@transaction()
def ask(order_id: UUID) -> bool:
    """Once, whoever else asks at the same time. False: it was asked before, or there is nothing to ask about."""
    claimed = db.session.execute(
        update(Order)
        .where(Order.id == order_id, Order.review_asked_at.is_(None))
        .values(review_asked_at=clock.now(), updated_at=Order.updated_at)
        .execution_options(synchronize_session=False)
    )
    if not claimed.rowcount or find_request(order_id) is None:  # type: ignore[attr-defined]
        return False
    outbox.post("review.requested", order_id=order_id)
    return True


def find_request(order_id: UUID | str) -> Request | None:
    """None where nobody is to be asked, or not any more."""
    ident = parse_id(order_id)
    row = db.session.execute(
        select(Order, User).join(User, User.id == Order.customer_id).where(Order.id == ident, *_wants())
    ).first()
    if row is None:
        return None
    order, user = row
    products = _open_products(order, user)
    return Request(order, user, products) if products else None


def _open_products(order: Order, user: User) -> list[Product]:
    bought = select(OrderItem.product_id).where(OrderItem.order_id == order.id)
    reviewed = select(Review.product_id).where(Review.user_id == user.id)
    query = select(Product).where(
        Product.id.in_(bought), Product.id.not_in(reviewed), Product.is_active, Product.archived_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(Product.name, Product.id).limit(PRODUCTS_MAX)))


# --- the links of the mail ------------------------------------------------------------------------------------------


def write_token(order: Order) -> str:
    return tokens.sign("review-request", LINK_FOR, order.id)


def stop_token(user: User) -> str:
    return tokens.sign("review-requests-stop", STOP_FOR, user.id)


def get_bought(token: str, product_id: UUID) -> tuple[User, Product]:
    """Who may write here, and about what. Invalid where the link no longer works; NotFound for what the order does not
    have."""
    order = db.session.get(Order, tokens.subject_of_link(token, kind="review-request"))
    user = db.session.get(User, order.customer_id) if order and order.customer_id else None
    if order is None or user is None or not user.is_active or user.erased_at is not None:
        raise tokens.dead_link()
    bought = select(OrderItem.product_id).where(OrderItem.order_id == order.id)
    product = db.session.scalar(
        select(Product).where(
            Product.id == product_id, Product.id.in_(bought), Product.is_active, Product.archived_at.is_(None)
        )
    )
    if product is None:
        raise NotFound(_("There is no such product."))
    return user, product


@transaction()
def submit(token: str, product_id: UUID, draft: reviews.ReviewDraft) -> Review:
    """In the customer's name; otherwise as `reviews.submit_review`."""
    user, product = get_bought(token, product_id)
    return reviews.submit_review(product.id, draft, actor=people.as_actor(user, GUEST))


def check_stop(token: str) -> None:
    """Invalid where the link no longer works."""
    tokens.subject_of_link(token, kind="review-requests-stop")


@transaction()
def stop(token: str) -> None:
    """No more reminders. Bears repetition."""
    user = db.session.get(User, tokens.subject_of_link(token, kind="review-requests-stop"))
    if user is not None and user.preferences.get(PURPOSE):
        user.preferences = {**user.preferences, PURPOSE: False}
        consents.note(user.id, {PURPOSE: False}, source="unsubscribe")
