"""The only table of status codes: one refusal becomes a page, a toast or problem+json."""

import json
import re
from http import HTTPStatus
from urllib.parse import unquote

import structlog
from flask import Flask, Response, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from kit import errors
from kit.db import db
from kit.errors import ShopError
from kit.i18n import _
from services import opening
from web.auth import forget_visit_that_is_over
from web.htmx import go, wants_fragment
from web.visitor import visitor

log = structlog.get_logger()
STATUS: dict[type[ShopError], int] = {
    errors.Unreadable: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.WrongMediaType: 415,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    ShopError: 400,
}


def status_of(error: ShopError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def as_problem(error: ShopError) -> Response:
    """RFC 9457. `extra` of the error stands beside the standard members, and never in their place."""
    status = status_of(error)
    body = {
        **{name: value for name, value in error.extra.items() if name != "retry_after"},
        "type": f"{request.host_url.rstrip('/')}/problems/{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "instance": request.path,
        **({"errors": [{"field": e.field, "code": e.code, "message": e.message} for e in error.errors]}
           if error.errors else {}),
    }  # fmt: skip
    return _finish(_json(body, status), error)


def _json(body: dict, status: int) -> Response:
    return Response(
        json.dumps(body, default=str, ensure_ascii=False), status, mimetype="application/problem+json"
    )


def _finish(response: Response, error: ShopError) -> Response:
    if "retry_after" in error.extra:
        response.headers["Retry-After"] = str(error.extra["retry_after"])
    if isinstance(error, errors.Unauthenticated):
        response.headers["WWW-Authenticate"] = 'Bearer realm="vitrine"'
    response.headers["Cache-Control"] = "no-store"
    return response


def as_page(error: ShopError) -> Response:
    status = status_of(error)
    if isinstance(error, errors.Unauthenticated) and g.get("store") and forget_visit_that_is_over():
        flash(
            _("You no longer act for a colleague here: the time is over. The console lets you in again."),
            "error",
        )
    if (
        isinstance(error, errors.Unauthenticated)
        and request.method in {"GET", "HEAD"}
        and not wants_fragment()
    ):
        return redirect(sign_in_url(), 303)  # type: ignore[return-value]
    if error.code == "second-factor-required" and request.path.startswith("/admin"):
        return go("admin.two_factor")
    if error.code == "second-factor-required" and request.path.startswith("/platform"):
        return go("platform.account")
    if wants_fragment():
        toast = render_template("shared/_toast.html", message=error.message, kind="error")
        response = make_response(toast, status)
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "beforeend"
        return _finish(response, error)
    return _finish(make_response(_error_page(status, error.message, error.code), status), error)


def _error_page(status: int, message: str, code: str) -> str:
    try:
        return _page_for(status, message, code)
    except Exception:  # a page about an error must not fail itself
        log.exception("error page failed")
        return f"<!doctype html><title>{status}</title><h1>{status}</h1><p>{g.get('request_id', '')}</p>"


def _page_for(status: int, message: str, code: str) -> str:
    """A missing page of an open store keeps the store's frame, a closed store has its own page, and the rest is
    plain: it reads no database, which may be what is broken."""
    face = "admin" if request.path.startswith(("/admin", "/platform")) else "shop"
    store = g.get("store")
    if face == "shop" and store is None:
        face = "platform"
    if face == "shop" and code in {"store-suspended", "store-in-maintenance"}:
        is_back_soon = code == "store-in-maintenance"
        return render_template("shop/closed.html", is_back_soon=is_back_soon,
                               asks_password=is_back_soon and opening.has_password())  # fmt: skip
    if face == "shop" and status in {404, 410} and store.is_open:
        return render_template(
            "shop/not_found.html", status=status, q=_words_of(request.path), visitor=visitor()
        )
    return render_template("shared/error.html", status=status, message=message, face=face, title=_title(status),
                           request_id=g.get("request_id", ""))  # fmt: skip


def _words_of(path: str) -> str:
    """`/products/blue-linen-shirt` → `blue linen shirt`: what was looked for, probably."""
    return " ".join(re.findall(r"[^\W_]+", unquote(path.rstrip("/").rpartition("/")[2])))[:100]


def _title(status: int) -> str:
    titles = {
        400: _("That request could not be read"),
        401: _("Please sign in"),
        403: _("This is not for you"),
        404: _("This page is not here"),
        405: _("This does not work that way"),
        409: _("That no longer fits"),
        413: _("That is too large"),
        422: _("Please check what you entered"),
        429: _("A little slower, please"),
        503: _("Closed for a moment"),
    }
    return titles.get(status) or (_("Something broke") if status >= 500 else HTTPStatus(status).phrase)


def sign_in_url() -> str:
    back = request.full_path.rstrip("?")
    if request.path.startswith("/platform"):
        return url_for("platform.sign_in", next=back)
    return url_for("admin.sign_in" if request.path.startswith("/admin") else "shop.sign_in", next=back)


def _is_api() -> bool:
    return request.path.startswith("/api/")


_HTTP_KINDS: dict[int, tuple[type[ShopError], str]] = {
    400: (errors.Unreadable, "bad-request"),
    404: (errors.NotFound, "not-found"),
    413: (errors.TooLarge, "too-large"),
    415: (errors.WrongMediaType, "unsupported-media-type"),
    429: (errors.TooMany, "rate-limited"),
}


def init_app(app: Flask) -> None:
    @app.errorhandler(ShopError)
    def refuse(error: ShopError) -> Response:
        db.session.rollback()
        return as_problem(error) if _is_api() else as_page(error)

    @app.errorhandler(HTTPException)
    def from_werkzeug(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:
            return error.get_response()  # type: ignore[return-value]
        return _from_http(error)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        log.exception("unexpected error")
        db.session.rollback()
        message = _("Something went wrong on our side. Nothing was changed.")
        if _is_api():
            body = {"type": f"{request.host_url.rstrip('/')}/problems/internal-error", "title": "Internal Server Error",
                    "status": 500, "detail": message, "instance": request.path,
                    "request_id": g.get("request_id", "")}  # fmt: skip
            return _json(body, 500)
        return make_response(_error_page(500, message, "internal-error"), 500)


def _from_http(error: HTTPException) -> Response:
    """Werkzeug's own 404, 405, 413 … in our words, with its headers (Allow)."""
    code = error.code or 500
    kind, slug = _HTTP_KINDS.get(code, (ShopError, f"http-{code}"))
    messages = {404: _("There is no page at this address."), 405: _("This address does not take that method."),
                413: _("What was sent is too large."), 429: _("Too many requests; please wait a moment.")}  # fmt: skip
    shop_error = kind(
        messages.get(code, error.description or ""), code="method-not-allowed" if code == 405 else slug
    )
    response = as_problem(shop_error) if _is_api() else as_page(shop_error)
    response.status_code = code
    if _is_api() and response.mimetype == "application/problem+json":
        body = json.loads(response.get_data())
        body["status"], body["title"] = code, HTTPStatus(code).phrase
        response.set_data(json.dumps(body))
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response
