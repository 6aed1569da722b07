"""Telling everybody who works in a store: what runs, what comes, what is over."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from console import bp
from console.frame import page
from forms.announcements import LEVELS, AnnouncementForm
from kit import clock
from kit.actor import Role
from kit.i18n import LANGUAGES, _
from models.plans import Announcement
from services import offers
from services.offers import Book
from services.platform import announcements
from services.platform.announcements import AnnouncementDraft
from web.access import allow
from web.auth import actor
from web.filters import moment
from web.htmx import go
from web.lists import listing, page_arg, page_url
from web.plan_words import plan_name
from web.saving import Saved, catch_up, save

TONES = {"info": "info", "warning": "warn", "urgent": "bad"}


@bp.get("/platform/announcements", endpoint="announcements")
@allow(Role.SYSADMIN)
def list_announcements() -> Response:
    found, book = announcements.list_announcements(page=page_arg()), offers.book()
    return page(
        "platform/announcements/index.html",
        told=listing(found, lambda row: _row(row, book)),
        page_url=page_url,
    )


def _row(row: Announcement, book: Book) -> dict[str, Any]:
    now = clock.now()
    if row.ends_at is not None and row.ends_at <= now:
        state = (_("Over"), "neutral")
    else:
        state = (_("Coming"), "info") if row.starts_at > now else (_("Running"), "good")
    return {
        "id": row.id, "text": row.text, "level": (_(LEVELS[row.level]), TONES[row.level]), "state": state,
        "languages": [LANGUAGES[language] for language in row.translations],
        "plans": [plan_name(slug, book) for slug in row.plans],
        "starts": moment(row.starts_at, "short"), "ends": moment(row.ends_at, "short"),
        "can_end": state[1] != "neutral", "url": url_for("platform.edit_announcement", ident=row.id),
    }  # fmt: skip


@bp.route("/platform/announcements/new", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def new_announcement() -> Response:
    form = AnnouncementForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _form_page(form, _("New announcement"))
    saved = save(form, lambda draft: announcements.announce(draft, actor=actor()))
    if not saved:
        return _form_page(form, _("New announcement"), saved)
    flash(_("It is in the back offices from its time on."), "success")
    return go("platform.announcements")


@bp.route("/platform/announcements/<uuid:ident>", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def edit_announcement(ident: UUID) -> Response:
    form = _form_of(ident)
    if request.method == "GET":
        return _form_page(form, _("Announcement"))
    form = AnnouncementForm(request.form)
    version = form.seen_version
    saved = save(
        form, lambda draft: announcements.update_announcement(ident, draft, actor=actor(), version=version)
    )
    if not saved:
        return _form_page(form, _("Announcement"), saved, _form_of(ident))
    flash(_("Saved."), "success")
    return go("platform.announcements")


def _form_of(ident: UUID) -> AnnouncementForm:
    row = announcements.get_announcement(ident)
    values = AnnouncementForm.values_of(AnnouncementDraft.of(row))
    return AnnouncementForm(values={**values, "version": row.version})


def _form_page(
    form: AnnouncementForm, heading: str, saved: Saved | None = None, theirs: AnnouncementForm | None = None
) -> Response:
    book = offers.book()
    form.offer(book)
    conflict = catch_up(form, theirs.offer(book) if theirs else None)
    sections = [
        {"title": _("What you say"), "fields": [form.level, form.text],
         "text": _("Plain words, at the top of every page of the back office. Each reader can put it away.")},
        {"title": _("In other languages"), "fields": form.translated,
         "text": _("Who reads another language, or finds its field empty here, gets the text above.")},
        {"title": _("When"), "fields": [form.starts_at, form.ends_at],
         "text": _("Empty: from now on, and until you end it.")},
        {"title": _("For whom"), "fields": [form.plans], "text": _("None ticked: all stores.")},
    ]  # fmt: skip
    return page(
        "platform/form.html", status=saved.status if saved is not None else 200, heading=heading, form=form,
        general_errors=form.form_errors, conflict=conflict, sections=sections, back=url_for("platform.announcements"),
        trail=[(_("Announcements"), url_for("platform.announcements")), (heading, None)],
    )  # fmt: skip


@bp.post("/platform/announcements/<uuid:ident>/end")
@allow(Role.SYSADMIN)
def end_announcement(ident: UUID) -> Response:
    announcements.end_announcement(ident, actor=actor())
    flash(_("Ended: nobody is shown it any more."), "success")
    return go("platform.announcements")
