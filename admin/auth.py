"""The back office's own door: for staff only, with one answer for everybody else."""

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.accounts import CodeForm, ForgotForm, ResetForm, SignInForm
from kit.actor import Role
from kit.errors import Invalid, TooMany, Unauthenticated
from kit.i18n import _
from models.accounts import PlatformUser, User
from services.accounts import passwords, signing_in
from services.accounts.signing_in import CodeNeeded
from web.access import PUBLIC, allow
from web.attempts import count_wrong, insist_on_patience, remember_device
from web.auth import actor, await_code, awaited, end_session, start_session
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
        insist_on_patience(draft.email)
        person = signing_in.sign_in(draft.email, draft.password, actor=actor(), least=Role.STAFF)
    except CodeNeeded as needed:
        remember_device(draft.email)
        await_code("user", needed.person)
        return go("admin.sign_in_code", next=safe_next(form.next.data, "") or None)
    except Unauthenticated as error:
        count_wrong(draft.email)
        return _sign_in_page(form.refuse(error.message), 422)
    except TooMany as error:
        return _sign_in_page(form.refuse(error.message), 429)
    except Invalid:
        return _sign_in_page(form, 422)
    return _come_in(person, form.next.data)


def _come_in(person: User | PlatformUser, wish: str | None) -> Response:
    start_session("user", person)
    remember_device(person.email)
    return go_to(safe_next(wish, url_for("admin.home")))


@bp.route("/login/code", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("20 per minute")
def sign_in_code() -> Response:
    """The second step: the app's code, or a recovery code."""
    person = awaited()
    if person is None:
        return go("admin.sign_in")
    form = CodeForm(
        request.form if request.method == "POST" else None, values={"next": request.args.get("next", "")}
    )
    status = 200
    if request.method == "POST":
        try:
            person = signing_in.sign_in_by_code(person, form.checked(), actor=actor())
        except (Unauthenticated, TooMany) as error:
            form.refuse(error.message, "code")
            status = 429 if isinstance(error, TooMany) else 422
        except Invalid:
            status = 422
        else:
            return _come_in(person, form.next.data)
    return page("admin/auth/code.html", status=status, form=form, general_errors=form.form_errors)


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
