"""The same things once more: what an order had, into the cart."""

from collections.abc import Iterable
from uuid import UUID

from kit.actor import Actor
from kit.errors import Conflict, Invalid
from kit.i18n import _
from services.carts.changes import ItemDraft, add_item
from services.carts.owners import owner_of
from services.carts.view import CartView, CartWarning, view

Thing = tuple[UUID, UUID | None, int]


def add_again(things: Iterable[Thing], *, actor: Actor, token: str | None) -> CartView:
    """What can still be had is put in, as much as there is; the rest is told in the warnings."""
    owner = owner_of(actor, token)
    told = [warning for thing in things if (warning := _add(thing, actor, owner.token or None))]
    return view(actor=actor, token=owner.token, extra=tuple(told))


def _add(thing: Thing, actor: Actor, token: str | None) -> CartWarning | None:
    product_id, variant_id, quantity = thing
    draft = ItemDraft(product_id=product_id, variant_id=variant_id, quantity=quantity)
    try:
        add_item(draft, actor=actor, token=token)
    except Invalid:
        return CartWarning("product_unavailable", None, _("Something you had is no longer sold."))
    except Conflict as error:
        left = int(error.extra.get("available", 0))
        if 0 < left < quantity:
            _add((product_id, variant_id, left), actor, token)
        return CartWarning("quantity_capped" if left else "out_of_stock", None, error.message)
    return None
