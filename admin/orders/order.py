"""One order: its page, and the moves that are a button."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import may, page
from admin.orders import refunds, shown
from admin.payments.disputes import trouble_of
from forms.fulfilment import ParcelForm
from kit.actor import Role
from kit.drafts import read
from kit.errors import Invalid, ShopError
from kit.i18n import _, mark
from models.orders import Order, OrderStatus, PaymentMethod
from services import carriers, fulfilment
from services.orders import archiving, cancelling, derived, effects, holds, mails, reading, status, timeline
from services.orders.status import StatusDraft
from services.payments import offline
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.lists import back_to

MOVES = {
    OrderStatus.PROCESSING: mark("Take into work"),
    OrderStatus.CONFIRMED: mark("Accept the order"),
    OrderStatus.COMPLETED: mark("Complete"),
}


@bp.get("/orders/<uuid:order_id>")
@allow(Role.STAFF)
def show_order(order_id: UUID) -> Response:
    """A draft has a page of its own."""
    order = reading.get_order(order_id)
    if order.status is OrderStatus.DRAFT:
        return go("admin.show_draft", order_id=order_id)
    return order_page(order)


def order_page(order: Order, code: int = 200, *, parcel_form: ParcelForm | None = None,
               quantities: dict[str, str] | None = None, refund: Any = None) -> Response:  # fmt: skip
    """The whole page; a refused form comes along with what was typed."""
    parcels = fulfilment.list_parcels(order.id)
    allowed = can(order)
    return page(
        "admin/orders/order.html",
        status=code,
        trail=[(_("Orders"), back_to("admin.orders")), (order.order_number, None)],
        order=shown.show(order, parcels),
        money_trouble=trouble_of(order),
        timeline=shown.timeline_by_day(timeline.list_events(order.id), order.currency),
        can=allowed,
        next_step=next_step(order, allowed),
        moves=_moves(order),
        fulfil_form=parcel_form or ParcelForm(values={"notify": True}),
        fulfil_open=parcel_form is not None,
        carriers=carriers.names() if allowed["fulfil"] else [],
        fulfil_lines=[
            _open_line(item, quantities)
            for item in order.items
            if item.requires_shipping and effects.unpacked(item)
        ],
        payment_link=shown.payment_link(order),
        tags=", ".join(tag.name for tag in order.tags),
        credit_notes=shown.credit_notes(order.id),
        refund=refund or (refunds.offer(order) if allowed["refund"] else None),
    )


def _open_line(item: Any, typed: dict[str, str] | None) -> dict[str, Any]:
    left = effects.unpacked(item)
    return {"id": item.id, "name": item.name, "options": shown.options_of(item), "open": left,
            "value": (typed or {}).get(str(item.id), str(left))}  # fmt: skip


def can(order: Order) -> dict[str, bool]:
    """What this person may do now; what is not here is not shown."""
    money = derived.money_of(order)
    owes_nothing = money.balance <= 0 or order.payment_method is PaymentMethod.CASH_ON_DELIVERY
    return {
        "fulfil": order.status in fulfilment.SENDABLE and owes_nothing and not order.is_on_hold
        and any(effects.unpacked(item) for item in order.items if item.requires_shipping),
        "refund": may(Role.ADMIN) and order.captured_total > order.refunded_total,
        "mark_paid": may(Role.MANAGER) and money.balance > 0 and order.status in offline.RECORDABLE,
        "cancel": status.may_move(order, OrderStatus.CANCELLED, actor=actor()),
        "cancel_units": order.status in cancelling.CANCELLABLE and any(effects.unpacked(item) for item in order.items)
        and (order.status is OrderStatus.PENDING or may(Role.MANAGER)),
        "hold": order.status in holds.HOLDABLE and not order.is_on_hold,
        "archive": order.status in archiving.OVER and order.archived_at is None,
        "resend": order.placed_at is not None,
    }  # fmt: skip


def next_step(order: Order, allowed: dict[str, bool]) -> str:
    """The one step that brings the order on."""
    if order.status is OrderStatus.PENDING and order.payment_method is PaymentMethod.CASH_ON_DELIVERY:
        return "confirmed"
    steps = ("fulfil", "mark_paid") if order.status in fulfilment.SENDABLE else ("mark_paid", "fulfil")
    return next((step for step in steps if allowed[step]), "")


def _moves(order: Order) -> list[dict[str, str]]:
    """Moves of the status itself. Confirming what still has to be paid is said as "mark as paid"."""
    legal = status.legal_moves(order, actor=actor())
    if order.payment_method is not PaymentMethod.CASH_ON_DELIVERY and order.status is OrderStatus.PENDING:
        legal = [to for to in legal if to is not OrderStatus.CONFIRMED]
    labels = {to: _(label) for to, label in MOVES.items()}
    if order.status is OrderStatus.PROCESSING:
        labels[OrderStatus.CONFIRMED] = _("Back to confirmed")
    if order.status is OrderStatus.COMPLETED:
        labels[OrderStatus.PROCESSING] = _("Open again")
    return [{"status": str(to), "label": labels[to]} for to in legal if to in labels]


# --- buttons --------------------------------------------------------------------------------------------------------


def told(order_id: UUID, act: Any, message: str) -> Response:
    """Do it, say so, and show the order again; a refusal is said there, too, and nothing has changed."""
    try:
        act()
    except Invalid as error:
        flash(error.said, "error")
    except ShopError as error:
        if error.code in ("not-found", "forbidden"):
            raise
        flash(error.message, "error")
    else:
        flash(message, "success")
    return go("admin.show_order", order_id=order_id)


@bp.post("/orders/<uuid:order_id>/status")
@allow(Role.STAFF)
def move_order(order_id: UUID) -> Response:
    """Which moves there are, and for whom, is said by the service."""
    sent = {"status": request.form.get("status", ""), "note": request.form.get("note", "")}
    reading.get_order(order_id)
    return told(order_id, lambda: status.change_status(order_id, read(StatusDraft, sent, form=True), actor=actor()),
                _("The order has moved on."))  # fmt: skip


@bp.post("/orders/<uuid:order_id>/paid")
@allow(Role.MANAGER)
def mark_paid(order_id: UUID) -> Response:
    reading.get_order(order_id)
    return told(order_id, lambda: offline.mark_paid(order_id, actor=actor()), _("The payment is recorded."))


@bp.get("/orders/<uuid:order_id>/slip")
@allow(Role.STAFF)
def packing_slip(order_id: UUID) -> Response:
    """To be printed and put into the parcel: what is in it, no prices."""
    order = reading.get_order(order_id)
    return page(
        "admin/orders/slip.html",
        order=shown.show(order, ()),
        back=url_for("admin.show_order", order_id=order_id),
        lines=[
            {
                "name": i.name,
                "sku": i.sku,
                "options": shown.options_of(i),
                "quantity": i.quantity - i.cancelled_quantity,
            }
            for i in order.items
            if i.requires_shipping
        ],
    )


@bp.post("/orders/<uuid:order_id>/mail")
@allow(Role.STAFF)
def resend_mail(order_id: UUID) -> Response:
    reading.get_order(order_id)
    return told(
        order_id, lambda: mails.resend_mail(order_id, actor=actor()), _("The mail is on its way again.")
    )
