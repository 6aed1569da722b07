"""The account's first page and its orders."""

from flask import Response, request, url_for

from kit.errors import NotFound
from kit.i18n import _
from models.orders import Order
from services import addresses
from services.accounts import people
from services.orders import reading
from services.orders.reading import OrderFilter
from shop import bp, order_view
from shop.account import account_page
from shop.orders import put_into_cart
from web.access import SIGNED_IN, allow
from web.auth import actor

PER_PAGE = 10
LATEST = 3


@bp.get("/account", endpoint="account")
@allow(SIGNED_IN)
def show_account() -> Response:
    user = people.get_user(actor().id)
    latest = reading.list_orders(OrderFilter(customer_id=user.id, placed_only=True), page_size=LATEST)
    return account_page("shop/account/account.html", customer=user, orders=order_view.cards(latest.items))


@bp.get("/account/orders")
@allow(SIGNED_IN)
def account_orders() -> Response:
    number = max(1, request.args.get("page", 1, int))
    found = reading.list_orders(
        OrderFilter(customer_id=addresses.owner_of(actor()).id, placed_only=True),
        page=number,
        page_size=PER_PAGE,
    )
    shown = {"items": order_view.cards(found.items), "page": found.page, "pages": found.pages}
    return account_page("shop/account/orders.html", orders=shown,
                        page_url=lambda n: url_for("shop.account_orders", page=n))  # fmt: skip


@bp.get("/account/orders/<number>")
@allow(SIGNED_IN)
def account_order(number: str) -> Response:
    return account_page("shop/account/order.html", order=order_view.whole(_own(number), viewer=actor()))


@bp.post("/account/orders/<number>/again")
@allow(SIGNED_IN)
def buy_again(number: str) -> Response:
    return put_into_cart(_own(number))


def _own(number: str) -> Order:
    """The shopper's own, for staff too: what they may see of others stands in the back office."""
    order = reading.get_by_number(number, actor=actor())
    if order.customer_id != actor().id:
        raise NotFound(_("There is no such order."))
    return order
