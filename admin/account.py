"""One's own account: password, address, the second factor, and where one is signed in."""

from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.accounts import ChangePasswordForm, CodeForm, EmailForm, ProofForm
from kit import qr
from kit.actor import Role
from kit.errors import Conflict, Invalid, NotFound, ShopError, TooMany
from kit.i18n import _
from services.accounts import email_change, passwords, people, sessions, signing_in, two_factor
from web.access import allow, before_second_factor
from web.auth import actor, note_proof, session_id, start_session
from web.devices import shown_session
from web.door import refuse_code
from web.htmx import go, go_to, safe_next
from web.limits import limit
from web.proof import proved
from web.saving import save


@bp.route("/account", methods=["GET", "POST"])
@allow(Role.STAFF)
@before_second_factor
@limit("10 per minute")
def account() -> Response:
    """One's own password. Every other session ends; this one goes on."""
    form = ChangePasswordForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _account_page(form)
    try:
        person = passwords.change_password(form.checked(), actor=actor())
    except (Invalid, ShopError) as error:
        return _account_page(
            form.absorb(error if isinstance(error, Invalid) else Invalid(error.message)), status=422
        )
    start_session(actor().kind, person)
    flash(_("Your new password is saved. Other sessions have ended."), "success")
    return go("admin.account")


def _account_page(
    form: ChangePasswordForm, email_form: EmailForm | None = None, status: int = 200
) -> Response:
    shown = email_form or EmailForm()
    own = shown if actor().kind == "user" else None
    return page("admin/auth/account.html", status=status, form=form, email_form=own,
                me=people.get_self(actor()), factor=two_factor.state_of(actor=actor()),
                general_errors=[*form.form_errors, *shown.form_errors])  # fmt: skip


@bp.post("/account/email")
@allow(Role.STAFF)
@limit("5 per hour")
def ask_for_email_change() -> Response:
    """A link goes to the new address; the page says the same for a free and a taken one."""
    form = EmailForm(request.form)
    saved = save(form, lambda draft: email_change.ask_for_change(draft, actor=actor()))
    if not saved:
        return _account_page(ChangePasswordForm(), form, saved.status)
    flash(_("Open the link that we sent to the new address. Until then nothing changes."), "success")
    return go("admin.account")


@bp.post("/account/confirm")
@allow(Role.STAFF)
@limit("3 per 10 minutes")
def ask_for_confirmation() -> Response:
    """A confirmed address is what other stores know one by."""
    try:
        email_change.ask_for_confirmation(actor=actor())
    except Conflict as error:
        flash(error.message, "info")
    else:
        flash(_("The link is on its way."), "success")
    return go("admin.account")


# --- where one is signed in ---------------------------------------------------------------------------------------


@bp.get("/account/sessions", endpoint="sessions")
@allow(Role.STAFF)
def list_sessions() -> Response:
    rows = [shown_session(one) for one in sessions.list_sessions(actor=actor(), this=session_id())]
    return page("admin/auth/sessions.html", rows=rows, trail=_trail(_("Where you are signed in")))


@bp.post("/account/sessions/<uuid:one_id>/end")
@allow(Role.STAFF)
def end_one_session(one_id: UUID) -> Response:
    if one_id == session_id():
        raise NotFound(_("This session has ended already."))  # one's own ends by signing out
    sessions.end_one(one_id, actor=actor())
    flash(_("That session has ended."), "success")
    return go("admin.sessions")


@bp.post("/account/sessions/end-others")
@allow(Role.STAFF)
def end_other_sessions() -> Response:
    sessions.end_others(actor=actor(), this=session_id())
    flash(_("All other sessions have ended."), "success")
    return go("admin.sessions")


# --- the second factor --------------------------------------------------------------------------------------------


@bp.get("/account/two-factor", endpoint="two_factor")
@allow(Role.STAFF)
@before_second_factor
@proved
def show_two_factor() -> Response:
    return _factor_page(CodeForm())


@bp.post("/account/two-factor/begin")
@allow(Role.STAFF)
@before_second_factor
@proved
def begin_two_factor() -> Response:
    two_factor.begin(actor=actor())
    return go("admin.two_factor")


@bp.post("/account/two-factor/confirm")
@allow(Role.STAFF)
@before_second_factor
@limit("20 per minute")
@proved
def confirm_two_factor() -> Response:
    """The recovery codes are on this one answer and never again."""
    form = CodeForm(request.form)
    try:
        codes = two_factor.confirm(form.checked(), actor=actor())
    except (Invalid, TooMany) as error:
        return _factor_page(refuse_code(form, error), 429 if isinstance(error, TooMany) else 422)
    start_session(actor().kind, people.get_self(actor()))
    return _codes_page(codes, _("Two-factor sign-in is on."))


@bp.post("/account/two-factor/codes")
@allow(Role.STAFF)
@proved
def renew_recovery_codes() -> Response:
    return _codes_page(two_factor.new_recovery_codes(actor=actor()), _("These are your new recovery codes."))


@bp.post("/account/two-factor/off")
@allow(Role.STAFF)
@limit("20 per minute")
@proved
def switch_two_factor_off() -> Response:
    form = CodeForm(request.form)
    try:
        two_factor.switch_off(form.checked(), actor=actor())
    except (Invalid, TooMany) as error:
        return _factor_page(refuse_code(form, error), 429 if isinstance(error, TooMany) else 422)
    start_session(actor().kind, people.get_self(actor()))
    flash(_("Two-factor sign-in is off."), "success")
    return go("admin.account")


def _factor_page(form: CodeForm, status: int = 200) -> Response:
    state, setup = two_factor.state_of(actor=actor()), two_factor.find_setup(actor=actor())
    response = page("admin/auth/two_factor.html", status=status, form=form, state=state, setup=setup,
                    picture=qr.svg(setup.address) if setup else "", general_errors=form.form_errors,
                    trail=_trail(_("Two-factor sign-in")))  # fmt: skip
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _codes_page(codes: list[str], note: str) -> Response:
    response = page(
        "admin/auth/recovery_codes.html", codes=codes, note=note, trail=_trail(_("Recovery codes"))
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _trail(heading: str) -> list[tuple[str, str | None]]:
    return [(_("Your account"), url_for("admin.account")), (heading, None)]


# --- is it you? ---------------------------------------------------------------------------------------------------


@bp.route("/prove", methods=["GET", "POST"])
@allow(Role.STAFF)
@before_second_factor
@limit("10 per minute")
def prove() -> Response:
    """The password once more (and a code), then back to what one was about to do."""
    has_code = actor().has_second_factor
    form = ProofForm(
        request.form if request.method == "POST" else None, values={"next": request.args.get("next", "")}
    )
    status = 200
    if request.method == "POST":
        try:
            signing_in.prove_again(form.checked(), actor=actor())
        except (Invalid, TooMany) as error:
            form.absorb(
                error if isinstance(error, Invalid) else Invalid.field("code", error.code, error.message)
            )
            status = 429 if isinstance(error, TooMany) else 422
        else:
            note_proof()
            return go_to(safe_next(form.next.data, url_for("admin.home")))
    return page(
        "admin/auth/prove.html", status=status, form=form, has_code=has_code, general_errors=form.form_errors
    )
