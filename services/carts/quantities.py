"""How many of one thing an order may have: at least, at most, in steps."""

from typing import Protocol

from kit.errors import Invalid
from kit.i18n import _


class Limits(Protocol):
    """Steps count from the smallest quantity on."""

    @property
    def name(self) -> str: ...
    @property
    def min_quantity(self) -> int: ...
    @property
    def max_quantity(self) -> int | None: ...
    @property
    def quantity_step(self) -> int: ...


def problem_of(thing: Limits, quantity: int) -> tuple[str, str] | None:
    """(code, what to do) where this many can't be ordered; None where they can."""
    if quantity < thing.min_quantity:
        text = _("“%(name)s” is sold from %(count)s on.", name=thing.name, count=thing.min_quantity)
        return "too_small", text
    if thing.max_quantity is not None and quantity > thing.max_quantity:
        text = _("At most %(count)s of “%(name)s” per order.", name=thing.name, count=thing.max_quantity)
        return "too_large", text
    if (quantity - thing.min_quantity) % thing.quantity_step:
        fitting = (
            thing.min_quantity + (quantity - thing.min_quantity) // thing.quantity_step * thing.quantity_step
        )
        text = _("“%(name)s” is sold in steps of %(step)s: %(less)s or %(more)s.", name=thing.name,
                 step=thing.quantity_step, less=fitting, more=fitting + thing.quantity_step)  # fmt: skip
        return "not_a_step", text
    return None


def insist(thing: Limits, quantity: int) -> None:
    if problem := problem_of(thing, quantity):
        raise Invalid.field("quantity", *problem)
