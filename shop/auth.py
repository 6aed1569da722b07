"""Coming in and going out: sign in, register, forgotten passwords."""

from flask import Response, flash, request

from forms.accounts import ForgotForm, RegisterForm, ResetForm, SignInForm
from kit.errors import Invalid, ShopError
from kit.i18n import _
from models.accounts import PlatformUser, User
from services import carts
from services.accounts import passwords, registering
from shop import bp
from shop.wishlists import bring_along
from web.access import PUBLIC, allow
from web.attempts import remember_device
from web.auth import actor, awaited, end_session
from web.door import code_form, come_in, try_code, try_password
from web.guest import cart_token, give_token
from web.htmx import go, go_to, render, safe_next
from web.limits import limit
from web.visitor import visitor


@bp.get("/login")
@allow(PUBLIC)
def sign_in() -> Response:
    if actor().role is not None:
        return go("shop.account")
    return _sign_in_page(SignInForm(values={"next": request.args.get("next", "")}))


@bp.post("/login", endpoint="check_sign_in")
@allow(PUBLIC)
@limit("10 per minute")
def check_sign_in() -> Response:
    form = SignInForm(request.form)
    tried = try_password(form, "user")
    if tried.awaits_code:
        return go("shop.sign_in_code", next=safe_next(form.next.data, "/account"))
    if tried.person is None:
        return _sign_in_page(form, tried.status)
    _come_in(tried.person)
    return go_to(safe_next(form.next.data, "/account"))


@bp.route("/login/code", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("20 per minute")
def sign_in_code() -> Response:
    """The second step of colleagues who come by the shop's door."""
    person = awaited()
    if person is None:
        return go("shop.sign_in")
    form = code_form()
    tried = try_code(form, person)
    if tried.person is not None:
        _come_in(tried.person)
        return go_to(safe_next(form.next.data, "/account"))
    return render("shop/auth/code.html", status=tried.status, form=form, visitor=visitor())


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    return render("shop/auth/sign_in.html", status=status, form=form, visitor=visitor())


def _come_in(person: User | PlatformUser) -> None:
    """Start the session, and bring along what was put into the cart before."""
    come_in("user", person)
    bring_along()
    if token := cart_token():
        merged = carts.merge_guest(token, actor=actor())
        give_token(None)
        for warning in merged.warnings:
            flash(warning.message, "warning")


@bp.post("/logout")
@allow(PUBLIC)
def sign_out() -> Response:
    end_session()
    give_token(None)
    flash(_("You are signed out."), "success")
    return go("shop.home")


@bp.get("/register")
@allow(PUBLIC)
def register() -> Response:
    if actor().role is not None:
        return go("shop.account")
    return _register_page(RegisterForm())


@bp.post("/register", endpoint="check_register")
@allow(PUBLIC)
@limit("10 per minute")
def check_register() -> Response:
    """One answer for a new address and for a taken one: whose it is learns of it by mail."""
    form = RegisterForm(request.form)
    try:
        registering.register_or_tell_owner(form.checked(), actor=actor())
    except Invalid:
        return _register_page(form, 422)
    return render("shop/auth/registered.html", email=form.email.data, visitor=visitor())


def _register_page(form: RegisterForm, status: int = 200) -> Response:
    return render("shop/auth/register.html", status=status, form=form, visitor=visitor())


@bp.get("/confirm-email/<token>")
@allow(PUBLIC)
def confirm_email(token: str) -> Response:
    try:
        registering.confirm_email(token)
    except ShopError as error:
        flash(error.message, "error")
    else:
        flash(_("Thank you, your address is confirmed."), "success")
    return go("shop.account") if actor().role is not None else go("shop.sign_in")


@bp.get("/password/forgot")
@allow(PUBLIC)
def forgot_password() -> Response:
    return _forgot_page(ForgotForm())


@bp.post("/password/forgot", endpoint="ask_for_reset")
@allow(PUBLIC)
@limit("5 per minute")
def ask_for_reset() -> Response:
    form = ForgotForm(request.form)
    try:
        passwords.ask_for_reset(form.checked())
    except Invalid:
        return _forgot_page(form, 422)
    return _forgot_page(form, sent=True)


def _forgot_page(form: ForgotForm, status: int = 200, *, sent: bool = False) -> Response:
    return render("shop/auth/forgot.html", status=status, form=form, sent=sent, visitor=visitor())


@bp.get("/password/reset/<token>")
@allow(PUBLIC)
def reset_password(token: str) -> Response:
    works = passwords.find_reset(token) is not None
    return _reset_page(ResetForm() if works else None)


@bp.post("/password/reset/<token>", endpoint="save_reset")
@allow(PUBLIC)
@limit("10 per minute")
def save_reset(token: str) -> Response:
    form = ResetForm(request.form)
    try:
        user = passwords.reset_password(form.checked(token=token), actor=actor())
    except Invalid as error:
        dead = any(problem.field == "token" for problem in error.errors)
        return _reset_page(None if dead else form, 422)
    remember_device(user.email)
    flash(_("Your new password is saved. Please sign in with it."), "success")
    return go("shop.sign_in")


def _reset_page(form: ResetForm | None, status: int = 200) -> Response:
    return render("shop/auth/reset.html", status=status, form=form, visitor=visitor())
