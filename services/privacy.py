"""A person's rights: a copy of everything that is held on them, and to be forgotten."""

from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete, inspect, select, update

from kit import clock
from kit.actor import Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import Draft
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _, current_locale
from kit.money import to_text
from kit.passwords import verify_password
from models.accounts import RefreshFamily, User
from models.carts import Cart
from models.catalog import Product
from models.orders import Order, OrderEvent, OrderStatus
from models.promotions import Coupon, CouponUse
from models.reviews import Review
from services import audit, outbox, tenants
from services.accounts import people, roles
from services.accounts.passwords import OldPassword
from services.addresses import list_of, owner_of
from services.customers import PreferencesDraft

OPEN = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING)


# Secrets, keys, and what is told in another place of the copy.
NOT_TOLD = ("password_hash", "email_key", "tenant_id", "token_version", "preferences", "note")


class EraseDraft(Draft):
    password: OldPassword = Field(repr=False)


def export_me(*, actor: Actor) -> dict[str, Any]:
    """Everything held on the person, in plain values. That it was taken stands in the audit log for staff."""
    user = owner_of(actor)
    if user.role is not Role.CUSTOMER:
        with transaction():
            audit.record("export", user, actor=actor)
    return {
        "exported_at": _plain(clock.now()),
        "store": {"name": tenants.current().name, "slug": tenants.current().slug},
        "account": _columns(user, leave=NOT_TOLD),
        "preferences": PreferencesDraft.of(user),
        "notes_of_the_store": user.note,
        "addresses": [_columns(address, leave=("tenant_id", "user_id")) for address in list_of(user.id)],
        "orders": [_order(order) for order in _orders_of(user)],
        "reviews": [
            _columns(review, leave=("tenant_id", "user_id", "rejected_because"))
            for review in db.session.scalars(select(Review).where(Review.user_id == user.id).order_by(Review.id))
        ],
        "cart": _cart(user.id),
        "sessions": [
            {"user_agent": family.user_agent, "ip": family.ip, "signed_in_at": _plain(family.created_at),
             "last_used_at": _plain(family.used_at), "ended_at": _plain(family.revoked_at)}
            for family in db.session.scalars(
                select(RefreshFamily).where(RefreshFamily.user_id == user.id).order_by(RefreshFamily.id)
            )
        ],
        **_kept_elsewhere(user),
    }  # fmt: skip


def _orders_of(user: User) -> list[Order]:
    return list(db.session.scalars(select(Order).where(Order.customer_id == user.id).order_by(Order.id)))


def _order(order: Order) -> dict[str, Any]:
    def money(value: int) -> str:
        return to_text(value, order.currency)

    return {
        "id": str(order.id),
        "order_number": order.order_number,
        "status": str(order.status),
        "payment_status": str(order.payment_status),
        "placed_at": _plain(order.placed_at),
        "email": order.email,
        "currency": order.currency,
        "total": money(order.total),
        "refunded_total": money(order.refunded_total),
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address,
        "customer_note": order.customer_note,
        "items": [
            {"name": item.name, "sku": item.sku, "options": item.options, "quantity": item.quantity,
             "unit_price": money(item.unit_price), "line_total": money(item.line_total)}
            for item in order.items
        ],
    }  # fmt: skip


def _cart(user_id: UUID) -> dict[str, Any] | None:
    cart = db.session.scalar(select(Cart).where(Cart.user_id == user_id))
    if cart is None:
        return None
    names = {item.product_id: db.session.get(Product, item.product_id) for item in cart.items}
    return {
        "updated_at": _plain(cart.updated_at),
        "items": [
            {
                "product": product.name if (product := names[item.product_id]) else "",
                "quantity": item.quantity,
            }
            for item in cart.items
        ],
        "checkout": cart.checkout,
    }


# Told in a place of their own above, or a matter of signing in that says nothing of the person.
TOLD_APART = {"addresses", "reviews", "refresh_families", "carts"}
SECRETS = ("password_resets", "second_factors", "hand_overs")


def _kept_elsewhere(user: User) -> dict[str, Any]:
    """What other rooms hold on a person says so by a column `user_id`; a room added later is found by it."""
    found: dict[str, Any] = {}
    for kind in _owned_by_people():
        name = kind.__tablename__
        if name in TOLD_APART or name in SECRETS:
            continue
        rows = db.session.scalars(select(kind).where(kind.user_id == user.id).order_by(kind.id)).all()
        found[name] = [_columns(row, leave=_hidden(kind)) for row in rows]
    for kind in _left_under_an_address():
        rows = db.session.scalars(
            select(kind).where(kind.email_key == user.email_key).order_by(kind.id)
        ).all()
        if user.email_verified_at is not None:  # else it may be somebody else's mailbox
            found[kind.__tablename__] = [_columns(row, leave=_hidden(kind)) for row in rows]
    found["coupons"] = [{"code": coupon.code} for coupon in _made_out_to(user)]
    return found


def _made_out_to(user: User) -> list[Coupon]:
    """Coupons that name this address among those who may use them."""
    if user.email_verified_at is None:
        return []
    return [
        one for one in db.session.scalars(select(Coupon)) if user.email_key in map(str.casefold, one.emails)
    ]


