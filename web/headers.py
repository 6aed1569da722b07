"""What every answer carries: a request id, the security headers, compression."""

import gzip
import secrets
import string

from flask import Flask, Response, g, request

SPEAKING = {"text/html", "application/problem+json"}
_ID_LETTERS = frozenset(string.ascii_letters + string.digits + "-_.")
COMPRESSED = ("text/", "application/json", "application/problem+json", "application/manifest+json", "image/svg+xml",
              "application/xml")  # fmt: skip


def is_request_id(given: str) -> bool:
    """May what a caller or proxy sent stand in logs and answers?"""
    return 1 <= len(given) <= 64 and _ID_LETTERS.issuperset(given)


def init_app(app: Flask) -> None:
    config = app.config["VITRINE"]
    payment = {"https://checkout.stripe.com", "https://connect.stripe.com"}
    if config.stripe_api_base:
        payment = {f"http://*:{config.sandbox_port}", config.stripe_api_base}
    policy = "; ".join([
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
        "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        "form-action 'self' " + " ".join(sorted(payment)),
    ])  # fmt: skip

    @app.before_request
    def name_request() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if is_request_id(given) else secrets.token_hex(12)

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-ID"] = g.get("request_id", "")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        if response.mimetype in SPEAKING and "locale" in g:
            headers.setdefault("Content-Language", g.locale)
        if response.mimetype == "text/html":
            headers.setdefault("Content-Security-Policy", policy)
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
            headers.setdefault("Cache-Control", "private, no-cache")
        if config.is_production:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        return compress(response)


def compress(response: Response) -> Response:
    """gzip what is worth it; an answer that is compressed already (page cache, static) passes."""
    if (
        response.direct_passthrough
        or response.is_streamed
        or "Content-Encoding" in response.headers
        or response.status_code in (204, 304)
        or not (response.mimetype or "").startswith(COMPRESSED)
    ):
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) < 600 or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return response
    response.set_data(gzip.compress(body, 5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response
