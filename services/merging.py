"""One person with two accounts: the orders, addresses and wishes of one go to the other; what is left of it is
scrubbed."""

from uuid import UUID

from sqlalchemy import func, select, update

from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.drafts import Draft, Email
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _
from models.accounts import User
from models.addresses import Address
from models.carts import Cart
from models.customers import Consent
from models.orders import Order, OrderEvent
from models.reviews import Review
from models.wishlists import WishlistItem
from services import audit, privacy, tenants
from services.accounts import people, tokens


class MergeDraft(Draft):
    """The address of the account that is given up."""

    email: Email


@transaction()
def merge_customer(keep_id: UUID, draft: MergeDraft, *, actor: Actor) -> User:
    """An admin's act. The account that stays keeps its address, password and choices. Invalid on `email`."""
    if not actor.is_at_least(Role.ADMIN):
        raise Forbidden(_("Only an admin can do this."))
    tenants.row(lock=True)
    keep = people.get_user(keep_id, lock=True)
    gone = people.find_by_email(draft.email)
    if not isinstance(gone, User) or gone.erased_at is not None:
        raise Invalid.field("email", "unknown", _("There is no customer with this address."))
    if gone.id == keep.id:
        raise Invalid.field("email", "same", _("This is the same account."))
    if Role.CUSTOMER not in (keep.role, gone.role) or keep.role != gone.role:
        raise Conflict(_("Only customers can be merged, no colleagues."), code="is-staff")
    gone = people.get_user(gone.id, lock=True)
    moved = _move_orders(keep, gone)
    _move_addresses(keep, gone)
    _move_reviews(keep, gone)
    _move_wishes(keep, gone)
    _move_the_rest(keep, gone)
    audit.record("customer.merged", keep, actor=actor, changes={"merged": [gone.email, keep.email],
                 "orders": [0, moved]})  # fmt: skip
    tokens.end_all(gone)
    db.session.flush()
    privacy.delete_owned(gone)
    privacy.scrub_user(gone, privacy.nobody_of(gone))
    return keep


def _move_orders(keep: User, gone: User) -> int:
    moved = db.session.execute(update(Order).where(Order.customer_id == gone.id).values(customer_id=keep.id))
    db.session.execute(update(OrderEvent).where(OrderEvent.actor_id == gone.id).values(actor_id=keep.id))
    count: int = moved.rowcount  # type: ignore[attr-defined]
    return count


def _move_addresses(keep: User, gone: User) -> None:
    """As far as there is room; the defaults stay those of the account that stays."""
    had = db.session.scalar(select(func.count()).select_from(Address).where(Address.user_id == keep.id)) or 0
    found = db.session.scalars(select(Address).where(Address.user_id == gone.id).order_by(Address.id))
    for address in found.all()[: max(0, Address.PER_CUSTOMER - had)]:
        address.user_id = keep.id
        if had:
            address.is_default_shipping = address.is_default_billing = False


def _move_reviews(keep: User, gone: User) -> None:
    """One per product: of two, the one of the account that is given up loses its author."""
    kept = select(Review.product_id).where(Review.user_id == keep.id).scalar_subquery()
    twice = select(Review.id).where(Review.user_id == gone.id, Review.product_id.in_(kept))
    ids = list(db.session.scalars(twice))
    db.session.execute(update(Review).where(Review.id.in_(ids)).values(user_id=None))
    db.session.execute(update(Review).where(Review.user_id == gone.id).values(user_id=keep.id))


def _move_wishes(keep: User, gone: User) -> None:
    kept = set(db.session.scalars(select(WishlistItem.product_id).where(WishlistItem.user_id == keep.id)))
    for item in db.session.scalars(select(WishlistItem).where(WishlistItem.user_id == gone.id)).all():
        if item.product_id not in kept:
            item.user_id = keep.id


def _move_the_rest(keep: User, gone: User) -> None:
    if db.session.scalar(select(Cart.id).where(Cart.user_id == keep.id)) is None:
        db.session.execute(update(Cart).where(Cart.user_id == gone.id).values(user_id=keep.id))
    db.session.execute(update(Consent).where(Consent.user_id == gone.id).values(user_id=keep.id))
    keep.note = "\n".join(part for part in (keep.note, gone.note) if part)
    keep.phone = keep.phone or gone.phone
    keep.first_name, keep.last_name = keep.first_name or gone.first_name, keep.last_name or gone.last_name
    keep.created_at = min(keep.created_at, gone.created_at)
