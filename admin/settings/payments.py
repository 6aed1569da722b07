"""How customers pay; connecting the store's Stripe account."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, url_for

from admin import bp
from admin.settings.store import settings_page
from admin.wording import amount
from forms.settings import PaymentForm
from kit.actor import Role
from kit.errors import NotFound, ShopError
from kit.i18n import _
from models.payments import OrphanPayment
from services.payments import connect, orphans
from services.payments.connect import OnboardingDraft
from services.reports import setup
from web.access import allow
from web.auth import actor
from web.filters import moment
from web.htmx import go, go_to


@bp.route("/settings/payments", methods=["GET", "POST"])
@allow(Role.ADMIN)
def payment_settings() -> Response:
    account = connect.find_account()
    state = {"connected": account is not None, "ready": connect.is_ready(),
             "account_id": account.account_id if account else "", "payouts": bool(account and account.payouts_enabled),
             "missing": list(account.requirements or ()) if account else [], "troubles": setup.troubles()}  # fmt: skip
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
        stripe=state,
        unexpected=[_orphan(one) for one in orphans.list_orphans(page_size=50).items],
    )


def _orphan(one: OrphanPayment) -> dict[str, object]:
    order = url_for("admin.show_order", order_id=one.order_id) if one.order_id else ""
    return {"id": one.id, "amount": amount(one.amount, one.currency), "charge": one.charge_id, "why": one.why,
            "when": moment(one.created_at, "short"), "order_url": order}  # fmt: skip


@bp.post("/settings/payments/unexpected/<uuid:orphan_id>/refund")
@allow(Role.ADMIN)
def refund_orphan(orphan_id: UUID) -> Response:
    return _settled(
        lambda: orphans.give_back(orphan_id, actor=actor()), _("The payment goes back to who paid it.")
    )


@bp.post("/settings/payments/unexpected/<uuid:orphan_id>/accept")
@allow(Role.ADMIN)
def accept_orphan(orphan_id: UUID) -> Response:
    return _settled(lambda: orphans.accept(orphan_id, actor=actor()), _("The payment is kept."))


def _settled(act: Callable[[], object], done: str) -> Response:
    try:
        act()
    except NotFound:
        raise
    except ShopError as error:
        flash(error.message, "error")
    else:
        flash(done, "success")
    return go("admin.payment_settings")


@bp.post("/settings/payments/connect")
@allow(Role.ADMIN)
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
