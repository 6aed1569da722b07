"""The sections of the first page: chosen, put in order and filled, with the shop beside them as it would be."""

from flask import Response, flash, make_response, request, url_for

from admin import bp
from admin.frame import page
from forms.base import version_in
from forms.home_page import HomeForm, keys_of
from kit.actor import Role
from kit.errors import Conflict, Invalid, ShopError
from kit.i18n import _
from services import home_sections, looks, tenants
from services.home_sections import HomeDraft
from web.access import allow
from web.apart import begin_trying, show_frame
from web.auth import actor
from web.htmx import go


@bp.route("/settings/appearance/home", methods=["GET", "POST"], endpoint="home_page")
@allow(Role.ADMIN)
def edit_home() -> Response:
    """What is tried on comes first: who moves sections works on that, and saves it for everybody in the end."""
    if request.method == "GET":
        return _page(_worked_on())
    act = request.form.get("act", "save")
    if act == "plain":
        home_sections.set_sections(HomeDraft(), actor=actor())
        flash(_("The first page is as the theme has it."), "success")
        return go("admin.home_page")
    try:
        form = HomeForm.sent(request.form, {} if act == "keep" else _pictures())
    except ShopError as error:  # a picture that is none
        flash(error.said, "error")
        return go("admin.home_page")
    is_arranging = form.act(act)
    try:
        return _done(form.draft(), act, is_arranging)
    except Invalid as refusal:
        return make_response(refusal.said, 422) if act == "keep" else _page(form, 422)
    except Conflict as refusal:
        form.form_errors.append(refusal.message)
        return _page(form, 409)


def _done(draft: HomeDraft, act: str, is_arranging: bool) -> Response:
    if act == "keep":  # the page's script: what is typed is shown beside it
        looks.try_sections(draft)
        return make_response("", 204)
    if is_arranging:
        looks.try_sections(draft)
        return go("admin.home_page")
    if act == "preview":
        looks.try_sections(draft)
        begin_trying()
        return go("shop.home")
    home_sections.set_sections(draft, actor=actor(), version=version_in(request.form.get("version")))
    flash(_("Saved."), "success")
    return go("admin.home_page")


def _pictures() -> dict[str, str]:
    """Those that were sent along, kept already; the sections name them."""
    files = ((key, request.files.get(f"{key}-file")) for key in keys_of(request.form))
    return {
        key: home_sections.keep_picture(file.read(home_sections.PICTURE_MAX + 1))
        for key, file in files
        if file is not None and file.filename
    }


def _worked_on() -> HomeForm:
    store = looks.dressed(tenants.current(), looks.draft())
    return HomeForm([dict(one) for one in home_sections.sections_of(store.home_sections, store.theme)])


def _page(form: HomeForm, status: int = 200) -> Response:
    show_frame()
    tenant = tenants.row()
    return page(
        "admin/settings/home_page.html",
        status=status,
        form=form,
        rows=form.rows(),
        addable=[(kind, _(home_sections.KINDS[kind].name)) for kind in home_sections.may_be_added(form.sections)],
        is_draft="home_sections" in tenant.draft_look,
        is_own=bool(tenant.home_sections),
        version=tenant.version,
        trail=[(_("Settings"), url_for("admin.settings")), (_("Appearance"), url_for("admin.appearance")),
               (_("First page"), None)],
    )  # fmt: skip
