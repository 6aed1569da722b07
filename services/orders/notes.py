"""What colleagues tell each other about an order. Customers never see it."""

from typing import Annotated
from uuid import UUID

from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, Text
from models.orders import OrderEvent
from services.orders import effects, timeline


class NoteDraft(Draft):
    text: Annotated[str, Text(2000, min=1)]


@transaction()
def add_note(order_id: UUID, draft: NoteDraft, *, actor: Actor) -> OrderEvent:
    """Put a note on the order's timeline."""
    return timeline.record(effects.lock_order(order_id), "order.note", actor=actor, message=draft.text)
