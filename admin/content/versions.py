"""What a page said before: listed, compared with today, and brought back."""

from typing import Any
from uuid import UUID

from flask import Response, flash, url_for

from admin import bp
from admin.frame import page
from kit.actor import Role
from kit.i18n import _
from models.pages import PageVersion
from services import page_versions, pages
from web.access import allow
from web.auth import actor
from web.filters import moment
from web.htmx import go, go_to
from web.lists import listing, page_arg, page_url


@bp.get("/pages/<uuid:page_id>/versions")
@allow(Role.MANAGER)
def list_page_versions(page_id: UUID) -> Response:
    row = pages.get_page(page_id)
    found = page_versions.list_versions(page_id, page_arg())

    def shown(version: PageVersion) -> dict[str, Any]:
        return {
            "number": version.number,
            "title": version.title,
            "by": version.saved_by,
            "when": moment(version.created_at),
            "iso": version.created_at.isoformat(),
            "url": url_for("admin.show_page_version", page_id=page_id, number=version.number),
        }

    heading = _("Versions of “%(name)s”", name=row.title)
    return page("admin/content/versions.html", heading=heading, versions=listing(found, shown), page_url=page_url,
                trail=[*_trail(page_id, row.title), (_("Versions"), None)])  # fmt: skip


def _trail(page_id: UUID, title: str) -> list[tuple[str, str]]:
    return [(_("Pages"), url_for("admin.pages")), (title, url_for("admin.edit_page", page_id=page_id))]


@bp.get("/pages/<uuid:page_id>/versions/<int:number>")
@allow(Role.MANAGER)
def show_page_version(page_id: UUID, number: int) -> Response:
    row, kept = pages.get_page(page_id), page_versions.get_version(page_id, number)
    heading = _("Version %(number)s of “%(name)s”", number=number, name=row.title)
    versions_url = url_for("admin.list_page_versions", page_id=page_id)
    return page(
        "admin/content/version.html",
        heading=heading,
        version={"number": number, "by": kept.saved_by, "when": moment(kept.created_at)},
        words=[
            {"label": label, "then": getattr(kept, name), "now": getattr(row, name)}
            for name, label in (("title", _("Title")), ("meta_title", _("Title for search engines")),
                                ("meta_description", _("Description for search engines")))
            if getattr(kept, name) != getattr(row, name)
        ],
        lines=page_versions.compare(kept.content, row.content),
        others=_others(kept.translations, row.translations or {}),
        preview_url=url_for("admin.preview_page_version", page_id=page_id, number=number),
        restore_url=url_for("admin.restore_page_version", page_id=page_id, number=number),
        trail=[*_trail(page_id, row.title), (_("Versions"), versions_url), (str(number), None)],
    )  # fmt: skip


def _others(then: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    """The other languages whose text differs."""
    return [
        {"code": code,
         "lines": page_versions.compare(then.get(code, {}).get("content", ""), now.get(code, {}).get("content", ""))}
        for code in sorted({*then, *now})
        if then.get(code) != now.get(code)
    ]  # fmt: skip


@bp.post("/pages/<uuid:page_id>/versions/<int:number>/preview")
@allow(Role.MANAGER)
def preview_page_version(page_id: UUID, number: int) -> Response:
    token = page_versions.preview_token(page_versions.get_version(page_id, number))
    return go_to(url_for("shop.preview_page", token=token))


@bp.post("/pages/<uuid:page_id>/versions/<int:number>/restore")
@allow(Role.MANAGER)
def restore_page_version(page_id: UUID, number: int) -> Response:
    pages.restore(page_id, number, actor=actor())
    flash(_("The text of version %(number)s is the page’s again.", number=number), "success")
    return go("admin.edit_page", page_id=page_id)
