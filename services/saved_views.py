"""Saved views: a list with its filters, its order and its columns, under a name. One's own, or everybody's."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from pydantic import BeforeValidator
from sqlalchemy import and_, delete, func, or_, select

from kit import clock
from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.drafts import Draft, Flag, Text
from kit.errors import Conflict, Forbidden, NotFound
from kit.i18n import _
from kit.ids import parse_id
from models.saved_views import DefaultView, SavedView
from services import audit

Kind = Literal["products", "orders", "customers"]
PER_OWNER = 30
_NAME = re.compile(r"[a-z][a-z_]{0,29}")


def plain_state(text: object) -> object:
    """A query string in its one spelling: names in order, nothing empty, nothing that only says where one stands."""
    if not isinstance(text, str):
        return text
    pairs = {name: value.strip()[:200] for name, value in parse_qsl(text, max_num_fields=60)
             if _NAME.fullmatch(name) and name not in _PLACES}  # fmt: skip
    return urlencode(sorted((name, value) for name, value in pairs.items() if value))


_PLACES = {"page", "saved", "lang", "back", "endpoint", "edit"}
State = Annotated[str, BeforeValidator(plain_state), Text(2000)]


class ViewDraft(Draft):
    """`state`: what the list's address says, as a query string."""

    kind: Kind
    name: Annotated[str, Text(SavedView.NAME_MAX, min=1)]
    state: State = ""
    is_shared: Flag = False
    is_default: Flag = False


class ViewChange(Draft):
    name: Annotated[str, Text(SavedView.NAME_MAX, min=1)]
    state: State = ""


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as one person sees it. `is_default`: her list opens with it."""

    id: UUID
    name: str
    state: str
    is_shared: bool
    is_default: bool
    may_change: bool
    version: int


def list_views(kind: Kind, *, actor: Actor) -> list[View]:
    """One's own and everybody's, by name. One query."""
    me = str(actor.id)
    default = and_(DefaultView.view_id == SavedView.id, DefaultView.owner == me)
    rows = db.session.execute(
        select(SavedView, DefaultView.id)
        .outerjoin(DefaultView, default)
        .where(SavedView.kind == kind, SavedView.owner.in_(("", me)))
        .order_by(func.lower(SavedView.name), SavedView.id)
    )
    return [View(row.id, row.name, row.state, row.owner == "", chosen is not None, _may_change(row, actor), row.version)
            for row, chosen in rows]  # fmt: skip


@transaction()
def create_view(draft: ViewDraft, *, actor: Actor) -> SavedView:
    """Conflict `view-exists` where the name is taken, `too-many-views` where there are enough."""
    if draft.is_shared and not actor.is_at_least(Role.MANAGER):
        raise Forbidden(_("Your role does not allow this."))
    owner = "" if draft.is_shared else str(actor.id)
    _check_name(draft.kind, owner, draft.name)
    held = select(func.count()).where(SavedView.kind == draft.kind, SavedView.owner == owner)
    if (db.session.scalar(held) or 0) >= PER_OWNER:
        raise Conflict(
            _("There can be %(limit)s saved views at most.", limit=PER_OWNER), code="too-many-views"
        )
    row = SavedView(kind=draft.kind, owner=owner, name=draft.name, state=draft.state)
    db.session.add(row)
    db.session.flush()
    if draft.is_default:
        _open_with(row, actor)
    if draft.is_shared:
        audit.record("create", row, actor=actor, changes={"name": [None, row.name]})
    return row


@transaction()
def update_view(
    view_id: UUID | str, draft: ViewChange, *, actor: Actor, version: int | None = None
) -> SavedView:
    row = _changeable(view_id, actor)
    if version is not None and version < row.version:
        raise Conflict(_("Somebody else has changed this meanwhile. Load it again."), code="stale-version")
    if draft.name != row.name:
        _check_name(row.kind, row.owner, draft.name, row.id)
    changes = audit.difference(
        {"name": row.name, "state": row.state}, {"name": draft.name, "state": draft.state}
    )
    if not changes:
        return row
    row.name, row.state, row.version, row.updated_at = draft.name, draft.state, row.version + 1, clock.now()
    if not row.owner:
        audit.record("update", row, actor=actor, changes=changes)
    return row


@transaction()
def delete_view(view_id: UUID | str, *, actor: Actor) -> str:
    """Answers its kind. For whom it was the default, the list opens with everything again."""
    row = _changeable(view_id, actor)
    kind = row.kind
    db.session.execute(delete(DefaultView).where(DefaultView.view_id == row.id))
    if not row.owner:
        audit.record("delete", row, actor=actor, changes={"name": [row.name, None]})
    db.session.delete(row)
    return kind


@transaction()
def choose_default(view_id: UUID | str, wanted: bool, *, actor: Actor) -> SavedView:
    """This person's list opens with the view from now on, or with everything again. Others keep theirs."""
    row = _visible(view_id, actor)
    if wanted:
        _open_with(row, actor)
    else:
        db.session.execute(
            delete(DefaultView).where(DefaultView.view_id == row.id, DefaultView.owner == str(actor.id))
        )
    return row


def _open_with(row: SavedView, actor: Actor) -> None:
    me = str(actor.id)
    db.session.execute(delete(DefaultView).where(DefaultView.kind == row.kind, DefaultView.owner == me))
    db.session.add(DefaultView(kind=row.kind, owner=me, view_id=row.id))


def _visible(view_id: UUID | str, actor: Actor) -> SavedView:
    ident = parse_id(view_id)
    mine = or_(SavedView.owner == "", SavedView.owner == str(actor.id))
    row = (
        db.session.scalar(select(SavedView).where(SavedView.id == ident, mine).with_for_update())
        if ident
        else None
    )
    if row is None:
        raise NotFound(_("There is no such view."))
    return row


def _changeable(view_id: UUID | str, actor: Actor) -> SavedView:
    row = _visible(view_id, actor)
    if not _may_change(row, actor):
        raise Forbidden(_("Your role does not allow this."))
    return row


def _may_change(row: SavedView, actor: Actor) -> bool:
    """One's own always; everybody's from manager on."""
    return row.owner == str(actor.id) if row.owner else actor.is_at_least(Role.MANAGER)


def _check_name(kind: str, owner: str, name: str, own: UUID | None = None) -> None:
    same = [SavedView.kind == kind, SavedView.owner == owner, func.lower(SavedView.name) == name.lower()]
    if own is not None:
        same.append(SavedView.id != own)
    if db.session.scalar(select(SavedView.id).where(*same)):
        raise Conflict(_("There is already a view “%(name)s”.", name=name), code="view-exists")
