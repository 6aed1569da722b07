"""A platform person's own account: password, second factor, and where they are signed in."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, flash, request

from console import bp
from console.frame import page
from forms.accounts import ChangePasswordForm, CodeForm
from kit import qr
from kit.actor import Role
from kit.errors import Invalid, NotFound, TooMany
from kit.i18n import _
from services.accounts import passwords, people, sessions, two_factor
from web.access import allow, before_second_factor
from web.auth import actor, session_id, start_session
from web.devices import shown_session
from web.door import refuse_code
from web.htmx import go
from web.limits import limit


@bp.route("/platform/account", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
@before_second_factor
@limit("10 per minute")
def account() -> Response:
    """Everything of one's own on one page; sent to it, a new password."""
    form = ChangePasswordForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _account_page(form)
    try:
        person = passwords.change_password(form.checked(), actor=actor())
    except Invalid as error:
        return _account_page(form.absorb(error), status=422)
    start_session("platform", person)
    flash(_("Your new password is saved. Other sessions have ended."), "success")
    return go("platform.account")


def _account_page(form: Any = None, code_form: Any = None, status: int = 200, **more: Any) -> Response:
    setup = two_factor.find_setup(actor=actor())
    response = page(
        "platform/auth/account.html", status=status, form=form or ChangePasswordForm(),
        code_form=code_form or CodeForm(), me=people.get_self(actor()), state=two_factor.state_of(actor=actor()),
        setup=setup, picture=qr.svg(setup.address) if setup else "",
        asks_for_factor=current_app.config["VITRINE"].platform_two_factor,
        rows=[shown_session(one) for one in sessions.list_sessions(actor=actor(), this=session_id())], **more,
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/platform/account/two-factor/begin")
@allow(Role.SYSADMIN)
@before_second_factor
def begin_two_factor() -> Response:
    two_factor.begin(actor=actor())
    return go("platform.account")


@bp.post("/platform/account/two-factor/confirm")
@allow(Role.SYSADMIN)
@before_second_factor
@limit("20 per minute")
def confirm_two_factor() -> Response:
    """The recovery codes are on this one answer and never again."""
    form = CodeForm(request.form)
    try:
        codes = two_factor.confirm(form.checked(), actor=actor())
    except (Invalid, TooMany) as error:
        return _account_page(
            code_form=refuse_code(form, error), status=429 if isinstance(error, TooMany) else 422
        )
    start_session("platform", people.get_self(actor()))
    return _account_page(codes=codes)


@bp.post("/platform/account/two-factor/codes")
@allow(Role.SYSADMIN)
@before_second_factor
@limit("20 per minute")
def renew_recovery_codes() -> Response:
    """By a code of the app or one of the old ones."""
    form = CodeForm(request.form)
    try:
        two_factor.check(people.get_self(actor()), form.checked().code, actor=actor())
    except (Invalid, TooMany) as error:
        return _account_page(
            code_form=refuse_code(form, error), status=429 if isinstance(error, TooMany) else 422
        )
    return _account_page(codes=two_factor.new_recovery_codes(actor=actor()))


@bp.post("/platform/account/sessions/<uuid:one_id>/end")
@allow(Role.SYSADMIN)
@before_second_factor
def end_one_session(one_id: UUID) -> Response:
    if one_id == session_id():
        raise NotFound(_("This session has ended already."))
    sessions.end_one(one_id, actor=actor())
    flash(_("That session has ended."), "success")
    return go("platform.account")


@bp.post("/platform/account/sessions/end-others")
@allow(Role.SYSADMIN)
@before_second_factor
def end_other_sessions() -> Response:
    sessions.end_others(actor=actor(), this=session_id())
    flash(_("All other sessions have ended."), "success")
    return go("platform.account")
