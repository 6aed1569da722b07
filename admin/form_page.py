"""Pages that are made of one form, and the question before the thing that it shows is deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, url_for

from admin.frame import page
from kit.i18n import _
from web.saving import Saved

Trail = Sequence[tuple[str, str | None]]


def form_page(
    form: Any, heading: str, sections: Sequence[Mapping[str, Any]], trail: Trail, *,
    saved: Saved | None = None, delete: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """`saved`: how it was refused. `delete`: see `deletion`."""
    return page(
        "admin/settings/form.html", status=saved.status if saved is not None else 200, form=form, heading=heading,
        sections=sections, trail=trail, delete=delete, general_errors=form.form_errors, conflict=[],
    )  # fmt: skip


def deletion(thing: str, name: str, text: str, **ids: Any) -> dict[str, str]:
    """The question, as a dialog has it: of `zone`, `admin.delete_zone` deletes and `admin.ask_delete_zone` asks."""
    return {"title": _("Delete “%(name)s”?", name=name), "text": text,
            "ask": url_for(f"admin.ask_delete_{thing}", **ids),
            "action": url_for(f"admin.delete_{thing}", **ids)}  # fmt: skip


def ask_first(about: Mapping[str, str], back: str) -> Response:
    """The same question as a page."""
    return page("admin/confirm.html", heading=about["title"], text=about["text"], action=about["action"],
                button=_("Delete"), back=back)  # fmt: skip
