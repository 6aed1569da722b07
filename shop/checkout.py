"""Checkout on one page. Without JavaScript its buttons post the form; with htmx a change of country, postcode or
delivery brings new totals in place. What was typed is kept with the cart, so Back and errors lose nothing."""

from typing import Any
from uuid import UUID

from flask import Response, flash, g, request, url_for
from werkzeug.datastructures import MultiDict

from forms.checkout import ADDRESS, CheckoutForm
from kit.actor import Actor
from kit.crypto import new_token
from kit.errors import Conflict, Invalid, PlanLimit, ShopError, Unauthenticated, Unavailable
from kit.ids import parse_id
from models.orders import Order, PaymentMethod
from services import addresses, carts, checkout, newsletter, shipping, vat_numbers
from services.checkout import CheckoutQuote, Wish
from services.orders import access, placing
from services.places import Place
from shop import bp
from shop.checkout_view import checkout_context, chosen_payment
from shop.frame import page
from shop.payments import leave_for_payment
from web.access import PUBLIC, allow
from web.auth import actor
from web.guest import cart_token
from web.htmx import go, go_to
from web.limits import limit

NOT_KEPT = {"submission", "expected_total", "step"}
BACK_TO_CART = {"cart-empty", "out-of-stock", "items-unavailable", "coupon-unavailable"}


@bp.get("/checkout", endpoint="checkout")
@allow(PUBLIC)
def show_checkout() -> Response:
    if actor().role is None and not g.store.guest_checkout:
        return go("shop.sign_in", next=url_for("shop.checkout"))
    cart = carts.view(actor=actor(), token=cart_token())
    if not cart.can_be_ordered:
        return go("shop.cart")
    if refused := _hold():
        return refused
    form = _prefilled()
    return _page(form, _quote(form))


@bp.post("/checkout", endpoint="send_checkout")
@allow(PUBLIC)
@limit("30 per minute")
def send_checkout() -> Response:
    form = CheckoutForm(request.form)
    if request.form.get("step") != "pay":  # country or delivery changed, without JavaScript
        _save()
        return _hold() or go("shop.checkout")
    try:
        order = _place(form)
    except Invalid as error:
        _save()
        return _page(form.absorb(error), _quote(form), 422)
    except Unauthenticated:
        return go("shop.sign_in", next=url_for("shop.checkout"))
    except (Conflict, PlanLimit, Unavailable) as error:
        return _refused(form, error)
    if form.newsletter.data:
        newsletter.ask_beside(order.email, source="checkout")
    return _onward(order)


@bp.post("/checkout/quote", endpoint="checkout_quote")
@allow(PUBLIC)
def checkout_quote() -> Response:
    """The piece of the page that a change brings new. What was typed is kept on the way."""
    form = CheckoutForm(request.form)
    _save()
    if refused := _hold():
        return refused
    return page("shop/checkout/_quote.html", **_context(form, _quote(form)))


def _place(form: CheckoutForm) -> Order:
    view = carts.view(actor=actor(), token=cart_token())
    # An empty cart may be this click's second coming: the service knows, and so is asked as if it were sent.
    draft = form.order(is_sent=view.requires_shipping or view.is_empty)
    return placing.place_order(
        draft, actor=actor(), token=cart_token(), submission=form.submission.data or ""
    )


def _refused(form: CheckoutForm, error: ShopError) -> Response:
    """What the cart can mend is shown there, the rest here; in both cases nothing that was typed is lost."""
    _save()
    if error.code in BACK_TO_CART:
        flash(error.message, "error")
        return go("shop.cart")
    return _page(form, _quote(form), 409, general_errors=[error.message])


def _onward(order: Order) -> Response:
    token = access.issue_token(order)
    if order.payment_method is PaymentMethod.CARD and order.total > 0:
        return leave_for_payment(order, Actor("order", order_id=order.id))
    return go_to(url_for("shop.order_thanks", token=token))


def _hold() -> Response | None:
    """Put the goods aside while the shopper types; where there is too little by now, the cart says of what."""
    try:
        checkout.hold(actor=actor(), token=cart_token())
    except Conflict as error:
        flash(error.message, "error")
        return go("shop.cart")
    return None


def _save() -> None:
    sent = {name: value for name, value in request.form.items() if name not in NOT_KEPT}
    sent["billing_same"] = "y" if "billing_same" in request.form else ""  # an absent tick is an answer, too
    for name in ("terms", "newsletter"):
        sent[name] = "y" if name in request.form else ""
    checkout.save(sent, actor=actor(), token=cart_token())


def _prefilled() -> CheckoutForm:
    """What was typed before; else what is known of who is signed in."""
    typed = checkout.typed(actor=actor(), token=cart_token())
    form = CheckoutForm(MultiDict(typed)) if typed else CheckoutForm(values=_known())
    form.submission.data = new_token(128)
    return form


def _known() -> dict[str, Any]:
    known: dict[str, Any] = {
        "country": g.store.country,
        "email": actor().email,
        "billing": {"country": g.store.country},
    }
    if actor().kind == "user":
        own = next(iter(addresses.list_addresses(actor=actor())), None)
        if own is not None:
            known |= {name: getattr(own, name) for name in ADDRESS}
    return known


def _quote(form: CheckoutForm) -> CheckoutQuote:
    vat_numbers.prove(*form.business)
    address = form.address()
    country = address["country"] or g.store.country
    wish = Wish(
        place=Place(country, address["region"], address["postal_code"]),
        shipping_method_id=_id(form.shipping_method.data),
        payment_method=_payment(form),
        email=str(form.email.data or ""),
        vat_number=form.business[0],
    )
    return checkout.quote(wish, actor=actor(), token=cart_token())


def _payment(form: CheckoutForm) -> PaymentMethod | None:
    view = carts.view(actor=actor(), token=cart_token())
    return chosen_payment(form, checkout.payment_options(requires_shipping=view.requires_shipping))


def _id(text: str | None) -> UUID | None:
    return parse_id(text) if text else None


def _context(form: CheckoutForm, quote: CheckoutQuote) -> dict[str, Any]:
    served = set(shipping.served_countries()) | {g.store.country}
    form.offer(tuple(sorted(served)))
    form.submission.data = form.submission.data or new_token(128)
    return {**checkout_context(form, quote), "signed_in": actor().role is not None}


def _page(form: CheckoutForm, quote: CheckoutQuote, status: int = 200, **more: Any) -> Response:
    response = page("shop/checkout/checkout.html", status=status, **_context(form, quote), **more)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
