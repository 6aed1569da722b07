"""One order, for whoever holds its link: thanks, state, cancelling, and finding it again without an account."""

from dataclasses import replace

from flask import Response, flash, g, request, url_for

from forms.orders import KeepDetailsForm, TrackForm
from kit.actor import Actor
from kit.errors import Conflict, Invalid, NotFound, Unauthenticated
from kit.i18n import _
from models.orders import Order
from services import carts
from services.accounts import registering
from services.orders import access, reading, status, tracking
from shop import bp, order_view
from shop.frame import page
from web.access import PUBLIC, allow
from web.auth import actor
from web.guest import cart_token, give_token
from web.htmx import go, go_to
from web.limits import limit


def holder_of(token: str) -> Actor:
    """Who opens an order's link is the holder of that order, whoever else they are."""
    try:
        order_id = access.read_token(token)
    except Unauthenticated as error:
        raise NotFound(error.message, code="order-link-dead") from error
    return replace(actor(), kind="order", id=None, role=None, order_id=order_id)


def open_order(token: str) -> tuple[Order, Actor]:
    holder = holder_of(token)
    assert holder.order_id is not None
    return reading.get_own_order(holder.order_id, actor=holder), holder


@bp.get("/orders/<token>")
@allow(PUBLIC)
def order_status(token: str) -> Response:
    try:
        order, holder = open_order(token)
    except NotFound as error:
        return _track_page(TrackForm(), status=404, notice=error.message)
    return _private(page("shop/orders/status.html", order=order_view.whole(order, viewer=holder)))


@bp.get("/orders/<token>/thanks")
@allow(PUBLIC)
def order_thanks(token: str) -> Response:
    order, holder = open_order(token)
    return _thanks_page(order, holder)


def _thanks_page(
    order: Order, holder: Actor, form: KeepDetailsForm | None = None, status: int = 200
) -> Response:
    is_guest = order.customer_id is None and actor().role is None
    return _private(page("shop/orders/confirmation.html", status=status, order=order_view.whole(order, viewer=holder),
                         register_form=(form or KeepDetailsForm()) if is_guest else None))  # fmt: skip


def _private(response: Response) -> Response:
    """The address is the key: it must not travel to other sites, nor stay in shared caches."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/orders/<token>/account")
@allow(PUBLIC)
@limit("10 per minute")
def register_from_order(token: str) -> Response:
    """An account with what the order says already; only the password is new."""
    order, holder = open_order(token)
    form = KeepDetailsForm(request.form)
    address = order.shipping_address or order.billing_address or {}
    known = {name: address.get(name) or order.customer_name or "–" for name in ("first_name", "last_name")}
    try:
        registering.register_or_tell_owner(form.checked(email=order.email, **known), actor=actor())
    except Invalid:
        return _thanks_page(order, holder, form, 422)
    sent = _(
        "We have written to %(email)s. Confirm the address by the link in that message.", email=order.email
    )
    flash(sent, "success")
    return go("shop.sign_in")


@bp.post("/orders/<token>/cancel")
@allow(PUBLIC)
def cancel_order(token: str) -> Response:
    order, holder = open_order(token)
    try:
        status.cancel_order(order.id, actor=holder)
        flash(_("The order is cancelled."), "success")
    except Conflict as error:
        flash(error.message, "error")
    return go("shop.order_status", token=token)


@bp.post("/orders/<token>/again")
@allow(PUBLIC)
def order_again(token: str) -> Response:
    """The same things into the cart; of an order that is not paid, instead of it."""
    order, holder = open_order(token)
    if order_view.is_to_be_paid(order) and status.may_move(order, status.S.CANCELLED, actor=holder):
        status.cancel_order(order.id, actor=holder)
    return put_into_cart(order)


def put_into_cart(order: Order) -> Response:
    wanted = [(item.product_id, item.variant_id, item.quantity) for item in order.items if item.product_id]
    basket = carts.add_again(wanted, actor=actor(), token=cart_token())
    if basket.session_id and basket.id is not None:
        give_token(basket.session_id)
    for warning in basket.warnings:
        flash(warning.message, "warning")
    return go("shop.cart")


# --- found again by number and e-mail ---------------------------------------------------------------------------


@bp.get("/orders")
@allow(PUBLIC)
def track_order() -> Response:
    return _track_page(TrackForm())


@bp.post("/orders", endpoint="find_order")
@allow(PUBLIC)
@limit("6 per minute")
def find_order() -> Response:
    """Number and address together, or nothing: neither tells whether the other is known."""
    form = TrackForm(request.form)
    try:
        draft = form.checked()
        token = tracking.find_link(draft)
    except Invalid:
        return _track_page(form, status=422)
    except NotFound as error:
        return _track_page(form.refuse(error.message), status=404)
    return go_to(url_for("shop.order_status", token=token))


def _track_page(form: TrackForm, status: int = 200, notice: str = "") -> Response:
    return page("shop/orders/track.html", status=status, form=form, notice=notice, store=g.store)
