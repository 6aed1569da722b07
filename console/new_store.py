"""A new store in a minute: its name, its country and who runs it; the rest is as usual there."""

from flask import Response, flash, request, url_for

from console import bp
from console.frame import page
from forms.platform import ProvisionForm
from kit.actor import Role
from kit.i18n import _
from services import offers, platform, tenants
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.saving import save


@bp.route("/platform/stores/new", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def new_store() -> Response:
    book = offers.book()
    if request.method == "GET":
        return _show(ProvisionForm(values={"country": "PT", "plan": offers.DEFAULT}).offer(book))
    form = ProvisionForm(request.form).offer(book)
    saved = save(form, lambda draft: platform.provision(draft, actor=actor()))
    if not saved:
        return _show(form, saved.status)
    flash(_("%(store)s is open.", store=saved.thing.name), "success")
    return go("platform.show_store", tenant_id=saved.thing.id)


def _show(form: ProvisionForm, status: int = 200) -> Response:
    return page(
        "platform/stores/new.html", status=status, form=form, general_errors=form.form_errors,
        heading=_("New store"), trail=[(_("Stores"), url_for("platform.stores")), (_("New store"), None)],
        save_label=_("Open the store"),
        sections=[
            {"title": _("Store"), "text": _("It answers at its address at once. Left empty, the address is made from "
                                            "the name."), "fields": [form.name, form.slug, form.country, form.plan]},
            {"title": _("Who runs it"), "text": _("Without a password the person gets a mail with a link to choose "
                                                  "one."),
             "fields": [form.email, form.first_name, form.last_name, form.password]},
            {"title": _("Otherwise as usual"), "text": _("Language, currency, time zone, taxes and delivery are the "
                                                         "country’s own unless you say otherwise."),
             "fields": [form.locale, form.currency, form.demo_content]},
        ],
        domain=tenants.platform_domain(),
    )  # fmt: skip
