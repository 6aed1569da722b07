"""Cross-site requests. What reads a cookie is guarded by Fetch Metadata instead of tokens in pages, so that pages can
be cached. The API neither reads nor sets a cookie and is exempt."""

from flask import Flask, request

from kit.errors import Forbidden
from kit.i18n import _

SAFE = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    app.before_request(check)


def check() -> None:
    """Sibling stores share a site, so same-site is refused too; `none` is a person's own typing."""
    if request.method in SAFE or request.path.startswith("/api/") or request.path.startswith("/unsubscribe/"):
        return
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        allowed = said in {"same-origin", "none"}
    else:
        allowed = request.headers.get("Origin") == request.host_url.rstrip("/")
    if not allowed:
        raise Forbidden(
            _("This request came from another site. Please use the page's own form."), code="cross-site"
        )
