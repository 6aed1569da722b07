"""Words that staff put on orders, to find them again and to sort the work."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Text
from kit.errors import Invalid
from kit.i18n import _
from kit.slugs import fold
from models.orders import Order, OrderTag
from services import audit
from services.orders import effects, timeline
from services.reports.keeping import kept

Tag = Annotated[str, Text(OrderTag.NAME_MAX, min=1)]


class TagsDraft(Draft):
    """All the tags that the order shall have."""

    tags: Annotated[list[Tag], Field(max_length=OrderTag.PER_ORDER)] = []


class MoreTagsDraft(Draft):
    """Tags to be put on beside those that are there, and tags to be taken off."""

    add: Annotated[list[Tag], Field(max_length=OrderTag.PER_ORDER)] = []
    remove: Annotated[list[Tag], Field(max_length=OrderTag.PER_ORDER)] = []


def key_of(name: str) -> str:
    """Neither case nor accents tell two tags apart."""
    return fold(name.strip())[: OrderTag.NAME_MAX * 3]


def split_words(text: str) -> list[str]:
    """`gift, to call` as one types it."""
    return [word for part in text.split(",") if (word := part.strip())]


def list_tags(limit: int = 200) -> list[tuple[str, str, int]]:
    """(key, name, on how many orders) of the tags in use, by name. Kept until an order's timeline goes on."""
    return list(kept(("order tags", limit), lambda: _count_tags(limit)))


def _count_tags(limit: int) -> list[tuple[str, str, int]]:
    name = func.min(OrderTag.name)
    query = (
        select(OrderTag.key, name, func.count()).group_by(OrderTag.key).order_by(OrderTag.key).limit(limit)
    )
    return [(key, word, int(count)) for key, word, count in db.session.execute(query)]


@transaction()
def set_tags(order_id: UUID, draft: TagsDraft, *, actor: Actor) -> Order:
    order = effects.lock_order(order_id)
    _put(order, draft.tags, actor)
    return order


@transaction()
def change_tags(order_id: UUID, draft: MoreTagsDraft, *, actor: Actor) -> Order:
    """Invalid where the order would have too many."""
    order = effects.lock_order(order_id)
    gone = {key_of(name) for name in draft.remove}
    wanted = [tag.name for tag in order.tags if tag.key not in gone] + list(draft.add)
    if len({key_of(name) for name in wanted}) > OrderTag.PER_ORDER:
        raise Invalid.field("add", "too_many", _("An order has at most %(n)s tags.", n=OrderTag.PER_ORDER))
    _put(order, wanted, actor)
    return order


def _put(order: Order, names: Iterable[str], actor: Actor) -> None:
    wanted: dict[str, str] = {}
    for name in names:
        if key := key_of(name):
            wanted.setdefault(key, name)
    before = {tag.key: tag.name for tag in order.tags}
    if before.keys() == wanted.keys():
        return
    order.tags = [tag for tag in order.tags if tag.key in wanted] + [
        OrderTag(name=name, key=key) for key, name in wanted.items() if key not in before
    ]
    order.version += 1
    added = [name for key, name in wanted.items() if key not in before]
    removed = [name for key, name in before.items() if key not in wanted]
    timeline.record(order, "order.tagged", actor=actor, data={"added": added, "removed": removed})
    audit.record(
        "update", order, actor=actor, changes={"tags": [sorted(before.values()), sorted(wanted.values())]}
    )
