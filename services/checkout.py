"""The checkout page: what was typed so far, the ways to send and to pay, the hold on the goods, what it will cost.

Nothing here is a promise; the order is placed in services/orders/placing.py, which asks everything again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import ambient_currency
from kit.errors import Conflict
from kit.i18n import _
from kit.money import to_minor
from models.carts import Cart
from models.orders import PaymentMethod
from models.stock import StockReservation
from services import shipping, stock, tenants
from services.carts.lines import read_lines
from services.carts.owners import find_cart, owner_of
from services.carts.view import CartView, CartWarning, sent_by, view_of
from services.payments import connect
from services.places import Place

FIELDS_MAX, VALUE_MAX = 80, 2000
OFFERED = (
    PaymentMethod.CARD,
    PaymentMethod.BANK_TRANSFER,
    PaymentMethod.CASH_ON_DELIVERY,
    PaymentMethod.PAY_IN_SHOP,
)


@dataclass(frozen=True, slots=True)
class PaymentOption:
    """`fee`: the surcharge, in minor units; `instructions`: what the store says about it."""

    method: PaymentMethod
    fee: int = 0
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class CheckoutQuote:
    """`cart` has the totals with the chosen delivery and payment in them. `chosen` None: none is offered, or nothing
    has to be sent."""

    cart: CartView
    options: tuple[shipping.Option, ...]
    chosen: shipping.Option | None
    payments: tuple[PaymentOption, ...]
    ships_there: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What is known so far. An unknown country is the store's own."""

    place: Place
    shipping_method_id: UUID | None = None
    payment_method: PaymentMethod | None = None
    email: str = ""
    vat_number: str = ""


def quote(wish: Wish, *, actor: Actor, token: str | None) -> CheckoutQuote:
    """What the cart costs sent there; never writes."""
    owner = owner_of(actor, token)
    cart = find_cart(owner)
    place = wish.place if wish.place.country else replace(wish.place, country=tenants.current().country)
    email = wish.email or (actor.email if owner.user_id else "")
    goods = view_of(cart, owner, email=email, place=place, vat_number=wish.vat_number)
    return quote_for(goods, wish)


def quote_for(goods: CartView, wish: Wish) -> CheckoutQuote:
    """The same for a view that is at hand already, at its place."""
    if not goods.requires_shipping:
        payments = payment_options(requires_shipping=False)
        return CheckoutQuote(goods, (), None, payments, ships_there=True)
    found = goods.offered
    chosen = next((option for option in found.items if option.id == wish.shipping_method_id), None)
    changed: tuple[CartWarning, ...] = ()
    if chosen is None:
        chosen = shipping.cheapest(found.items)
        if chosen is not None and wish.shipping_method_id is not None:
            text = _(
                "The delivery you chose does not fit this order any more; now it is “%(name)s”.",
                name=chosen.name,
            )
            changed = (CartWarning("shipping_changed", None, text),)
    payments = payment_options(requires_shipping=True)
    paid_by = next((p for p in payments if p.method is wish.payment_method), None)
    cart = sent_by(goods, chosen, paid_by.fee if paid_by else 0)
    cart = replace(cart, warnings=(*cart.warnings, *changed))
    return CheckoutQuote(cart, found.items, chosen, payments, ships_there=found.zone is not None)


def payment_options(*, requires_shipping: bool) -> tuple[PaymentOption, ...]:
    """The ways to pay that the store has switched on and that work now."""
    store = tenants.current()
    return tuple(
        _payment_option(method)
        for method in OFFERED
        if store.offers(method)
        and (method is not PaymentMethod.CARD or connect.is_ready())
        and (method is not PaymentMethod.CASH_ON_DELIVERY or requires_shipping)
    )


def _payment_option(method: PaymentMethod) -> PaymentOption:
    setting = tenants.current().payment_methods.get(method)
    details = setting if isinstance(setting, dict) else {}
    return PaymentOption(method, fee_of(method), str(details.get("instructions") or ""))


def fee_of(method: PaymentMethod) -> int:
    """Settings keep the fee as it is written, `"2.50"`."""
    setting = tenants.current().payment_methods.get(method)
    fee = setting.get("fee") if isinstance(setting, dict) else None
    return to_minor(str(fee), ambient_currency.get()) if fee else 0


# --- what was typed -----------------------------------------------------------------------------------------------


def typed(*, actor: Actor, token: str | None) -> dict[str, str]:
    """What the shopper has typed so far, as it was typed, so that Back and errors lose nothing."""
    cart = find_cart(owner_of(actor, token))
    return dict((cart.checkout or {}).get("typed") or {}) if cart else {}


def save(fields: dict[str, Any], *, actor: Actor, token: str | None) -> None:
    """Keep what was typed. Raw text, checked when the order is placed. Without a cart nothing is kept."""
    kept = {str(k)[:60]: str(v)[:VALUE_MAX] for k, v in list(fields.items())[:FIELDS_MAX] if v is not None}
    with transaction():
        cart = find_cart(owner_of(actor, token), lock=True)
        if cart is not None:
            before = cart.checkout or {}
            email = kept.get("email", before.get("email", ""))
            cart.checkout = before | {"typed": (before.get("typed") or {}) | kept, "email": email}


# --- the hold -----------------------------------------------------------------------------------------------------


def hold(*, actor: Actor, token: str | None) -> datetime | None:
    """Put everything in the cart aside, or nothing: Conflict `out-of-stock` names each line that falls short.

    Every step of the checkout repeats it and so extends the hold, for an hour at most. Answers until when it holds;
    None where nothing needs holding.
    """
    with transaction():
        cart = find_cart(owner_of(actor, token), lock=True)
        if cart is None:
            raise Conflict(_("The cart is empty."), code="cart-empty")
        stock.reserve(cart.id, read_lines(cart), tenants.current().stock_reservation_minutes)
        db.session.flush()
        return held_until(cart)


def held_until(cart: Cart) -> datetime | None:
    return db.session.scalar(
        select(func.min(StockReservation.expires_at)).where(StockReservation.cart_id == cart.id)
    )


def let_go(*, actor: Actor, token: str | None) -> None:
    """The shopper left the checkout."""
    cart = find_cart(owner_of(actor, token))
    if cart is not None:
        stock.drop_holds(cart.id)
