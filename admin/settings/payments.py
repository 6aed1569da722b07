"""How customers pay; connecting the store's Stripe account."""

from flask import Response, flash, url_for

from admin import bp
from admin.payments.overview import account_state
from admin.settings.store import settings_page
from forms.settings import PaymentForm
from kit.actor import Role
from kit.errors import ShopError
from kit.i18n import _
from services.payments import connect
from services.payments.connect import OnboardingDraft
from services.reports import setup
from web.access import allow
from web.auth import actor
from web.htmx import go, go_to
from web.proof import proved


@bp.route("/settings/payments", methods=["GET", "POST"])
@allow(Role.ADMIN)
@proved
def payment_settings() -> Response:
    return settings_page(
        PaymentForm,
        _("Payment"),
        lambda form: [
            {
                "title": _("Bank transfer"),
                "text": _("The order waits until you mark it as paid."),
                "fields": [form.bank_transfer, form.bank_instructions],
            },
            {
                "title": _("Cash on delivery"),
                "text": _("The customer pays the courier; the fee is added to the delivery cost."),
                "fields": [form.cash_on_delivery, form.cash_fee],
            },
            {
                "title": _("Pay in the shop"),
                "text": _("For what is collected."),
                "fields": [form.pay_in_shop, form.shop_instructions],
            },
        ],
        template="admin/settings/payments.html",
        stripe={**account_state(connect.find_account()), "troubles": setup.troubles()},
    )


@bp.post("/settings/payments/connect")
@allow(Role.ADMIN)
@proved
def connect_stripe() -> Response:
    """To Stripe's own form, and back."""
    wanted = OnboardingDraft(return_url=url_for("admin.stripe_connected", _external=True),
                             refresh_url=url_for("admin.payment_settings", _external=True))  # fmt: skip
    try:
        link = connect.start_onboarding(wanted, actor=actor())
    except ShopError as error:
        flash(error.message, "error")
        return go("admin.payment_settings")
    return go_to(link.url)


@bp.get("/settings/payments/connected")
@allow(Role.ADMIN)
def stripe_connected() -> Response:
    """Where Stripe sends the browser afterwards: what the account may do is asked, not believed."""
    return _look_again()


@bp.post("/settings/payments/refresh")
@allow(Role.ADMIN)
def refresh_stripe() -> Response:
    return _look_again()


def _look_again() -> Response:
    status = connect.get_status()
    if status.charges_enabled:
        flash(_("Stripe is connected: cards can be switched on."), "success")
    else:
        flash(
            _("Stripe still needs something before it takes payments. See what is missing below."), "warning"
        )
    return go("admin.payment_settings")
