"""The list of pages, and pages that begin with a model text."""

from typing import Any

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.wording import Badge
from forms.pages import LegalForm
from kit.actor import Role
from kit.i18n import _, _n
from models.pages import Page
from services import legal, pages
from web.access import allow
from web.auth import actor
from web.filters import ago, moment
from web.htmx import go
from web.lists import listing, page_arg, page_url, size_arg
from web.saving import Saved, save
from web.tenant import current_store


@bp.get("/pages", endpoint="pages")
@allow(Role.MANAGER)
def list_pages() -> Response:
    found = pages.list_pages(page_arg(), size_arg(), actor=actor())
    return page("admin/content/index.html", pages=listing(found, _row), page_url=page_url)


def _row(row: Page) -> dict[str, Any]:
    others = [code for code in current_store().languages if code != current_store().locale]
    return {
        "title": row.title,
        "url": url_for("admin.edit_page", page_id=row.id),
        "address": url_for("shop.show_page", slug=row.slug),
        "is_active": row.is_active,
        "state": state_of(row),
        "note": said_when(row),
        "has_gaps": legal.has_gaps(row.content),
        "missing": [code for code in others if not (row.translations or {}).get(code, {}).get("content")],
        "when": ago(row.updated_at),
        "iso": row.updated_at.isoformat(),
    }


def state_of(row: Page) -> Badge:
    if row.is_active:
        return (_("Shown"), "good", "dot")
    return (_("Planned"), "info", "part") if row.publish_at else (_("Hidden"), "neutral", "open")


def said_when(row: Page) -> str:
    parts = [
        _("from %(moment)s", moment=moment(row.publish_at, "short")) if row.publish_at else "",
        _("until %(moment)s", moment=moment(row.unpublish_at, "short")) if row.unpublish_at else "",
    ]
    return " ".join(part for part in parts if part)


@bp.route("/pages/legal", methods=["GET", "POST"])
@allow(Role.MANAGER)
def legal_pages() -> Response:
    store = current_store()
    if request.method == "GET":
        first = {
            "country": store.country if store.country in legal.COUNTRIES else "",
            "language": legal.language_for(store.locale),
            "kinds": list(legal.KINDS),
        }
        return _legal_page(LegalForm(values=first).offer())
    form = LegalForm(request.form).offer()
    saved = save(form, lambda draft: legal.create_pages(draft, actor=actor()))
    if not saved:
        return _legal_page(form, saved)
    made = len(saved.thing)
    said = _n("%(num)d page is made. Read it, fill in what is marked, then show it.",
              "%(num)d pages are made. Read them, fill in what is marked, then show them.", made)  # fmt: skip
    flash(said, "success")
    return go("admin.pages")


def _legal_page(form: LegalForm, saved: Saved | None = None) -> Response:
    store = current_store()
    lacking = [
        label
        for value, label in (
            (store.legal_name, _("Legal name")),
            (store.legal_address, _("Legal address")),
            (store.vat_number, _("VAT number")),
            (store.contact_email, _("E-mail for customers")),
            (store.contact_phone, _("Phone for customers")),
        )
        if not value
    ]
    return page(
        "admin/content/legal.html",
        status=saved.status if saved is not None else 200,
        form=form,
        lacking=lacking,
        sections=[{"title": _("Model texts"), "text": _("With the identity of your shop, as the settings have it."),
                   "fields": [form.kinds, form.country, form.language]}],
    )  # fmt: skip
