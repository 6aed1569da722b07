"""The product editor: one page, one form, one save."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from werkzeug.datastructures import MultiDict

from admin import bp
from admin.form_page import ask_first, deletion
from admin.frame import page
from admin.merging import Clash, decided, merge, seen_of
from admin.products.archive import show_archived
from admin.products.files import files_context
from admin.products.shown import show
from forms.base import version_in
from forms.products import ProductForm
from kit.actor import Role
from kit.errors import NotFound, PlanLimit
from kit.i18n import _
from models.catalog import Product
from services.catalog import attributes, categories, copying, products, related, tags, texts
from services.stock.adjusting import is_overtaken
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.lists import back_to
from web.saving import Saved, save
from web.tenant import current_store

NEW = {
    "track_stock": True,
    "is_active": False,
    "stock_quantity": "0",
    "tax_class": "standard",
    "min_quantity": "1",
    "quantity_step": "1",
}


@bp.get("/products/new")
@allow(Role.MANAGER)
def new_product() -> Response:
    return _editor(_offered(_form_class()(values=NEW)), None)


@bp.post("/products/new")
@allow(Role.MANAGER)
def create_product() -> Response:
    """A name is enough for a draft."""
    form = _offered(_form_class()(request.form))
    chosen = _related(form)
    saved = Saved(status=422)
    if not form.problems:
        saved = save(form, lambda draft: products.create_product(draft, actor=actor()), **chosen)
    if not saved:
        return _editor(form, None, saved)
    flash(_("The product is saved. Pictures and variants can be added now."), "success")
    return go("admin.show_product", product_id=saved.thing.id)


@bp.get("/products/<uuid:product_id>")
@allow(Role.STAFF)
def show_product(product_id: UUID) -> Response:
    """Staff read it; who may change it finds a form that can be saved. A deleted one can be brought back."""
    try:
        product = products.get_product(product_id)
    except NotFound:
        return show_archived(product_id)
    return _editor(_offered(_saved_form(product), product), product)


@bp.post("/products/<uuid:product_id>")
@allow(Role.MANAGER)
def save_product(product_id: UUID) -> Response:
    """What somebody else changed meanwhile is kept; only what both have changed is asked about."""
    product = products.get_product(product_id)
    sent = request.form.copy()
    if any(name.startswith("keep-") for name in sent):
        sent = decided(sent, _offered(_saved_form(product), product))
    taken: list[str] = []
    if _is_counted_twice(sent, product):
        form, saved = _offered(_form_class(product)(sent), product), Saved(status=409)
        form.is_stale = True
    else:
        form, saved = _try(product, sent)
    if form.is_stale:
        product = products.get_product(product_id)
        merged = merge(form, sent, _offered(_saved_form(product), product))
        taken = merged.taken
        merged.sent["version"], merged.sent["stock_seen"] = str(product.version), str(product.stock_quantity)
        if merged.clashes:
            form = _offered(_form_class(product)(merged.sent), product)
            return _editor(form, product, Saved(status=409), merged.clashes)
        form, saved = _try(product, merged.sent)
    if not saved:
        return _editor(form, products.get_product(product_id), saved)
    kept = _(" Also kept: what somebody else has changed meanwhile (%(fields)s).", fields=", ".join(taken))
    flash(_("Saved.") + (kept if taken else ""), "success")
    return go("admin.show_product", product_id=product_id, **_kept_back())


def _is_counted_twice(sent: Mapping[str, str], product: Product) -> bool:
    """What is sold or counted makes no new version of the product."""
    seen, wanted = version_in(sent.get("stock_seen")), version_in(sent.get("stock_quantity"))
    return not product.variants and is_overtaken(seen, wanted, product.stock_quantity)


def _try(product: Product, sent: MultiDict[str, str]) -> tuple[ProductForm, Saved]:
    form = _offered(_form_class(product)(sent), product)
    version = form.seen_version
    reason = str(form.stock_reason.data or "")
    chosen = _related(form)
    if form.problems:
        return form, Saved(status=422)
    saved = save(
        form,
        lambda draft: products.update_product(
            product.id, draft, actor=actor(), version=version, stock_reason=reason
        ),
        **chosen,
    )
    return form, saved


def _related(form: ProductForm) -> dict[str, Any]:
    """The ticked ones and those added by SKU. An unknown SKU is a problem of the form."""
    chosen = [text for text in form.related_ids.raw_data or [] if text]
    skus = [sku.strip() for sku in str(form.related_skus.data or "").split(",") if sku.strip()]
    if not skus:
        return {}
    found, unknown = related.by_skus(skus)
    if unknown:
        form.refuse(_("No product has the SKU “%(sku)s”.", sku=unknown[0]), "related_skus")
        return {}
    return {"related_ids": list(dict.fromkeys([*chosen, *map(str, found)]))}


def _kept_back() -> dict[str, str]:
    return {"back": request.args["back"]} if request.args.get("back") else {}


def _form_class(product: Product | None = None) -> type[ProductForm]:
    """With the store's other languages, and those that the product has words in."""
    store = current_store()
    locales = [code for code in store.languages if code != store.locale]
    known = texts.translations_of(product.id) if product is not None else ()
    return ProductForm.speaking(list(dict.fromkeys([*locales, *known])))


def _saved_form(product: Product) -> ProductForm:
    return _form_class(product).of(product)


def _offered(form: ProductForm, product: Product | None = None) -> ProductForm:
    nodes = categories.flat(categories.tree(include_inactive=True))
    others = related.ids_of(product.id) if product is not None else []
    form.offer(nodes, tags.list_tags(), related.named(others))
    return form


def _editor(
    form: ProductForm, product: Product | None, saved: Saved | None = None, clashes: Sequence[Clash] = ()
) -> Response:
    if product is not None:
        is_as_saved = saved is None
        form.seen.data = seen_of(form if is_as_saved else _offered(_saved_form(product), product))
    store = current_store()
    name = form.name.data or _("New product")
    return page(
        "admin/products/edit.html", status=saved.status if saved is not None else 200, form=form,
        product=show(product) if product is not None else None, clashes=clashes, currency=store.currency,
        heading=product.name if product is not None else _("New product"),
        trail=[(_("Products"), back_to("admin.products")), (product.name if product is not None else name, None)],
        general_errors=[] if clashes else form.form_errors, option_choices=attributes.list_attributes(),
        serp=_serp(form, product), **files_context(product),
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
    text = _(
        "It disappears from the shop at once and can be brought back. Orders that contain it stay as they are."
    )
    about = deletion("product", product.name, text, product_id=product_id)
    return ask_first(about, back=url_for("admin.show_product", product_id=product_id))


@bp.post("/products/<uuid:product_id>/delete")
@allow(Role.MANAGER)
def delete_product(product_id: UUID) -> Response:
    """It can be brought back: the next page says so, and does it."""
    products.get_product(product_id)
    products.delete_product(product_id, actor=actor())
    return go("admin.show_product", product_id=product_id)


@bp.post("/products/<uuid:product_id>/duplicate")
@allow(Role.MANAGER)
def duplicate_product(product_id: UUID) -> Response:
    try:
        copy = copying.duplicate_product(product_id, actor=actor())
    except PlanLimit as error:
        flash(error.message, "error")
        return go("admin.show_product", product_id=product_id)
    flash(_("This is the copy: a draft, with no stock yet."), "success")
    return go("admin.show_product", product_id=copy.id)
