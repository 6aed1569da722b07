"""The tree of categories: a list, a form, and deleting."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.form_page import ask_first, deletion
from admin.frame import page
from forms.catalog import CategoryForm
from kit.actor import Role
from kit.errors import Invalid, NotFound, ShopError
from kit.i18n import _
from models.catalog import Category
from services.catalog import categories, category_pictures, category_places, images
from services.catalog.categories import CategoryDraft
from services.catalog.category_places import Step
from web.access import allow
from web.auth import actor
from web.htmx import go, wants_fragment
from web.saving import Saved, catch_up, save
from web.tenant import current_store


def _delete_text() -> str:
    return _("What hangs below it moves up; its products stay, without this category.")


@bp.get("/products/categories", endpoint="categories")
@allow(Role.MANAGER)
def list_categories() -> Response:
    nodes = categories.flat(categories.counted_tree(include_inactive=True))
    rows = [
        {"id": node.id, "name": node.name, "depth": node.depth, "is_active": node.is_active,
         "count": node.product_count, "url": url_for("admin.edit_category", category_id=node.id),
         "move_url": url_for("admin.move_category", category_id=node.id),
         "list_url": url_for("admin.products", category=node.id),
         **{f"can_{step}": can for step, can in category_places.ways(node, nodes).items()}}
        for node in nodes
    ]  # fmt: skip
    return page("admin/products/categories.html", rows=rows)


@bp.post("/products/categories/<uuid:category_id>/move")
@allow(Role.MANAGER)
def move_category(category_id: UUID) -> Response:
    """By the buttons: `to` is up, down, in or out; by dragging: before, after or below the `other`."""
    categories.get_category(category_id)
    to = request.form.get("to", "")
    if to in set(Step):
        try:
            category_places.move_category(
                category_id, Step(to), actor=actor(), other_id=request.form.get("other")
            )
        except (Invalid, NotFound) as error:
            flash(error.said, "error")
    return go("admin.categories", _anchor=f"category-{category_id}")


@bp.route("/products/categories/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
def new_category() -> Response:
    form = _offered(_form_class()(request.form if request.method == "POST" else None, {"is_active": True}))
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
        return _form_page(_offered(_saved_form(row), row.id), row.name, category_id=row.id)
    form = _offered(_form_class(row)(request.form), row.id)
    version = form.seen_version
    saved = save(
        form, lambda draft: categories.update_category(category_id, draft, actor=actor(), version=version)
    )
    if not saved:
        return _form_page(form, row.name, saved, category_id=row.id)
    flash(_("The category is saved."), "success")
    return go("admin.categories")


def _form_class(row: Category | None = None) -> type[CategoryForm]:
    store = current_store()
    known = row.translations if row is not None else ()
    return CategoryForm.speaking(
        list(dict.fromkeys([*(code for code in store.languages if code != store.locale), *known]))
    )


def _saved_form(row: Category) -> CategoryForm:
    spoken = {
        f"{locale}_{name}": text for locale, texts in row.translations.items() for name, text in texts.items()
    }
    return _form_class(row)(values={**CategoryDraft.of(row), **spoken, "version": row.version})


def _offered(form: CategoryForm, own: UUID | None = None) -> CategoryForm:
    return form.offer(categories.flat(categories.tree(include_inactive=True)), own)


def _form_page(
    form: CategoryForm, heading: str, saved: Saved | None = None, *, category_id: UUID | None = None
) -> Response:
    conflict: list[Any] = []
    if category_id is not None and form.is_stale:
        row = categories.get_category(category_id)
        conflict = catch_up(form, _offered(_saved_form(row), row.id))
    delete = category_id and {"title": _("Delete “%(name)s”?", name=heading), "text": _delete_text(),
                              "ask": url_for("admin.ask_delete_category", category_id=category_id),
                              "action": url_for("admin.delete_category", category_id=category_id)}  # fmt: skip
    return page(
        "admin/products/category.html",
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
            *(
                {
                    "title": _("In %(language)s", language=language["name"]),
                    "text": _("What is left empty is read in the store’s own language."),
                    "fields": list(language["fields"].values()),
                }
                for language in form.languages()
            ),
        ],
        picture=_picture(category_id),
    )


def _picture(category_id: UUID | None) -> dict[str, Any] | None:
    """None for a new one: it has to be saved first."""
    if category_id is None:
        return None
    row = categories.get_category(category_id)
    return {
        "src": images.url(row.image_key),
        "upload_url": url_for("admin.upload_category_picture", category_id=row.id),
        "delete_url": url_for("admin.delete_category_picture", category_id=row.id),
    }


@bp.post("/products/categories/<uuid:category_id>/picture")
@allow(Role.MANAGER)
def upload_category_picture(category_id: UUID) -> Response:
    categories.get_category(category_id)
    file = request.files.get("files")
    if file is None or not file.filename:
        return _after_picture(category_id, error=_("Choose a picture first."))
    try:
        data = file.read(category_pictures.BYTES_MAX + 1)
        category_pictures.set_picture(category_id, data, actor=actor())
    except ShopError as error:
        return _after_picture(category_id, error=f"{file.filename}: {error.message}")
    return _after_picture(category_id)


@bp.post("/products/categories/<uuid:category_id>/picture/delete")
@allow(Role.MANAGER)
def delete_category_picture(category_id: UUID) -> Response:
    category_pictures.remove_picture(category_id, actor=actor())
    return _after_picture(category_id)


def _after_picture(category_id: UUID, error: str = "") -> Response:
    """The card for scripts, else the page again."""
    if wants_fragment():
        return page("admin/products/_category_picture.html", status=422 if error else 200, picture_error=error,
                    picture=_picture(category_id))  # fmt: skip
    flash(error or _("Saved."), "error" if error else "success")
    return go("admin.edit_category", category_id=category_id, _anchor="picture")


@bp.get("/products/categories/<uuid:category_id>/delete")
@allow(Role.MANAGER)
def ask_delete_category(category_id: UUID) -> Response:
    row = categories.get_category(category_id)
    about = deletion("category", row.name, _delete_text(), category_id=category_id)
    return ask_first(about, back=url_for("admin.edit_category", category_id=category_id))


@bp.post("/products/categories/<uuid:category_id>/delete")
@allow(Role.MANAGER)
def delete_category(category_id: UUID) -> Response:
    name = categories.get_category(category_id).name
    categories.delete_category(category_id, actor=actor())
    flash(_("“%(name)s” is deleted.", name=name), "success")
    return go("admin.categories")
