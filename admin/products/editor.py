"""The product editor: one page, one form, one save."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.lists import back_to
from admin.products.shown import show
from admin.saving import Saved, differences, save
from forms.catalog import ProductForm
from kit.actor import Role
from kit.i18n import _
from models.catalog import Product
from services.catalog import attributes, categories, copying, products, tags
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.tenant import current_store

NEW = {"track_stock": True, "is_active": False, "stock_quantity": "0", "tax_class": "standard"}


@bp.get("/products/new")
@allow(Role.MANAGER)
def new_product() -> Response:
    return _editor(_offered(ProductForm(values=NEW)), None)


@bp.post("/products/new")
@allow(Role.MANAGER)
def create_product() -> Response:
    """A name is enough for a draft."""
    form = _offered(ProductForm(request.form))
    saved = save(form, lambda draft: products.create_product(draft, actor=actor()))
    if not saved:
        return _editor(form, None, saved)
    flash(_("The product is saved. Pictures and variants can be added now."), "success")
    return go("admin.show_product", product_id=saved.thing.id)


@bp.get("/products/<uuid:product_id>")
@allow(Role.STAFF)
def show_product(product_id: UUID) -> Response:
    """Staff read it; who may change it finds a form that can be saved."""
    product = products.get_product(product_id)
    return _editor(_offered(ProductForm.of(product)), product)


@bp.post("/products/<uuid:product_id>")
@allow(Role.MANAGER)
def save_product(product_id: UUID) -> Response:
    products.get_product(product_id)
    form = _offered(ProductForm(request.form))
    version = int(form.version.data) if str(form.version.data or "").isdigit() else None
    saved = save(
        form, lambda draft: products.update_product(product_id, draft, actor=actor(), version=version)
    )
    if not saved:
        return _editor(form, products.get_product(product_id), saved)
    flash(_("Saved."), "success")
    return go("admin.show_product", product_id=product_id, **_kept_back())


def _kept_back() -> dict[str, str]:
    return {"back": request.args["back"]} if request.args.get("back") else {}


def _offered(form: ProductForm) -> ProductForm:
    return form.offer(categories.flat(categories.tree(include_inactive=True)), tags.list_tags())


def _editor(form: ProductForm, product: Product | None, saved: Saved | None = None) -> Response:
    conflict = []
    if product is not None and getattr(form, "is_stale", False):
        conflict = differences(form, _offered(ProductForm.of(product)))
        form.take_version(product)
    store = current_store()
    name = form.name.data or _("New product")
    return page(
        "admin/products/edit.html", status=saved.status if saved is not None else 200, form=form,
        product=show(product) if product is not None else None, conflict=conflict, currency=store.currency,
        heading=product.name if product is not None else _("New product"),
        trail=[(_("Products"), back_to("admin.products")), (product.name if product is not None else name, None)],
        general_errors=[] if conflict else form.form_errors, option_choices=attributes.list_attributes(),
        serp=_serp(form, product),
    )  # fmt: skip


def _serp(form: ProductForm, product: Product | None) -> dict[str, Any] | None:
    """How a search engine would show it."""
    if product is None:
        return None
    text = form.meta_description.data or form.short_description.data or ""
    return {"url": url_for("shop.product", slug=product.slug, _external=True),
            "title": form.meta_title.data or form.name.data or "", "text": str(text)[:200]}  # fmt: skip


@bp.get("/products/<uuid:product_id>/delete")
@allow(Role.MANAGER)
def ask_delete_product(product_id: UUID) -> Response:
    """The question of the dialog, as a page."""
    product = products.get_product(product_id)
    return page("admin/confirm.html", heading=_("Delete “%(name)s”?", name=product.name),
                text=_("It disappears from the shop at once. Orders that contain it stay as they are."),
                action=url_for("admin.delete_product", product_id=product_id), button=_("Delete"),
                back=url_for("admin.show_product", product_id=product_id))  # fmt: skip


@bp.post("/products/<uuid:product_id>/delete")
@allow(Role.MANAGER)
def delete_product(product_id: UUID) -> Response:
    name = products.get_product(product_id).name
    products.delete_product(product_id, actor=actor())
    flash(_("“%(name)s” is deleted.", name=name), "success")
    return go("admin.products")


@bp.post("/products/<uuid:product_id>/duplicate")
@allow(Role.MANAGER)
def duplicate_product(product_id: UUID) -> Response:
    copy = copying.duplicate_product(product_id, actor=actor())
    flash(_("This is the copy: a draft, with no stock yet."), "success")
    return go("admin.show_product", product_id=copy.id)
