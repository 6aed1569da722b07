"""Settings that are one form: the shop's identity, its place and money, its checkout."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.settings import CheckoutForm, IdentityForm, PlaceForm, SettingsForm
from kit.actor import Role
from kit.i18n import _
from services import pages, tenants
from services.platform import stores
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.saving import catch_up, save

Sections = Callable[[Any], Sequence[dict[str, Any]]]


def settings_page(kind: type[SettingsForm], heading: str, sections: Sections, *,
                  offer: Callable[[Any], Any] = lambda form: form, template: str = "admin/settings/form.html",
                  **more: Any) -> Response:  # fmt: skip
    """Show the form, or save what was sent of it; the fields of other pages stay as they are."""
    tenant = tenants.row()
    if request.method == "GET":
        return _show(offer(kind.of(tenant)), heading, sections, template, 200, **more)
    form = offer(kind(request.form).offer())
    version = form.seen_version
    saved = save(
        form,
        lambda draft: stores.update_current(draft, actor=actor(), version=version),
        **form.unshown(tenant),
    )
    if saved:
        flash(_("Saved."), "success")
        return go(request.endpoint or "admin.settings")
    conflict = catch_up(form, offer(kind.of(tenants.row()))) if form.is_stale else []
    return _show(form, heading, sections, template, saved.status, conflict=conflict, **more)


def _show(form: Any, heading: str, sections: Sections, template: str, code: int, conflict: Sequence[Any] = (),
          **more: Any) -> Response:  # fmt: skip
    return page(template, status=code, form=form, heading=heading, sections=sections(form), conflict=conflict,
                general_errors=[] if conflict else form.form_errors, delete=None,
                trail=[(_("Settings"), url_for("admin.settings")), (heading, None)], **more)  # fmt: skip


@bp.route("/settings/store", methods=["GET", "POST"])
@allow(Role.ADMIN)
def store_settings() -> Response:
    return settings_page(
        IdentityForm,
        _("Shop"),
        lambda form: [
            {
                "title": _("Shop"),
                "text": _("Customers see this."),
                "fields": [form.name, form.contact_email, form.contact_phone],
            },
            {
                "title": _("Legal identity"),
                "text": _("Stands on invoices and packing slips, and in the imprint."),
                "fields": [form.legal_name, form.legal_address, form.country, form.vat_number],
            },
            {
                "title": _("Orders"),
                "text": _("Each new order is told to this address."),
                "fields": [form.notification_email, form.order_number_prefix],
            },
        ],
    )


@bp.route("/settings/place", methods=["GET", "POST"])
@allow(Role.ADMIN)
def place_settings() -> Response:
    return settings_page(
        PlaceForm,
        _("Money, time and languages"),
        lambda form: [
            {
                "title": _("Money"),
                "text": _(
                    "The currency is fixed once there are orders. Orders that were placed keep the prices they were "
                    "placed with."
                ),
                "fields": [form.currency, form.prices_include_tax],
            },
            {
                "title": _("Taxes"),
                "text": _(
                    "Where another country's rate applies. What leaves the EU, and businesses elsewhere in the EU with "
                    "a valid VAT number, pay none."
                ),
                "fields": [form.cross_border, form.shipping_tax],
            },
            {
                "title": _("Time"),
                "text": _("When a day begins, for reports, sales and deadlines."),
                "fields": [form.timezone],
            },
            {
                "title": _("Languages"),
                "text": _("Of the shop. The back office speaks the language you choose in your menu."),
                "fields": [form.locale, form.languages],
            },
        ],
    )


@bp.route("/settings/checkout", methods=["GET", "POST"])
@allow(Role.ADMIN)
def checkout_settings() -> Response:
    found = pages.list_pages(page_size=100, actor=actor()).items
    return settings_page(
        CheckoutForm,
        _("Checkout and stock"),
        lambda form: [
            {"title": _("Checkout"), "fields": [form.guest_checkout, form.stock_reservation_minutes]},
            {
                "title": _("Legal pages"),
                "text": _("With a page of terms, customers have to accept it before they pay."),
                "fields": [form.terms_page_id, form.privacy_page_id],
            },
            {"title": _("Stock"), "fields": [form.low_stock_threshold, form.show_stock]},
            {
                "title": _("Reviews"),
                "text": _(
                    "Only customers who want such a reminder get it, once for each order. 0 switches it off."
                ),
                "fields": [form.reviews_require_approval, form.review_request_days],
            },
        ],
        offer=lambda form: form.offer_pages(found),
    )
