"""The back office's own door: for staff only, with one answer for everybody else."""

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import LANGUAGE_COOKIE, keep_language, page
from forms.accounts import ForgotForm, ResetForm, SignInForm
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _
from models.accounts import PlatformUser, User
from services.accounts import passwords
from web.access import PUBLIC, allow
from web.attempts import remember_device
from web.auth import actor, awaited, end_session
from web.door import code_form, come_in, try_code, try_password
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
    tried = try_password(form, "user", Role.STAFF)
    if tried.awaits_code:
        return go("admin.sign_in_code", next=safe_next(form.next.data, "") or None)
    if tried.person is None:
        return _sign_in_page(form, tried.status)
    return _come_in(tried.person, form.next.data)


def _come_in(person: User | PlatformUser, wish: str | None) -> Response:
    """In the person's own language, if this browser has not been told another one."""
    come_in("user", person)
    response = go_to(safe_next(wish, url_for("admin.home")))
    if LANGUAGE_COOKIE not in request.cookies:
        keep_language(response, getattr(person, "locale", None))
    return response


@bp.route("/login/code", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("20 per minute")
def sign_in_code() -> Response:
    person = awaited()
    if person is None:
        return go("admin.sign_in")
    form = code_form()
    tried = try_code(form, person)
    if tried.person is not None:
        return _come_in(tried.person, form.next.data)
    return page("admin/auth/code.html", status=tried.status, form=form, general_errors=form.form_errors)


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
        user = passwords.reset_password(form.checked(token=token), actor=actor())
    except Invalid as error:
        dead = any(problem.field == "token" for problem in error.errors)
        return page("admin/auth/reset.html", status=422, form=None if dead else form)
    remember_device(user.email)
    flash(_("Your new password is saved. Please sign in with it."), "success")
    return go("admin.sign_in")
