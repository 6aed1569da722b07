"""From one store's back office into another's, for people who work in both."""

from uuid import UUID

from flask import Response, flash

from admin import bp
from admin.frame import page
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _
from services.accounts import hand_over
from web.access import PUBLIC, allow
from web.auth import actor, await_code, start_session
from web.htmx import go, leave_for
from web.limits import limit
from web.people import ROLE_NAMES


@bp.get("/stores")
@allow(Role.STAFF)
def stores() -> Response:
    found = [{"id": one.tenant_id, "name": one.name, "role": _(ROLE_NAMES[one.role])}
             for one in hand_over.list_others(actor=actor())]  # fmt: skip
    return page("admin/auth/stores.html", stores=found)


@bp.post("/stores/<uuid:tenant_id>")
@allow(Role.STAFF)
@limit("20 per minute")
def switch_store(tenant_id: UUID) -> Response:
    url = hand_over.begin(tenant_id, actor=actor())
    return leave_for(url)


@bp.get("/arrive/<token>", endpoint="arrive")
@allow(PUBLIC)
def ask_to_arrive(token: str) -> Response:
    """Asks by a button of this store's own page, so that no other site can sign somebody in behind their back."""
    found = hand_over.find(token)
    return page("admin/auth/arrive.html", status=200 if found else 404, from_store=found.from_store if found else "",
                works=found is not None)  # fmt: skip


@bp.post("/arrive/<token>", endpoint="finish_arriving")
@allow(PUBLIC)
@limit("10 per minute")
def finish_arriving(token: str) -> Response:
    """No password was given here, so whatever matters asks for it once more."""
    try:
        user = hand_over.finish(token, actor=actor())
    except Invalid as error:
        flash(error.message, "error")
        return go("admin.sign_in")
    if user.two_factor_since is not None:
        await_code("user", user, proved=False)
        return go("admin.sign_in_code")
    start_session("user", user, proved=False)
    return go("admin.home")
