"""Cancelling: the whole order or what is left of it, or chosen units."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import may, page
from admin.orders import shown
from admin.orders.order import told
from admin.orders.parcels import quantities
from kit.actor import Role
from kit.drafts import read
from kit.errors import Conflict, Invalid
from kit.i18n import _, _n
from models.orders import Order
from services.orders import cancelling, effects, reading, status
from services.orders.cancelling import UnitsDraft
from services.payments import refunds
from web.access import allow
from web.auth import actor
from web.htmx import go


@bp.post("/orders/<uuid:order_id>/cancel")
@allow(Role.STAFF)
def cancel_order(order_id: UUID) -> Response:
    reading.get_order(order_id)
    note, restock = request.form.get("note", "")[:2000], request.form.get("keep_stock") != "1"
    return told(
        order_id,
        lambda: status.cancel_order(order_id, actor=actor(), note=note, restock=restock),
        _("The order is cancelled."),
    )


@bp.get("/orders/<uuid:order_id>/cancel")
@allow(Role.STAFF)
def ask_cancel(order_id: UUID) -> Response:
    """The question of the dialog, as a page."""
    order = reading.get_order(order_id)
    return page(
        "admin/confirm.html",
        heading=_("Cancel order %(number)s?", number=order.order_number),
        text=_(
            "What was not sent will not be sent, and is free for others. Money that came in stays until you "
            "refund it."
        ),
        action=url_for("admin.cancel_order", order_id=order_id),
        button=_("Cancel the order"),
        back=url_for("admin.show_order", order_id=order_id),
    )


@bp.get("/orders/<uuid:order_id>/units")
@allow(Role.STAFF)
def ask_cancel_units(order_id: UUID) -> Response:
    return _units_page(reading.get_order(order_id))


@bp.post("/orders/<uuid:order_id>/units")
@allow(Role.STAFF)
def cancel_units(order_id: UUID) -> Response:
    """Cancel what was chosen; where it was paid, on to its refund."""
    order, typed = reading.get_order(order_id), quantities()
    try:
        draft = _units_draft(typed)
        after = cancelling.cancel_units(order_id, draft, actor=actor())
    except (Invalid, Conflict) as error:
        message = error.said
        code = 422 if isinstance(error, Invalid) else 409
        return _units_page(reading.get_order(order.id), code, typed=typed, error=message)
    units = sum(line.quantity for line in draft.items)
    flash(_n("%(num)d unit is cancelled.", "%(num)d units are cancelled.", units), "success")
    if may(Role.ADMIN) and refunds.refundable(after) and after.captured_total:
        wanted = {f"quantity-{line.order_item_id}": line.quantity for line in draft.items}
        return go("admin.show_refund", order_id=order_id, mode="items", **wanted)
    return go("admin.show_order", order_id=order_id)


def _units_draft(typed: dict[str, str]) -> UnitsDraft:
    if not typed:
        raise Invalid(_("Choose at least one thing to cancel."))
    form = request.form
    sent = {
        "items": [{"order_item_id": ident, "quantity": number} for ident, number in typed.items()],
        "reason": form.get("reason", ""),
        "restock": form.get("keep_stock") != "1",
        "notify": form.get("notify", ""),
    }
    return read(UnitsDraft, sent, form=True)


def _units_page(
    order: Order, code: int = 200, *, typed: dict[str, str] | None = None, error: str = ""
) -> Response:
    lines: list[dict[str, Any]] = [
        {"id": item.id, "name": item.name, "options": shown.options_of(item), "left": effects.unpacked(item),
         "value": (typed or {}).get(str(item.id), "0")}
        for item in order.items if effects.unpacked(item)
    ]  # fmt: skip
    can = order.status in cancelling.CANCELLABLE and bool(lines)
    return page("admin/orders/units.html", status=code, order={"id": order.id, "number": order.order_number},
                lines=lines, can=can, error=error, reason=request.form.get("reason", ""),
                keep_stock=request.form.get("keep_stock") == "1",
                notify=request.method == "GET" or request.form.get("notify") == "1")  # fmt: skip
