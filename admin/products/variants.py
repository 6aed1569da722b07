"""A product's variants as a table. Each act answers the same card that the page includes."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, request

from admin import bp
from admin.frame import page
from admin.products.shown import show
from forms.catalog import read_rows
from kit.actor import Role
from kit.drafts import read
from kit.errors import Conflict, Invalid
from kit.i18n import _, _n
from services.catalog import attributes, matrix, products, variants
from services.catalog.matrix import OptionDraft
from web.access import allow
from web.auth import actor
from web.htmx import go, wants_fragment
from web.tenant import current_store


def _answer(product_id: UUID, *, done: str = "", error: str = "") -> Response:
    if wants_fragment():
        return _card(product_id, error=error, code=422 if error else 200)
    if done or error:
        flash(error or done, "error" if error else "success")
    return go("admin.show_product", product_id=product_id, _anchor="variants")


def _card(product_id: UUID, *, sent: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None,
          error: str = "", code: int = 200) -> Response:  # fmt: skip
    """The table alone, for htmx; the same inside a small page without scripts."""
    product = products.get_product(product_id)
    template = "admin/products/_variants.html" if wants_fragment() else "admin/products/variants.html"
    return page(template, status=code, product=show(product, sent, errors), variant_error=error,
                option_choices=attributes.list_attributes(), currency=current_store().currency)  # fmt: skip


@bp.post("/products/<uuid:product_id>/variants")
@allow(Role.MANAGER)
def save_variants(product_id: UUID) -> Response:
    """All rows or none; what is wrong stands in its cell."""
    product = products.get_product(product_id)
    drafts, errors = read_rows(product.variants, request.form)
    if not errors:
        try:
            matrix.save_rows(product_id, drafts, actor=actor())
        except Invalid as error:
            errors = {e.field: e.message for e in error.errors}
        else:
            return _answer(product_id, done=_("The variants are saved."))
    return _card(product_id, sent=request.form, errors=errors, code=422)


@bp.post("/products/<uuid:product_id>/options")
@allow(Role.MANAGER)
def add_option(product_id: UUID) -> Response:
    products.get_product(product_id)
    sent = {"attribute_id": request.form.get("attribute_id", ""), "values": request.form.get("values", "")}
    try:
        made = matrix.add_option(product_id, read(OptionDraft, sent, form=True), actor=actor())
    except (Invalid, Conflict) as error:
        return _answer(product_id, error=error.errors[0].message if error.errors else error.message)
    return _answer(product_id, done=_n("%(num)d variant made.", "%(num)d variants made.", len(made)))


@bp.post("/products/<uuid:product_id>/variants/<uuid:variant_id>/delete")
@allow(Role.MANAGER)
def delete_variant(product_id: UUID, variant_id: UUID) -> Response:
    variants.delete_variant(product_id, variant_id, actor=actor())
    return _answer(product_id, done=_("The variant is gone."))
