"""How a total was reached, read from the numbers that were frozen with it: of each line the price, what each discount
took, what tax was taken on and how it was rounded, and what was given back since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from models.orders import Order, OrderItem
from models.payments import Refund, RefundStatus
from services.orders import derived
from services.pricing import recompute
from services.tax_split import WHOLE

LIVE = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class Off:
    """`code` empty: it applied by itself."""

    name: str
    code: str
    amount: int


@dataclass(frozen=True, slots=True)
class Tax:
    """`base`: what it was taken in or on. `exact`: minor units before rounding; None where several rates share it."""

    name: str
    rate: int
    base: int
    amount: int
    exact: Fraction | None


@dataclass(frozen=True, slots=True)
class Step:
    """A line, or the delivery. `amount`: after discounts, as prices are entered; `paid`: with tax; `refunded`: what
    was given back for it, for so many units."""

    name: str
    quantity: int
    unit_price: int
    line_total: int
    offs: tuple[Off, ...]
    amount: int
    taxes: tuple[Tax, ...]
    paid: int
    fee: int = 0
    refunded: int = 0
    refunded_quantity: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """`refunded` in all; `refunded_freely`: of that what belongs to no line and no delivery. `holds`: computed again
    from these numbers, it comes out the same; asked of orders alone, a cart was computed just now."""

    prices_include_tax: bool
    lines: tuple[Step, ...]
    delivery: Step | None
    offs: tuple[Off, ...]
    taxes: tuple[Tax, ...]
    subtotal: int
    discount_total: int
    shipping_total: int
    tax_total: int
    total: int
    holds: bool = True
    refunded: int = 0
    refunded_freely: int = 0


def of_order(order: Order, refunds: Sequence[Refund] = ()) -> Account | None:
    """None where nothing was frozen. `refunds` with their items."""
    if not (order.explanation or {}).get("lines"):
        return None
    account = of_explanation(order.explanation, [item.name for item in order.items])
    if account is None:
        return None
    try:
        holds = recompute(order.explanation) == order.explanation
    except (KeyError, TypeError, ValueError):
        return None
    live = [refund for refund in refunds if refund.status in LIVE]
    given = [_given(item, live) for item in order.items]
    lines = tuple(
        replace(step, refunded=amount, refunded_quantity=units)
        for step, (amount, units) in zip(account.lines, given, strict=True)
    )
    sent = sum(refund.shipping_amount for refund in live)
    refunded = sum(refund.amount for refund in live)
    return replace(
        account,
        lines=lines,
        delivery=replace(account.delivery, refunded=sent) if account.delivery else None,
        holds=holds and _matches(order, account),
        refunded=refunded,
        refunded_freely=refunded - sent - sum(amount for amount, _units in given),
    )


def of_explanation(explanation: Mapping[str, Any], names: Sequence[str]) -> Account | None:
    """`names` of the lines, in their order. None where they do not fit or it was written by an older version."""
    try:
        return _read(dict(explanation), names)
    except (KeyError, TypeError, ValueError):
        return None


def _read(found: dict[str, Any], names: Sequence[str]) -> Account:
    included = bool(found["prices_include_tax"])
    rules = {rule["key"]: rule for rule in found["discounts"]}
    lines = tuple(
        _line(part, name, rules, included) for part, name in zip(found["lines"], names, strict=True)
    )
    return Account(
        prices_include_tax=included,
        lines=lines,
        delivery=_delivery(found["shipping"], found["discounts"], included) if found["shipping"] else None,
        offs=tuple(
            Off(rule["name"], rule["code"], rule["amount"]) for rule in found["discounts"] if rule["amount"]
        ),
        taxes=_taxes(found["taxes"], None, included),
        subtotal=found["subtotal"],
        discount_total=found["discount_total"],
        shipping_total=found["shipping_total"],
        tax_total=found["tax_total"],
        total=found["total"],
    )


def _line(part: dict[str, Any], name: str, rules: dict[str, dict[str, Any]], included: bool) -> Step:
    return Step(
        name=name,
        quantity=part["quantity"],
        unit_price=part["unit_price"],
        line_total=part["line_total"],
        offs=tuple(
            Off(rules[off["discount"]]["name"], rules[off["discount"]]["code"], off["amount"])
            for off in part["shares"]
        ),
        amount=part["amount"],
        taxes=_taxes(part["taxes"], part["amount"], included),
        paid=part["net"] + part["tax"],
    )


def _delivery(part: dict[str, Any], rules: Iterable[dict[str, Any]], included: bool) -> Step:
    offs = tuple(Off(rule["name"], rule["code"], rule["shipping"]) for rule in rules if rule["shipping"])
    base = None if part["is_proportional"] else part["charged"]
    return Step(part["name"], 1, part["price"], part["price"] + part["fee"], offs, part["charged"],
                _taxes(part["taxes"], base, included), part["net"] + part["tax"], part["fee"])  # fmt: skip


def _taxes(parts: Sequence[dict[str, Any]], amount: int | None, included: bool) -> tuple[Tax, ...]:
    """With one rate alone it can be said what the tax was before it was rounded."""
    is_plain = len(parts) == 1 and amount is not None
    return tuple(
        Tax(
            part["name"],
            part["rate"],
            part["net"] + (part["amount"] if included else 0),
            part["amount"],
            _exact(amount, part["rate"], included) if is_plain and amount is not None else None,
        )
        for part in parts
    )


def _exact(amount: int, rate: int, included: bool) -> Fraction:
    return Fraction(amount * rate, WHOLE + rate if included else WHOLE)


def _given(item: OrderItem, refunds: Iterable[Refund]) -> tuple[int, int]:
    parts = [part for refund in refunds for part in refund.items if part.order_item_id == item.id]
    return sum(part.amount for part in parts), sum(part.quantity for part in parts)


def _matches(order: Order, account: Account) -> bool:
    """Do the order's own columns say the same?"""
    sums = (order.subtotal, order.discount_total, order.shipping_total, order.tax_total, order.total)
    told = (
        account.subtotal,
        account.discount_total,
        account.shipping_total,
        account.tax_total,
        account.total,
    )
    return sums == told and all(
        (item.line_total, derived.paid_for(order, item)) == (step.line_total, step.paid)
        for item, step in zip(order.items, account.lines, strict=True)
    )
