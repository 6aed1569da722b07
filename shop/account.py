"""The shopper's own rooms: overview, details, password, choices. Addresses and orders have rooms of their own."""

import json
from typing import Any
from uuid import UUID

from flask import Response, flash, g, request, url_for

from forms.accounts import ChangePasswordForm, EmailForm
from forms.customers import EraseForm, PreferencesForm, ProfileForm
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from services import consents, customers, privacy
from services.accounts import email_change, passwords, people, sessions
from services.customers import PreferencesDraft, ProfileDraft
from shop import bp
from shop.frame import page
from shop.wishlists import is_on
from web.access import PUBLIC, SIGNED_IN, allow
from web.auth import actor, end_session, session_id, start_session
from web.devices import shown_session
from web.filters import moment
from web.htmx import go
from web.limits import limit


def account_page(template: str, status: int = 200, **context: Any) -> Response:
    return page(template, status=status, account_nav=_nav(), **context)


def _nav() -> list[dict[str, Any]]:
    rooms = [
        ("shop.account", _("Overview"), "user"),
        ("shop.account_orders", _("Orders"), "box"),
        *([("shop.wishlist", _("Wishlist"), "heart")] if is_on() else ()),
        ("shop.addresses", _("Addresses"), "pin"),
        ("shop.account_details", _("Your details"), "edit"),
        ("shop.sessions", _("Where you are signed in"), "shield"),
        ("shop.preferences", _("Messages and data"), "bell"),
    ]
    here = request.path
    nav = []
    for endpoint, label, icon in rooms:
        url = url_for(endpoint)
        is_here = here == url or (url != "/account" and here.startswith(url + "/"))
        nav.append({"label": label, "url": url, "icon": icon, "current": is_here})
    return nav


@bp.get("/account/details", endpoint="account_details")
@allow(SIGNED_IN)
def show_details() -> Response:
    user = people.get_user(actor().id)
    return _details_page(ProfileForm(values=ProfileDraft.of(user)), ChangePasswordForm())


@bp.post("/account/details", endpoint="save_details")
@allow(SIGNED_IN)
def save_details() -> Response:
    form = ProfileForm(request.form)
    user = people.get_user(actor().id)
    try:
        customers.update_me(form.checked(accepts_marketing=user.accepts_marketing), actor=actor())
    except Invalid:
        return _details_page(form, ChangePasswordForm(), status=422)
    flash(_("Your details are saved."), "success")
    return go("shop.account_details")


@bp.post("/account/password")
@allow(SIGNED_IN)
@limit("10 per minute")
def change_password() -> Response:
    """Every other session ends; this one is started anew."""
    form = ChangePasswordForm(request.form)
    try:
        person = passwords.change_password(form.checked(), actor=actor())
    except Invalid as error:
        user = people.get_user(actor().id)
        return _details_page(ProfileForm(values=ProfileDraft.of(user)), form.absorb(error), status=422)
    start_session("user", person)
    flash(_("Your new password is saved. Other devices are signed out."), "success")
    return go("shop.account_details")


@bp.post("/account/email")
@allow(SIGNED_IN)
@limit("5 per hour")
def ask_for_email_change() -> Response:
    """A link goes to the new address; the page says the same for a free and a taken one."""
    form = EmailForm(request.form)
    try:
        email_change.ask_for_change(form.checked(), actor=actor())
    except Invalid as error:
        user = people.get_user(actor().id)
        form.absorb(error)
        return _details_page(
            ProfileForm(values=ProfileDraft.of(user)), ChangePasswordForm(), form, status=422
        )
    flash(_("Open the link that we sent to the new address. Until then nothing changes."), "success")
    return go("shop.account_details")


def _details_page(form: ProfileForm, password_form: ChangePasswordForm, email_form: EmailForm | None = None,
                  status: int = 200) -> Response:  # fmt: skip
    languages = g.store.languages or (g.store.locale,)
    return account_page("shop/account/details.html", status=status, form=form.offer(languages),
                        password_form=password_form, email_form=email_form or EmailForm(),
                        email=actor().email)  # fmt: skip


