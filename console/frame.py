"""What stands around every page of the console: its menu, who one is, and the language it is said in."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from werkzeug.local import LocalProxy

from console import bp
from kit.actor import Role
from kit.i18n import _, mark, translated
from web.access import allow
from web.auth import actor
from web.htmx import go_to, safe_next
from web.htmx import page as page

YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; `icon` is one of templates/shared/_icons.html."""

    endpoint: str
    label: str
    icon: str = ""
    children: tuple["Entry", ...] = ()


MENU = (
    Entry("platform.dashboard", mark("Home"), "home"),
    Entry("platform.stores", mark("Stores"), "store"),
    Entry(
        "platform.plans", mark("Plans"), "tag", children=(Entry("platform.plan_requests", mark("Requests")),)
    ),
    Entry("platform.jobs", mark("Jobs"), "list"),
    Entry("platform.announcements", mark("Announcements"), "bell"),
)


def menu() -> list[dict[str, Any]]:
    return [_shown(entry) for entry in MENU]


def _shown(entry: Entry) -> dict[str, Any]:
    url = url_for(entry.endpoint)
    children = [_shown(child) for child in entry.children]
    inside = request.path == url or request.path.startswith(url + "/")
    return {"label": _(entry.label), "url": url, "icon": entry.icon, "count": 0,
            "current": inside or any(child["current"] for child in children),
            "exact": request.path == url, "children": children}  # fmt: skip


def person() -> dict[str, str]:
    who = actor()
    return {"name": who.name, "email": who.email, "role": _("Platform team")}


@bp.post("/platform/language")
@allow(Role.SYSADMIN)
def set_language() -> Response:
    """Kept in a cookie of the platform's host; the page is shown again in it."""
    response = go_to(safe_next(request.form.get("next"), url_for("platform.dashboard")))
    chosen = request.form.get("language", "")
    if chosen in translated():
        response.set_cookie(
            "lang", chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure
        )
    return response


@bp.context_processor
def _around() -> dict[str, Any]:
    """Asked only by templates that say them: a fragment has no menu."""
    return {"menu": LocalProxy(menu), "person": LocalProxy(person), "languages": translated}
