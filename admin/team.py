"""Who works in the store: colleagues, invitations, and what is asked of everybody."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.accounts import AcceptForm, InviteForm
from kit import clock
from kit.actor import Role
from kit.errors import Conflict, Invalid, PlanLimit
from kit.i18n import _
from models.accounts import Invitation, User
from services.accounts import invitations, roles, two_factor
from services.accounts.roles import RoleDraft
from web.access import PUBLIC, allow
from web.attempts import remember_device
from web.auth import actor, await_code, start_session
from web.filters import ago, day
from web.htmx import go
from web.limits import limit
from web.people import ROLE_NAMES
from web.proof import proved
from web.saving import save
from web.tenant import current_store

GRANTED = (Role.STAFF, Role.MANAGER, Role.ADMIN)


def _names() -> dict[str, str]:
    return {str(role): _(ROLE_NAMES[role]) for role in GRANTED}


@bp.route("/settings/team", methods=["GET", "POST"], endpoint="team")
@allow(Role.ADMIN)
@limit("30 per hour", "POST")
@proved
def list_team() -> Response:
    """The team; sent to it, an invitation. `?email=` comes from a customer's page."""
    sent, first = (
        request.form if request.method == "POST" else None,
        {"email": request.args.get("email", "")[:254]},
    )
    form, status = InviteForm(sent, values=first).offer(_names()), 200
    if request.method == "POST":
        saved = save(form, lambda draft: invitations.invite(draft, actor=actor()))
        if saved:
            flash(_("The invitation is on its way."), "success")
            return go("admin.team")
        status = saved.status
    return _team_page(form, status)


def _team_page(form: InviteForm, status: int) -> Response:
    return page("admin/settings/team.html", status=status, rows=[_row(user) for user in roles.list_team()],
                waiting=[_waiting(one) for one in invitations.list_open()], roles=_names(), form=form,
                is_required=current_store().require_two_factor, general_errors=form.form_errors,
                trail=[(_("Settings"), url_for("admin.settings")), (_("Team"), None)])  # fmt: skip


def _row(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "email": user.email, "role": str(user.role),
            "role_name": _(ROLE_NAMES[Role(user.role)]), "is_active": user.is_active, "is_me": user.id == actor().id,
            "has_factor": user.two_factor_since is not None, "seen": ago(user.last_login_at)}  # fmt: skip


def _waiting(one: Invitation) -> dict[str, Any]:
    return {"id": one.id, "email": one.email, "role_name": _(ROLE_NAMES[one.role]), "by": one.invited_by,
            "until": day(one.expires_at), "has_run_out": one.expires_at <= clock.now()}  # fmt: skip


@bp.post("/settings/team/two-factor")
@allow(Role.ADMIN)
@proved
def require_two_factor() -> Response:
    try:
        two_factor.require_of_staff("required" in request.form, actor=actor())
    except Conflict as error:
        flash(error.message, "error")
        return go("admin.team" if actor().has_second_factor else "admin.two_factor")
    flash(_("Saved."), "success")
    return go("admin.team")


@bp.post("/settings/team/<uuid:user_id>/role")
@allow(Role.ADMIN)
@proved
def change_role(user_id: UUID) -> Response:
    """As what one works; as a customer, one is no colleague any more."""
    role = request.form.get("role", "")
    if role not in {str(one) for one in (Role.CUSTOMER, *GRANTED)}:
        raise Invalid.field("role", "not_a_choice", _("Choose a role."))
    return _told(lambda: roles.change_role(user_id, RoleDraft(role=Role(role)), actor=actor()))


@bp.post("/settings/team/<uuid:user_id>/switch")
@allow(Role.ADMIN)
@proved
def switch_colleague(user_id: UUID) -> Response:
    return _told(lambda: roles.switch(user_id, on=request.form.get("on") == "1", actor=actor()))


@bp.post("/settings/team/<uuid:user_id>/two-factor/reset")
@allow(Role.ADMIN)
@proved
def reset_two_factor(user_id: UUID) -> Response:
    return _told(lambda: two_factor.reset(user_id, actor=actor()))


@bp.post("/settings/team/invitations/<uuid:invitation_id>/send")
@allow(Role.ADMIN)
@limit("30 per hour")
@proved
def resend_invitation(invitation_id: UUID) -> Response:
    return _told(lambda: invitations.resend(invitation_id, actor=actor()), _("The invitation is on its way."))


@bp.post("/settings/team/invitations/<uuid:invitation_id>/revoke")
@allow(Role.ADMIN)
@proved
def revoke_invitation(invitation_id: UUID) -> Response:
    return _told(lambda: invitations.revoke(invitation_id, actor=actor()), _("The invitation is taken back."))


def _told(act: Any, done: str = "") -> Response:
    try:
        act()
    except (Conflict, PlanLimit) as error:
        flash(error.message, "error")
    else:
        flash(done or _("Saved."), "success")
    return go("admin.team")


# --- the link of the mail -----------------------------------------------------------------------------------------


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("10 per minute")
def accept_invitation(token: str) -> Response:
    """Somebody new chooses a password, somebody known gives theirs."""
    found = invitations.find_by_token(token)
    if found is None:
        return page("admin/auth/invitation.html", status=404 if request.method == "GET" else 422, found=None)
    first = {"first_name": found.first_name, "last_name": found.last_name}
    form = AcceptForm(request.form if request.method == "POST" else None, values=first)
    shown = {
        "email": found.email,
        "role_name": _(ROLE_NAMES[found.role]),
        "is_known": invitations.has_account(found),
    }
    status = 200
    if request.method == "POST":
        try:
            user = invitations.accept(token, form.checked(), actor=actor())
        except (Invalid, PlanLimit) as error:
            form.absorb(error if isinstance(error, Invalid) else Invalid(error.message))
            status = 422
        else:
            return _welcome(user)
    return page(
        "admin/auth/invitation.html", status=status, found=shown, form=form, general_errors=form.form_errors
    )


def _welcome(user: User) -> Response:
    remember_device(user.email)
    if user.two_factor_since is not None:
        await_code("user", user)
        return go("admin.sign_in_code")
    start_session("user", user)
    flash(_("Welcome to the team."), "success")
    return go("admin.home")
