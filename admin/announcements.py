"""What the platform tells everybody who works in a store, until they have put it away."""

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from admin import bp
from kit.actor import Role
from services import announcements
from web.access import allow
from web.auth import actor
from web.htmx import go_to, safe_next

COOKIE = "admin_told"
KEPT = 20
YEAR = 365 * 24 * 3600
TONES = {"info": "info", "warning": "warn", "urgent": "bad"}


def announced() -> list[dict[str, Any]]:
    """Those that run and that this reader has not put away; one that was changed since is shown again."""
    if not actor().is_staff:
        return []
    seen = _put_away()
    told = [(f"{one.id.hex}-{one.version}", one) for one in announcements.running()]
    return [{"id": one.id, "version": one.version, "tone": TONES[one.level], "text": one.text}
            for key, one in told if key not in seen]  # fmt: skip


def _put_away() -> list[str]:
    return request.cookies.get(COOKIE, "").split(".")


@bp.post("/announcements/<uuid:ident>/<int:version>/dismiss")
@allow(Role.STAFF)
def dismiss_announcement(ident: UUID, version: int) -> Response:
    """Kept in a cookie of this browser."""
    key = f"{ident.hex}-{version}"
    seen = [one for one in _put_away() if one and one != key]
    response = go_to(safe_next(request.form.get("next"), url_for("admin.home")))
    response.set_cookie(COOKIE, ".".join([*seen, key][-KEPT:]), max_age=YEAR, path="/admin", samesite="Lax",
                        httponly=True, secure=request.is_secure)  # fmt: skip
    return response


@bp.context_processor
def _told() -> dict[str, Any]:
    """Asked by whole pages only."""
    return {"announced": announced}
