"""Somebody of the platform comes in as a colleague, says so by a press of a button here, and goes again."""

from flask import Response, current_app, flash

from admin import bp
from admin.frame import page
from kit.errors import Invalid
from services import tenants
from services.accounts import impersonating
from web.access import PUBLIC, allow
from web.auth import actor, end_session, start_visit, visit
from web.htmx import go, leave_for
from web.limits import limit


@bp.get("/impersonate/<token>", endpoint="ask_to_impersonate")
@allow(PUBLIC)
def ask(token: str) -> Response:
    """Asks by a button of this store's own page, so that no other site can put somebody here behind their back."""
    found = impersonating.find_way_in(token)
    if found is None:
        return page("admin/auth/impersonate.html", status=404, works=False)
    row, user = found
    return page("admin/auth/impersonate.html", works=True, name=user.name, email=user.email, reason=row.reason,
                minutes=int(impersonating.STAYS_FOR.total_seconds() // 60))  # fmt: skip


@bp.post("/impersonate/<token>", endpoint="begin_impersonation")
@allow(PUBLIC)
@limit("10 per minute")
def begin(token: str) -> Response:
    try:
        now, user = impersonating.come_in(token, actor=actor())
    except Invalid as error:
        flash(error.message, "error")
        return go("admin.sign_in")
    start_visit(user, now)
    return go("admin.home")


@bp.post("/impersonate/end", endpoint="end_impersonation")
@allow(PUBLIC)
def end() -> Response:
    """Back to the store in the console. Without a visit there is nothing to end, and the door is shown."""
    if visit() is None:
        return go("admin.sign_in")
    end_session()
    host = current_app.config["VITRINE"].url_of(tenants.platform_domain())
    return leave_for(f"{host}/platform/stores/{tenants.current().id}")
