"""What the shop's search is told, and what it could not find."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.form_page import ask_first, deletion, form_page
from admin.frame import page
from forms.search import SynonymForm
from kit.actor import Role
from kit.i18n import _
from services.search import misses, synonyms
from services.search.synonyms import SynonymDraft
from web.access import allow
from web.auth import actor
from web.filters import day, number
from web.htmx import go
from web.lists import choice_arg, here, listing, page_arg, page_url, size_arg
from web.saving import Saved, save


def _tabs(current: str) -> list[dict[str, Any]]:
    pages = (("misses", _("Not found"), "admin.search_misses"), ("synonyms", _("Synonyms"), "admin.synonyms"))
    return [
        {"label": label, "url": url_for(endpoint), "current": key == current}
        for key, label, endpoint in pages
    ]


@bp.get("/products/search")
@allow(Role.MANAGER)
def search_misses() -> Response:
    sort = choice_arg("sort", misses.SORTS, "count")
    found = misses.list_misses(sort=sort, page=page_arg(), page_size=size_arg())
    rows = listing(found, lambda row: {
        "id": row.id, "query": row.query, "count": number(row.count), "last": day(row.last_at),
        "search_url": url_for("shop.search", q=row.query), "word_url": url_for("admin.new_synonym", word=row.query),
    })  # fmt: skip
    sorts = [(_("Most often"), "count"), (_("Latest"), "last")]
    return page(
        "admin/products/search_misses.html", tabs=_tabs("misses"), rows=rows, page_url=page_url,
        sorts=[{"label": label, "url": here(sort=key), "current": key == sort} for label, key in sorts],
    )  # fmt: skip


@bp.post("/products/search/misses/<uuid:miss_id>/forget")
@allow(Role.MANAGER)
def forget_miss(miss_id: UUID) -> Response:
    misses.forget_miss(miss_id)
    flash(_("Taken off the list. It comes back if it is asked for again."), "success")
    return go("admin.search_misses")


@bp.post("/products/search/misses/forget")
@allow(Role.MANAGER)
def forget_misses() -> Response:
    misses.forget_all()
    flash(_("The list is empty now and counts anew."), "success")
    return go("admin.search_misses")


@bp.get("/products/search/synonyms", endpoint="synonyms")
@allow(Role.MANAGER)
def list_synonyms() -> Response:
    rows = [{"words": list(row.words), "means": list(row.means),
             "url": url_for("admin.edit_synonym", synonym_id=row.id)} for row in synonyms.list_synonyms()]  # fmt: skip
    return page("admin/products/synonyms.html", tabs=_tabs("synonyms"), rows=rows)


@bp.route("/products/search/synonyms/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
def new_synonym() -> Response:
    if request.method == "GET":
        word = request.args.get("word", "")[:60].strip()
        return _form_page(SynonymForm(values={"words": [word] if word else []}), _("New synonyms"))
    form = SynonymForm(request.form)
    saved = save(form, lambda draft: synonyms.create_synonym(draft, actor=actor()))
    if not saved:
        return _form_page(form, _("New synonyms"), saved)
    flash(_("Saved. The shop finds by it at once."), "success")
    return go("admin.synonyms")


@bp.route("/products/search/synonyms/<uuid:synonym_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_synonym(synonym_id: UUID) -> Response:
    row = synonyms.get_synonym(synonym_id)
    heading = ", ".join(row.words)
    if request.method == "GET":
        return _form_page(SynonymForm(values=SynonymDraft.of(row)), heading, synonym_id=row.id)
    form = SynonymForm(request.form)
    saved = save(form, lambda draft: synonyms.update_synonym(synonym_id, draft, actor=actor()))
    if not saved:
        return _form_page(form, heading, saved, synonym_id=row.id)
    flash(_("Saved. The shop finds by it at once."), "success")
    return go("admin.synonyms")


def _form_page(
    form: SynonymForm, heading: str, saved: Saved | None = None, *, synonym_id: UUID | None = None
) -> Response:
    form.words.description = _("One to a line. Each finds what the others find.")
    form.means.description = _(
        "Leave it empty for words that mean the same. Filled in, who asks for one of the words above also finds these, "
        "and not the other way round: “notebook” also finds “laptop”."
    )
    sections = [
        {"title": _("Words"), "text": _("Accents, capitals and plurals need not be written out."),
         "fields": [form.words]},
        {"title": _("One way"), "fields": [form.means]},
    ]  # fmt: skip
    trail = [(_("Products"), url_for("admin.products")), (_("Search"), url_for("admin.search_misses")),
             (_("Synonyms"), url_for("admin.synonyms")), (heading, None)]  # fmt: skip
    delete = _deletion(synonym_id, heading) if synonym_id else None
    return form_page(form, heading, sections, trail, saved=saved, delete=delete)


@bp.get("/products/search/synonyms/<uuid:synonym_id>/delete")
@allow(Role.MANAGER)
def ask_delete_synonym(synonym_id: UUID) -> Response:
    name = ", ".join(synonyms.get_synonym(synonym_id).words)
    return ask_first(_deletion(synonym_id, name), back=url_for("admin.edit_synonym", synonym_id=synonym_id))


def _deletion(synonym_id: UUID, name: str) -> dict[str, str]:
    return deletion("synonym", name, _("No product is changed."), synonym_id=synonym_id)


@bp.post("/products/search/synonyms/<uuid:synonym_id>/delete")
@allow(Role.MANAGER)
def delete_synonym(synonym_id: UUID) -> Response:
    synonyms.delete_synonym(synonym_id, actor=actor())
    flash(_("Deleted."), "success")
    return go("admin.synonyms")
