"""Wishlists, an addon: what customers keep for later, and the link under which they show it to others."""

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager

from kit import clock
from kit.actor import GUEST, Actor
from kit.db import db, transaction
from kit.drafts import Draft, IdRef
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.ids import parse_id
from kit.paging import Page, paginate
from models.accounts import User
from models.catalog import AttributeValue, Product, Variant
from models.wishlists import WishlistItem, WishlistShare
from services import plans
from services.addresses import owner_of
from services.catalog.listing import Card, Filters, read_cards
from services.catalog.products import get_product
from services.notifications import letters

FEATURE = "wishlist"
ITEMS_MAX = 500
GUEST_MAX = 50  # a guest's list stands in a cookie
TOKEN_MAX = 43


class WishDraft(Draft):
    product_id: IdRef


def list_items(*, actor: Actor, page: int = 1, page_size: int = 20) -> Page[WishlistItem]:
    """One's own, the latest first, with their products. What is not sold at the moment is kept, but not shown."""
    plans.require_feature(FEATURE)
    return paginate(_shown(owner_of(actor).id), page, page_size)


@transaction()
def add_item(draft: WishDraft, *, actor: Actor) -> WishlistItem:
    """Adding twice is one. Conflict `wishlist-full` at 500."""
    plans.require_feature(FEATURE)
    user = owner_of(actor)
    try:
        product = get_product(draft.product_id, actor=actor)
    except NotFound as error:
        raise Invalid.field("product_id", "unknown_id", error.message) from error
    if _find_item(user.id, product.id) is None:
        _add(user.id, product)
    return _get_item(user.id, product.id)


def _add(user_id: UUID, product: Product) -> None:
    count = select(func.count()).select_from(WishlistItem).where(WishlistItem.user_id == user_id)
    if (db.session.scalar(count) or 0) >= ITEMS_MAX:
        raise Conflict(
            _("The wishlist is full. Take something off it first."), code="wishlist-full", limit=ITEMS_MAX
        )
    _put(user_id, product)


def _put(user_id: UUID, product: Product) -> bool:
    """False: the other click was first."""
    try:
        with db.session.begin_nested():
            db.session.add(_item(user_id, product))
    except IntegrityError:
        return False
    return True


def _item(user_id: UUID, product: Product) -> WishlistItem:
    return WishlistItem(user_id=user_id, product_id=product.id, price_when_added=price_now(product),
                        added_at=clock.now())  # fmt: skip


@transaction()
def remove_item(product_id: UUID | str, *, actor: Actor) -> None:
    """NotFound where it is not on the list."""
    plans.require_feature(FEATURE)
    item = _find_item(owner_of(actor).id, parse_id(product_id))
    if item is None:
        raise NotFound(_("This is not on the wishlist."))
    db.session.delete(item)


def has_item(product_id: UUID | str, *, actor: Actor) -> bool:
    """NotFound for a product that one can't see."""
    plans.require_feature(FEATURE)
    product = get_product(product_id, actor=actor)
    return _find_item(owner_of(actor).id, product.id) is not None


def wished_ids(*, actor: Actor) -> set[UUID]:
    """All products on the list, for marking cards. Empty where there is no wishlist or nobody is signed in."""
    if actor.kind != "user" or not plans.has_feature(FEATURE):
        return set()
    return set(db.session.scalars(select(WishlistItem.product_id).where(WishlistItem.user_id == actor.id)))


def price_now(product: Product) -> int:
    """What a card shows: of a product with variants, the lowest."""
    on_sale = product.sale_price_from is not None and product.is_on_sale()
    return product.sale_price_from if on_sale and product.sale_price_from is not None else product.price_from


def is_cheaper(item: WishlistItem) -> bool:
    """Does it cost less than when it was put on the list?"""
    return price_now(item.product) < item.price_when_added


# --- as a shop shows it --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """`card` is the product as in any grid; a product with variants is chosen on its own page."""

    card: Card
    is_cheaper: bool = False  # than when it was put on the list

    @property
    def needs_choice(self) -> bool:
        return self.card.variant_count > 0


def list_wishes(*, actor: Actor, page: int = 1, page_size: int = 24) -> Page[Wish]:
    return _as_wishes(list_items(actor=actor, page=page, page_size=page_size))


def list_shared_wishes(token: str, *, page: int = 1, page_size: int = 24) -> Page[Wish]:
    """Without a word on prices of before: when something was put on the list is the owner's business."""
    return _as_wishes(list_shared(token, page=page, page_size=page_size), is_own=False)


def _as_wishes(found: Page[WishlistItem], *, is_own: bool = True) -> Page[Wish]:
    cards = _cards([item.product_id for item in found.items])
    wishes = [
        Wish(cards[item.product_id], is_own and is_cheaper(item))
        for item in found.items
        if item.product_id in cards
    ]
    return Page(wishes, found.total, found.page, found.page_size)


def _cards(ids: Sequence[UUID]) -> dict[UUID, Card]:
    """Those that are sold, as in any grid: one may have gone since the list was read."""
    return (
        {card.id: card for card in read_cards(Filters(product_ids=tuple(ids)), page_size=len(ids))}
        if ids
        else {}
    )


# --- a guest's: a few ids that the browser keeps -------------------------------------------------------------------


