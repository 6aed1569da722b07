"""The platform's own door: password, then the code. On a store's host there is nothing here."""

from flask import Response, flash, request, url_for

from console import bp, only_here
from forms.accounts import CodeForm, SignInForm
from kit.actor import Role
from kit.errors import Invalid, TooMany, Unauthenticated
from kit.i18n import _
from services.accounts import signing_in
from services.accounts.signing_in import CodeNeeded
from web.access import PUBLIC, allow
from web.attempts import count_wrong, insist_on_patience, remember_device
from web.auth import actor, await_code, awaited, end_session, start_session
from web.htmx import go, go_to, render, safe_next
from web.limits import limit


@bp.route("/platform/login", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("10 per minute")
def sign_in() -> Response:
    only_here()
    if request.method == "GET":
        if actor().kind == "platform":
            return go("platform.account")
        return _sign_in_page(SignInForm(values={"next": request.args.get("next", "")}))
    form = SignInForm(request.form)
    try:
        draft = form.checked()
        insist_on_patience(draft.email)
        person = signing_in.sign_in(draft.email, draft.password, actor=actor(), least=Role.SYSADMIN)
    except CodeNeeded as needed:
        remember_device(draft.email)
        await_code("platform", needed.person)
        return go("platform.sign_in_code", next=safe_next(form.next.data, "") or None)
    except Unauthenticated as error:
        count_wrong(draft.email)
        return _sign_in_page(form.refuse(error.message), 422)
    except TooMany as error:
        return _sign_in_page(form.refuse(error.message), 429)
    except Invalid:
        return _sign_in_page(form, 422)
    start_session("platform", person)
    remember_device(person.email)
    return go_to(safe_next(form.next.data, url_for("platform.account")))


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    return render("platform/auth/sign_in.html", status=status, form=form)


@bp.route("/platform/login/code", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("20 per minute")
def sign_in_code() -> Response:
    only_here()
    person = awaited()
    if person is None:
        return go("platform.sign_in")
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
            start_session("platform", person)
            remember_device(person.email)
            return go_to(safe_next(form.next.data, url_for("platform.account")))
    return render("platform/auth/code.html", status=status, form=form)


@bp.post("/platform/logout")
@allow(PUBLIC)
def sign_out() -> Response:
    only_here()
    end_session()
    flash(_("You are signed out."), "success")
    return go("platform.sign_in")
