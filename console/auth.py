"""The platform's own door: password, then the code. On a store's host there is nothing here."""

from flask import Response, flash, request, url_for

from console import bp
from forms.accounts import SignInForm
from kit.actor import Role
from kit.i18n import _
from models.accounts import PlatformUser, User
from web.access import PUBLIC, allow
from web.auth import actor, awaited, end_session
from web.door import code_form, come_in, try_code, try_password
from web.htmx import go, go_to, render, safe_next
from web.limits import limit


@bp.route("/platform/login", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("10 per minute")
def sign_in() -> Response:
    if request.method == "GET":
        if actor().kind == "platform":
            return go("platform.dashboard")
        return _sign_in_page(SignInForm(values={"next": request.args.get("next", "")}))
    form = SignInForm(request.form)
    tried = try_password(form, "platform", Role.SYSADMIN)
    if tried.awaits_code:
        return go("platform.sign_in_code", next=safe_next(form.next.data, "") or None)
    if tried.person is None:
        return _sign_in_page(form, tried.status)
    return _come_in(tried.person, form.next.data)


def _come_in(person: User | PlatformUser, wish: str | None) -> Response:
    come_in("platform", person)
    return go_to(safe_next(wish, url_for("platform.dashboard")))


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    return render("platform/auth/sign_in.html", status=status, form=form)


@bp.route("/platform/login/code", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("20 per minute")
def sign_in_code() -> Response:
    person = awaited()
    if person is None:
        return go("platform.sign_in")
    form = code_form()
    tried = try_code(form, person)
    if tried.person is not None:
        return _come_in(tried.person, form.next.data)
    return render("platform/auth/code.html", status=tried.status, form=form)


@bp.post("/platform/logout")
@allow(PUBLIC)
def sign_out() -> Response:
    end_session()
    flash(_("You are signed out."), "success")
    return go("platform.sign_in")
