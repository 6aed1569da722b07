"""A guest signs in: what the guest had goes into the account's cart. Doing it twice changes nothing."""

from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Invalid
from kit.i18n import _
from models.carts import Cart, CartItem
from services import stock
from services.carts.lines import CartLine, read_lines
from services.carts.owners import Owner, find_cart, is_genuine, lock_cart, owner_of, touch
from services.carts.view import CartView, CartWarning, view


def merge(session_id: str, *, actor: Actor) -> CartView:
    """Of a line that is in both, the larger quantity stays, capped at the stock; the rest is appended. The guest's
    coupon is kept where the account has none. The guest's cart is gone afterwards. What was capped or left out is
    told in the warnings. A token that is none of ours is Invalid."""
    if not is_genuine(session_id):
        raise Invalid.field("session_id", "unknown_id", _("There is no such cart."))
    return merge_guest(session_id, actor=actor)


def merge_guest(token: str, *, actor: Actor) -> CartView:
    """The same at sign-in, where a cookie that is none of ours is simply nothing to take in."""
    owner = owner_of(actor, None)
    told: tuple[CartWarning, ...] = ()
    if owner.user_id and is_genuine(token):
        with transaction():
            guest = find_cart(Owner(token=token), lock=True)
            if guest is not None:
                told = _take_in(lock_cart(owner), guest)
    return view(actor=actor, token=owner.token, extra=told)


def _take_in(cart: Cart, guest: Cart) -> tuple[CartWarning, ...]:
    coming = read_lines(guest)
    stock.drop_holds(guest.id)  # or the guest's own hold would count against the account
    present = {(line.product_id, line.variant_id): line for line in cart.items}
    counts = stock.availabilities(
        [(line.product_id, line.variant_id) for line in coming], except_cart=cart.id
    )
    told = []
    for line in coming:
        mine = present.get((line.product_id, line.variant_id))
        if warning := _take_line(cart, mine, line, counts[line.product_id, line.variant_id]):
            told.append(warning)
    cart.coupon_code = cart.coupon_code or guest.coupon_code
    cart.checkout = cart.checkout or dict(guest.checkout)
    touch(cart)
    db.session.delete(guest)
    db.session.flush()
    return tuple(told)


def _take_line(
    cart: Cart, mine: CartItem | None, line: CartLine, available: int | None
) -> CartWarning | None:
    wish = max(line.quantity, mine.quantity if mine else 0)
    if not line.is_for_sale:
        return CartWarning("product_unavailable", None, _("“%(name)s” is no longer sold.", name=line.name))
    quantity = wish if available is None else min(wish, available)
    if quantity == 0:
        if mine is None:
            return CartWarning("out_of_stock", None, _("“%(name)s” is sold out.", name=line.name))
        return None  # the account's own line says so itself
    if mine is None:
        mine = CartItem(product_id=line.product_id, variant_id=line.variant_id, quantity=quantity,
                        variant_key=str(line.variant_id or ""), price_seen=line.price_seen)  # fmt: skip
        cart.items.append(mine)
    mine.quantity = quantity
    db.session.flush()
    if quantity < wish:
        text = _("Only %(count)s of “%(name)s” are left.", count=quantity, name=line.name)
        return CartWarning("quantity_capped", mine.id, text)
    return None
