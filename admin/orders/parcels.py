"""Sending: a parcel with its lines, and what becomes of it."""

from uuid import UUID

from flask import Response, flash, request

from admin import bp
from admin.once import once
from admin.orders.order import order_page, told
from forms.fulfilment import ParcelForm
from kit.actor import Role
from kit.errors import Conflict, Invalid
from kit.i18n import _
from services import fulfilment
from services.orders import reading
from web.access import allow
from web.auth import actor
from web.htmx import go

PREFIX = "quantity-"


def quantities() -> dict[str, str]:
    """{line's id: number} as typed; what is empty or zero is not meant."""
    fields = {
        name.removeprefix(PREFIX): value.strip()
        for name, value in request.form.items()
        if name.startswith(PREFIX)
    }
    return {ident: value for ident, value in fields.items() if value not in ("", "0")}


@bp.post("/orders/<uuid:order_id>/fulfil")
@allow(Role.STAFF)
def fulfil_order(order_id: UUID) -> Response:
    order = reading.get_order(order_id)
    form, typed = ParcelForm(request.form), quantities()

    def act() -> Response:
        if not typed:
            raise Invalid(_("Choose at least one thing to send."))
        items = [{"order_item_id": ident, "quantity": number} for ident, number in typed.items()]
        fulfilment.fulfil_order(order_id, form.checked(items=items), actor=actor())
        flash(_("The parcel is on its way."), "success")
        return go("admin.show_order", order_id=order_id)

    try:
        return once(str(order_id), act)
    except Invalid as error:
        form.absorb(error)
        return order_page(reading.get_order(order.id), 422, parcel_form=form, quantities=typed)
    except Conflict as error:
        form.absorb(Invalid(error.message))
        return order_page(reading.get_order(order.id), 409, parcel_form=form, quantities=typed)


@bp.post("/orders/<uuid:order_id>/parcels/<uuid:parcel_id>/delivered")
@allow(Role.STAFF)
def deliver_parcel(order_id: UUID, parcel_id: UUID) -> Response:
    reading.get_order(order_id)
    return told(
        order_id, lambda: fulfilment.deliver_parcel(parcel_id, actor=actor()), _("The parcel has arrived.")
    )


@bp.post("/orders/<uuid:order_id>/parcels/<uuid:parcel_id>/cancel")
@allow(Role.MANAGER)
def cancel_parcel(order_id: UUID, parcel_id: UUID) -> Response:
    reading.get_order(order_id)
    return told(order_id, lambda: fulfilment.cancel_parcel(parcel_id, actor=actor()),
                _("The parcel is cancelled; its things wait to be sent again."))  # fmt: skip
