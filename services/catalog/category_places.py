"""Where a category stands in the tree: moved by a step, or beside or below another one. Siblings are counted anew."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Invalid
from kit.i18n import _
from models.catalog import Category
from services import audit, tenants
from services.catalog import addresses
from services.catalog.categories import Node, check_place, get_category


class Step(StrEnum):
    """`in`: below the one before it; `out`: behind its parent. The last three need another category."""

    UP = "up"
    DOWN = "down"
    IN = "in"
    OUT = "out"
    BEFORE = "before"
    AFTER = "after"
    BELOW = "below"


@transaction()
def move_category(
    category_id: UUID | str, step: Step, *, actor: Actor, other_id: UUID | str | None = None
) -> Category:
    """Where it can't go any further it stays. Invalid `cycle` or `too_deep` where it may not stand there."""
    addresses.lock_names()
    row = get_category(category_id)
    parent_id, at = _wished(row, step, other_id)
    if parent_id != row.parent_id:
        check_place(parent_id, row)
    siblings = [one for one in _children(parent_id) if one.id != row.id]
    siblings.insert(len(siblings) if at is None else min(at, len(siblings)), row)
    before = (row.parent_id, row.position)
    row.parent_id = parent_id
    for position, one in enumerate(siblings):
        one.position = position
    if before != (row.parent_id, row.position):
        row.version += 1
        row.updated_at = clock.now()
        changes = {"parent_id": [before[0], row.parent_id], "position": [before[1], row.position]}
        audit.record("update", row, actor=actor, changes=changes)
        tenants.touch_catalog()
    return row


def ways(node: Node, nodes: Sequence[Node]) -> dict[Step, bool]:
    """Which of the four steps of a button lead anywhere. `nodes`: the whole tree, flat."""
    siblings = [one.id for one in nodes if one.parent_id == node.parent_id]
    at, height = siblings.index(node.id), max(one.depth for one in node.walk()) - node.depth
    return {
        Step.UP: at > 0,
        Step.DOWN: at < len(siblings) - 1,
        Step.IN: at > 0 and node.depth + 1 + height < Category.MAX_DEPTH,
        Step.OUT: node.parent_id is not None,
    }


def _wished(row: Category, step: Step, other_id: UUID | str | None) -> tuple[UUID | None, int | None]:
    """(parent, place among the others there; None: the last)."""
    siblings = _children(row.parent_id)
    at = siblings.index(row)
    if step is Step.UP:
        return row.parent_id, max(0, at - 1)
    if step is Step.DOWN:
        return row.parent_id, at + 1
    if step is Step.IN:
        return (siblings[at - 1].id, None) if at else (row.parent_id, at)
    if step is Step.OUT:
        if row.parent_id is None:
            return None, at
        parent = get_category(row.parent_id)
        return parent.parent_id, _children(parent.parent_id).index(parent) + 1
    other = get_category(other_id or "")
    if other is row:
        raise Invalid.field("other", "same", _("Choose another category."))
    if step is Step.BELOW:
        return other.id, None
    rest = [one for one in _children(other.parent_id) if one.id != row.id]
    return other.parent_id, rest.index(other) + (1 if step is Step.AFTER else 0)


def _children(parent_id: UUID | None) -> list[Category]:
    here = Category.parent_id.is_(None) if parent_id is None else Category.parent_id == parent_id
    return list(db.session.scalars(select(Category).where(here).order_by(Category.position, Category.id)))
