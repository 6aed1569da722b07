"""Putting in, changing, taking out; the coupon. Each answers the whole cart as it is afterwards."""

from contextlib import suppress
from dataclasses import replace
from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from kit.actor import Actor
from kit.db import copy_of, db, transaction
from kit.drafts import Draft, IdRef, Int, Text
from kit.errors import Conflict, FieldError, Invalid, NotFound
from kit.i18n import _
from models.carts import Cart, CartItem
from services import stock
from services.carts import quantities
from services.carts.lines import CartLine, Row, is_for_sale, lines_of, read_lines, row_of_new, rows_of
from services.carts.owners import Owner, find_cart, lock_cart, make_cart, owner_of, touch, touch_unchanged
from services.carts.view import COUPON_WARNINGS, CartView, view, view_of

LINES_MAX = 100


class ItemDraft(Draft):
    product_id: IdRef
    variant_id: IdRef | None = None
    quantity: Annotated[Int, Field(ge=1, le=CartItem.QUANTITY_MAX)] = 1


class QuantityDraft(Draft):
    """0 takes the line out."""

    quantity: Annotated[Int, Field(ge=0, le=CartItem.QUANTITY_MAX)]


class Change(NamedTuple):
    line: CartLine
    is_new: bool


class CouponCode(Draft):
    code: Annotated[str, Text(60, min=1)]


def add_item(draft: ItemDraft, *, actor: Actor, token: str | None) -> CartView:
    """Add to the line that is there already, or put in a new one."""
    owner = owner_of(actor, token)
    cart, lines = _add_unlocked(draft, owner) or _add_locked(draft, owner)
    return view_of(cart, owner, email=actor.email if owner.user_id else "", lines=lines)


Added = tuple[Cart, tuple[CartLine, ...]]


def _add_unlocked(draft: ItemDraft, owner: Owner) -> Added | None:
    """All is looked at before the lock, and what is written goes through only where the cart still is as it was looked
    at. So shoppers wait for each other no longer than two small statements take. None: somebody was faster, or has
    deleted the thing meanwhile."""
    seen = None if owner.is_new else find_cart(owner)
    cart = copy_of(seen) if seen else None
    change, lines = _with_added(draft, cart)
    with suppress(IntegrityError), transaction():
        if cart is None:
            cart = make_cart(owner)
        elif not touch_unchanged(cart):
            cart = None
        if cart is not None:
            _write(change, cart)
            return cart, lines
    return None


def _add_locked(draft: ItemDraft, owner: Owner) -> Added:
    with transaction():
        cart = lock_cart(owner)
        change, lines = _with_added(draft, cart)
        _write(change, cart)
        touch(cart)
    return cart, lines


def _with_added(draft: ItemDraft, cart: Cart | None) -> tuple[Change, tuple[CartLine, ...]]:
    """What is to be written, and all lines as they are then; or why it can't be."""
    rows, key = rows_of(cart.id) if cart else [], (draft.product_id, draft.variant_id)
    row = next((row for row in rows if (row[0].product_id, row[0].variant_id) == key), None)
    is_new = row is None
    row = _insist_for_sale(draft, row or row_of_new(*key))
    wanted = row[0].quantity + draft.quantity
    _insist_on_quantity(wanted)
    lines = lines_of([*rows, row] if is_new else rows, cart.id if cart else None)
    added = next(line for line in lines if line.id == row[0].id)
    added = replace(added, quantity=wanted, price_seen=added.unit_price)
    _insist_on_stock(added.name, added.available_quantity, wanted)
    quantities.insist(added, wanted)
    if len(lines) > LINES_MAX:
        raise Conflict(
            _("A cart holds %(count)s different things at most.", count=LINES_MAX), code="cart-full"
        )
    return Change(added, is_new), tuple(added if line.id == added.id else line for line in lines)


def _insist_for_sale(draft: ItemDraft, row: Row | None) -> Row:
    if row is None or not row[1].is_active or row[1].archived_at is not None:
        raise Invalid.field("product_id", "unknown_id", _("There is no such product."))
    if not is_for_sale(row[1], row[2], draft.variant_id):
        if draft.variant_id is None:
            raise Invalid.field("variant_id", "required", _("Please choose one of the variants."))
        raise Invalid.field("variant_id", "unknown_id", _("There is no such variant of this product."))
    return row


