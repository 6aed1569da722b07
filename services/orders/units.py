"""Some of an order: which of its lines, and how many of each."""

from collections.abc import Callable, Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit.drafts import Draft, IdRef, Int
from kit.errors import FieldError, Invalid
from kit.i18n import _
from models.orders import Order, OrderItem


class UnitsLine(Draft):
    order_item_id: IdRef
    quantity: Annotated[Int, Field(ge=1, le=100_000)]


Units = Annotated[list[UnitsLine], Field(min_length=1, max_length=500)]


def choose(
    order: Order, sent: Iterable[UnitsLine], left: Callable[[OrderItem], int], refusal: Callable[[int], str]
) -> list[tuple[OrderItem, int]]:
    """A line may be named several times. Invalid names the one that asks for more than is `left` of it: `refusal` says
    so of how many are."""
    wanted: dict[UUID, int] = {}
    errors = []
    lines = {item.id: item for item in order.items}
    for at, line in enumerate(sent):
        wanted[line.order_item_id] = wanted.get(line.order_item_id, 0) + line.quantity
        item = lines.get(line.order_item_id)
        if item is None:
            errors.append(
                FieldError(f"items.{at}.order_item_id", "unknown_id", _("The order has no such line."))
            )
        elif wanted[item.id] > left(item):
            errors.append(FieldError(f"items.{at}.quantity", "too_many", refusal(left(item))))
    if errors:
        raise Invalid(_("Please correct the marked fields."), errors=errors)
    return [(lines[item_id], quantity) for item_id, quantity in wanted.items()]
