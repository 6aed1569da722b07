"""The link that shows a draft to somebody without an account: made for some days, withdrawn at any time."""

from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.draft_links import LinkForm
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _
from services.catalog import draft_links, products
from web.access import allow
from web.auth import actor
from web.htmx import go


@bp.get("/products/<uuid:product_id>/draft-link")
@allow(Role.MANAGER)
def draft_link(product_id: UUID) -> Response:
    return _show(product_id, LinkForm(values={"days": draft_links.DAYS}))


@bp.post("/products/<uuid:product_id>/draft-link")
@allow(Role.MANAGER)
def make_draft_link(product_id: UUID) -> Response:
    """The link is shown once: it is not kept anywhere."""
    form = LinkForm(request.form)
    try:
        token = draft_links.make(product_id, form.checked(), actor=actor())
    except Invalid as error:
        return _show(product_id, form.absorb(error), status=422)
    return _show(product_id, form, link=url_for("shop.draft_product", token=token, _external=True))


@bp.post("/products/<uuid:product_id>/draft-link/withdraw")
@allow(Role.MANAGER)
def withdraw_draft_link(product_id: UUID) -> Response:
    draft_links.withdraw(product_id, actor=actor())
    flash(_("The links to this draft show nothing any more."), "success")
    return go("admin.show_product", product_id=product_id)


def _show(product_id: UUID, form: LinkForm, *, link: str = "", status: int = 200) -> Response:
    product = products.get_product(product_id)
    back = url_for("admin.show_product", product_id=product_id)
    return page(
        "admin/products/draft_link.html", status=status, form=form, link=link, back=back, days_max=draft_links.DAYS_MAX,
        product={"id": product.id, "is_active": product.is_active, "has_links": product.preview_key is not None},
        trail=[(_("Products"), url_for("admin.products")), (product.name, back), (_("Link to the draft"), None)],
        general_errors=form.form_errors,
    )  # fmt: skip