@bp.post("/account/confirm")
@allow(SIGNED_IN)
@limit("3 per 10 minutes")
def ask_for_confirmation() -> Response:
    try:
        email_change.ask_for_confirmation(actor=actor())
    except Conflict as error:
        flash(error.message, "info")
    else:
        flash(_("The link is on its way."), "success")
    return go("shop.account")


@bp.route("/change-email/<token>", methods=["GET", "POST"])
@allow(PUBLIC)
@limit("10 per minute")
def change_email(token: str) -> Response:
    """The link of the mail asks once more: programs that open links must not move an account."""
    email = email_change.find_change(token)
    if request.method == "GET" or email is None:
        return page("shop/auth/change_email.html", status=200 if email else 422, email=email)
    try:
        email_change.confirm_change(token, actor=actor())
    except (Invalid, Conflict) as error:
        return page("shop/auth/change_email.html", status=422, email=None, problem=error.message)
    flash(_("Your new address is confirmed. You sign in with it from now on."), "success")
    return go("shop.account") if actor().role is not None else go("shop.sign_in")


# --- where one is signed in ---------------------------------------------------------------------------------------


@bp.get("/account/sessions", endpoint="sessions")
@allow(SIGNED_IN)
def list_sessions() -> Response:
    rows = [shown_session(one) for one in sessions.list_sessions(actor=actor(), this=session_id())]
    return account_page("shop/account/sessions.html", rows=rows)


@bp.post("/account/sessions/<uuid:one_id>/end")
@allow(SIGNED_IN)
def end_one_session(one_id: UUID) -> Response:
    if one_id == session_id():
        raise NotFound(_("This session has ended already."))  # one's own ends by signing out
    sessions.end_one(one_id, actor=actor())
    flash(_("That session has ended."), "success")
    return go("shop.sessions")


@bp.post("/account/sessions/end-others")
@allow(SIGNED_IN)
def end_other_sessions() -> Response:
    sessions.end_others(actor=actor(), this=session_id())
    flash(_("All other sessions have ended."), "success")
    return go("shop.sessions")


@bp.get("/account/preferences")
@allow(SIGNED_IN)
def preferences() -> Response:
    user = people.get_user(actor().id)
    return _preferences_page(PreferencesForm(values=PreferencesDraft.of(user)))


@bp.post("/account/preferences", endpoint="save_preferences")
@allow(SIGNED_IN)
def save_preferences() -> Response:
    form = PreferencesForm(request.form)
    customers.update_preferences(form.checked(), actor=actor())
    flash(_("Your choices are saved."), "success")
    return go("shop.preferences")


@bp.get("/account/data")
@allow(SIGNED_IN)
def export_data() -> Response:
    """Everything that is held on the person, as a file."""
    body = json.dumps(privacy.export_me(actor=actor()), ensure_ascii=False, indent=2)
    response = Response(body, mimetype="application/json")
    response.headers["Content-Disposition"] = "attachment; filename=my-data.json"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/account/delete")
@allow(SIGNED_IN)
@limit("5 per minute")
def delete_account() -> Response:
    form = EraseForm(request.form)
    try:
        privacy.erase_me(form.checked(), actor=actor())
    except (Invalid, Conflict) as error:
        user = people.get_user(actor().id)
        message = error.said
        return _preferences_page(
            PreferencesForm(values=PreferencesDraft.of(user)), status=422, delete_error=message
        )
    end_session()
    flash(_("Your account is deleted. Goodbye."), "success")
    return go("shop.home")


def _preferences_page(form: PreferencesForm, status: int = 200, **context: Any) -> Response:
    history = [{"purpose": one.wording, "granted": one.granted, "when": moment(one.created_at, "short")}
               for one in consents.history_of(people.get_user(actor().id).id, 20)]  # fmt: skip
    return account_page("shop/account/preferences.html", status=status, form=form, history=history, **context)
