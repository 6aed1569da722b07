"""What somebody says about one shelf: this many are there, or so many came or went, and why."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, Int, Text, blank_to_none
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from models.stock import StockItem
from services.stock.counts import ON_HAND_MAX, count_item
from services.stock.items import lock_items


class Mode(StrEnum):
    SET = "set"
    ADJUST = "adjust"


class AdjustDraft(Draft):
    """`quantity`: what is on the shelf (set), or what came (+) or went (−). `seen`: the number that was shown when it
    was typed; a set on top of somebody else's change is refused."""

    mode: Mode = Mode.SET
    quantity: Annotated[Int, Field(ge=-ON_HAND_MAX, le=ON_HAND_MAX)]
    reason: Annotated[str, Text(300, min=1)]
    seen: Annotated[Int | None, BeforeValidator(blank_to_none)] = None


@transaction()
def adjust(item_id: UUID, draft: AdjustDraft, *, actor: Actor) -> StockItem:
    """Conflict `stale-stock` where the number has changed since it was `seen`."""
    item = lock_items([item_id]).get(item_id)
    if item is None:
        raise NotFound(_("There is no such thing in stock."))
    if draft.mode is Mode.SET and draft.seen is not None and draft.seen != item.on_hand:
        raise Conflict(
            _(
                "It changed meanwhile: there are %(count)s now. Look again before you set it.",
                count=item.on_hand,
            ),
            code="stale-stock",
            on_hand=item.on_hand,
        )
    on_hand = draft.quantity if draft.mode is Mode.SET else item.on_hand + draft.quantity
    if not 0 <= on_hand <= ON_HAND_MAX:
        raise Invalid.field("quantity", "out_of_range", _("The shelf can't hold %(count)s.", count=on_hand))
    return count_item(item, on_hand, actor=actor, reason=draft.reason)


def is_overtaken(seen: int | None, wanted: int | None, now: int) -> bool:
    """Was a number typed over one that something else has changed since it was `seen`? To set it then would count twice
    what was sold or came in between; leaving it alone, or wanting what is there already, does no harm."""
    return seen is not None and seen != now and wanted not in (None, seen, now)
