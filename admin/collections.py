"""Collections: categories that fill themselves by a rule, with a count of who would be in while one writes it."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.collections import CollectionForm, RuleForm
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _, _n
from models.catalog import Category
from services.catalog import attributes, categories, collections, tags
from services.catalog.collections import RuleDraft
from web.access import allow
from web.auth import actor
from web.filters import moment, money
from web.htmx import go, wants_fragment
from web.saving import Saved, save


@bp.get("/products/collections", endpoint="collections")
@allow(Role.MANAGER)
def list_collections() -> Response:
    names = {str(tag.id): tag.name for tag in tags.list_tags()}
    counts = {n.id: n.product_count for n in categories.flat(categories.counted_tree(include_inactive=True))}
    rows = [
        {"name": row.name, "rule": _said(row.rule, names), "count": counts.get(row.id, 0), "is_active": row.is_active,
         "asked": moment(row.ruled_at), "url": url_for("admin.edit_collection", category_id=row.id),
         "list_url": url_for("admin.products", category=row.id)}
        for row in collections.list_collections()
    ]  # fmt: skip
    return page("admin/products/collections.html", rows=rows)


def _said(rule: dict[str, Any], tag_names: dict[str, str]) -> str:
    """The rule in words."""
    parts = [
        _("from %(price)s", price=money(rule["min_price"])) if "min_price" in rule else "",
        _("up to %(price)s", price=money(rule["max_price"])) if "max_price" in rule else "",
        _("reduced") if rule.get("on_sale") else "",
        _("featured") if rule.get("featured") else "",
        _("in stock") if rule.get("in_stock") else "",
        _n("new within %(num)d day", "new within %(num)d days", rule["new_days"])
        if "new_days" in rule
        else "",
        " / ".join(rule.get("brands", ())),
        " / ".join(tag_names.get(ident, _("a deleted tag")) for ident in rule.get("tag_ids", ())),
        " / ".join(option.partition(":")[2] for option in rule.get("options", ())),
    ]
    return ", ".join(part for part in parts if part)


@bp.route("/products/collections/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
def new_collection() -> Response:
    form = _offered(CollectionForm(request.form if request.method == "POST" else None))
    if request.method == "GET":
        return _form_page(form, _("New collection"))
    if "count" in request.form:
        return _counted(form, _("New collection"))
    saved = save(form, lambda draft: collections.create_collection(draft, actor=actor()))
    if not saved:
        return _form_page(form, _("New collection"), saved)
    flash(_("The collection is there. Its texts and its place are those of a category."), "success")
    return go("admin.collections")


@bp.route("/products/collections/<uuid:category_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_collection(category_id: UUID) -> Response:
    """A category that was filled by hand becomes a collection by it."""
    row = categories.get_category(category_id)
    if request.method == "GET":
        return _form_page(
            _offered(RuleForm(values={**RuleDraft.of(row), "version": row.version})), row.name, row=row
        )
    form = _offered(RuleForm(request.form))
    if "count" in request.form:
        return _counted(form, row.name, row)
    version = form.seen_version
    saved = save(form, lambda draft: collections.set_rule(category_id, draft, actor=actor(), version=version))
    if not saved:
        return _form_page(form, row.name, saved, row=row)
    flash(_("The rule is saved."), "success")
    return go("admin.collections")


@bp.post("/products/collections/<uuid:category_id>/clear")
@allow(Role.MANAGER)
def clear_collection(category_id: UUID) -> Response:
    name = categories.get_category(category_id).name
    collections.clear_rule(category_id, actor=actor())
    flash(_("“%(name)s” is filled by hand now.", name=name), "success")
    return go("admin.collections")


def _counted(form: RuleForm, heading: str, row: Category | None = None) -> Response:
    """How many the rule lets in: beside it while one writes, or by the button on the whole page."""
    try:
        count = collections.count_matching(form.rule_draft())
        said = _n("%(num)d product fits now", "%(num)d products fit now", count)
    except Invalid as error:
        said = error.said
    if wants_fragment():
        return page("admin/products/_rule_count.html", said=said)
    return _form_page(form, heading, row=row, said=said)


def _offered(form: Any) -> Any:
    return form.offer(tags.list_tags(), attributes.list_attributes())


def _form_page(
    form: RuleForm, heading: str, saved: Saved | None = None, *, row: Category | None = None, said: str = ""
) -> Response:
    form.brands.description = _("One to a line.")
    form.options.description = _("Several of one option are alternatives; several options must all be met.")
    name = [{"title": _("Name"), "fields": [form.name]}] if row is None else []
    return page(
        "admin/products/collection.html",
        status=saved.status if saved is not None else 200,
        heading=heading,
        form=form,
        general_errors=form.form_errors,
        said=said,
        links={"category": url_for("admin.edit_category", category_id=row.id),
               "clear": url_for("admin.clear_collection", category_id=row.id) if row.is_collection else None}
        if row is not None
        else None,
        trail=[(_("Products"), url_for("admin.products")), (_("Collections"), url_for("admin.collections")),
               (heading, None)],
        sections=[
            *name,
            {"title": _("Price"), "text": _("What a product costs now, reductions included."),
             "fields": [form.min_price, form.max_price, form.on_sale]},
            {"title": _("Kind"), "fields": [form.featured, form.in_stock, form.new_days]},
            {"title": _("Brand and tags"), "fields": [form.brands, form.tag_ids]},
            {"title": _("Options"), "fields": [form.options]},
        ],
    )  # fmt: skip
