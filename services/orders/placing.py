"""From cart to order, in one transaction: all of it or nothing.

Lock order: cart, products and stock, the store's row (number), coupon.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm.attributes import set_committed_value

from kit import clock
from kit.actor import SYSTEM, Actor
from kit.db import Id, copy_of, db, reused, transaction
from kit.errors import Conflict, Invalid, ShopError, Unauthenticated
from kit.i18n import _
from kit.ids import uuid7
from models.carts import Cart, CartItem
from models.catalog import Product, Variant
from models.orders import Order, PaymentMethod
from services import bills, checkout, outbox, plans, promotions, shipping, stock, tenants, vat_numbers
from services.carts.lines import CartLine, is_for_sale
from services.carts.owners import Owner, find_cart, owner_of, touch_unchanged
from services.carts.view import CartView, sent_by, view_of
from services.orders import effects, timeline
from services.orders.making import Deal, OrderDraft, make_item, make_order
from services.payments import connect
from services.places import Place


def place_order(draft: OrderDraft, *, actor: Actor, token: str | None, submission: str = "") -> Order:
    """Place what is in the cart.

    `submission` names one click on the button: the same one again (double click, Back, two tabs) answers the order
    that it made. Refusals leave cart, stock and coupon as they were: `cart-empty`, `out-of-stock` and
    `items-unavailable` (each such line named), `coupon-unavailable`, `shipping-unavailable`, `stripe-not-connected`,
    `total-changed` (`cart` is the new view). PlanLimit where the store's orders of this month are used up.
    """
    owner = owner_of(actor, token)
    if billed_to := draft.billing_address or draft.shipping_address:
        vat_numbers.prove(
            billed_to.vat_number, billed_to.country
        )  # may ask the register: not while we hold locks
    ident = uuid7()
    placed = {"placed": {"submission": submission, "order_id": str(ident)}}
    seen = _look(owner, draft, actor)
    with transaction(), tenants.touching_once():
        if seen is None or not _clear(seen.cart, placed):
            cart = find_cart(owner, lock=True)
            if cart is None:
                raise _empty()
            if order := _made_before(cart, submission):
                return order
            seen = Seen(cart, _agree(cart, draft, actor, owner))
            _clear(cart, placed)
        return _write(ident, seen, draft, actor, owner)


@dataclass(frozen=True, slots=True)
class Seen:
    """A cart as it was read, and what was agreed on it."""

    cart: Cart
    deal: Deal


def _look(owner: Owner, draft: OrderDraft, actor: Actor) -> Seen | None:
    """All is read and worked out before anything is locked: what is agreed here holds where the cart is the same then.
    Refusals are not said here, but by who has the lock."""
    cart = find_cart(owner)
    if cart is None:
        return None
    cart = copy_of(cart)
    try:
        return Seen(cart, _agree(cart, draft, actor, owner))
    except ShopError:
        return None


def _made_before(cart: Cart, submission: str) -> Order | None:
    placed = (cart.checkout or {}).get("placed") or {}
    if not submission or placed.get("submission") != submission:
        return None
    return db.session.get(Order, UUID(placed["order_id"]))


def _empty() -> Conflict:
    return Conflict(_("The cart is empty."), code="cart-empty")


# --- what must hold -----------------------------------------------------------------------------------------------


def _check_person(draft: OrderDraft, actor: Actor, owner: Owner) -> None:
    store = tenants.current()
    if owner.user_id is None and not store.guest_checkout:
        raise Unauthenticated(_("Please sign in to order."), code="sign-in-required")
    if not (draft.email or actor.email):
        raise Invalid.field("email", "required", _("Enter your e-mail address."))
    if store.terms_page_id and not draft.accept_terms:
        raise Invalid.field("accept_terms", "required", _("Please accept the terms."))


def _agree(cart: Cart, draft: OrderDraft, actor: Actor, owner: Owner) -> Deal:
    email = draft.email or actor.email
    address = draft.shipping_address or draft.billing_address
    place = Place.of_address(address.model_dump()) if address else None
    billed_to = draft.billing_address or address
    vat_number = billed_to.vat_number if billed_to else ""
    goods = view_of(cart, owner, email=email, place=place, vat_number=vat_number)
    if goods.is_empty:
        raise _empty()
    _check_person(draft, actor, owner)
    _insist_available(goods)
    if goods.requires_shipping and draft.shipping_address is None:
        raise Invalid.field("shipping_address", "required", _("Where shall it be sent?"))
    option = _shipping_option(goods, draft)
    view = sent_by(goods, option)
    payment = _payment_method(view, draft)
    if fee := checkout.fee_of(payment):
        view = sent_by(goods, option, fee)
    bills.insist_on_code(view.bill, cart.coupon_code)
    if draft.expected_total is not None and draft.expected_total != view.total:
        raise _changed(view)
    return Deal(view, option, payment, email)


def _insist_available(view: CartView) -> None:
    gone = [line for line in view.items if not line.can_be_bought]
    if not gone:
        return
    is_short = all(line.is_for_sale for line in gone)
    raise Conflict(
        " ".join(w.message for w in view.warnings if w.item_id in {line.id for line in gone}),
        code="out-of-stock" if is_short else "items-unavailable",
        available=(gone[0].available_quantity or 0) if gone[0].is_for_sale else 0,
        lines=[_named(line) for line in gone],
    )


def _named(line: CartLine) -> dict[str, object]:
    return {
        "item_id": str(line.id),
        "product_id": str(line.product_id),
        "variant_id": str(line.variant_id) if line.variant_id else None,
        "name": line.name,
        "requested": line.quantity,
        "available": (line.available_quantity or 0) if line.is_for_sale else 0,
    }


def _shipping_option(view: CartView, draft: OrderDraft) -> shipping.Option | None:
    if not view.requires_shipping:
        return None
    if draft.shipping_method_id is None:
        raise Invalid.field("shipping_method_id", "required", _("Choose how it shall be sent."))
    option = next((option for option in view.offered.items if option.id == draft.shipping_method_id), None)
    if option is not None:
        return option
    if not shipping.method_exists(draft.shipping_method_id):
        raise Invalid.field("shipping_method_id", "unknown_id", _("There is no such way of sending."))
    raise Conflict(
        _("This way of sending is not offered for this address and order.")
        if view.offered.items
        else _("Nothing can be sent to this address. Please write to the store."),
        code="shipping-unavailable",
        offered=[str(option.id) for option in view.offered.items],
    )


def _payment_method(view: CartView, draft: OrderDraft) -> PaymentMethod:
    if view.total == 0:
        return PaymentMethod.NONE
    if draft.payment_method is None:
        raise Invalid.field("payment_method", "required", _("Choose how to pay."))
    method = PaymentMethod(draft.payment_method)
    needs_door = method is PaymentMethod.CASH_ON_DELIVERY and not view.requires_shipping
    if not tenants.current().offers(method) or needs_door:
        raise Invalid.field("payment_method", "not_available", _("This way to pay is not available here."))
    if method is PaymentMethod.CARD:
        connect.require_account()
    return method


def _changed(view: CartView) -> Conflict:
    return Conflict(_("The total has changed. Please look at it once more."), code="total-changed", cart=view)


def _insist_on_prices(view: CartView, products: dict[UUID, Product]) -> None:
    """The products are locked and read afresh now: was a price changed, or a thing taken out of the shop, between the
    look and the lock?"""
    ids = {line.variant_id for line in view.items if line.variant_id}
    fresh = select(Variant).where(Variant.id.in_(ids)).execution_options(populate_existing=True)
    variants = {row.id: row for row in db.session.scalars(fresh)} if ids else {}
    for line in view.items:
        product = products.get(line.product_id)
        variant = variants.get(line.variant_id) if line.variant_id else None
        if product is None or not is_for_sale(product, variant, line.variant_id):
            raise _changed(view)
        if variant is not None:
            set_committed_value(variant, "product", product)  # or it would be asked for again
        if (variant or product).current_price != line.unit_price:
            raise _changed(view)


# --- writing ------------------------------------------------------------------------------------------------------


def _write(ident: UUID, seen: Seen, draft: OrderDraft, actor: Actor, owner: Owner) -> Order:
    now, deal = clock.now(), seen.deal
    locked = stock.lock_for((line.product_id, line.variant_id) for line in deal.view.items)
    taken = stock.allocate(deal.view.items, cart_id=seen.cart.id, locked=locked)
    _insist_on_prices(deal.view, locked[0])
    order = make_order(ident, deal, draft, owner, now)
    order.items = [
        make_item(order, i, line, priced, taken)
        for i, (line, priced) in enumerate(zip(deal.view.items, deal.view.totals.lines, strict=True))
    ]
    order.order_number = tenants.take_order_number()
    plans.check_orders(actor=actor)
    cuts = deal.view.cuts
    if cuts:
        promotions.use(cuts, deal.view.offers, order)
    db.session.add(order)
    if cuts:
        db.session.flush()
        promotions.note_uses(cuts, deal.view.offers, order)
    timeline.record(
        order, "order.placed", actor=actor, data={"total": order.total, "currency": order.currency}
    )
    outbox.post("order.placed", order_id=order.id)
    if order.total == 0:
        order.paid_at = now
        db.session.flush()  # its lines know how many were sent once they are written
        effects.confirm(order, actor=SYSTEM)
    return order


def _clear(cart: Cart, placed: dict[str, Any]) -> bool:
    """An empty cart that remembers which click made which order; False where it is not the one that was read any more.
    Its holds become the order's allocation."""
    if not touch_unchanged(cart, coupon_code=None, checkout=placed):
        return False
    db.session.execute(_emptying(), {"cart": cart.id})
    return True


@cache
def _emptying() -> Any:
    lines = delete(CartItem).where(CartItem.cart_id == bindparam("cart", type_=Id()))
    return reused(lines.execution_options(synchronize_session=False))
