"""The guest's cart: a random token in a cookie of its own (pages) or in X-Session-ID (API)."""

from flask import Flask, Response, current_app, g, request

HEADER = "X-Session-ID"
DAYS_30 = 30 * 24 * 3600


def _cookie() -> str:
    return "__Host-cart" if current_app.config["VITRINE"].is_production else "cart"


def cart_token() -> str | None:
    """What the guest brought. Whether it opens a cart is for the service to say."""
    if "cart_token" in g:
        return g.cart_token
    given = (
        request.headers.get(HEADER) if request.path.startswith("/api/") else request.cookies.get(_cookie())
    )
    return given if given and len(given) <= 100 else None


def give_token(token: str | None) -> None:
    """Hand the guest a token the server has just issued; None takes the cookie away."""
    g.cart_token = token


def has_cart() -> bool:
    return cart_token() is not None


def init_app(app: Flask) -> None:
    @app.after_request
    def hand_over(response: Response) -> Response:
        if "cart_token" not in g:
            return response
        if request.path.startswith("/api/"):
            if g.cart_token:
                response.headers[HEADER] = g.cart_token
        elif g.cart_token:
            response.set_cookie(_cookie(), g.cart_token, max_age=DAYS_30, httponly=True, samesite="Lax",
                                secure=app.config["VITRINE"].is_production)  # fmt: skip
        else:
            response.delete_cookie(_cookie())
        return response
