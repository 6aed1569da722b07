"""The back office's own door: for staff only, with one answer for everybody else."""

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.accounts import ChangePasswordForm, ForgotForm, ResetForm, SignInForm
from kit.actor import Role
from kit.errors import Invalid, ShopError, Unauthenticated
from kit.i18n import _
from services.accounts import passwords, people, signing_in
from web.access import PUBLIC, allow
from web.auth import actor, end_session, start_session
from web.htmx import go, go_to, safe_next
from web.limits import limit


@bp.route("/login", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("10 per minute")
def sign_in() -> Response:
    """Back to where one was. A customer's right password is answered like a wrong one: this door is not theirs."""
    if request.method == "GET":
        if actor().is_staff:
            return go("admin.home")
        return _sign_in_page(SignInForm(values={"next": request.args.get("next", "")}))
    form = SignInForm(request.form)
    try:
        draft = form.checked()
        person = signing_in.sign_in(draft.email, draft.password, actor=actor(), least=Role.STAFF)
    except Unauthenticated as error:
        return _sign_in_page(form.refuse(error.message), 422)
    except Invalid:
        return _sign_in_page(form, 422)
    start_session("user", person)
    return go_to(safe_next(form.next.data, url_for("admin.home")))


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    return page("admin/auth/sign_in.html", status=status, form=form, general_errors=form.form_errors)


@bp.post("/logout")
@allow(PUBLIC)
def sign_out() -> Response:
    end_session()
    flash(_("You are signed out."), "success")
    return go("admin.sign_in")


@bp.route("/password/forgot", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("5 per minute")
def forgot_password() -> Response:
    """Answers the same for every address; the mail goes out where there is an account."""
    form = ForgotForm(request.form if request.method == "POST" else None)
    sent, status = False, 200
    if request.method == "POST":
        try:
            passwords.ask_for_reset(form.checked())
            sent = True
        except Invalid:
            status = 422
    return page(
        "admin/auth/forgot.html", status=status, form=form, sent=sent, general_errors=form.form_errors
    )


@bp.route("/password/reset/<token>", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("10 per minute")
def reset_password(token: str) -> Response:
    form = ResetForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        works = passwords.find_reset(token) is not None
        return page("admin/auth/reset.html", form=form if works else None)
    try:
        passwords.reset_password(form.checked(token=token), actor=actor())
    except Invalid as error:
        dead = any(problem.field == "token" for problem in error.errors)
        return page("admin/auth/reset.html", status=422, form=None if dead else form)
    flash(_("Your new password is saved. Please sign in with it."), "success")
    return go("admin.sign_in")


@bp.route("/account", methods=["GET", "POST"])
@allow(Role.STAFF)
def account() -> Response:
    """One's own password. Every other session ends; this one goes on."""
    form = ChangePasswordForm(request.form if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        try:
            person = passwords.change_password(form.checked(), actor=actor())
        except (Invalid, ShopError) as error:
            form.absorb(error if isinstance(error, Invalid) else Invalid(error.message))
            status = 422
        else:
            start_session(actor().kind, person)
            flash(_("Your new password is saved. Other sessions have ended."), "success")
            return go("admin.account")
    return page("admin/auth/account.html", status=status, form=form, me=people.get_self(actor()),
                general_errors=form.form_errors)  # fmt: skip
