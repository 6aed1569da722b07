"""To the hosted payment page and back. The order exists before the shopper leaves, so nothing is lost on the way."""

from contextlib import suppress
from uuid import UUID

from flask import Response, current_app, flash, g, url_for

from kit.actor import Actor
from kit.errors import Conflict, ShopError, Unavailable
from kit.i18n import _
from models.orders import Order, PaymentStatus
from services.orders import access, reading
from services.payments import attempts, sessions
from services.payments.sessions import SessionDraft
from shop import bp, order_view
from shop.frame import page
from shop.orders import open_order
from web.access import PUBLIC, allow
from web.htmx import go, go_to

SETTLED = (PaymentStatus.PAID, PaymentStatus.AUTHORIZED, PaymentStatus.OVERPAID, PaymentStatus.PENDING)


def _address(endpoint: str, token: str) -> str:
    return current_app.config["VITRINE"].url_of(g.store.host) + url_for(endpoint, token=token)


def leave_for_payment(order: Order, holder: Actor) -> Response:
    """To Stripe's page; where that can't be had, to the order's own with the reason."""
    token = access.issue_token(order)
    draft = SessionDraft(order_id=order.id, success_url=_address("shop.payment_return", token),
                         cancel_url=_address("shop.payment_cancelled", token))  # fmt: skip
    try:
        attempt = sessions.create_session(draft, actor=holder)
    except Conflict as error:
        if error.code not in {"already-paid", "payment-in-progress"}:
            flash(error.message, "error")
        return go("shop.order_status", token=token)
    except Unavailable:
        flash(
            _("The payment page does not answer at the moment. Your order is kept; please try again."),
            "error",
        )
        return go("shop.pay", token=token)
    return go_to(attempt.session_url)


@bp.get("/orders/<token>/pay")
@allow(PUBLIC)
def pay(token: str) -> Response:
    """What is to be paid, once more, with a button."""
    return _pay_page(token)


@bp.post("/orders/<token>/pay", endpoint="start_payment")
@allow(PUBLIC)
def start_payment(token: str) -> Response:
    order, holder = open_order(token)
    if not order_view.is_to_be_paid(order):
        return go("shop.order_status", token=token)
    return leave_for_payment(order, holder)


@bp.get("/orders/<token>/cancelled")
@allow(PUBLIC)
def payment_cancelled(token: str) -> Response:
    """Back from the hosted page without having paid: order, address and cart are as they were."""
    return _pay_page(token, came_back=True)


def _pay_page(token: str, *, came_back: bool = False) -> Response:
    order, holder = open_order(token)
    if not order_view.is_to_be_paid(order):
        return go("shop.order_status", token=token)
    failure = next(
        (a.failure_message for a in reversed(attempts.list_attempts(order.id)) if a.failure_message), ""
    )
    response = page("shop/orders/pay.html", order=order_view.whole(order, viewer=holder), failure=failure,
                    came_back=came_back, token=token)  # fmt: skip
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/orders/<token>/paid")
@allow(PUBLIC)
def payment_return(token: str) -> Response:
    """Back from the hosted page. Stripe is asked now, as its message may be slower; until it says how it went, the
    page asks again by itself."""
    order, holder = open_order(token)
    if order.payment_status not in SETTLED:
        order = _look(order.id)
    if order.payment_status in SETTLED:
        return go("shop.order_thanks", token=token)
    if order.payment_status is PaymentStatus.FAILED:
        return go("shop.pay", token=token)
    response = page(
        "shop/orders/waiting.html", "shop/orders/_waiting.html", token=token, number=order.order_number
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _look(order_id: UUID) -> Order:
    with suppress(ShopError):  # where Stripe does not answer now, its message will come
        sessions.came_back(order_id)
    return reading.get_order(order_id)
