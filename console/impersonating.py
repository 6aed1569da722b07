"""The way into a store as one of its people: whom, and why."""

from uuid import UUID

from flask import Response, request, url_for

from console import bp
from console.frame import page
from forms.platform import ImpersonationForm
from kit.actor import Role
from kit.errors import Conflict
from kit.i18n import _
from services import platform
from services.accounts import impersonating
from services.platform import StoreView
from web.access import allow
from web.auth import actor
from web.htmx import leave_for
from web.limits import limit
from web.people import ROLE_NAMES
from web.saving import save


@bp.route("/platform/stores/<uuid:tenant_id>/impersonate", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
@limit("30 per minute")
def impersonate(tenant_id: UUID) -> Response:
    view = platform.get_store(tenant_id)
    if view.tenant.deleted_at is not None:
        raise Conflict(_("This store was deleted."), code="store-deleted")
    team = {
        str(user.id): f"{user.name} · {user.email} · {_(ROLE_NAMES[user.role])}"
        for user in impersonating.list_team(tenant_id)
    }
    form = ImpersonationForm(request.form if request.method == "POST" else None).offer(team)
    if request.method == "GET":
        return _ask(view, form)
    saved = save(form, lambda draft: impersonating.begin(tenant_id, draft, actor=actor()))
    if not saved:
        return _ask(view, form, saved.status)
    return leave_for(saved.thing)


def _ask(view: StoreView, form: ImpersonationForm, status: int = 200) -> Response:
    name, own = view.tenant.name, url_for("platform.show_store", tenant_id=view.tenant.id)
    minutes = int(impersonating.STAYS_FOR.total_seconds() // 60)
    return page(
        "platform/stores/act.html", status=status, form=form, fields=[form.user_id, form.reason], is_harmless=True,
        heading=_("Act for a colleague of %(store)s", store=name), button=_("Go to the store"), back=own,
        text=_("You work in the back office as that person, for at most %(minutes)s minutes. The store’s audit log "
               "shows your name, the reason, and everything you do. Their password, second factor and sessions stay "
               "out of reach.", minutes=minutes),
        trail=[(_("Stores"), url_for("platform.stores")), (name, own), (_("Act for a colleague"), None)],
    )  # fmt: skip