HIDDEN = ("_hash", "_hashes", "secret", "token", "tenant_id", "email_key")


def _hidden(kind: Any) -> list[str]:
    return [column.name for column in kind.__mapper__.local_table.c if column.name.endswith(HIDDEN)]


def _owned_by_people() -> list[Any]:
    """The kinds of rows that belong to a person of the store."""
    return [
        mapper.class_
        for mapper in User.registry.mappers
        if "tenant_id" in mapper.local_table.c
        and "user_id" in mapper.local_table.c
        and mapper.local_table.c.user_id.info.get("refers_to") == "users"
    ]


# Told and scrubbed in a way of their own.
ADDRESSED = {"users", "orders", "coupon_uses"}


def _left_under_an_address() -> list[Any]:
    """The kinds of rows that somebody leaves behind without an account, under an e-mail address alone."""
    return [
        mapper.class_
        for mapper in User.registry.mappers
        if "tenant_id" in mapper.local_table.c
        and "email_key" in mapper.local_table.c
        and mapper.class_.__tablename__ not in ADDRESSED
    ]


def _columns(row: Any, leave: tuple[str, ...] | list[str]) -> dict[str, Any]:
    names = [attribute.key for attribute in inspect(row).mapper.column_attrs]
    return {name: _plain(getattr(row, name)) for name in names if name not in leave}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | dict | list):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)


def erase_me(draft: EraseDraft, *, actor: Actor) -> None:
    """Forget the person at once. Orders stay for the books without them; refused while an order is open."""
    stored = owner_of(actor).password_hash
    end_reading()
    if not verify_password(stored, draft.password):
        raise Invalid.field("password", "wrong_password", _("This is not your password."))
    erase(owner_of(actor).id, actor=actor)


def erase_customer(user_id: UUID, *, actor: Actor) -> None:
    """For somebody who asked the store. An admin's act, on customers only; it stands in the audit log."""
    if not actor.is_at_least(Role.ADMIN):
        raise Forbidden(_("Only an admin can do this."))
    if people.get_user(user_id).role is not Role.CUSTOMER:
        raise Conflict(_("This person works in the store. Make them a customer first."), code="is-staff")
    erase(user_id, actor=actor)


@transaction()
def erase(user_id: UUID, *, actor: Actor) -> None:
    tenants.row(lock=True)
    user = people.get_user(user_id, lock=True)
    if user.role is Role.ADMIN:
        roles.insist_on_another_admin(user)
    if db.session.scalar(
        select(Order.id).where(Order.customer_id == user.id, Order.status.in_(OPEN)).limit(1)
    ):
        raise Conflict(_("An order of this account is still open. The account can be deleted once it is done."),
                       code="open-orders")  # fmt: skip
    outbox.post("account.erased", email=user.email, name=user.name, locale=user.locale or current_locale())
    nobody = nobody_of(user)
    _scrub_orders(user, nobody)
    delete_owned(user)
    for coupon in _made_out_to(user):
        coupon.emails = [one for one in coupon.emails if one.casefold() != user.email_key] or [nobody]
    if user.email_verified_at is not None:
        for left in _left_under_an_address():
            db.session.execute(delete(left).where(left.email_key == user.email_key))
    db.session.execute(
        update(Review).where(Review.user_id == user.id).values(user_id=None, author_name="")
    )  # fmt: skip
    by_themselves = actor.id == user.id  # then the log does not keep who it was either
    audit.record(
        "user.erased", user, actor=Actor("user", id=user.id, role=user.role) if by_themselves else actor
    )
    scrub_user(user, nobody)


def delete_owned(user: User) -> None:
    """Everything that is a person's own and no use to anybody else."""
    for owned in _owned_by_people():
        if owned is not Review:
            db.session.execute(delete(owned).where(owned.user_id == user.id))


def nobody_of(user: User) -> str:
    return f"erased-{user.id}@erased.invalid"


def scrub_user(user: User, nobody: str) -> None:
    """What is left is an id that other rows may name."""
    user.email = user.email_key = nobody
    user.password_hash = user.first_name = user.last_name = user.phone = user.note = ""
    user.locale = user.email_verified_at = user.last_login_at = user.two_factor_since = None
    user.preferences = {}
    user.is_active = user.accepts_marketing = False
    user.role = Role.CUSTOMER
    user.token_version += 1
    user.erased_at = clock.now()


def _scrub_orders(user: User, nobody: str) -> None:
    """Of an address the books need the country and its tax region only."""
    for order in _orders_of(user):
        order.email = order.email_key = nobody
        order.customer_id = None
        order.customer_name = order.customer_note = ""
        for name in ("shipping_address", "billing_address"):
            address = getattr(order, name)
            if address:
                setattr(
                    order, name, {"country": address.get("country", ""), "region": address.get("region", "")}
                )
        order.token_version += 1
        db.session.execute(
            update(CouponUse).where(CouponUse.order_id == order.id).values(email_key=nobody)
        )  # fmt: skip
    db.session.execute(
        update(OrderEvent).where(OrderEvent.actor_id == user.id).values(actor_name="", actor_id=None)
    )  # fmt: skip