def add_for_guest(draft: WishDraft, ids: list[UUID]) -> list[UUID]:
    """The guest's list with one more, the latest first. Conflict `wishlist-full` at 50."""
    plans.require_feature(FEATURE)
    try:
        product = get_product(draft.product_id, actor=GUEST)
    except NotFound as error:
        raise Invalid.field("product_id", "unknown_id", error.message) from error
    others = [one for one in ids if one != product.id]
    if len(others) >= GUEST_MAX:
        raise Conflict(_("The wishlist is full. Sign in to keep more, or take something off it."),
                       code="wishlist-full", limit=GUEST_MAX)  # fmt: skip
    return [product.id, *others]


def list_for_guest(ids: list[UUID]) -> Page[Wish]:
    """What is sold of it, in the guest's order."""
    plans.require_feature(FEATURE)
    cards = _cards(ids)
    wishes = [Wish(cards[one]) for one in ids if one in cards]
    return Page(wishes, len(wishes), 1, GUEST_MAX)


@transaction()
def merge_guest(ids: Iterable[UUID], *, actor: Actor) -> int:
    """Put a guest's list on the account's, as far as there is room; bears repetition. Answers how many were new."""
    if actor.kind != "user" or not plans.has_feature(FEATURE):
        return 0
    wanted = list(dict.fromkeys(ids))[:GUEST_MAX]
    user = owner_of(actor)
    mine = select(WishlistItem.product_id).where(WishlistItem.user_id == user.id)
    there = set(db.session.scalars(mine)) if wanted else set()
    new = [ident for ident in wanted if ident not in there][: max(ITEMS_MAX - len(there), 0)]
    if not new:
        return 0
    on_sale = select(Product).where(Product.id.in_(new), Product.archived_at.is_(None), Product.is_active)
    found = {product.id: product for product in db.session.scalars(on_sale)}
    added = [found[ident] for ident in reversed(new) if ident in found]  # so that the latest stays the latest
    try:
        with db.session.begin_nested():
            db.session.add_all(_item(user.id, product) for product in added)
    except IntegrityError:  # another tab puts the same there just now: one by one, then
        return sum(_put(user.id, product) for product in added)
    return len(added)


# --- the link -----------------------------------------------------------------------------------------------------


@transaction()
def share(*, actor: Actor) -> WishlistShare:
    """One's link, made at the first call. Whoever has it sees the list, and nothing of the person."""
    plans.require_feature(FEATURE)
    user = owner_of(actor)
    if find_share(user.id) is None:
        with suppress(IntegrityError), db.session.begin_nested():  # the other click was first
            token = secrets.token_urlsafe(32)
            db.session.add(WishlistShare(user_id=user.id, token=token, created_at=clock.now()))
    found = find_share(user.id)
    if found is None:
        raise RuntimeError("a link was made and is not there")
    return found


@transaction()
def stop_sharing(*, actor: Actor) -> None:
    """The link is worth nothing any more; the next one is another. Without a link there is nothing to do."""
    plans.require_feature(FEATURE)
    db.session.execute(delete(WishlistShare).where(WishlistShare.user_id == owner_of(actor).id))


def link(shared: WishlistShare) -> str:
    """The page that the link opens."""
    return letters.url(f"/wishlist/shared/{shared.token}")


def find_share(user_id: UUID) -> WishlistShare | None:
    return db.session.scalar(select(WishlistShare).where(WishlistShare.user_id == user_id))


def list_shared(token: str, *, page: int = 1, page_size: int = 20) -> Page[WishlistItem]:
    """What the holder of a link sees. NotFound where the link was taken back or its owner is gone."""
    plans.require_feature(FEATURE)
    owner = (
        select(WishlistShare.user_id)
        .join(User, User.id == WishlistShare.user_id)
        .where(WishlistShare.token == token, User.is_active, User.erased_at.is_(None))
    )
    user_id = db.session.scalar(owner) if token.isascii() and len(token) == TOKEN_MAX else None
    if user_id is None:
        raise NotFound(_("This wishlist is not shared any more."))
    return paginate(_shown(user_id), page, page_size)


# --- rows ---------------------------------------------------------------------------------------------------------


def _shown(user_id: UUID) -> Select[Any]:
    """The latest first, with everything that the products' cards and their API objects need."""
    of_product = contains_eager(WishlistItem.product)
    return (
        select(WishlistItem)
        .join(Product, Product.id == WishlistItem.product_id)
        .where(WishlistItem.user_id == user_id, Product.is_active, Product.archived_at.is_(None))
        .options(
            of_product.selectinload(Product.categories),
            of_product.selectinload(Product.tags),
            of_product.selectinload(Product.images),
            of_product.selectinload(Product.variants)
            .selectinload(Variant.values)
            .joinedload(AttributeValue.attribute),
        )
        .order_by(WishlistItem.added_at.desc(), WishlistItem.id.desc())
    )


def _find_item(user_id: UUID, product_id: UUID | None) -> WishlistItem | None:
    query = select(WishlistItem).where(WishlistItem.user_id == user_id, WishlistItem.product_id == product_id)
    return db.session.scalar(query)


def _get_item(user_id: UUID, product_id: UUID) -> WishlistItem:
    item = _find_item(user_id, product_id)
    if item is None:
        raise NotFound(_("This is not on the wishlist."))
    return item
