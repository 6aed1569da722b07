"""The groups that a store has made and kept."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.drafts import Draft, Flag, Text
from kit.errors import Conflict, NotFound
from kit.i18n import _
from models.accounts import User
from models.customers import Segment
from services import audit, tenants
from services.segments import rules, standing
from services.segments.rules import RuleDraft

SEGMENTS_MAX, RULES_MAX = 50, 10


class SegmentDraft(Draft):
    name: Annotated[str, Text(Segment.NAME_MAX, min=1)]
    matches_all: Flag = True
    rules: Annotated[list[RuleDraft], Field(min_length=1, max_length=RULES_MAX)]

    @classmethod
    def of(cls, segment: Segment) -> dict[str, Any]:
        shown = [
            {"rule": one["rule"], "value": rules.shown_value(one["rule"], one["value"])}
            for one in segment.rules
        ]
        return {"name": segment.name, "matches_all": segment.matches_all, "rules": shown}

    def stored(self) -> list[dict[str, Any]]:
        return [one.model_dump() for one in self.rules]


def list_segments() -> list[Segment]:
    return list(db.session.scalars(select(Segment).order_by(Segment.name_key)))


def get_segment(segment_id: UUID, *, lock: bool = False) -> Segment:
    found = db.session.get(Segment, segment_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFound(_("There is no such group."))
    return found


def count_matching(draft: SegmentDraft) -> int:
    """How many customers it would hold now."""
    query = standing.with_stats().where(User.erased_at.is_(None), User.role == Role.CUSTOMER)
    return standing.count(query.where(rules.conditions(query, draft.stored(), matches_all=draft.matches_all)))


def sizes_of(groups: list[Segment]) -> dict[UUID, int]:
    """How many customers are in each now, by one look at all customers."""
    if not groups:
        return {}
    query = standing.with_stats().where(User.erased_at.is_(None), User.role == Role.CUSTOMER)
    counts = [
        func.count().filter(rules.conditions(query, one.rules, matches_all=one.matches_all)) for one in groups
    ]
    row = db.session.execute(query.with_only_columns(*counts)).one()
    return {one.id: number for one, number in zip(groups, row, strict=True)}


@transaction()
def create_segment(draft: SegmentDraft, *, actor: Actor) -> Segment:
    """Conflict `name-taken`, or `too-many` at 50."""
    tenants.row(lock=True)
    _insist_name_is_free(draft.name)
    if len(list_segments()) >= SEGMENTS_MAX:
        raise Conflict(
            _("There are %(n)s groups already. Delete one first.", n=SEGMENTS_MAX), code="too-many"
        )
    segment = Segment(name=draft.name, name_key=draft.name.casefold(), matches_all=draft.matches_all,
                      rules=draft.stored())  # fmt: skip
    db.session.add(segment)
    db.session.flush()
    audit.record("create", segment, actor=actor, changes={"name": [None, segment.name]})
    return segment


@transaction()
def update_segment(
    segment_id: UUID, draft: SegmentDraft, *, actor: Actor, version: int | None = None
) -> Segment:
    tenants.row(lock=True)
    segment = get_segment(segment_id, lock=True)
    if version is not None and version != segment.version:
        raise Conflict(_("Somebody else has changed this meanwhile. Load it again, then make your change."),
                       code="stale-version", version=segment.version)  # fmt: skip
    _insist_name_is_free(draft.name, but=segment.id)
    after = {"name": draft.name, "matches_all": draft.matches_all, "rules": draft.stored()}
    changes = audit.difference({name: getattr(segment, name) for name in after}, after)
    if changes:
        segment.name, segment.name_key = draft.name, draft.name.casefold()
        segment.matches_all, segment.rules = draft.matches_all, draft.stored()
        segment.version += 1
        audit.record("update", segment, actor=actor, changes=changes)
    return segment


@transaction()
def delete_segment(segment_id: UUID, *, actor: Actor) -> None:
    segment = get_segment(segment_id, lock=True)
    audit.record("delete", segment, actor=actor, changes={"name": [segment.name, None]})
    db.session.delete(segment)


def _insist_name_is_free(name: str, but: UUID | None = None) -> None:
    found = db.session.scalar(select(Segment.id).where(Segment.name_key == name.casefold()))
    if found is not None and found != but:
        raise Conflict(_("There is a group of this name already."), code="name-taken")
