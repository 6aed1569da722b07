"""The address book of the account."""

from uuid import UUID

from flask import Response, flash, g, request

from forms.addresses import AddressForm
from kit.countries import CODES
from kit.errors import Conflict, Invalid
from kit.i18n import _
from services import addresses
from services.addresses import AddressDraft
from shop import bp
from shop.account import account_page
from shop.wording import address_lines
from web.access import SIGNED_IN, allow
from web.auth import actor
from web.htmx import go

COUNTRIES = tuple(sorted(CODES))


@bp.get("/account/addresses", endpoint="addresses")
@allow(SIGNED_IN)
def list_addresses() -> Response:
    found = addresses.list_addresses(actor=actor())
    shown = [
        {"id": a.id, "lines": address_lines(AddressDraft.of(a)), "name": a.label or f"{a.line1}, {a.city}",
         "label": a.label, "is_default": a.is_default_shipping, "is_billing": a.is_default_billing}
        for a in found
    ]  # fmt: skip
    return account_page("shop/account/addresses.html", addresses=shown)


@bp.get("/account/addresses/new")
@allow(SIGNED_IN)
def new_address() -> Response:
    return _form_page(AddressForm(values={"country": g.store.country}))


@bp.post("/account/addresses/new", endpoint="create_address")
@allow(SIGNED_IN)
def create_address() -> Response:
    form = AddressForm(request.form)
    try:
        addresses.create_address(form.checked(), actor=actor())
    except Invalid:
        return _form_page(form, status=422)
    except Conflict as error:
        return _form_page(form.refuse(error.message), status=409)
    return _saved()


@bp.get("/account/addresses/<uuid:address_id>")
@allow(SIGNED_IN)
def edit_address(address_id: UUID) -> Response:
    address = addresses.get_address(address_id, actor=actor())
    return _form_page(AddressForm(values=AddressDraft.of(address)), is_new=False)


@bp.post("/account/addresses/<uuid:address_id>", endpoint="save_address")
@allow(SIGNED_IN)
def save_address(address_id: UUID) -> Response:
    form = AddressForm(request.form)
    try:
        addresses.update_address(address_id, form.checked(), actor=actor())
    except Invalid:
        return _form_page(form, is_new=False, status=422)
    return _saved()


@bp.post("/account/addresses/<uuid:address_id>/default")
@allow(SIGNED_IN)
def make_default_address(address_id: UUID) -> Response:
    address = addresses.get_address(address_id, actor=actor())
    draft = AddressDraft(**{**AddressDraft.of(address), "is_default_shipping": True})
    addresses.update_address(address_id, draft, actor=actor())
    return _saved()


@bp.post("/account/addresses/<uuid:address_id>/delete")
@allow(SIGNED_IN)
def delete_address(address_id: UUID) -> Response:
    addresses.delete_address(address_id, actor=actor())
    flash(_("The address is deleted."), "success")
    return go("shop.addresses")


def _saved() -> Response:
    flash(_("The address is saved."), "success")
    return go("shop.addresses")


def _form_page(form: AddressForm, *, is_new: bool = True, status: int = 200) -> Response:
    heading = _("Add address") if is_new else _("Edit address")
    return account_page(
        "shop/account/address_form.html", status=status, form=form.offer(COUNTRIES), heading=heading
    )
