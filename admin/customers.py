"""Who buys: the list, and one person with their orders and addresses."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.lists import Filter, back_to, chips, here, listing, page_arg, page_url, size_arg, text_arg
from admin.saving import save
from admin.wording import PAYMENT, STATUS, address_lines, amount, badge
from forms.customers import CustomerForm
from kit.actor import Role
from kit.i18n import _, mark
from services import addresses, customers
from services.addresses import AddressDraft
from services.customers import Customer, CustomerDraft
from web.access import allow
from web.auth import actor
from web.filters import ago, day, money, number
from web.htmx import go
from web.tenant import current_store

SEGMENTS = {"new": mark("New"), "returning": mark("Returning"), "vip": mark("Best customers"),
            "at_risk": mark("Drifting away"), "inactive": mark("Inactive")}  # fmt: skip


@bp.get("/customers", endpoint="customers")
@allow(Role.MANAGER)
def list_customers() -> Response:
    q = text_arg("q")
    filters = [Filter("segment", _("Kind"), {key: _(label) for key, label in SEGMENTS.items()})]
    found = customers.list_customers(
        search=q, segment=filters[0].value or None, page=page_arg(), page_size=size_arg()
    )
    applied = chips(filters, q)
    return page("admin/customers/index.html", customers=listing(found, _row), q=q, action=url_for("admin.customers"),
                filter_fields=[one.shown() for one in filters], chips=applied, page_url=page_url,
                filtered=bool(applied), clear_url=url_for("admin.customers"))  # fmt: skip


def _row(one: Customer) -> dict[str, Any]:
    user = one.user
    url = url_for("admin.show_customer", customer_id=user.id, back=here(page=request.args.get("page")))
    return {"name": user.name, "email": user.email, "url": url, "orders": number(one.orders_count),
            "spent": money(one.total_spent), "last": ago(one.last_order_at), "consent": user.accepts_marketing,
            "segment": _(SEGMENTS[one.segment])}  # fmt: skip


@bp.route("/customers/<uuid:customer_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def show_customer(customer_id: UUID) -> Response:
    one = customers.get_customer(customer_id)
    languages = current_store().languages
    if request.method == "GET":
        return _customer_page(one, CustomerForm(values=CustomerDraft.of(one.user)).offer(languages))
    form = CustomerForm(request.form).offer(languages)
    saved = save(form, lambda draft: customers.update_customer(customer_id, draft, actor=actor()))
    if not saved:
        return _customer_page(one, form, saved.status)
    flash(_("Saved."), "success")
    return go("admin.show_customer", customer_id=customer_id)


def _customer_page(one: Customer, form: CustomerForm, code: int = 200) -> Response:
    user = one.user
    orders = [{"number": o.order_number, "url": url_for("admin.show_order", order_id=o.id), "when": day(o.placed_at),
               "status": badge(STATUS, o.status), "payment": badge(PAYMENT, o.payment_status),
               "total": amount(o.total, o.currency)} for o in customers.latest_orders(user.id)]  # fmt: skip
    facts = [(_("Orders"), number(one.orders_count)), (_("Spent"), money(one.total_spent)),
             (_("On average"), money(one.total_spent // one.orders_count) if one.orders_count else "–"),
             (_("Last order"), day(one.last_order_at) or "–"), (_("Customer since"), day(user.created_at)),
             (_("News by mail"), _("Yes") if user.accepts_marketing else _("No"))]  # fmt: skip
    book = [address_lines(AddressDraft.of(address)) for address in addresses.list_of(user.id)]
    return page("admin/customers/customer.html", status=code, customer={"name": user.name, "email": user.email,
                "phone": user.phone, "segment": _(SEGMENTS[one.segment]), "is_active": user.is_active},
                orders=orders, facts=facts, addresses=book, form=form, general_errors=form.form_errors,
                trail=[(_("Customers"), back_to("admin.customers")), (user.name, None)])  # fmt: skip
