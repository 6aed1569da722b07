"""Everything the platform may change of a store, as one form."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from console import bp
from console.frame import page
from forms.platform import StoreForm
from kit.actor import Role
from kit.i18n import _
from services import offers, platform
from services.platform.editing import editable
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.saving import catch_up, save


@bp.route("/platform/stores/<uuid:tenant_id>/edit", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def edit_store(tenant_id: UUID) -> Response:
    there, book = editable(tenant_id, actor=actor()), offers.book()
    name = there.values["name"]
    if request.method == "GET":
        return _show(tenant_id, name, StoreForm.showing(there, book))
    form = StoreForm(request.form).offer_all(there, book)
    version = form.seen_version

    def keep(sent: dict[str, Any]) -> None:
        platform.update_store(tenant_id, sent, actor=actor(), version=version, form=True)

    saved = save(form, keep)
    if saved:
        flash(_("Saved."), "success")
        return go("platform.show_store", tenant_id=tenant_id)
    theirs = StoreForm.showing(editable(tenant_id, actor=actor()), book) if form.is_stale else None
    return _show(tenant_id, name, form, saved.status, catch_up(form, theirs))


def _show(
    tenant_id: UUID, name: str, form: StoreForm, status: int = 200, conflict: Sequence[Any] = ()
) -> Response:
    own = url_for("platform.show_store", tenant_id=tenant_id)
    return page(
        "platform/form.html", status=status, form=form, conflict=conflict, sections=_sections(form),
        heading=_("Edit %(store)s", store=name), general_errors=[] if conflict else form.form_errors,
        trail=[(_("Stores"), url_for("platform.stores")), (name, own), (_("Edit"), None)],
    )  # fmt: skip


def _sections(form: StoreForm) -> list[dict[str, Any]]:
    return [
        {"title": _("Store"), "text": _("With another address the old one no longer answers. A domain that is set "
                                        "here counts as proven."),
         "fields": [form.name, form.slug, form.custom_domain, form.plan, form.addons]},
        {"title": _("For customers"), "fields": [form.contact_email, form.contact_phone]},
        {"title": _("Legal identity"), "text": _("Stands on invoices and packing slips, and in the imprint."),
         "fields": [form.legal_name, form.legal_address, form.country, form.vat_number]},
        {"title": _("Orders"), "text": _("Each new order is told to this address."),
         "fields": [form.notification_email, form.order_number_prefix]},
        {"title": _("Money and taxes"), "text": _("The currency is fixed once there are orders."),
         "fields": [form.currency, form.prices_include_tax, form.cross_border, form.shipping_tax]},
        {"title": _("Time and languages"), "fields": [form.timezone, form.locale, form.languages]},
        {"title": _("Ways to pay"), "text": _("Cards need the store’s connected account."),
         "fields": [form.card, form.bank_transfer, form.bank_instructions, form.cash_on_delivery, form.cash_fee,
                    form.pay_in_shop, form.shop_instructions]},
        {"title": _("Checkout and stock"),
         "fields": [form.guest_checkout, form.stock_reservation_minutes, form.terms_page_id, form.privacy_page_id,
                    form.low_stock_threshold, form.show_stock, form.reviews_require_approval,
                    form.review_request_days]},
        {"title": _("Other sites"), "text": _("One origin a line, like https://example.com."),
         "fields": [form.cors_origins]},
        {"title": _("Maintenance"), "text": _("Customers find a friendly note; colleagues still see the shop."),
         "fields": [form.maintenance_mode]},
    ]  # fmt: skip
