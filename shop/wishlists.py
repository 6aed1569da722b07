"""The wishlist, an addon: a customer's own, a guest's in the browser's session, and the one that somebody shows."""

from typing import Any
from uuid import UUID

from flask import Flask, Response, flash, g, render_template, request, session, url_for

from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.ids import parse_id
from services import plans, wishlists
from services.wishlists import FEATURE, WishDraft
from shop import bp
from shop.frame import page
from web.access import PUBLIC, SIGNED_IN, allow
from web.auth import actor
from web.htmx import came_from, go, go_to, wants_fragment
from web.limits import limit

PER_PAGE = 24


def is_on() -> bool:
    return g.get("store") is not None and plans.has_feature(FEATURE)


def init_app(app: Flask) -> None:
    app.jinja_env.globals["wishlist_is_on"] = is_on


def _is_owner() -> bool:
    return actor().kind == "user"


def _kept() -> list[UUID]:
    """What this browser has put aside before anybody signed in."""
    found = (parse_id(str(one)) for one in session.get("wishes", ()))
    return [one for one in found if one is not None]


def _keep(ids: list[UUID]) -> None:
    if ids:
        session["wishes"] = [str(one) for one in ids]
    else:
        session.pop("wishes", None)


def bring_along() -> None:
    """After signing in: what the guest had is the customer's."""
    if ids := _kept():
        wishlists.merge_guest(ids, actor=actor())
        _keep([])


@bp.get("/wishlist", endpoint="wishlist")
@allow(PUBLIC)
def show_wishlist() -> Response:
    plans.require_feature(FEATURE)
    if not _is_owner():
        return _wishlist_page(wishlists.list_for_guest(_kept()))
    found = wishlists.list_wishes(actor=actor(), page=_page_arg(), page_size=PER_PAGE)
    shared = wishlists.find_share(actor().id) if actor().id else None
    return _wishlist_page(found, share_url=wishlists.link(shared) if shared else "")


def _wishlist_page(found: Any, **context: Any) -> Response:
    return page("shop/wishlists/wishlist.html", wishes=_shown(found), is_owner=_is_owner(), **context)


def _page_arg() -> int:
    return max(1, request.args.get("page", 1, int))


def _shown(found: Any) -> dict[str, Any]:
    items = [{"card": one.card, "id": one.card.id, "name": one.card.name, "is_cheaper": one.is_cheaper,
              "can_be_added": one.card.in_stock and not one.needs_choice,
              "url": url_for("shop.product", slug=one.card.slug)} for one in found.items]  # fmt: skip
    return {"items": items, "total": found.total, "page": found.page, "pages": found.pages}


@bp.post("/wishlist/items")
@allow(PUBLIC)
@limit("60 per minute")
def add_wish() -> Response:
    """Adding twice is one. Back to where one was, with a word."""
    try:
        draft = read(WishDraft, {"product_id": request.form.get("product_id", "")}, form=True)
        if _is_owner():
            wishlists.add_item(draft, actor=actor())
        else:
            _keep(wishlists.add_for_guest(draft, _kept()))
    except Invalid as error:
        raise NotFound(_("There is no such product.")) from error
    except Conflict as error:
        return _said(error.message, "error")
    return _said(_("It is on your wishlist."), "success")


@bp.post("/wishlist/items/<uuid:product_id>/remove")
@allow(PUBLIC)
@limit("60 per minute")
def remove_wish(product_id: UUID) -> Response:
    plans.require_feature(FEATURE)
    if _is_owner():
        wishlists.remove_item(product_id, actor=actor())
    else:
        _keep([one for one in _kept() if one != product_id])
    flash(_("It is off your wishlist."), "success")
    return go("shop.wishlist")


def _said(message: str, kind: str) -> Response:
    if wants_fragment():
        return Response(render_template("shared/_toast.html", message=message, kind=kind))
    flash(message, kind)
    return go_to(came_from() or url_for("shop.wishlist"))


# --- the link -----------------------------------------------------------------------------------------------------


@bp.post("/wishlist/share")
@allow(SIGNED_IN)
def share_wishlist() -> Response:
    wishlists.share(actor=actor())
    flash(_("Whoever has the link below sees your list, and nothing of you."), "success")
    return go("shop.wishlist")


@bp.post("/wishlist/share/stop")
@allow(SIGNED_IN)
def stop_sharing_wishlist() -> Response:
    wishlists.stop_sharing(actor=actor())
    flash(_("The link is worth nothing any more."), "success")
    return go("shop.wishlist")


@bp.get("/wishlist/shared/<token>")
@allow(PUBLIC)
def shared_wishlist(token: str) -> Response:
    found = wishlists.list_shared_wishes(token, page=_page_arg(), page_size=PER_PAGE)
    return page("shop/wishlists/shared.html", wishes=_shown(found),
                page_url=lambda n: url_for("shop.shared_wishlist", token=token, page=n))  # fmt: skip