def _write(change: Change, cart: Cart) -> None:
    line = change.line
    if change.is_new:
        db.session.add(
            CartItem(id=line.id, cart_id=cart.id, product_id=line.product_id, variant_id=line.variant_id,
                     variant_key=str(line.variant_id or ""), quantity=line.quantity, price_seen=line.price_seen)
        )  # fmt: skip
    else:
        db.session.execute(
            update(CartItem)
            .where(CartItem.id == line.id)
            .values(quantity=line.quantity, price_seen=line.price_seen)
        )


def _insist_on_quantity(wanted: int) -> None:
    if wanted > CartItem.QUANTITY_MAX:
        raise Invalid.field(
            "quantity", "too_large", _("At most %(count)s of one thing.", count=CartItem.QUANTITY_MAX)
        )


def _insist_on_stock(name: str, available: int | None, wanted: int) -> None:
    """A look, no hold: that is for the checkout."""
    if available is None or wanted <= available:
        return
    raise Conflict(
        _("“%(name)s” is sold out.", name=name)
        if available == 0
        else _("Only %(count)s of “%(name)s” are left.", count=available, name=name),
        code="out-of-stock",
        errors=[FieldError("quantity", "too_many", _("Available: %(count)s.", count=available))],
        available=available,
    )


def update_item(item_id: UUID, draft: QuantityDraft, *, actor: Actor, token: str | None) -> CartView:
    owner = owner_of(actor, token)
    with transaction():
        cart, line = _lock_line(owner, item_id)
        if draft.quantity == 0:
            _take_out(cart, line)
        else:
            if draft.quantity > line.quantity or line.product.track_stock:
                left = stock.available(line.product_id, line.variant_id, except_cart=cart.id)
                _insist_on_stock(line.product.name, left, draft.quantity)
            quantities.insist(line.product, draft.quantity)
            line.quantity = draft.quantity
            line.price_seen = (line.variant or line.product).current_price
            touch(cart)
    return view(actor=actor, token=owner.token)


def remove_item(item_id: UUID, *, actor: Actor, token: str | None) -> CartView:
    owner = owner_of(actor, token)
    with transaction():
        _take_out(*_lock_line(owner, item_id))
    return view(actor=actor, token=owner.token)


def _lock_line(owner: Owner, item_id: UUID) -> tuple[Cart, CartItem]:
    cart = find_cart(owner, lock=True)
    line = db.session.get(CartItem, item_id) if cart else None
    if cart is None or line is None or line.cart_id != cart.id:
        raise NotFound(_("There is no such line in the cart."))
    return cart, line


def _take_out(cart: Cart, line: CartItem) -> None:
    db.session.delete(line)
    db.session.flush()
    if not db.session.scalar(select(CartItem.id).where(CartItem.cart_id == cart.id).limit(1)):
        empty(cart)
    touch(cart)


def empty(cart: Cart) -> None:
    """Nothing is left in it: its coupon and what it held go too."""
    db.session.execute(
        delete(CartItem).where(CartItem.cart_id == cart.id).execution_options(synchronize_session="fetch")
    )
    cart.coupon_code = None
    stock.drop_holds(cart.id)


def apply_coupon(code: str, *, actor: Actor, token: str | None) -> CartView:
    """Invalid `coupon-invalid` says why, with a `reason` code; the cart keeps the coupon it had."""
    owner = owner_of(actor, token)
    with transaction():
        cart = find_cart(owner, lock=True)
        lines = read_lines(cart) if cart else ()
        if cart is None or not lines:
            raise Conflict(_("The cart is empty."), code="cart-empty")
        before, cart.coupon_code = cart.coupon_code, code
        looked = view_of(cart, owner, email=actor.email if owner.user_id else "", lines=lines)
        if looked.coupon is None:
            cart.coupon_code = before
            raise _coupon_invalid(looked)
        cart.coupon_code = looked.coupon.code
        touch(cart)
    return looked


def _coupon_invalid(looked: CartView) -> Invalid:
    verdict = looked.offers.verdict
    reason = (verdict.reason if verdict else "") or "outdone"
    message = next(warning.message for warning in looked.warnings if warning.code in COUPON_WARNINGS)
    return Invalid(
        message, code="coupon-invalid", errors=[FieldError("code", reason, message)], reason=reason
    )


def remove_coupon(*, actor: Actor, token: str | None) -> CartView:
    owner = owner_of(actor, token)
    with transaction():
        cart = find_cart(owner, lock=True)
        if cart is not None:
            cart.coupon_code = None
            touch(cart)
    return view(actor=actor, token=owner.token)
