"""What variants differ in: options (size, colour) and their values."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.catalog import ATTRIBUTE_TYPES, AttributeChangeForm, AttributeForm, ValueForm
from kit.actor import Role
from kit.errors import Conflict
from kit.i18n import LANGUAGES, _
from services.catalog import attributes
from web.access import allow
from web.auth import actor
from web.htmx import go, go_to
from web.saving import save
from web.tenant import current_store


@bp.route("/products/options", methods=["GET", "POST"], endpoint="attributes")
@allow(Role.MANAGER)
def list_attributes() -> Response:
    form, status = AttributeForm(request.form if request.method == "POST" else None), 200
    if request.method == "POST":
        saved = save(form, lambda draft: attributes.create_attribute(draft, actor=actor()))
        if saved:
            flash(_("The option is there."), "success")
            return go("admin.edit_attribute", attribute_id=saved.thing.id)
        status = saved.status
    rows = [
        {
            "name": a.name,
            "kind": _(ATTRIBUTE_TYPES[a.type]),
            "values": [{"text": v.value, "color": v.color} for v in a.values],
            "url": url_for("admin.edit_attribute", attribute_id=a.id),
        }
        for a in attributes.list_attributes()
    ]
    return page(
        "admin/products/attributes.html", status=status, rows=rows, form=form, general_errors=form.form_errors
    )


@bp.route("/products/options/<uuid:attribute_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_attribute(attribute_id: UUID) -> Response:
    row = attributes.get_attribute(attribute_id)
    if request.method == "GET":
        return _attribute_page(attribute_id)
    form = AttributeChangeForm(request.form)
    names = _names(request.form, "name")
    saved = save(form, lambda draft: attributes.update_attribute(row.id, draft, actor=actor()), names=names)
    if not saved:
        return _attribute_page(attribute_id, saved.status, form=form)
    flash(_("Saved."), "success")
    return go("admin.edit_attribute", attribute_id=attribute_id)


def _names(sent: Mapping[str, str], field: str) -> dict[str, str]:
    """`name_pt`, `name_fr` …: the words of the other languages."""
    return {
        key.removeprefix(f"{field}_"): text.strip()
        for key, text in sent.items()
        if key.startswith(f"{field}_")
    }


def _languages() -> list[tuple[str, str]]:
    store = current_store()
    return [(code, LANGUAGES[code]) for code in store.languages if code != store.locale]


def _attribute_page(
    attribute_id: UUID, code: int = 200, *, form: Any = None, value_form: Any = None
) -> Response:
    row = attributes.get_attribute(attribute_id)
    form = form or AttributeChangeForm(values={"name": row.name, "type": str(row.type)})
    return page(
        "admin/products/attribute.html",
        status=code,
        row=row,
        form=form,
        value_form=value_form or ValueForm(),
        is_color=row.type == "color",
        other_languages=_languages(),
        general_errors=form.form_errors + (value_form.form_errors if value_form else []),
        trail=[
            (_("Products"), url_for("admin.products")),
            (_("Options"), url_for("admin.attributes")),
            (row.name, None),
        ],
    )


@bp.post("/products/options/<uuid:attribute_id>/values")
@allow(Role.MANAGER)
def add_value(attribute_id: UUID) -> Response:
    attributes.get_attribute(attribute_id)
    form = ValueForm(request.form)
    saved = save(form, lambda draft: attributes.add_value(attribute_id, draft, actor=actor()))
    if not saved:
        return _attribute_page(attribute_id, saved.status, value_form=form)
    return go("admin.edit_attribute", attribute_id=attribute_id)


@bp.post("/products/options/<uuid:attribute_id>/values/<uuid:value_id>")
@allow(Role.MANAGER)
def save_value(attribute_id: UUID, value_id: UUID) -> Response:
    attributes.get_attribute(attribute_id)
    form = ValueForm(request.form)
    names = _names(request.form, "value")
    if save(
        form, lambda draft: attributes.update_value(attribute_id, value_id, draft, actor=actor()), names=names
    ):
        flash(_("Saved."), "success")
    else:
        flash(" ".join(problem.message for problem in form.problems), "error")
    return go("admin.edit_attribute", attribute_id=attribute_id)


@bp.post("/products/options/<uuid:attribute_id>/values/<uuid:value_id>/move")
@allow(Role.MANAGER)
def move_value(attribute_id: UUID, value_id: UUID) -> Response:
    by = {"up": -1, "down": 1}.get(request.form.get("to", ""), 0)
    attributes.move_value(attribute_id, value_id, by, actor=actor())
    return go("admin.edit_attribute", attribute_id=attribute_id, _anchor=f"value-{value_id}")


@bp.post("/products/options/<uuid:attribute_id>/values/<uuid:value_id>/delete")
@allow(Role.MANAGER)
def delete_value(attribute_id: UUID, value_id: UUID) -> Response:
    return _unless_in_use(lambda: attributes.delete_value(attribute_id, value_id, actor=actor()),
                          url_for("admin.edit_attribute", attribute_id=attribute_id))  # fmt: skip


@bp.post("/products/options/<uuid:attribute_id>/delete")
@allow(Role.MANAGER)
def delete_attribute(attribute_id: UUID) -> Response:
    return _unless_in_use(
        lambda: attributes.delete_attribute(attribute_id, actor=actor()), url_for("admin.attributes")
    )


def _unless_in_use(act: Callable[[], Any], back: str) -> Response:
    """What a variant uses stays, and it is said which ones."""
    try:
        act()
    except Conflict as error:
        users = ", ".join(str(v.get("product")) for v in error.extra.get("variants", ())[:5])
        flash(f"{error.message} {users}".strip(), "error")
    else:
        flash(_("Deleted."), "success")
    return go_to(back)
