"""An order that staff put together: every part of the page is a form of its own, and the sums are the server's."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.once import once
from admin.orders import shown
from admin.wording import METHODS, address_lines, options
from forms.base import canonical_number
from forms.catalog import TAX_CLASSES
from forms.orders import DraftPlaceForm
from kit.actor import Role
from kit.drafts import read
from kit.errors import Conflict, Invalid, PlanLimit, ShopError
from kit.i18n import _
from kit.money import to_text
from models.orders import Order, OrderItem, PaymentMethod
from models.taxes import TaxTreatment
from services import checkout, customers, shipping
from services.bills import Bill
from services.catalog import images
from services.orders import draft_sums, drafts, reading, sending_drafts, shelf
from services.orders.draft_lines import NewLineDraft
from services.orders.drafts import BuyerDraft, LinesDraft, PlacesDraft, TermsDraft
from services.orders.sending_drafts import PaidDraft, SendDraft
from web.access import allow
from web.auth import actor
from web.filters import money
from web.htmx import go, go_to
from web.lists import text_arg
from web.tenant import current_store

PEOPLE = 6


@bp.post("/orders/drafts")
@allow(Role.STAFF)
def create_draft() -> Response:
    return go("admin.show_draft", order_id=drafts.create_draft(actor=actor()).id)


@bp.get("/orders/drafts/<uuid:order_id>")
@allow(Role.STAFF)
def show_draft(order_id: UUID) -> Response:
    return _draft_page(order_id)


def _draft_page(order_id: UUID, code: int = 200, *, place: DraftPlaceForm | None = None) -> Response:
    """With `find` things to add are looked for, with `who` people."""
    order = drafts.get_draft(order_id)
    bill = draft_sums.bill_of(order)
    find, who = text_arg("find"), text_arg("who")
    return page(
        "admin/orders/draft.html",
        status=code,
        trail=[(_("Orders"), url_for("admin.orders")), (order.order_number, None)],
        draft=_shown(order),
        remarks=_remarks(order, bill),
        find=find,
        things=[_thing(one) for one in shelf.find_things(find)],
        who=who,
        people=_people(who),
        place=place or _place_form(order),
        place_errors=place.form_errors if place else (),
        place_open=place is not None,
        terms=_terms(order, bill),
        tax_classes=options(TAX_CLASSES),
    )


def _shown(order: Order) -> dict[str, Any]:
    pictures = images.views_of(item.image_key for item in order.items)
    lines = [shown.line(order, item, item.quantity, pictures) | _price(order, item) for item in order.items]
    return {
        "id": order.id, "number": order.order_number, "currency": order.currency, "lines": lines, **shown.sums(order),
        "name": order.customer_name, "email": order.email, "has_account": order.customer_id is not None,
        "address": address_lines(order.shipping_address), "needs_sending": draft_sums.requires_shipping(order),
        "missing": _missing(order), "is_free": order.total == 0, "by_card": order.payment_method is PaymentMethod.CARD,
        "seen": to_text(order.total, order.currency),
    }  # fmt: skip


def _price(order: Order, item: OrderItem) -> dict[str, str]:
    """As it is typed; and what this customer pays of it, where a border makes that another one."""
    entered = draft_sums.entered_price(order, item)
    pays = "" if entered == item.unit_price else money(item.unit_price, order.currency)
    return {"typed": to_text(entered, order.currency),
            "pays": _("%(price)s each for this customer", price=pays) if pays else ""}  # fmt: skip


def _remarks(order: Order, bill: Bill) -> list[str]:
    found = draft_sums.remarks_on(order, bill)
    checks = (
        (found.is_outdated, _("Prices, taxes or offers have changed since. Work it out again before you send it.")),
        (found.code, _("The coupon takes nothing: %(why)s", why=found.code)),
        (found.is_discount_outdone, _("The discount takes nothing: a better offer excludes it.")),
        (found.is_number_in_doubt, _("The VAT number is not confirmed, so VAT is charged.")),
        (order.tax_treatment is TaxTreatment.REVERSE_CHARGE,
         _("Without VAT: the customer’s business accounts for it (reverse charge).")),
        (order.tax_treatment is TaxTreatment.EXPORT, _("Without tax: the country has no tax rule of this store.")),
    )  # fmt: skip
    return [text for holds, text in checks if holds] + list(found.hints)


def _missing(order: Order) -> list[str]:
    """What has to be there before it can be sent."""
    sends = draft_sums.requires_shipping(order)
    checks = (
        (not order.items, _("Put something into the order.")),
        (not order.email, _("Say who buys.")),
        (sends and not order.shipping_address, _("Say where it goes.")),
        (sends and not order.shipping_method, _("Choose how it is sent.")),
    )
    return [text for is_missing, text in checks if is_missing]


def _thing(one: shelf.Thing) -> dict[str, Any]:
    left = _("any number") if one.left is None else _("%(left)s left", left=one.left)
    return {"product_id": one.product_id, "variant_id": one.variant_id or "", "name": one.name,
            "note": " · ".join(filter(None, (one.options, one.sku, left))),
            "price": money(one.price, current_store().currency)}  # fmt: skip


def _people(words: str) -> list[dict[str, Any]]:
    if not words:
        return []
    found = customers.list_customers(search=words, page_size=PEOPLE)
    return [{"id": one.user.id, "name": one.user.name, "email": one.user.email} for one in found.items]


def _place_form(order: Order) -> DraftPlaceForm:
    values = order.shipping_address or order.billing_address or {"country": current_store().country}
    return DraftPlaceForm(values=values).offer(_countries())


def _countries() -> tuple[str, ...]:
    return tuple({*shipping.served_countries(), current_store().country})


def _terms(order: Order, bill: Bill) -> dict[str, Any]:
    discount, sending = draft_sums.discount_of(order), draft_sums.sending_of(order)
    free = sending if sending is not None and sending.method_id is None else None
    ways = [
        {"value": str(one.id), "title": one.name, "end": money(one.price, order.currency),
         "checked": sending is not None and one.id == sending.method_id}
        for one in bill.offered.items
    ]  # fmt: skip
    if draft_sums.requires_shipping(order):
        ways.append(
            {"value": "", "title": _("Another way, priced by hand"), "checked": sending is None or bool(free)}
        )
    methods = [
        method
        for method in checkout.OFFERED
        if method is PaymentMethod.CARD or current_store().offers(method)
    ]
    return {
        "ways": ways,
        "name": free.name if free else "",
        "price": to_text(free.price, order.currency) if free else "",
        "percent": f"{discount.percent / 100:g}" if discount.percent else "",
        "amount": to_text(discount.amount, order.currency) if discount.amount else "",
        "reason": discount.reason,
        "code": draft_sums.code_of(order),
        "methods": [(str(m), _(METHODS[m]), m is order.payment_method) for m in methods],
        "note": order.customer_note,
    }


# --- each form ------------------------------------------------------------------------------------------------------


def _told(order_id: UUID, act: Any, **state: Any) -> Response:
    """Do it and show the draft again; a refusal is said there, and nothing has changed."""
    drafts.get_draft(order_id)
    try:
        act()
    except (Invalid, Conflict) as error:
        flash(error.said, "error")
    return go("admin.show_draft", order_id=order_id, **{k: v for k, v in state.items() if v})


def _filled(*names: str) -> dict[str, str]:
    """What was typed into these fields; an empty one was not."""
    return {name: value for name in names if (value := request.form.get(name, "").strip())}


@bp.post("/orders/drafts/<uuid:order_id>/lines")
@allow(Role.STAFF)
def add_draft_line(order_id: UUID) -> Response:
    sent = _filled("product_id", "variant_id", "name", "unit_price", "quantity", "tax_class")
    if "unit_price" in sent:
        sent["unit_price"] = canonical_number(sent["unit_price"])
    sent["requires_shipping"] = request.form.get("requires_shipping", "1" if "product_id" in sent else "")
    return _told(order_id, lambda: drafts.add_line(order_id, read(NewLineDraft, sent, form=True), actor=actor()),
                 find=request.form.get("find", ""))  # fmt: skip


@bp.post("/orders/drafts/<uuid:order_id>/change")
@allow(Role.STAFF)
def change_draft_lines(order_id: UUID) -> Response:
    """Quantities and prices of all lines; the button of one line takes it away."""
    order, gone = drafts.get_draft(order_id), request.form.get("remove", "")
    items = [
        {"id": str(item.id), "quantity": "0" if str(item.id) == gone else request.form.get(f"quantity-{item.id}", ""),
         "unit_price": canonical_number(request.form.get(f"price-{item.id}", ""))}
        for item in order.items if f"quantity-{item.id}" in request.form
    ]  # fmt: skip
    return _told(
        order_id,
        lambda: drafts.change_lines(order_id, read(LinesDraft, {"items": items}, form=True), actor=actor()),
    )


@bp.post("/orders/drafts/<uuid:order_id>/buyer")
@allow(Role.STAFF)
def set_draft_buyer(order_id: UUID) -> Response:
    sent = _filled("customer_id", "email", "name")
    return _told(
        order_id, lambda: drafts.set_buyer(order_id, read(BuyerDraft, sent, form=True), actor=actor())
    )


@bp.post("/orders/drafts/<uuid:order_id>/place")
@allow(Role.STAFF)
def set_draft_place(order_id: UUID) -> Response:
    drafts.get_draft(order_id)
    form = DraftPlaceForm(request.form).offer(_countries())
    try:
        drafts.set_places(order_id, PlacesDraft(shipping=form.checked()), actor=actor())
    except Invalid as error:
        return _draft_page(order_id, 422, place=form.absorb(error))
    return go("admin.show_draft", order_id=order_id)


@bp.post("/orders/drafts/<uuid:order_id>/terms")
@allow(Role.STAFF)
def set_draft_terms(order_id: UUID) -> Response:
    def act() -> None:
        sent: dict[str, Any] = _filled(
            "shipping_method_id", "payment_method", "discount_reason", "coupon_code", "note"
        )
        for name in ("discount_amount", "shipping_price"):
            sent |= {key: canonical_number(value) for key, value in _filled(name).items()}
        if "shipping_method_id" in sent:
            sent.pop("shipping_price", None)
        elif "shipping_price" in sent:
            sent |= _filled("shipping_name")
        if percent := _filled("discount_percent").get("discount_percent"):
            sent["discount_percent"] = _hundredths(percent)
        drafts.set_terms(order_id, read(TermsDraft, sent, form=True), actor=actor())

    return _told(order_id, act)


def _hundredths(text: str) -> str:
    """`12,5` → `1250`; what is no percentage is left for the draft to refuse."""
    whole, _point, part = canonical_number(text).partition(".")
    is_number = whole.isdecimal() and (part.isdecimal() or not part) and len(part) <= 2
    return f"{whole}{part:0<2}" if is_number else text


@bp.post("/orders/drafts/<uuid:order_id>/send")
@allow(Role.STAFF)
def send_draft(order_id: UUID) -> Response:
    """It becomes an order that waits for its money. Twice sent is once."""

    def act() -> Response:
        sent = {"days": request.form.get("days", "7"), "notify": request.form.get("notify", ""),
                **_filled("expected_total")}  # fmt: skip
        order = sending_drafts.send_draft(order_id, read(SendDraft, sent, form=True), actor=actor())
        flash(_("The draft has become order %(number)s.", number=order.order_number), "success")
        return go("admin.show_order", order_id=order_id)

    return _become(order_id, act)


@bp.post("/orders/drafts/<uuid:order_id>/paid")
@allow(Role.MANAGER)
def pay_draft(order_id: UUID) -> Response:
    def act() -> Response:
        sent = {
            "payment_method": request.form.get("payment_method", "pay_in_shop"),
            **_filled("expected_total"),
        }
        order = sending_drafts.pay_draft(order_id, read(PaidDraft, sent, form=True), actor=actor())
        flash(_("Order %(number)s is paid and confirmed.", number=order.order_number), "success")
        return go("admin.show_order", order_id=order_id)

    return _become(order_id, act)


def _become(order_id: UUID, act: Any) -> Response:
    reading.get_order(order_id)
    try:
        return once(str(order_id), act)
    except ShopError as error:
        if error.code == "not-a-draft":
            return go("admin.show_order", order_id=order_id)
        if not isinstance(error, Invalid | Conflict | PlanLimit):
            raise
        flash(error.said, "error")
        return go("admin.show_draft", order_id=order_id)


@bp.get("/orders/drafts/<uuid:order_id>/delete")
@allow(Role.STAFF)
def ask_delete_draft(order_id: UUID) -> Response:
    """The question of the dialog, as a page."""
    order = drafts.get_draft(order_id)
    return page("admin/confirm.html", heading=_("Delete draft %(number)s?", number=order.order_number),
                text=_("It is gone for good. Nothing was sold by it."), button=_("Delete the draft"),
                action=url_for("admin.delete_draft", order_id=order_id),
                back=url_for("admin.show_draft", order_id=order_id))  # fmt: skip


@bp.post("/orders/drafts/<uuid:order_id>/delete")
@allow(Role.STAFF)
def delete_draft(order_id: UUID) -> Response:
    drafts.get_draft(order_id)
    try:
        drafts.delete_draft(order_id, actor=actor())
    except Conflict as error:
        flash(error.message, "error")
        return go("admin.show_order", order_id=order_id)
    flash(_("The draft is deleted."), "success")
    return go_to(url_for("admin.orders", view="drafts"))
