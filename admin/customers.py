"""Who buys: the list by groups, and one person with orders, addresses and choices; merging and forgetting."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.files import csv_file
from admin.frame import page
from admin.wording import PAYMENT, STATUS, address_lines, badge
from forms.customers import CustomerForm, MergeForm
from kit.actor import Role
from kit.errors import Conflict, Invalid
from kit.i18n import _, mark
from kit.ids import parse_id
from models.customers import Segment
from services import addresses, consents, customers, merging, privacy, segments
from services.addresses import AddressDraft
from services.customers import Customer, CustomerDraft
from web.access import allow
from web.auth import actor
from web.filters import ago, day, moment, money, number
from web.htmx import go
from web.lists import Filter, back_to, chips, here, listing, page_arg, page_url, size_arg, text_arg
from web.proof import proved
from web.saving import save
from web.tenant import current_store

SEGMENTS = {"new": mark("New"), "returning": mark("Returning"), "vip": mark("Best customers"),
            "at_risk": mark("Drifting away"), "inactive": mark("Inactive")}  # fmt: skip


SOURCES = {"register": mark("When registering"), "account": mark("In the account"), "api": mark("In an app"),
           "unsubscribe": mark("By the link of a mail"), "mail": mark("By the link of a mail"),
           "staff": mark("By a colleague"), "merge": mark("From a merged account")}  # fmt: skip


@bp.get("/customers", endpoint="customers")
@allow(Role.MANAGER)
def list_customers() -> Response:
    q = text_arg("q")
    groups = {str(one.id): one for one in segments.list_segments()}
    filters = [Filter("segment", _("Kind"), {key: _(label) for key, label in SEGMENTS.items()})]
    if groups:
        filters.append(Filter("group", _("Group"), {ident: one.name for ident, one in groups.items()}))
    saved = groups[filters[1].value] if groups and filters[1].value else None
    found = customers.list_customers(
        search=q, segment=filters[0].value or None, saved=saved, page=page_arg(), page_size=size_arg()
    )
    applied = chips(filters, q)
    sizes = segments.sizes()
    kinds = [{"label": _(label), "count": number(sizes[key]), "url": url_for("admin.customers", segment=key),
              "current": filters[0].value == key} for key, label in SEGMENTS.items()]  # fmt: skip
    return page("admin/customers/index.html", customers=listing(found, _row), q=q, action=url_for("admin.customers"),
                filter_fields=[one.shown() for one in filters], chips=applied, page_url=page_url, kinds=kinds,
                export_url=url_for("admin.export_customers", segment=filters[0].value or None,
                                   group=saved.id if saved else None),
                filtered=bool(applied), clear_url=url_for("admin.customers"))  # fmt: skip


@bp.get("/customers/export")
@allow(Role.ADMIN)
@proved
def export_customers() -> Response:
    """Those of the group that is looked at, or all, as CSV."""
    segment = request.args.get("segment", "")
    pieces = customers.export_customers(
        actor=actor(), segment=segment if segment in SEGMENTS else None, saved=_group()
    )
    return csv_file("customers", pieces)


def _group() -> Segment | None:
    ident = parse_id(request.args.get("group", ""))
    return segments.get_segment(ident) if ident else None


def _row(one: Customer) -> dict[str, Any]:
    user = one.user
    url = url_for("admin.show_customer", customer_id=user.id, back=here(page=request.args.get("page")))
    return {"name": user.name, "email": user.email, "url": url, "orders": number(one.orders_count),
            "spent": money(one.total_spent), "last": ago(one.last_order_at), "consent": user.accepts_marketing,
            "segment": _(SEGMENTS[one.segment])}  # fmt: skip


@bp.route("/customers/<uuid:customer_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def show_customer(customer_id: UUID) -> Response:
    one = customers.open_customer(customer_id, actor=actor())
    languages = current_store().languages
    if request.method == "GET":
        return _customer_page(one, CustomerForm(values=CustomerDraft.of(one.user)).offer(languages))
    form = CustomerForm(request.form).offer(languages)
    saved = save(form, lambda draft: customers.update_customer(customer_id, draft, actor=actor()))
    if not saved:
        return _customer_page(one, form, saved.status)
    flash(_("Saved."), "success")
    return go("admin.show_customer", customer_id=customer_id)


def _customer_page(
    one: Customer, form: CustomerForm, code: int = 200, merge_form: MergeForm | None = None
) -> Response:
    user = one.user
    orders = [{"number": o.order_number, "url": url_for("admin.show_order", order_id=o.id), "when": day(o.placed_at),
               "status": badge(STATUS, o.status), "payment": badge(PAYMENT, o.payment_status),
               "total": money(o.total, o.currency)} for o in customers.latest_orders(user.id)]  # fmt: skip
    facts = [(_("Orders"), number(one.orders_count)), (_("Spent"), money(one.total_spent)),
             (_("On average"), money(one.total_spent // one.orders_count) if one.orders_count else "–"),
             (_("Last order"), day(one.last_order_at) or "–"), (_("Customer since"), day(user.created_at)),
             (_("News by mail"), _("Yes") if user.accepts_marketing else _("No"))]  # fmt: skip
    choices = [{"purpose": one.wording, "granted": one.granted, "when": moment(one.created_at, "short"),
                "source": _(SOURCES[one.source])} for one in consents.history_of(user.id, 20)]  # fmt: skip
    book = [address_lines(AddressDraft.of(address)) for address in addresses.list_of(user.id)]
    shown = {"name": user.name, "email": user.email, "phone": user.phone, "segment": _(SEGMENTS[one.segment]),
             "is_active": user.is_active}  # fmt: skip
    return page("admin/customers/customer.html", status=code, customer=shown, orders=orders, facts=facts,
                addresses=book, choices=choices, form=form, merge_form=merge_form or MergeForm(), customer_id=user.id,
                is_customer=user.role is Role.CUSTOMER, general_errors=form.form_errors,
                trail=[(_("Customers"), back_to("admin.customers")), (user.name, None)])  # fmt: skip


@bp.post("/customers/<uuid:customer_id>/merge")
@allow(Role.ADMIN)
@proved
def merge_customer(customer_id: UUID) -> Response:
    """The other account's orders come here, and the other account is gone."""
    one = customers.open_customer(customer_id, actor=actor())
    form = MergeForm(request.form)
    saved = save(form, lambda draft: merging.merge_customer(customer_id, draft, actor=actor()))
    if not saved:
        own = CustomerForm(values=CustomerDraft.of(one.user)).offer(current_store().languages)
        return _customer_page(one, own, saved.status, form)
    flash(_("The two accounts are one now."), "success")
    return go("admin.show_customer", customer_id=customer_id)


@bp.route("/customers/<uuid:customer_id>/erase", methods=["GET", "POST"])
@allow(Role.ADMIN)
@proved
def erase_customer(customer_id: UUID) -> Response:
    """Asks with the name of the person; then the person is forgotten and the orders stay."""
    one = customers.get_customer(customer_id)
    back = url_for("admin.show_customer", customer_id=customer_id)
    if request.method == "GET":
        text = _("Name, addresses, choices and wishes of %(name)s are erased for good. Orders stay in the books "
                 "without the name.", name=one.user.name)  # fmt: skip
        return page("admin/confirm.html", heading=_("Erase this customer?"), text=text, action=request.path,
                    button=_("Erase"), back=back)  # fmt: skip
    try:
        privacy.erase_customer(customer_id, actor=actor())
    except (Conflict, Invalid) as error:
        flash(error.message, "error")
        return go("admin.show_customer", customer_id=customer_id)
    flash(_("The customer is erased."), "success")
    return go("admin.customers")
