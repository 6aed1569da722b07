"""The one part of a public page that knows who is looking: account link, cart count, messages."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, render_template, request

from services import carts
from web.auth import actor
from web.guest import cart_token


@dataclass(frozen=True, slots=True)
class Visitor:
    is_signed_in: bool = False
    is_staff: bool = False
    name: str = ""
    email: str = ""
    cart_count: int = 0


NOBODY = Visitor()


def is_known() -> bool:
    """Did the request bring anything of this visitor's own?"""
    return (
        current_app.config["SESSION_COOKIE_NAME"] in request.cookies
        or cart_token() is not None
        or "Authorization" in request.headers
    )


def visitor() -> Visitor:
    if "visitor" not in g:
        g.visitor = _look() if is_known() else NOBODY
    return g.visitor


def _look() -> Visitor:
    who = actor()
    return Visitor(
        is_signed_in=who.role is not None,
        is_staff=who.is_staff,
        name=who.name,
        email=who.email,
        cart_count=carts.count_items(actor=who, token=cart_token()),
    )


def header_html() -> str:
    return render_template("shop/_visitor.html", visitor=visitor())


def flash_html() -> str:
    return render_template("shared/_flash.html")


def _messages(**kw: Any) -> list[Any]:
    """In a page that is kept, nobody's messages."""
    return [] if g.get("is_kept") else get_flashed_messages(**kw)


def init_app(app: Flask) -> None:
    app.jinja_env.globals["get_flashed_messages"] = _messages

    @app.context_processor
    def nobody() -> dict[str, Visitor]:
        """Pages are made for nobody; `_visitor.html` is put in afterwards. Pages that are not kept say
        `visitor=visitor()` themselves."""
        return {"visitor": NOBODY}
