"""The tree of categories: a list, a form, and deleting."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.saving import Saved, differences, save
from forms.catalog import CategoryForm
from kit.actor import Role
from kit.i18n import _
from services.catalog import categories
from services.catalog.categories import CategoryDraft
from web.access import allow
from web.auth import actor
from web.htmx import go


def _delete_text() -> str:
    return _("What hangs below it moves up; its products stay, without this category.")


@bp.get("/products/categories", endpoint="categories")
@allow(Role.MANAGER)
def list_categories() -> Response:
    nodes = categories.flat(categories.counted_tree(include_inactive=True))
    rows = [{"name": node.name, "depth": node.depth, "is_active": node.is_active, "count": node.product_count,
             "url": url_for("admin.edit_category", category_id=node.id),
             "list_url": url_for("admin.products", category=node.id)} for node in nodes]  # fmt: skip
    return page("admin/products/categories.html", rows=rows)


@bp.route("/products/categories/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
def new_category() -> Response:
    form = _offered(CategoryForm(request.form if request.method == "POST" else None, {"is_active": True}))
    if request.method == "GET":
        return _form_page(form, _("New category"))
    saved = save(form, lambda draft: categories.create_category(draft, actor=actor()))
    if not saved:
        return _form_page(form, _("New category"), saved)
    flash(_("The category is saved."), "success")
    return go("admin.categories")


@bp.route("/products/categories/<uuid:category_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_category(category_id: UUID) -> Response:
    row = categories.get_category(category_id)
    if request.method == "GET":
        form = CategoryForm(values={**CategoryDraft.of(row), "version": row.version})
        return _form_page(_offered(form, row.id), row.name, category_id=row.id)
    form = _offered(CategoryForm(request.form), row.id)
    version = int(form.version.data) if str(form.version.data or "").isdigit() else None
    saved = save(
        form, lambda draft: categories.update_category(category_id, draft, actor=actor(), version=version)
    )
    if not saved:
        return _form_page(form, row.name, saved, category_id=row.id)
    flash(_("The category is saved."), "success")
    return go("admin.categories")


def _offered(form: CategoryForm, own: UUID | None = None) -> CategoryForm:
    return form.offer(categories.flat(categories.tree(include_inactive=True)), own)


def _form_page(
    form: CategoryForm, heading: str, saved: Saved | None = None, *, category_id: UUID | None = None
) -> Response:
    conflict: list[Any] = []
    if category_id is not None and getattr(form, "is_stale", False):
        row = categories.get_category(category_id)
        conflict = differences(form, _offered(CategoryForm(values=CategoryDraft.of(row)), row.id))
        form.version.data = str(row.version)
    delete = category_id and {"title": _("Delete “%(name)s”?", name=heading), "text": _delete_text(),
                              "ask": url_for("admin.ask_delete_category", category_id=category_id),
                              "action": url_for("admin.delete_category", category_id=category_id)}  # fmt: skip
    return page(
        "admin/settings/form.html",
        status=saved.status if saved is not None else 200,
        heading=heading,
        form=form,
        general_errors=[] if conflict else form.form_errors,
        conflict=conflict,
        delete=delete,
        trail=[
            (_("Products"), url_for("admin.products")),
            (_("Categories"), url_for("admin.categories")),
            (heading, None),
        ],
        sections=[
            {"title": _("Category"), "fields": [form.name, form.parent_id, form.description, form.is_active]},
            {
                "title": _("Search engines"),
                "text": _("The old address keeps leading here."),
                "fields": [form.slug, form.meta_title, form.meta_description],
            },
            {
                "title": _("Place in the list"),
                "text": _("Smaller numbers come first among those beside it."),
                "fields": [form.position],
            },
        ],
    )


@bp.get("/products/categories/<uuid:category_id>/delete")
@allow(Role.MANAGER)
def ask_delete_category(category_id: UUID) -> Response:
    row = categories.get_category(category_id)
    return page("admin/confirm.html", heading=_("Delete “%(name)s”?", name=row.name), text=_delete_text(),
                action=url_for("admin.delete_category", category_id=category_id), button=_("Delete"),
                back=url_for("admin.edit_category", category_id=category_id))  # fmt: skip


@bp.post("/products/categories/<uuid:category_id>/delete")
@allow(Role.MANAGER)
def delete_category(category_id: UUID) -> Response:
    name = categories.get_category(category_id).name
    categories.delete_category(category_id, actor=actor())
    flash(_("“%(name)s” is deleted.", name=name), "success")
    return go("admin.categories")
