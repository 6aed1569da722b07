"""What stands around every back-office page: the menu of one's role, who one is, and the language it is said in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, request, url_for
from werkzeug.local import LocalProxy

from admin import bp
from kit.actor import Role
from kit.i18n import _, mark, set_locale, translated
from models.tenants import TenantStatus
from services.accounts import people
from services.reports import dashboard
from web.access import allow
from web.auth import actor, visit
from web.filters import moment
from web.htmx import go_to, safe_next
from web.htmx import page as page
from web.people import ROLE_NAMES
from web.tenant import current_store

YEAR = 365 * 24 * 3600
LANGUAGE_COOKIE = "admin_lang"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. `waiting` names the number of `dashboard.attention()` that asks for somebody."""

    endpoint: str
    label: str
    icon: str = ""
    least: Role = Role.STAFF
    waiting: str = ""
    children: tuple["Entry", ...] = ()


MENU = (
    Entry("admin.home", mark("Home"), "home"),
    Entry("admin.orders", mark("Orders"), "orders", waiting="to_fulfil"),
    Entry("admin.products", mark("Products"), "tag", children=(
        Entry("admin.categories", mark("Categories"), least=Role.MANAGER),
        Entry("admin.attributes", mark("Options"), least=Role.MANAGER),
        Entry("admin.tags", mark("Tags"), least=Role.MANAGER),
        Entry("admin.collections", mark("Collections"), least=Role.MANAGER),
        Entry("admin.search_misses", mark("Search"), least=Role.MANAGER),
        Entry("admin.inventory", mark("Inventory")),
        Entry("admin.batch_list", mark("Jobs"), least=Role.MANAGER),
    )),
    Entry("admin.reviews", mark("Reviews"), "star", waiting="reviews"),
    Entry("admin.payments", mark("Payments"), "money", least=Role.MANAGER, waiting="payments", children=(
        Entry("admin.disputes", mark("Disputes")),
        Entry("admin.unexpected", mark("Without an order"), least=Role.MANAGER),
        Entry("admin.payment_checks", mark("Comparison"), least=Role.MANAGER),
        Entry("admin.payouts", mark("Payouts"), least=Role.ADMIN),
        Entry("admin.movements", mark("Movements"), least=Role.ADMIN),
        Entry("admin.stripe_messages", mark("Messages"), least=Role.ADMIN),
    )),
    Entry("admin.customers", mark("Customers"), "users", least=Role.MANAGER, children=(
        Entry("admin.subscribers", mark("Newsletter"), least=Role.MANAGER),
    )),
    Entry("admin.coupons", mark("Coupons"), "gift", least=Role.MANAGER),
    Entry("admin.reports", mark("Reports"), "chart", least=Role.MANAGER),
    Entry("admin.pages", mark("Pages"), "file", least=Role.MANAGER, children=(
        Entry("admin.menus", mark("Menus"), least=Role.MANAGER),
        Entry("admin.legal_pages", mark("Legal texts"), least=Role.MANAGER),
    )),
    Entry("admin.settings", mark("Settings"), "settings", least=Role.ADMIN, children=(
        Entry("admin.audit_log", mark("Audit log"), least=Role.ADMIN),
    )),
)  # fmt: skip


def may(role: Role) -> bool:
    """Does the role of the one who is there reach this far?"""
    return actor().is_at_least(role)


def menu() -> list[dict[str, Any]]:
    counts = dashboard.attention()
    return [_shown(entry, counts) for entry in MENU if may(entry.least)]


def _shown(entry: Entry, counts: Mapping[str, int]) -> dict[str, Any]:
    url = url_for(entry.endpoint)
    children = [_shown(child, counts) for child in entry.children if may(child.least)]
    inside = request.path == url or (url != url_for("admin.home") and request.path.startswith(url + "/"))
    return {"label": _(entry.label), "url": url, "icon": entry.icon, "count": counts.get(entry.waiting, 0),
            "waiting": entry.waiting, "current": inside or any(child["current"] for child in children),
            "exact": request.path == url, "children": children}  # fmt: skip


def _visit() -> dict[str, Any] | None:
    """Somebody of the platform is here as a colleague: said on every page, with the way out."""
    now = visit()
    if now is None:
        return None
    return {"by": now.by_email, "reason": now.reason, "until": moment(now.ends_at, "short"),
            "iso": now.ends_at.isoformat()}  # fmt: skip


def _suspended() -> dict[str, str] | None:
    """Said on every page to those who work there: why, and who can be asked."""
    store = current_store()
    if store.status is not TenantStatus.SUSPENDED:
        return None
    return {"reason": store.suspended_reason, "email": current_app.config["VITRINE"].support_email}


def person() -> dict[str, str]:
    who = actor()
    return {"name": who.name, "email": who.email, "role": _(ROLE_NAMES[who.role]) if who.role else ""}


# --- the language of the back office: one's own choice, whatever the shop speaks ----------------------------------


@bp.before_request
def _speak() -> None:
    chosen = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in translated():
        g.locale = chosen
        set_locale(chosen)


@bp.post("/language")
@allow(Role.STAFF)
def set_language() -> Response:
    """Kept with the account, and in a cookie of the back office; the page is shown again in it."""
    response = go_to(safe_next(request.form.get("next"), url_for("admin.home")))
    chosen = request.form.get("language", "")
    if chosen in translated():
        people.choose_language(chosen, actor=actor())
        keep_language(response, chosen)
    return response


def keep_language(response: Response, locale: str | None) -> None:
    """For this browser. Nothing is kept of a language we have no words of."""
    if locale in translated():
        response.set_cookie(LANGUAGE_COOKIE, locale, max_age=YEAR, path="/admin", samesite="Lax", httponly=True,
                            secure=request.is_secure)  # fmt: skip


@bp.context_processor
def _around() -> dict[str, Any]:
    """Asked only by templates that say them: a fragment has no menu."""
    return {
        "menu": LocalProxy(menu),
        "person": LocalProxy(person),
        "languages": translated,
        "may": may,
        "visit": LocalProxy(_visit),
        "suspended": LocalProxy(_suspended),
        "Role": Role,
    }
