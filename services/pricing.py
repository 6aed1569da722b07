"""The one place that computes a total. Pure: plain values in, frozen values out, whole minor units throughout.

The order of computation is fixed: unit price × quantity, reductions of the line, the coupon spread over the lines it
is good for, shipping, then tax per line and rate with one rounding each. `total` is what the shopper pays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from kit.money import allocate, share
from services.tax_split import WHOLE, TaxPart, TaxRate, effective_rate, split_tax


@dataclass(frozen=True, slots=True)
class Reduction:
    """Taken off one line: `percent` in hundredths, or a fixed `amount` of the whole line."""

    name: str
    percent: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What is bought. `is_eligible`: the coupon may take from it."""

    key: str
    unit_price: int
    quantity: int
    rates: tuple[TaxRate, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    is_eligible: bool = True


class Takes(StrEnum):
    PERCENTAGE = "percentage"
    FIXED_AMOUNT = "fixed_amount"
    FREE_SHIPPING = "free_shipping"


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """`value`: hundredths of a percent or minor units, by `takes`. `maximum` caps what is taken off the goods."""

    code: str
    takes: Takes
    value: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class ShippingCharge:
    """What sending costs, already chosen. `fee` is a payment method's surcharge; it is taxed and shown as shipping.

    With `is_proportional` the charge is taxed at the goods' rates, in proportion to their amounts.
    """

    name: str
    price: int
    rates: tuple[TaxRate, ...] = ()
    fee: int = 0
    is_proportional: bool = False


@dataclass(frozen=True, slots=True)
class PricedLine:
    """`amount` is what the line costs after discounts, as prices are entered; `net + tax_amount` is what is paid."""

    key: str
    unit_price: int
    quantity: int
    line_total: int
    reductions: tuple[tuple[str, int], ...]
    coupon_share: int
    discount_amount: int
    amount: int
    net: int
    tax_amount: int
    tax_rate: int
    taxes: tuple[TaxPart, ...]

    @property
    def gross(self) -> int:
        return self.net + self.tax_amount


@dataclass(frozen=True, slots=True)
class Totals:
    """`total` = `subtotal` − `discount_total` + `shipping_total`, plus `tax_total` where prices exclude tax."""

    prices_include_tax: bool
    lines: tuple[PricedLine, ...]
    subtotal: int
    discount_total: int
    coupon_discount: int
    shipping_total: int
    shipping_discount: int
    shipping_net: int
    shipping_tax: int
    shipping_tax_rate: int
    tax_total: int
    taxes: tuple[TaxPart, ...]
    total: int
    explanation: dict[str, Any]

    @property
    def net_total(self) -> int:
        return self.total - self.tax_total

    @property
    def goods_after_discounts(self) -> int:
        """What shipping thresholds look at."""
        return self.subtotal - self.discount_total


# --- discounts --------------------------------------------------------------------------------------------------


def _reduce(line: PriceLine) -> list[tuple[str, int]]:
    """Each reduction of the line, half up, capped at what is left of it."""
    left = line.unit_price * line.quantity
    taken = []
    for reduction in line.reductions:
        wish = share(left, reduction.percent, WHOLE) if reduction.percent else reduction.amount
        off = min(wish, left)
        taken.append((reduction.name, off))
        left -= off
    return taken


def coupon_discount(eligible: int, coupon: CouponTerms | None) -> int:
    """What the coupon takes off goods of this amount; never more than they cost."""
    if coupon is None or coupon.takes is Takes.FREE_SHIPPING:
        return 0
    wish = share(eligible, coupon.value, WHOLE) if coupon.takes is Takes.PERCENTAGE else coupon.value
    if coupon.maximum is not None:
        wish = min(wish, coupon.maximum)
    return min(wish, eligible)


def amount_after_discounts(lines: Iterable[PriceLine], coupon: CouponTerms | None = None) -> int:
    """What the goods cost after discounts: shipping is chosen by it before the total is known."""
    reduced = [
        (line, line.unit_price * line.quantity - sum(off for _, off in _reduce(line))) for line in lines
    ]
    eligible = sum(left for line, left in reduced if line.is_eligible)
    return sum(left for _, left in reduced) - coupon_discount(eligible, coupon)


# --- the total --------------------------------------------------------------------------------------------------


def compute(
    lines: Sequence[PriceLine],
    *,
    prices_include_tax: bool,
    coupon: CouponTerms | None = None,
    shipping: ShippingCharge | None = None,
) -> Totals:
    reductions = [_reduce(line) for line in lines]
    left = [line.unit_price * line.quantity - sum(off for _, off in taken)
            for line, taken in zip(lines, reductions, strict=True)]  # fmt: skip
    weights = [amount if line.is_eligible else 0 for line, amount in zip(lines, left, strict=True)]
    discount = coupon_discount(sum(weights), coupon)
    priced = tuple(
        _price_line(line, taken, share_, included=prices_include_tax)
        for line, taken, share_ in zip(lines, reductions, allocate(discount, weights), strict=True)
    )
    is_free = coupon is not None and coupon.takes is Takes.FREE_SHIPPING
    charged = replace(shipping, price=0) if shipping and is_free else shipping
    ship_total = charged.price + charged.fee if charged else 0
    ship_net, ship_taxes = _tax_shipping(charged, lines, priced, included=prices_include_tax)
    ship_tax = sum(part.amount for part in ship_taxes)
    subtotal = sum(line.line_total for line in priced)
    discount_total = sum(line.discount_amount for line in priced)
    tax_total = sum(line.tax_amount for line in priced) + ship_tax
    total = subtotal - discount_total + ship_total + (0 if prices_include_tax else tax_total)
    totals = Totals(
        prices_include_tax=prices_include_tax,
        lines=priced,
        subtotal=subtotal,
        discount_total=discount_total,
        coupon_discount=discount,
        shipping_total=ship_total,
        shipping_discount=shipping.price if shipping and is_free else 0,
        shipping_net=ship_net,
        shipping_tax=ship_tax,
        shipping_tax_rate=effective_rate(charged.rates) if charged else 0,
        tax_total=tax_total,
        taxes=_sum_by_rate([*(part for line in priced for part in line.taxes), *ship_taxes]),
        total=total,
        explanation={},
    )
    return replace(totals, explanation=_explain(totals, coupon, shipping))


def _price_line(
    line: PriceLine, taken: list[tuple[str, int]], coupon_share: int, *, included: bool
) -> PricedLine:
    line_total = line.unit_price * line.quantity
    discount = sum(off for _, off in taken) + coupon_share
    net, taxes = split_tax(line_total - discount, line.rates, included=included)
    return PricedLine(
        key=line.key,
        unit_price=line.unit_price,
        quantity=line.quantity,
        line_total=line_total,
        reductions=tuple(taken),
        coupon_share=coupon_share,
        discount_amount=discount,
        amount=line_total - discount,
        net=net,
        tax_amount=sum(part.amount for part in taxes),
        tax_rate=effective_rate(line.rates),
        taxes=taxes,
    )


def _tax_shipping(
    charge: ShippingCharge | None, lines: Sequence[PriceLine], priced: Sequence[PricedLine], *, included: bool
) -> tuple[int, tuple[TaxPart, ...]]:
    if charge is None:
        return 0, ()
    amount = charge.price + charge.fee
    if not charge.is_proportional or not lines:
        return split_tax(amount, charge.rates, included=included)
    by_rates: dict[tuple[TaxRate, ...], int] = {}
    free = not any(line.amount for line in priced)  # nothing to weigh by: then by the number of things
    for line, result in zip(lines, priced, strict=True):
        by_rates[line.rates] = by_rates.get(line.rates, 0) + (result.quantity if free else result.amount)
    net = 0
    parts: list[TaxPart] = []
    for rates, piece in zip(by_rates, allocate(amount, list(by_rates.values())), strict=True):
        piece_net, taxes = split_tax(piece, rates, included=included)
        net += piece_net
        parts += taxes
    return net, tuple(parts)


def _sum_by_rate(parts: Iterable[TaxPart]) -> tuple[TaxPart, ...]:
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for part in parts:
        net, amount = sums.get((part.name, part.rate), (0, 0))
        sums[part.name, part.rate] = (net + part.net, amount + part.amount)
    return tuple(
        TaxPart(name, rate, *both) for (name, rate), both in sorted(sums.items(), key=lambda s: -s[0][1])
    )


def _explain(totals: Totals, coupon: CouponTerms | None, shipping: ShippingCharge | None) -> dict[str, Any]:
    """How the total was reached, in plain values: frozen into the order, shown in the back office."""
    return {
        "prices_include_tax": totals.prices_include_tax,
        "lines": [
            {"key": line.key, "unit_price": line.unit_price, "quantity": line.quantity, "line_total": line.line_total,
             "reductions": [{"name": name, "amount": off} for name, off in line.reductions],
             "coupon_share": line.coupon_share, "amount": line.amount, "net": line.net, "tax": line.tax_amount,
             "taxes": [_plain(part) for part in line.taxes]}
            for line in totals.lines
        ],
        "coupon": coupon and {"code": coupon.code, "type": str(coupon.takes), "value": coupon.value,
                              "discount": totals.coupon_discount, "shipping_discount": totals.shipping_discount},
        "shipping": shipping and {"name": shipping.name, "price": shipping.price, "fee": shipping.fee,
                                  "charged": totals.shipping_total, "net": totals.shipping_net,
                                  "tax": totals.shipping_tax},
        "taxes": [_plain(part) for part in totals.taxes],
        "subtotal": totals.subtotal,
        "discount_total": totals.discount_total,
        "shipping_total": totals.shipping_total,
        "tax_total": totals.tax_total,
        "total": totals.total,
    }  # fmt: skip


def _plain(part: TaxPart) -> dict[str, Any]:
    return {"name": part.name, "rate": part.rate, "net": part.net, "amount": part.amount}


def units_share(amount: int, quantity: int, already: int, more: int) -> int:
    """The part of a line's `amount` that belongs to `more` of its units when `already` were given back before.

    Rounded cumulatively, so that any sequence of refunds returns exactly the amount in the end.
    """
    if already + more > quantity:
        raise ValueError("more units than the line has")
    return share(amount, already + more, quantity) - share(amount, already, quantity)
