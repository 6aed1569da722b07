"""The shopper's own rooms: overview, details, password, choices. Addresses and orders have rooms of their own."""

import json
from typing import Any

from flask import Response, flash, g, request, url_for

from forms.accounts import ChangePasswordForm
from forms.customers import EraseForm, PreferencesForm, ProfileForm
from kit.errors import Conflict, Invalid
from kit.i18n import _
from services import customers, privacy
from services.accounts import passwords, people
from services.customers import PreferencesDraft, ProfileDraft
from shop import bp
from shop.frame import page
from web.access import SIGNED_IN, allow
from web.auth import actor, end_session, start_session
from web.htmx import go
from web.limits import limit


def account_page(template: str, status: int = 200, **context: Any) -> Response:
    return page(template, status=status, account_nav=_nav(), **context)


def _nav() -> list[dict[str, Any]]:
    rooms = (
        ("shop.account", _("Overview"), "user"),
        ("shop.account_orders", _("Orders"), "box"),
        ("shop.addresses", _("Addresses"), "pin"),
        ("shop.account_details", _("Your details"), "edit"),
        ("shop.preferences", _("Messages and data"), "bell"),
    )
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


def _details_page(form: ProfileForm, password_form: ChangePasswordForm, status: int = 200) -> Response:
    languages = g.store.languages or (g.store.locale,)
    return account_page("shop/account/details.html", status=status, form=form.offer(languages),
                        password_form=password_form, email=actor().email)  # fmt: skip


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
        message = error.errors[0].message if error.errors else error.message
        return _preferences_page(
            PreferencesForm(values=PreferencesDraft.of(user)), status=422, delete_error=message
        )
    end_session()
    flash(_("Your account is deleted. Goodbye."), "success")
    return go("shop.home")


def _preferences_page(form: PreferencesForm, status: int = 200, **context: Any) -> Response:
    return account_page("shop/account/preferences.html", status=status, form=form, **context)
