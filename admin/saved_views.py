"""Saved views of a list: tabs above it, and a menu that keeps what the address says under a name.

A list joins with one line in LISTS and `views = bar(...)` for the macro in admin/_views.html.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import Response, flash, g, redirect, request, url_for

from admin import bp
from admin.frame import may
from forms.base import version_in
from kit.actor import Role
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from services import saved_views
from services.saved_views import View, ViewChange, ViewDraft, plain_state
from web.access import allow
from web.auth import actor
from web.htmx import go_to

LISTS = {"orders": "admin.orders", "products": "admin.products"}


@dataclass(frozen=True, slots=True)
class Builtin:
    """A tab that every store has. `state`: what its address says; `count` where it is known."""

    label: str
    state: tuple[tuple[str, str], ...] = ()
    count: int | None = None


def opening(kind: str) -> Response | None:
    """Where this person's list opens, when its bare address is asked for; None: with everything."""
    if request.args:
        return None
    chosen = next((one for one in _views(kind) if one.is_default), None)
    return redirect(_url(kind, chosen)) if chosen else None  # type: ignore[return-value]


def bar(kind: str, builtin: Iterable[Builtin]) -> dict[str, Any]:
    """The tabs and the menu, for `views_bar`. One query."""
    found = _views(kind)
    here = str(plain_state(_address()))
    current = next((one for one in found if str(one.id) == request.args.get("saved")), None)
    tabs = [
        {"label": one.label, "url": _base(kind, one.state), "count": one.count,
         "current": current is None and _is_at(one, here)}
        for one in builtin
    ]  # fmt: skip
    tabs += [{"label": one.name, "url": _url(kind, one), "current": one is current} for one in found]
    return {
        "kind": kind,
        "tabs": tabs,
        "state": here,
        "may_share": may(Role.MANAGER),
        "current": current,
        "is_changed": current is not None and current.state != here,
    }


def _views(kind: str) -> list[View]:
    """Read once for where the list opens and for its bar."""
    if "saved_views" not in g:
        g.saved_views = {}
    if kind not in g.saved_views:
        g.saved_views[kind] = saved_views.list_views(kind, actor=actor())
    found: list[View] = g.saved_views[kind]
    return found


def _address() -> str:
    """What the address says; a name that stands there several times (ticks without scripts) is one list."""
    return urlencode([(name, ",".join(values)) for name, values in request.args.lists()])


def _is_at(one: Builtin, here: str) -> bool:
    view = dict(parse_qsl(here)).get("view", "")
    return dict(one.state).get("view", "") == ("" if view == "all" else view)


def _base(kind: str, state: Iterable[tuple[str, str]]) -> str:
    """Never quite bare: that address opens with one's own view."""
    return f"{url_for(LISTS[kind])}?{urlencode(list(state) or [('view', 'all')])}"


def _url(kind: str, view: View) -> str:
    return f"{url_for(LISTS[kind])}?{urlencode([*parse_qsl(view.state), ('saved', str(view.id))])}"


@bp.post("/views")
@allow(Role.STAFF)
def create_view() -> Response:
    kind = _kind(request.form.get("kind", ""))
    sent = {name: request.form.get(name, "") for name in ("name", "state")}
    flags = {name: request.form.get(name, "") for name in ("is_shared", "is_default")}
    try:
        draft = read(ViewDraft, {"kind": kind, **sent, **flags}, form=True)
        row = saved_views.create_view(draft, actor=actor())
    except (Invalid, Conflict) as error:
        flash(error.said, "error")
        return go_to(_base(kind, parse_qsl(str(plain_state(sent["state"])))))
    flash(_("The view “%(name)s” is saved.", name=row.name), "success")
    return _open(kind, row.id)


@bp.post("/views/<uuid:view_id>")
@allow(Role.STAFF)
def save_view(view_id: UUID) -> Response:
    """The view is what the list looks like now, or has another name."""
    kind = _kind(request.form.get("kind", ""))
    view = _find(kind, view_id)
    sent = {"name": request.form.get("name", view.name), "state": request.form.get("state", view.state)}
    version = version_in(request.form.get("version"))
    try:
        saved_views.update_view(view_id, read(ViewChange, sent, form=True), actor=actor(), version=version)
    except (Invalid, Conflict) as error:
        flash(error.said, "error")
    else:
        flash(_("The view “%(name)s” is saved.", name=sent["name"]), "success")
    return _open(kind, view_id)


@bp.post("/views/<uuid:view_id>/default")
@allow(Role.STAFF)
def choose_view(view_id: UUID) -> Response:
    row = saved_views.choose_default(view_id, request.form.get("default") == "1", actor=actor())
    return _open(row.kind, view_id)


@bp.post("/views/<uuid:view_id>/delete")
@allow(Role.STAFF)
def delete_view(view_id: UUID) -> Response:
    kind = saved_views.delete_view(view_id, actor=actor())
    flash(_("The view is deleted."), "success")
    return go_to(_base(kind, ()))


def _kind(text: str) -> str:
    if text not in LISTS:
        raise NotFound(_("There is no such list."))
    return text


def _find(kind: str, view_id: UUID) -> View:
    view = next((one for one in _views(kind) if one.id == view_id), None)
    if view is None:
        raise NotFound(_("There is no such view."))
    return view


def _open(kind: str, view_id: UUID) -> Response:
    return go_to(_url(kind, _find(kind, view_id)))
