"""Sending: a parcel with its lines, and what becomes of it."""

from uuid import UUID

from flask import Response, flash, request

from admin import bp
from admin.frame import page
from admin.once import once
from admin.orders.order import order_page, told
from forms.fulfilment import ParcelForm, TrackingForm
from kit.actor import Role
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from models.fulfilment import Fulfillment
from services import carriers, fulfilment
from services.orders import reading
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.saving import save

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
        if request.form.get("pack") == "1":
            fulfilment.pack_order(order_id, form.checked(items=items), actor=actor())
            flash(_("The parcel is packed; it waits to be sent."), "success")
        else:
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


@bp.post("/orders/<uuid:order_id>/parcels/<uuid:parcel_id>/ship")
@allow(Role.STAFF)
def ship_parcel(order_id: UUID, parcel_id: UUID) -> Response:
    of_order(order_id, parcel_id)
    return told(
        order_id, lambda: fulfilment.ship_parcel(parcel_id, actor=actor()), _("The parcel is on its way.")
    )


@bp.get("/orders/<uuid:order_id>/parcels/<uuid:parcel_id>/tracking")
@allow(Role.STAFF)
def show_tracking(order_id: UUID, parcel_id: UUID) -> Response:
    parcel = of_order(order_id, parcel_id)
    names = ("carrier", "tracking_number", "tracking_url")
    return _tracking_page(
        order_id, parcel_id, TrackingForm(values={name: getattr(parcel, name) for name in names})
    )


@bp.post("/orders/<uuid:order_id>/parcels/<uuid:parcel_id>/tracking")
@allow(Role.STAFF)
def save_tracking(order_id: UUID, parcel_id: UUID) -> Response:
    of_order(order_id, parcel_id)
    form = TrackingForm(request.form)
    saved = save(form, lambda draft: fulfilment.update_tracking(parcel_id, draft, actor=actor()))
    if not saved:
        return _tracking_page(order_id, parcel_id, form, saved.status)
    flash(_("Saved."), "success")
    return go("admin.show_order", order_id=order_id)


def _tracking_page(order_id: UUID, parcel_id: UUID, form: TrackingForm, code: int = 200) -> Response:
    order = reading.get_order(order_id)
    return page("admin/orders/tracking.html", status=code, form=form, general_errors=form.form_errors,
                carriers=carriers.names(),
                order={"id": order.id, "number": order.order_number}, parcel_id=parcel_id)  # fmt: skip


def of_order(order_id: UUID, parcel_id: UUID) -> Fulfillment:
    """The parcel, where it is one of this order."""
    reading.get_order(order_id)
    parcel = next((one for one in fulfilment.list_parcels(order_id) if one.id == parcel_id), None)
    if parcel is None:
        raise NotFound(_("There is no such parcel."))
    return parcel


@bp.post("/orders/<uuid:order_id>/parcels/<uuid:parcel_id>/delivered")
@allow(Role.STAFF)
def deliver_parcel(order_id: UUID, parcel_id: UUID) -> Response:
    of_order(order_id, parcel_id)
    return told(
        order_id, lambda: fulfilment.deliver_parcel(parcel_id, actor=actor()), _("The parcel has arrived.")
    )


@bp.post("/orders/<uuid:order_id>/parcels/<uuid:parcel_id>/cancel")
@allow(Role.STAFF)
def cancel_parcel(order_id: UUID, parcel_id: UUID) -> Response:
    """What is only packed anybody opens again; what was sent, managers: the service says so."""
    of_order(order_id, parcel_id)
    return told(order_id, lambda: fulfilment.cancel_parcel(parcel_id, actor=actor()),
                _("The parcel is cancelled; its things wait to be sent again."))  # fmt: skip
