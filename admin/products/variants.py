"""A product's variants as a table. Each act answers the same card that the page includes."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.products.shown import label_of, show
from forms.variants import cell_errors, fill, read_rows
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
          error: str = "", code: int = 200, filled: int = 0) -> Response:  # fmt: skip
    """The table alone, for htmx; the same inside a small page without scripts."""
    product = products.get_product(product_id)
    template = "admin/products/_variants.html" if wants_fragment() else "admin/products/variants.html"
    return page(template, status=code, product=show(product, sent, errors), variant_error=error, filled=filled,
                option_choices=attributes.list_attributes(), currency=current_store().currency)  # fmt: skip


@bp.post("/products/<uuid:product_id>/variants")
@allow(Role.MANAGER)
def save_variants(product_id: UUID) -> Response:
    """All rows or none; what is wrong stands in its cell. `do=fill` only writes one value into a column of the form."""
    product = products.get_product(product_id)
    sent = request.form.to_dict()
    if sent.get("do") == "fill":
        return _card(product_id, sent=sent, filled=fill(product.variants, sent))
    drafts, errors = read_rows(product.variants, sent)
    if not errors:
        try:
            matrix.save_rows(product_id, drafts, actor=actor())
        except Invalid as error:
            errors = cell_errors((e.field, e.message) for e in error.errors)
        else:
            return _answer(product_id, done=_("The variants are saved."))
    return _card(product_id, sent=sent, errors=errors, code=422)


@bp.post("/products/<uuid:product_id>/options")
@allow(Role.MANAGER)
def add_option(product_id: UUID) -> Response:
    products.get_product(product_id)
    sent = {"attribute_id": request.form.get("attribute_id", ""), "values": request.form.get("values", "")}
    try:
        made = matrix.add_option(product_id, read(OptionDraft, sent, form=True), actor=actor())
    except (Invalid, Conflict) as error:
        return _answer(product_id, error=error.said)
    return _answer(product_id, done=_n("%(num)d variant made.", "%(num)d variants made.", len(made)))


@bp.post("/products/<uuid:product_id>/variants/<uuid:variant_id>/delete")
@allow(Role.MANAGER)
def delete_variant(product_id: UUID, variant_id: UUID) -> Response:
    variants.delete_variant(product_id, variant_id, actor=actor())
    return _answer(product_id, done=_("The variant is gone."))


@bp.get("/products/<uuid:product_id>/values/<uuid:value_id>")
@allow(Role.MANAGER)
def ask_remove_value(product_id: UUID, value_id: UUID) -> Response:
    """Which variants go with it?"""
    product = products.get_product(product_id)
    gone = matrix.having(product, value_id)
    text = next(value.value for variant in gone for value in variant.values if value.id == value_id)
    goes = len(gone) < len(product.variants)
    return page(
        "admin/products/remove_value.html", heading=_("Take “%(name)s” out?", name=text),
        product={"id": product.id, "name": product.name}, value={"id": value_id, "text": text},
        labels=[label_of(variant) for variant in gone] if goes else [],
        trail=[(_("Products"), url_for("admin.products")),
               (product.name, url_for("admin.show_product", product_id=product_id)), (text, None)],
    )  # fmt: skip


@bp.post("/products/<uuid:product_id>/values/<uuid:value_id>")
@allow(Role.MANAGER)
def remove_value(product_id: UUID, value_id: UUID) -> Response:
    products.get_product(product_id)
    try:
        count = matrix.remove_value(product_id, value_id, actor=actor())
    except Conflict as error:
        return _answer(product_id, error=error.message)
    done = (
        _n("%(num)d variant is gone.", "%(num)d variants are gone.", count)
        if count
        else _("It is taken out.")
    )
    return _answer(product_id, done=done)
