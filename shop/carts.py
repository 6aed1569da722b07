"""The cart: as a page, and as the drawer made of the same pieces. Every button is a form that works by itself."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request

from forms.carts import AddForm, CouponForm, QuantityForm
from kit.errors import Conflict, Invalid, NotFound, ShopError
from kit.i18n import _
from services import carts
from services.carts import CartView
from shop import bp, product_page
from shop.cart_view import cart_context
from shop.frame import page
from web.access import PUBLIC, allow
from web.auth import actor
from web.guest import cart_token, give_token
from web.htmx import go, wants_fragment
from web.limits import limit


@bp.get("/cart", endpoint="cart")
@allow(PUBLIC)
def show_cart() -> Response:
    context = cart_context(_view(), removed=_removed(request.args.get("removed", "")))
    return page("shop/carts/cart.html", "shop/carts/_cart.html", where="cart", **context)


@bp.get("/cart/drawer")
@allow(PUBLIC)
def cart_drawer() -> Response:
    return _drawer(_view())


@bp.post("/cart/items", endpoint="add_to_cart")
@allow(PUBLIC)
def add_to_cart() -> Response:
    """Where an option is missing or there is not enough, the product says so beside its button."""
    form = AddForm(request.form)
    try:
        draft = form.checked(**product_page.meant(request.form))
        cart = carts.add_item(draft, actor=actor(), token=cart_token())
    except (Invalid, Conflict) as error:
        return product_page.refused(form.product_id.data or "", error)
    _keep(cart)
    added = next((line.name for line in cart.items if line.product_id == draft.product_id), "")
    if wants_fragment():
        return _whole(cart) if request.form.get("where") == "cart" else _drawer(cart, added=added)
    flash(_("Added to cart: %(product)s", product=added), "success")
    return go("shop.cart")


@bp.post("/cart/items/<uuid:line_id>", endpoint="update_cart_line")
@allow(PUBLIC)
def update_cart_line(line_id: UUID) -> Response:
    form = QuantityForm(request.form)
    try:
        draft = form.checked()
        if draft.quantity == 0:
            return remove_cart_line(line_id)
        cart = carts.update_item(line_id, draft, actor=actor(), token=cart_token())
    except (Invalid, Conflict) as error:
        return _refused(error, line_id)
    return _changed(cart)


@bp.post("/cart/items/<uuid:line_id>/remove")
@allow(PUBLIC)
def remove_cart_line(line_id: UUID) -> Response:
    """What was removed can be put back by one button of the answer."""
    before = next((line for line in _view().items if line.id == line_id), None)
    try:
        cart = carts.remove_item(line_id, actor=actor(), token=cart_token())
    except NotFound:  # pressed twice, or in another tab
        return _changed(_view())
    assert before is not None
    removed = f"{before.product_id}.{before.variant_id or ''}.{before.quantity}"
    return _changed(cart, removed={**(_removed(removed) or {}), "name": before.name}, back=removed)


@bp.post("/cart/coupon", endpoint="apply_coupon")
@allow(PUBLIC)
@limit("20 per minute")
def apply_coupon() -> Response:
    form = CouponForm(request.form)
    try:
        cart = carts.apply_coupon(form.checked().code, actor=actor(), token=cart_token())
    except (Invalid, Conflict) as error:
        message = error.said
        coupon = {"code": form.code.data or "", "error": message}
        return _whole(_view(), status=422, coupon=coupon)
    return _changed(cart)


@bp.post("/cart/coupon/remove")
@allow(PUBLIC)
def remove_coupon() -> Response:
    return _changed(carts.remove_coupon(actor=actor(), token=cart_token()))


def _view() -> CartView:
    return carts.view(actor=actor(), token=cart_token())


def _keep(cart: CartView) -> None:
    """A guest takes the token home as soon as there is something to find again."""
    if cart.session_id and cart.id is not None:
        give_token(cart.session_id)


def _changed(cart: CartView, *, back: str = "", **more: Any) -> Response:
    """After a change: the cart where it was changed, or for a browser without JavaScript the page anew."""
    _keep(cart)
    if wants_fragment():
        return _whole(cart, **more)
    return go("shop.cart", **({"removed": back} if back else {}))


def _refused(error: ShopError, line_id: UUID) -> Response:
    """The cart as it is, with the reason at its line."""
    cart = _view()
    message = error.errors[0].message if error.errors and not isinstance(error, Conflict) else error.message
    return _whole(cart, status=422, refused={"id": line_id, "message": message})


def _whole(cart: CartView, status: int = 200, **more: Any) -> Response:
    if request.form.get("where") == "drawer" and wants_fragment():
        return _drawer(cart, status, **more)
    context = cart_context(cart, **more)
    return page("shop/carts/cart.html", "shop/carts/_answer.html", status, where="cart", **context)


def _drawer(cart: CartView, status: int = 200, **more: Any) -> Response:
    return page("shop/carts/_drawer.html", status=status, **cart_context(cart, explains=False, **more))


def _removed(text: str) -> dict[str, Any] | None:
    """`product.variant.quantity`, as it stands in the address after a removal without JavaScript."""
    parts = text.split(".")
    if len(parts) != 3 or not parts[0] or not parts[2].isdigit():
        return None
    return {"product_id": parts[0], "variant_id": parts[1], "quantity": parts[2], "name": ""}
