"""One store as the platform sees it: its numbers and people, and what can be done about it."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from console import bp
from console.frame import page
from console.wording import health, host_of, state
from forms.platform import DeleteForm, SuspendForm
from kit import clock
from kit.actor import Role
from kit.countries import country_name
from kit.errors import Conflict
from kit.i18n import LANGUAGES, _
from models.accounts import User
from models.tenants import TenantStatus
from services import offers, plans, platform
from services.offers import Book
from services.platform import StoreView
from services.platform.closing import delete_named, latest_entries
from services.platform.condition import dead_letters_of
from services.platform.stores import RESTORE_FOR
from web.access import allow
from web.auth import actor
from web.filters import ago, day, moment, number
from web.htmx import go
from web.lists import back_to, listing, page_arg, page_url
from web.logged import shown as logged
from web.people import ROLE_NAMES
from web.plan_words import addon_names, meter, money, plan_name
from web.saving import save


@bp.get("/platform/stores/<uuid:tenant_id>")
@allow(Role.SYSADMIN)
def show_store(tenant_id: UUID) -> Response:
    view, book = platform.get_store(tenant_id), offers.book()
    dead = dead_letters_of([tenant_id]).get(tenant_id, 0)
    return page(
        "platform/stores/store.html", store_id=tenant_id, name=view.tenant.name, host=host_of(view),
        state=state(view.tenant.status), mode=str(view.tenant.status), health=health(view, dead, book),
        suspended_reason=view.tenant.suspended_reason, facts=_facts(view, book), stats=_stats(view),
        meters=[meter(one) for one in plans.meters(view.limits, view.usage)], domain=_domain(view),
        restore_until=_restore_until(view), page_url=page_url,
        users=listing(platform.list_users(tenant_id, page=page_arg()), _user),
        log=[logged(entry) for entry in latest_entries(tenant_id)],
        trail=[(_("Stores"), back_to("platform.stores")), (view.tenant.name, None)],
    )  # fmt: skip


def _facts(view: StoreView, book: Book) -> list[tuple[str, str]]:
    tenant = view.tenant
    return [
        (_("Plan"), plan_name(tenant.plan, book)), (_("Addons"), ", ".join(addon_names(tenant.addons, book)) or "–"),
        (_("A month"), money(book.monthly_price(tenant.plan, tenant.addons))),
        (_("Country"), country_name(tenant.country)), (_("Currency"), tenant.currency),
        (_("Language"), LANGUAGES.get(tenant.locale, tenant.locale)), (_("Time zone"), tenant.timezone),
        (_("E-mail"), tenant.contact_email or "–"), (_("Phone"), tenant.contact_phone or "–"),
        (_("Legal name"), tenant.legal_name or "–"), (_("VAT number"), tenant.vat_number or "–"),
        (_("Opened"), day(tenant.created_at)),
    ]  # fmt: skip


def _stats(view: StoreView) -> list[dict[str, Any]]:
    stats, currency = view.stats, view.tenant.currency
    return [
        {"label": _("Revenue"), "value": money(stats.revenue, currency)},
        {"label": _("Orders"), "value": number(stats.orders),
         "note": _("last one %(when)s", when=ago(stats.last_order_at)) if stats.last_order_at else None},
        {"label": _("Products"), "value": number(stats.products)},
        {"label": _("Customers"), "value": number(stats.customers)},
        {"label": _("Colleagues"), "value": number(stats.users - stats.customers)},
    ]  # fmt: skip


def _domain(view: StoreView) -> dict[str, Any] | None:
    own = view.domain
    return {"host": own.host, "is_proven": own.verified_at is not None} if own else None


def _restore_until(view: StoreView) -> str:
    """The last day; nothing once it has passed."""
    gone = view.tenant.deleted_at
    until = gone + RESTORE_FOR if view.tenant.status is TenantStatus.DELETED and gone else None
    return day(until) if until and until > clock.now() else ""


def _user(user: User) -> dict[str, Any]:
    return {"name": user.name, "email": user.email, "role": _(ROLE_NAMES[user.role]), "is_active": user.is_active,
            "is_colleague": user.role is not Role.CUSTOMER, "has_second_factor": user.two_factor_since is not None,
            "last": ago(user.last_login_at) or "–", "since": moment(user.created_at, "short")}  # fmt: skip


@bp.route("/platform/stores/<uuid:tenant_id>/suspend", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def suspend_store(tenant_id: UUID) -> Response:
    view = platform.get_store(tenant_id)
    form = SuspendForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _ask_to_suspend(view, form)
    saved = save(form, lambda draft: platform.suspend(tenant_id, draft, actor=actor()))
    if not saved:
        return _ask_to_suspend(view, form, saved.status)
    flash(
        _("%(store)s is suspended: shoppers find it closed, its people may read.", store=view.tenant.name),
        "success",
    )
    return go("platform.show_store", tenant_id=tenant_id)


def _ask_to_suspend(view: StoreView, form: SuspendForm, status: int = 200) -> Response:
    name = view.tenant.name
    return page(
        "platform/stores/act.html", status=status, form=form, fields=[form.reason], button=_("Suspend"),
        heading=_("Suspend %(store)s?", store=name), back=url_for("platform.show_store", tenant_id=view.tenant.id),
        text=_("The shop closes at once; no order comes in any more. Whoever works there may still sign in and read. "
               "The reason is shown to them."),
        trail=_trail(view, _("Suspend")),
    )  # fmt: skip


@bp.post("/platform/stores/<uuid:tenant_id>/activate")
@allow(Role.SYSADMIN)
def activate_store(tenant_id: UUID) -> Response:
    """Opens a suspended store, and brings a deleted one back."""
    try:
        platform.activate(tenant_id, actor=actor())
    except Conflict as error:
        flash(error.message, "error")
    else:
        flash(_("The store is open again."), "success")
    return go("platform.show_store", tenant_id=tenant_id)


@bp.route("/platform/stores/<uuid:tenant_id>/delete", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def delete_store(tenant_id: UUID) -> Response:
    view = platform.get_store(tenant_id)
    form = DeleteForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _ask_to_delete(view, form)
    saved = save(form, lambda draft: delete_named(tenant_id, draft, actor=actor()))
    if not saved:
        return _ask_to_delete(view, form, saved.status)
    flash(_("%(store)s is deleted. It can be restored for 30 days.", store=view.tenant.name), "success")
    return go("platform.show_store", tenant_id=tenant_id)


def _ask_to_delete(view: StoreView, form: DeleteForm, status: int = 200) -> Response:
    name = view.tenant.name
    return page(
        "platform/stores/act.html", status=status, form=form, fields=[form.name], button=_("Delete"),
        heading=_("Delete %(store)s?", store=name), back=url_for("platform.show_store", tenant_id=view.tenant.id),
        text=_("The shop and its back office answer nowhere any more, and its domain is given up. Within 30 days it "
               "can be restored; its books stay. Type the name of the store to go on: %(name)s", name=name),
        trail=_trail(view, _("Delete")),
    )  # fmt: skip


def _trail(view: StoreView, here: str) -> list[tuple[str, str | None]]:
    own = url_for("platform.show_store", tenant_id=view.tenant.id)
    return [(_("Stores"), url_for("platform.stores")), (view.tenant.name, own), (here, None)]
