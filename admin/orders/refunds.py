"""Giving money back: all of it, chosen things, or an amount. The server counts; the button says what it will give."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request

from admin import bp
from admin.frame import page
from admin.once import once
from admin.orders import shown
from forms.base import canonical_number
from kit.actor import Role
from kit.drafts import read
from kit.errors import Conflict, Invalid
from kit.i18n import _, mark
from kit.ids import uuid7
from models.orders import Order
from models.payments import RefundStatus
from services.catalog import images
from services.orders import derived, reading
from services.payments import refunds
from services.payments.amounts import RefundDraft, Sum
from web.access import allow
from web.auth import actor
from web.filters import money
from web.htmx import go, wants_fragment

MODES = {"all": mark("All that is left"), "items": mark("Chosen things"), "amount": mark("An amount")}
PREFIX, SCRAP = "quantity-", "scrap-"


def offer(order: Order, sent: Any = None, *, error: str = "", key: str = "") -> dict[str, Any]:
    """The refund form: what can be given back, what was typed, and what that comes to."""
    sent = sent or {}
    mode = sent.get("mode", "all") if sent.get("mode", "all") in MODES else "all"
    left = refunds.refundable(order)
    pictures = images.views_of(item.image_key for item in order.items)
    shipping = derived.shipping_paid(order)
    lines = [
        {**shown.line(order, item, item.quantity, pictures), "left": item.quantity - item.refunded_quantity,
         "value": sent.get(f"{PREFIX}{item.id}", "0"), "scrap": sent.get(f"{SCRAP}{item.id}") == "1",
         "unit_total": money(derived.paid_for(order, item) // item.quantity, order.currency)}
        for item in order.items if item.quantity > item.refunded_quantity
    ]  # fmt: skip
    return {
        "modes": [
            {
                "value": value,
                "title": _(label),
                "checked": value == mode,
                "end": money(left, order.currency) if value == "all" else "",
            }
            for value, label in MODES.items()
        ],
        "mode": mode,
        "lines": lines,
        "shipping": money(shipping, order.currency) if shipping else "",
        "with_shipping": sent.get("shipping") == "1",
        "shipping_amount": sent.get("shipping_amount", ""),
        "adjustment": sent.get("adjustment", ""),
        "amount": sent.get("amount", ""),
        "reason": sent.get("reason", ""),
        "restock": not sent or sent.get("restock") == "1",
        "left": left,
        "idempotency_key": key or str(uuid7()),
        "sum": count(order, sent, error=error),
    }


def count(order: Order, sent: Any, *, error: str = "") -> dict[str, Any]:
    """What the form comes to now, in words for the button; or why it can't be counted."""
    left, all_paid = refunds.refundable(order), order.captured_total
    found = Sum(0, 0)
    try:
        found = refunds.preview(order, draft_of(sent or {"mode": "all"}))
        if found.amount > left:
            error = error or _("That is more than can be refunded.")
    except Invalid as problem:
        error = error or problem.said
    text = {"left": money(left, order.currency), "paid": money(all_paid, order.currency)}
    return {
        "amount": money(found.amount, order.currency), "minor": found.amount, "is_zero": found.amount <= 0,
        "known": True, "error": error, "left": _("%(left)s of %(paid)s left to refund", **text),
        "tax": _("%(amount)s of it is tax", amount=money(found.tax, order.currency)) if found.tax else "",
    }  # fmt: skip


def draft_of(sent: Any) -> RefundDraft:
    """What the form means, by its mode."""
    wanted: dict[str, Any] = {"reason": sent.get("reason", ""), "restock": sent.get("restock", "1") == "1"}
    mode = sent.get("mode", "all")
    if mode == "amount":
        wanted["amount"] = canonical_number(sent.get("amount", "")) or None
        if wanted["amount"] is None:
            raise Invalid.field("amount", "required", _("Enter the amount."))
    elif mode == "items":
        wanted |= _chosen(sent)
    return read(RefundDraft, wanted, form=True)


def _chosen(sent: Any) -> dict[str, Any]:
    """Things, delivery and what comes on top. A part of the delivery cost, where one is typed, is meant alone."""
    items = [
        {"order_item_id": (ident := name.removeprefix(PREFIX)), "quantity": value,
         **({"restock": False} if sent.get(f"{SCRAP}{ident}") == "1" else {})}
        for name, value in sent.items()
        if name.startswith(PREFIX) and value.strip() not in ("", "0")
    ]  # fmt: skip
    extra = {
        name: canonical_number(sent.get(name, ""))
        for name in ("shipping_amount", "adjustment")
        if sent.get(name, "").strip()
    }
    with_shipping = sent.get("shipping") == "1"
    if not (items or extra or with_shipping):
        raise Invalid.field("items", "required", _("Choose what is given back."))
    if "shipping_amount" not in extra:
        extra["refund_shipping"] = with_shipping
    return {"items": items or None, **extra}


@bp.post("/orders/<uuid:order_id>/refund/preview")
@allow(Role.ADMIN)
def refund_preview(order_id: UUID) -> Response:
    """By htmx the sum alone; without scripts the form again, with the button that carries the amount."""
    order = reading.get_order(order_id)
    if wants_fragment():
        return page("admin/orders/_refund_sum.html", order=order, refund={"sum": count(order, request.form)})
    return _refund_page(order, offer(order, request.form, key=request.form.get("idempotency_key", "")))


@bp.get("/orders/<uuid:order_id>/refund")
@allow(Role.ADMIN)
def show_refund(order_id: UUID) -> Response:
    """What the address chooses is chosen: the page that cancels a part leads here."""
    order = reading.get_order(order_id)
    chosen = {"restock": "1", **request.args} if "mode" in request.args else None
    return _refund_page(order, offer(order, chosen))


@bp.post("/orders/<uuid:order_id>/refund")
@allow(Role.ADMIN)
def refund_order(order_id: UUID) -> Response:
    """Once per form. What was on the button is what is given: a sum that has changed meanwhile is asked again."""
    order = reading.get_order(order_id)

    def act() -> Response:
        draft = draft_of(request.form)
        _insist_as_shown(order, draft)
        whole = refunds.preview(order, draft).amount  # it may come out of several payments
        refund = refunds.refund_order(order_id, draft, actor=actor())
        flash(_told(refund.status, money(whole, order.currency)), "success")
        return go("admin.show_order", order_id=order_id)

    try:
        return once(str(order_id), act)
    except (Invalid, Conflict) as error:
        message = error.said
        code = 422 if isinstance(error, Invalid) else 409
        return _refund_page(reading.get_order(order_id), _again(order_id, message), code)


def _again(order_id: UUID, message: str) -> dict[str, Any]:
    order = reading.get_order(order_id)
    return offer(order, request.form, error=message)


def _insist_as_shown(order: Order, draft: RefundDraft) -> None:
    expected, left = request.form.get("expected", ""), request.form.get("left", "")
    if left.isdigit() and int(left) != refunds.refundable(order):
        raise Conflict(
            _("Something was refunded meanwhile. Please check the sum again."), code="refund-changed"
        )
    if expected.isdigit() and int(expected) != refunds.preview(order, draft).amount:
        raise Conflict(_("The sum is another one now. Please check it again."), code="refund-changed")


def _told(status: RefundStatus, sum_text: str) -> str:
    if status is RefundStatus.PENDING:
        return _("%(amount)s is on its way back to the customer.", amount=sum_text)
    return _("%(amount)s was refunded.", amount=sum_text)


def _refund_page(order: Order, refund: dict[str, Any], code: int = 200) -> Response:
    return page("admin/orders/refund.html", status=code, order=shown.show(order, ()), refund=refund)
