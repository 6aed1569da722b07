"""How much a refund is. Cumulative rounding: what is given back for k of n units, then for the rest, adds up to what
was paid for all n, to the cent, and so does the tax."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import func, select

from kit.db import db
from kit.drafts import Amount, Draft, Flag, Text, wrong
from kit.errors import Invalid
from kit.i18n import _
from kit.money import allocate, share, to_text
from models.orders import Order, OrderItem
from models.payments import PaymentAttempt, Refund, RefundItem, RefundStatus
from services.orders import derived
from services.orders.units import UnitsLine, choose

LIVE = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)  # what counts against the money


class RefundLine(UnitsLine):
    """`restock` missing: as the refund says for all."""

    restock: Flag | None = None


class RefundDraft(Draft):
    """An `amount`, or `items` (what was paid for them, discounts off, tax on); neither: all that is left. Shipping
    comes back with `refund_shipping`, and with a full refund unless that is false; or only `shipping_amount` of it.
    `adjustment` goes on top of items and shipping, as goodwill. `restock` puts units that were given back into stock
    again; an amount alone moves no units."""

    amount: Annotated[Amount, Field(gt=0)] | None = None
    items: Annotated[list[RefundLine], Field(min_length=1, max_length=500)] | None = None
    reason: Annotated[str, Text(500)] = ""
    restock: Flag = True
    refund_shipping: Flag | None = None
    shipping_amount: Annotated[Amount, Field(gt=0)] | None = None
    adjustment: Annotated[Amount, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "RefundDraft":
        in_parts = self.items is not None or self.refund_shipping or self.shipping_amount or self.adjustment
        if self.amount is not None and in_parts:
            raise wrong("amount", "not_together", _("Give an amount, or items and shipping, not both."))
        if self.shipping_amount is not None and self.refund_shipping is not None:
            raise wrong(
                "shipping_amount", "not_together", _("Give an amount of shipping, or all of it, not both.")
            )
        return self


@dataclass(frozen=True, slots=True)
class Part:
    """What goes back for one line."""

    item: OrderItem
    quantity: int
    amount: int
    tax: int


@dataclass(frozen=True, slots=True)
class Sum:
    amount: int
    tax: int
    shipping: int = 0
    parts: tuple[Part, ...] = ()


def refundable(order: Order) -> int:
    """captured − refunded − what is on its way back."""
    return captured(order) - given_back(order)


def captured(order: Order) -> int:
    query = select(func.coalesce(func.sum(PaymentAttempt.captured_amount), 0))
    return int(db.session.scalar(query.where(PaymentAttempt.order_id == order.id)) or 0)


def given_back(order: Order) -> int:
    query = select(func.coalesce(func.sum(Refund.amount), 0))
    return int(db.session.scalar(query.where(Refund.order_id == order.id, Refund.status.in_(LIVE))) or 0)


def propose(order: Order, draft: RefundDraft) -> Sum:
    """What the draft comes to for this order, before it is held against what can still be refunded."""
    found = _sum_up(order, draft)
    return replace(found, tax=_all_tax(order, found))


def _all_tax(order: Order, found: Sum) -> int:
    """However amounts and lines are mixed: never more tax than there was, and all of it once all money is back."""
    left = max(0, order.tax_total - _tax_given_back(order))
    is_last = given_back(order) + found.amount >= order.total
    return min(found.amount, left) if is_last else min(found.tax, left)


def _tax_given_back(order: Order) -> int:
    query = select(func.coalesce(func.sum(Refund.tax_amount), 0))
    return int(db.session.scalar(query.where(Refund.order_id == order.id, Refund.status.in_(LIVE))) or 0)


def _sum_up(order: Order, draft: RefundDraft) -> Sum:
    if draft.amount is not None:
        return Sum(draft.amount, tax_of_amount(order, draft.amount))
    if draft.items is not None or draft.refund_shipping or draft.shipping_amount or draft.adjustment:
        parts = _parts(order, draft.items or [])
        shipping = _shipping(order, bool(draft.refund_shipping), draft.shipping_amount)
        return _with_goodwill(order, _add_up(parts, *shipping), draft.adjustment or 0)
    return _everything(order, with_shipping=draft.refund_shipping is None)


def _add_up(parts: tuple[Part, ...], shipping: int, shipping_tax: int) -> Sum:
    return Sum(
        amount=sum(part.amount for part in parts) + shipping,
        tax=sum(part.tax for part in parts) + shipping_tax,
        shipping=shipping,
        parts=parts,
    )


def _with_goodwill(order: Order, found: Sum, extra: int) -> Sum:
    """`extra` is no line's; its tax is that of the order's mix."""
    tax = share(order.tax_total, min(extra, order.total), order.total) if order.total else 0
    return replace(found, amount=found.amount + extra, tax=found.tax + tax)


def _everything(order: Order, *, with_shipping: bool) -> Sum:
    """All units and all money that is left: what was given back without units, or paid twice, is evened out."""
    left = [
        RefundLine(order_item_id=item.id, quantity=item.quantity - item.refunded_quantity)
        for item in order.items
        if item.quantity > item.refunded_quantity
    ]
    whole = _add_up(_parts(order, left), *_shipping(order, with_shipping))
    if not with_shipping:
        return whole
    amount = refundable(order)
    shipping = min(whole.shipping, amount)
    goods = allocate(amount - shipping, [part.amount for part in whole.parts]) if _has_value(whole) else []
    parts = tuple(
        Part(part.item, part.quantity, money, part.tax)
        for part, money in zip(whole.parts, goods or [0] * len(whole.parts), strict=True)
    )
    return Sum(amount, tax_of_amount(order, amount), shipping, parts)


def _has_value(whole: Sum) -> bool:
    return any(part.amount for part in whole.parts)


def _parts(order: Order, lines: list[RefundLine]) -> tuple[Part, ...]:
    chosen = choose(order, lines, _kept, lambda left: _("Only %(left)s are left to refund.", left=left))
    before = _given_for_lines(order)
    return tuple(part_of(order, item, k, *before.get(item.id, (0, 0))) for item, k in chosen)


def _kept(item: OrderItem) -> int:
    return item.quantity - item.refunded_quantity


def part_of(order: Order, item: OrderItem, quantity: int, paid_back: int, tax_back: int) -> Part:
    """share(already + k) less what was given for the units before: the last unit takes the remainder."""
    upto = item.refunded_quantity + quantity
    amount = share(derived.paid_for(order, item), upto, item.quantity) - paid_back
    tax = share(item.tax_amount, upto, item.quantity) - tax_back
    return Part(item, quantity, max(0, amount), max(0, tax))


def _given_for_lines(order: Order) -> dict[UUID, tuple[int, int]]:
    rows = db.session.execute(
        select(RefundItem.order_item_id, func.sum(RefundItem.amount), func.sum(RefundItem.tax_amount))
        .join(Refund, Refund.id == RefundItem.refund_id)
        .where(Refund.order_id == order.id, Refund.status.in_(LIVE))
        .group_by(RefundItem.order_item_id)
    )
    return {item_id: (int(amount), int(tax)) for item_id, amount, tax in rows}


def _shipping(order: Order, wanted: bool, amount: int | None = None) -> tuple[int, int]:
    """(amount, tax) of the shipping that was not given back yet, or of `amount` of it; Invalid where that is more."""
    paid = derived.shipping_paid(order)
    if amount is None and (not wanted or not paid):
        return 0, 0
    query = select(func.coalesce(func.sum(Refund.shipping_amount), 0))
    before = int(db.session.scalar(query.where(Refund.order_id == order.id, Refund.status.in_(LIVE))) or 0)
    left = max(0, paid - before)
    if amount is None:
        upto, amount = before + left, left
    elif amount > left:
        text = _("At most %(amount)s of the shipping can be refunded.", amount=to_text(left, order.currency))
        raise Invalid.field("shipping_amount", "too_large", text)
    else:
        upto = before + amount
    # Cumulative, as for units: whatever the steps, all of the shipping brings all of its tax.
    return amount, share(order.shipping_tax, upto, paid) - share(order.shipping_tax, before, paid)


def tax_of_amount(order: Order, amount: int) -> int:
    """The order's mix of taxes, cumulative: when all is given back, so is all the tax."""
    if not order.total:
        return 0
    upto = min(given_back(order) + amount, order.total)
    return min(amount, max(0, share(order.tax_total, upto, order.total) - _tax_given_back(order)))
