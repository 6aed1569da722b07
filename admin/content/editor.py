"""One page: written, planned, looked at before anybody sees it, and deleted."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.content.index import said_when, state_of
from admin.form_page import ask_first, deletion
from admin.frame import page
from forms.pages import PageForm
from kit.actor import Role
from kit.errors import Invalid
from kit.html import plain_text
from kit.i18n import _
from models.pages import Page
from services import legal, page_versions, pages
from services.pages import FullPageDraft
from web.access import allow
from web.auth import actor
from web.htmx import go, go_to
from web.saving import Saved, catch_up, save
from web.tenant import current_store


def _form_class() -> type[PageForm]:
    store = current_store()
    return PageForm.speaking([code for code in store.languages if code != store.locale])


def _saved_form(row: Page) -> PageForm:
    values = {**FullPageDraft.of(row), "version": row.version}
    for locale, texts in (row.translations or {}).items():
        values |= {f"{locale}_{name}": text for name, text in texts.items()}
    return _form_class()(values=values)


@bp.route("/pages/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
def new_page() -> Response:
    if request.method == "GET":
        return _editor(_form_class()(values={"show_in_menu": True, "position": "0"}), None)
    form = _form_class()(request.form)
    if request.form.get("action") == "preview":
        return _preview(form, None)
    saved = save(form, lambda draft: pages.create_page(draft, actor=actor()))
    if not saved:
        return _editor(form, None, saved)
    flash(_("The page is saved."), "success")
    return go("admin.edit_page", page_id=saved.thing.id)


@bp.route("/pages/<uuid:page_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_page(page_id: UUID) -> Response:
    row = pages.get_page(page_id)
    if request.method == "GET":
        return _editor(_saved_form(row), row)
    form = _form_class()(request.form)
    if request.form.get("action") == "preview":
        return _preview(form, row)
    version = form.seen_version
    saved = save(form, lambda draft: pages.update_page(page_id, draft, actor=actor(), version=version))
    if not saved:
        return _editor(form, pages.get_page(page_id), saved)
    flash(_("Saved."), "success")
    return go("admin.edit_page", page_id=page_id)


def _preview(form: PageForm, row: Page | None) -> Response:
    """What was typed, as the shop would show it. Nothing is saved; the form is asked to open another tab."""
    try:
        token = pages.preview(form.checked(), page_id=row.id if row else None, actor=actor())
    except Invalid:
        return _editor(form, row, Saved(status=422))
    return go_to(url_for("shop.preview_page", token=token))


def _editor(form: PageForm, row: Page | None, saved: Saved | None = None) -> Response:
    conflict = catch_up(form, _saved_form(row)) if row is not None and form.is_stale else []
    return page(
        "admin/content/edit.html",
        status=saved.status if saved is not None else 200,
        heading=row.title if row else _("New page"),
        form=form,
        row=_shown(row) if row else None,
        conflict=conflict,
        general_errors=[] if conflict else form.form_errors,
        serp=_serp(form, row) if row else None,
        trail=[(_("Pages"), url_for("admin.pages")), (row.title if row else _("New page"), None)],
    )


def _shown(row: Page) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "state": state_of(row),
        "note": said_when(row),
        "shop_url": url_for("shop.show_page", slug=row.slug) if row.is_active else "",
        "versions": page_versions.count_versions(row.id),
        "has_gaps": legal.has_gaps(row.content)
        or any(legal.has_gaps(texts.get("content", "")) for texts in (row.translations or {}).values()),
    }


def _serp(form: PageForm, row: Page) -> dict[str, str]:
    return {
        "url": url_for("shop.show_page", slug=row.slug, _external=True),
        "title": f"{form.meta_title.data or row.title} – {current_store().name}",
        "text": str(form.meta_description.data or "") or plain_text(row.content)[:300],
    }


@bp.get("/pages/<uuid:page_id>/delete")
@allow(Role.MANAGER)
def ask_delete_page(page_id: UUID) -> Response:
    row = pages.get_page(page_id)
    text = _("Its versions go with it, and its lines in the menus. It can’t be brought back.")
    about = deletion("page", row.title, text, page_id=page_id)
    return ask_first(about, back=url_for("admin.edit_page", page_id=page_id))


@bp.post("/pages/<uuid:page_id>/delete")
@allow(Role.MANAGER)
def delete_page(page_id: UUID) -> Response:
    pages.delete_page(page_id, actor=actor())
    flash(_("The page is deleted."), "success")
    return go("admin.pages")
