"""Zones in their order, their methods, and what a parcel would cost."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.form_page import ask_first, deletion, form_page
from admin.frame import page
from forms.shipping import TYPES, CarriersForm, MethodForm, ParcelQuestionForm, ZoneForm
from kit.actor import Role
from kit.countries import country_name
from kit.errors import Invalid
from kit.i18n import _
from models.shipping import ShippingMethod, ShippingZone
from services import carriers
from services.shipping import quotes, zones
from services.shipping.rates import REST_OF_WORLD
from services.shipping.zones import ZoneDraft
from web.access import allow
from web.auth import actor
from web.filters import money
from web.htmx import go
from web.saving import Saved, save
from web.tenant import current_store


def _trail(*more: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [
        (_("Settings"), url_for("admin.settings")),
        (_("Delivery"), url_for("admin.shipping_settings")),
        *more,
    ]


@bp.get("/settings/shipping")
@allow(Role.ADMIN)
def shipping_settings() -> Response:
    question = ParcelQuestionForm(
        request.args or None, {"country": current_store().country, "weight": "1"}
    ).offer()
    tested = None
    if "country" in request.args:
        try:
            tested = quotes.tester(question.checked())
        except Invalid:
            tested = None
    return page("admin/settings/shipping.html", zones=[_zone(zone) for zone in zones.list_zones()], question=question,
                tested=tested, trail=_trail()[:2])  # fmt: skip


def _zone(zone: ShippingZone) -> dict[str, Any]:
    names = [
        _("Rest of the world") if code == REST_OF_WORLD else country_name(code) for code in zone.countries
    ]
    shown = ", ".join(names[:6]) + (f" +{len(names) - 6}" if len(names) > 6 else "")
    return {
        "id": zone.id,
        "name": zone.name,
        "countries": shown,
        "is_active": zone.is_active,
        "postal_codes": ", ".join(zone.postal_codes or ()),
        "methods": [_method(method) for method in zone.methods],
    }


def _method(method: ShippingMethod) -> dict[str, Any]:
    price = _("by steps") if method.rates else _("Free") if not method.price else money(method.price)
    if method.free_above is not None:
        price += " · " + _("free from %(amount)s", amount=money(method.free_above))
    return {"name": method.name, "kind": _(TYPES[method.type]), "price": price, "is_active": method.is_active,
            "url": url_for("admin.edit_method", method_id=method.id)}  # fmt: skip


# --- zones ----------------------------------------------------------------------------------------------------------


@bp.route("/settings/shipping/zones/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_zone() -> Response:
    form = ZoneForm(request.form if request.method == "POST" else None, {"is_active": True}).offer()
    if request.method == "GET":
        return _zone_page(form, _("New zone"))
    saved = save(form, lambda draft: zones.create_zone(draft, actor=actor()))
    if not saved:
        return _zone_page(form, _("New zone"), saved)
    flash(_("The zone is saved. Now add how you send there."), "success")
    return go("admin.new_method", zone_id=saved.thing.id)


@bp.route("/settings/shipping/zones/<uuid:zone_id>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit_zone(zone_id: UUID) -> Response:
    zone = zones.get_zone(zone_id)
    if request.method == "GET":
        return _zone_page(ZoneForm.of(zone).offer(), zone.name, zone_id=zone_id)
    form, position = ZoneForm(request.form).offer(), zone.position
    saved = save(form, lambda draft: zones.update_zone(zone_id, draft, actor=actor()), position=position)
    if not saved:
        return _zone_page(form, zone.name, saved, zone_id=zone_id)
    flash(_("Saved."), "success")
    return go("admin.shipping_settings")


def _zone_page(
    form: ZoneForm, heading: str, saved: Saved | None = None, *, zone_id: UUID | None = None
) -> Response:
    return form_page(
        form,
        heading,
        [
            {"title": _("Zone"), "fields": [form.name, form.is_active]},
            {
                "title": _("Countries"),
                "text": _("The first zone in the list that fits wins."),
                "fields": [form.countries],
            },
            {
                "title": _("Postcodes"),
                "text": _(
                    "One to a line: a prefix like 10*, a range like 1000-000...1999-999, or one code. Empty: all."
                ),
                "fields": [form.postal_codes],
            },
        ],
        _trail((heading, None)),
        saved=saved,
        delete=_zone_deletion(zone_id, heading) if zone_id else None,
    )


@bp.post("/settings/shipping/zones/<uuid:zone_id>/move")
@allow(Role.ADMIN)
def move_zone(zone_id: UUID) -> Response:
    """Up or down among the zones: the first that fits wins."""
    zone = zones.get_zone(zone_id)
    step = {"up": -1, "down": 1}.get(request.form.get("to", ""), 0)
    draft = ZoneDraft(**{**ZoneDraft.of(zone), "position": max(zone.position + step, 0)})
    zones.update_zone(zone_id, draft, actor=actor())
    return go("admin.shipping_settings")


@bp.get("/settings/shipping/zones/<uuid:zone_id>/delete")
@allow(Role.ADMIN)
def ask_delete_zone(zone_id: UUID) -> Response:
    zone = zones.get_zone(zone_id)
    return ask_first(_zone_deletion(zone_id, zone.name), back=url_for("admin.edit_zone", zone_id=zone_id))


def _zone_deletion(zone_id: UUID, name: str) -> dict[str, str]:
    text = _(
        "Its methods go with it; nothing is sent to its countries any more, unless another zone has them."
    )
    return deletion("zone", name, text, zone_id=zone_id)


@bp.post("/settings/shipping/zones/<uuid:zone_id>/delete")
@allow(Role.ADMIN)
def delete_zone(zone_id: UUID) -> Response:
    zones.delete_zone(zone_id, actor=actor())
    flash(_("The zone is deleted."), "success")
    return go("admin.shipping_settings")


# --- methods --------------------------------------------------------------------------------------------------------


@bp.route("/settings/shipping/zones/<uuid:zone_id>/methods/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_method(zone_id: UUID) -> Response:
    zone = zones.get_zone(zone_id)
    first = {"is_active": True, "type": "flat_rate", "tax_class": "standard"}
    form = MethodForm(request.form if request.method == "POST" else None, first).offer()
    heading = _("New method for %(zone)s", zone=zone.name)
    if request.method == "GET":
        return _method_page(form, heading)
    saved = save(form, lambda draft: zones.create_method(zone_id, draft, actor=actor()))
    if not saved:
        return _method_page(form, heading, saved)
    flash(_("The method is saved."), "success")
    return go("admin.shipping_settings")


@bp.route("/settings/shipping/methods/<uuid:method_id>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit_method(method_id: UUID) -> Response:
    method = zones.get_method(method_id)
    if request.method == "GET":
        return _method_page(MethodForm.of(method).offer(), method.name, method_id=method_id)
    form = MethodForm(request.form).offer()
    saved = save(
        form, lambda draft: zones.update_method(method_id, draft, actor=actor()), position=method.position
    )
    if not saved:
        return _method_page(form, method.name, saved, method_id=method_id)
    flash(_("Saved."), "success")
    return go("admin.shipping_settings")


def _method_page(
    form: MethodForm, heading: str, saved: Saved | None = None, *, method_id: UUID | None = None
) -> Response:
    return form_page(
        form,
        heading,
        [
            {
                "title": _("Method"),
                "fields": [form.name, form.type, form.price, form.free_above, form.is_active],
            },
            {
                "title": _("Steps"),
                "text": _(
                    "For prices by weight or amount. One step to a line: up to (kg or amount) = price, like 2 = 4.90."
                ),
                "fields": [form.rates],
            },
            {
                "title": _("When it is offered"),
                "text": _("Empty: always."),
                "fields": [form.min_weight, form.max_weight, form.min_total, form.max_total],
            },
            {
                "title": _("How long it takes"),
                "text": _("In working days."),
                "fields": [form.estimated_days_min, form.estimated_days_max],
            },
            {"title": _("Tax"), "fields": [form.tax_class]},
        ],
        _trail((heading, None)),
        saved=saved,
        delete=_method_deletion(method_id, heading) if method_id else None,
    )


@bp.get("/settings/shipping/methods/<uuid:method_id>/delete")
@allow(Role.ADMIN)
def ask_delete_method(method_id: UUID) -> Response:
    method = zones.get_method(method_id)
    return ask_first(
        _method_deletion(method_id, method.name), back=url_for("admin.edit_method", method_id=method_id)
    )


def _method_deletion(method_id: UUID, name: str) -> dict[str, str]:
    text = _("It is no longer offered. Orders that chose it keep it.")
    return deletion("method", name, text, method_id=method_id)


@bp.post("/settings/shipping/methods/<uuid:method_id>/delete")
@allow(Role.ADMIN)
def delete_method(method_id: UUID) -> Response:
    zones.delete_method(method_id, actor=actor())
    flash(_("The method is deleted."), "success")
    return go("admin.shipping_settings")


# --- carriers -------------------------------------------------------------------------------------------------------


@bp.route("/settings/shipping/carriers", methods=["GET", "POST"])
@allow(Role.ADMIN)
def carrier_settings() -> Response:
    """Where parcels can be followed; the common carriers are known."""
    if request.method == "GET":
        return _carriers_page(CarriersForm.of(carriers.own_carriers()))
    form = CarriersForm(request.form)
    saved = save(form, lambda draft: carriers.save_carriers(draft, actor=actor()))
    if not saved:
        return _carriers_page(form, saved)
    flash(_("Saved."), "success")
    return go("admin.shipping_settings")


def _carriers_page(form: CarriersForm, saved: Saved | None = None) -> Response:
    return form_page(
        form,
        _("Carriers"),
        [
            {
                "title": _("Carriers of your own"),
                "text": _(
                    "One to a line: the name, =, and the page where a parcel can be followed, like Bikers = "
                    "https://bikers.example/{number}. {postcode} and {country} are the receiver's."
                ),
                "fields": [form.carriers],
            },
            {
                "title": _("Known already"),
                "text": ", ".join(carriers.KNOWN),
                "fields": [],
            },
        ],
        _trail((_("Carriers"), None)),
        saved=saved,
    )
