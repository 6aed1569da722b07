"""Tags, in one list with a line to add one."""

from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.catalog import TagForm
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _
from services.catalog import tags
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.saving import save


@bp.route("/products/tags", methods=["GET", "POST"], endpoint="tags")
@allow(Role.MANAGER)
def list_tags() -> Response:
    form, status = TagForm(request.form if request.method == "POST" else None), 200
    if request.method == "POST":
        saved = save(form, lambda draft: tags.create_tag(draft, actor=actor()))
        if saved:
            flash(_("The tag is there."), "success")
            return go("admin.tags")
        status = saved.status
    rows = [
        {
            "id": tag.id,
            "name": tag.name,
            "count": tag.product_count,
            "list_url": url_for("admin.products", tag=tag.id),
        }
        for tag in tags.list_tags()
    ]
    return page(
        "admin/products/tags.html", status=status, rows=rows, form=form, general_errors=form.form_errors
    )


@bp.post("/products/tags/<uuid:tag_id>")
@allow(Role.MANAGER)
def rename_tag(tag_id: UUID) -> Response:
    tags.get_tag(tag_id)
    form = TagForm(request.form)
    if save(form, lambda draft: tags.rename_tag(tag_id, draft, actor=actor())):
        flash(_("Saved."), "success")
    else:
        flash(" ".join(problem.message for problem in form.problems), "error")
    return go("admin.tags")


@bp.get("/products/tags/<uuid:tag_id>/merge")
@allow(Role.MANAGER)
def ask_merge_tag(tag_id: UUID) -> Response:
    """Into which other one?"""
    tag = tags.get_tag(tag_id)
    return page(
        "admin/products/merge_tag.html",
        tag={"id": tag.id, "name": tag.name},
        others=[{"id": one.id, "name": one.name, "count": one.product_count}
                for one in tags.list_tags() if one.id != tag_id],
        trail=[(_("Products"), url_for("admin.products")), (_("Tags"), url_for("admin.tags")), (tag.name, None)],
    )  # fmt: skip


@bp.post("/products/tags/<uuid:tag_id>/merge")
@allow(Role.MANAGER)
def merge_tag(tag_id: UUID) -> Response:
    name = tags.get_tag(tag_id).name
    try:
        kept = tags.merge_tags(tag_id, request.form.get("into", ""), actor=actor())
    except Invalid as error:
        flash(error.errors[0].message, "error")
        return go("admin.ask_merge_tag", tag_id=tag_id)
    flash(_("“%(name)s” is part of “%(kept)s” now.", name=name, kept=kept.name), "success")
    return go("admin.tags")


@bp.post("/products/tags/<uuid:tag_id>/delete")
@allow(Role.MANAGER)
def delete_tag(tag_id: UUID) -> Response:
    name = tags.get_tag(tag_id).name
    tags.delete_tag(tag_id, actor=actor())
    flash(_("“%(name)s” is deleted.", name=name), "success")
    return go("admin.tags")
