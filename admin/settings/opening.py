"""Open or closed: maintenance with a password for visitors, and the notice for holidays."""

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.opening import OpeningForm
from kit.actor import Role
from kit.i18n import _
from services import opening, tenants
from services.opening import OpeningDraft
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.saving import Saved, catch_up, save


@bp.route("/settings/opening", methods=["GET", "POST"], endpoint="opening_settings")
@allow(Role.ADMIN)
def open_or_closed() -> Response:
    if request.method == "GET":
        return _page(_fresh())
    form = OpeningForm(request.form)
    version = form.seen_version
    saved = save(form, lambda draft: opening.update_opening(draft, actor=actor(), version=version))
    if not saved:
        return _page(form, saved)
    flash(_("Saved."), "success")
    return go("admin.opening_settings")


def _fresh() -> OpeningForm:
    tenant = tenants.row()
    return OpeningForm(values={**OpeningDraft.of(tenant), "version": tenant.version})


def _page(form: OpeningForm, saved: Saved | None = None) -> Response:
    conflict = catch_up(form, _fresh()) if form.is_stale else []
    has_password = opening.has_password()
    form.maintenance_password.description = (
        _("There is one. Leave it empty to keep it; a new one locks out who had the old.")
        if has_password
        else _("Who has it sees the shop as if it were open, for a day.")
    )
    form.holiday_notice.description = _("Stands above every page, like: we are away until the 20th.")
    password = [form.maintenance_password, *([form.drop_password] if has_password else [])]
    return page(
        "admin/settings/form.html",
        status=saved.status if saved is not None else 200,
        form=form,
        heading=_("Open or closed"),
        conflict=conflict,
        general_errors=[] if conflict else form.form_errors,
        delete=None,
        trail=[(_("Settings"), url_for("admin.settings")), (_("Open or closed"), None)],
        sections=[
            {"title": _("Maintenance"),
             "text": _("Customers find a friendly note; colleagues still see the shop."),
             "fields": [form.maintenance_mode, *password]},
            {"title": _("Holidays"), "text": _("Without days it is shown until you empty it."),
             "fields": [form.holiday_notice, form.holiday_from, form.holiday_until]},
        ],
    )  # fmt: skip
