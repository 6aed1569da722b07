"""From lines, discounts and a delivery to the total. One rounding per line and rate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kit.money import allocate
from services.pricing.discounts import Cut
from services.pricing.stacking import best_cuts
from services.pricing.terms import Discount, PriceLine, ShippingCharge
from services.tax_split import TaxPart, TaxRate, effective_rate, split_tax


@dataclass(frozen=True, slots=True)
class PricedLine:
    """`amount` is what the line costs after discounts, as prices are entered; `net + tax_amount` is what is paid.
    `shares`: what each discount took of it, by the discount's key."""

    key: str
    unit_price: int
    quantity: int
    line_total: int
    shares: tuple[tuple[str, int], ...]
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
class PricedShipping:
    """`total` is the price and the fee less the discount, as prices are entered."""

    charge: ShippingCharge
    discount: int
    total: int
    net: int
    tax: int
    tax_rate: int
    taxes: tuple[TaxPart, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """`total` = `subtotal` − `discount_total` + `shipping_total`, plus `tax_total` where prices exclude tax."""

    prices_include_tax: bool
    lines: tuple[PricedLine, ...]
    cuts: tuple[Cut, ...]
    shipping: PricedShipping | None
    subtotal: int
    discount_total: int
    shipping_total: int
    tax_total: int
    taxes: tuple[TaxPart, ...]
    total: int
    explanation: dict[str, Any] = field(default_factory=dict)

    @property
    def goods_after_discounts(self) -> int:
        """What shipping thresholds look at."""
        return self.subtotal - self.discount_total

    @property
    def shipping_discount(self) -> int:
        return self.shipping.discount if self.shipping else 0

    @property
    def shipping_tax(self) -> int:
        return self.shipping.tax if self.shipping else 0

    @property
    def shipping_tax_rate(self) -> int:
        return self.shipping.tax_rate if self.shipping else 0

    @property
    def coupon(self) -> Cut | None:
        """What the typed code takes; None where there is none, or something better applies instead."""
        return next((cut for cut in self.cuts if cut.discount.code), None)


def add_up(
    lines: Sequence[PriceLine],
    *,
    prices_include_tax: bool,
    discounts: Sequence[Discount] = (),
    shipping: ShippingCharge | None = None,
    expected_shipping: int = 0,
) -> Totals:
    """`discounts`: all that hold; the best that go together are taken. `expected_shipping`: what delivery will cost
    about, where none is chosen yet, to tell what is best."""
    cuts = best_cuts(lines, discounts, shipping.price if shipping else expected_shipping)
    priced = tuple(_price(line, i, cuts, included=prices_include_tax) for i, line in enumerate(lines))
    sent = _price_shipping(shipping, cuts, lines, priced, included=prices_include_tax) if shipping else None
    subtotal = sum(line.line_total for line in priced)
    discount_total = sum(line.discount_amount for line in priced)
    tax_total = sum(line.tax_amount for line in priced) + (sent.tax if sent else 0)
    shipping_total = sent.total if sent else 0
    parts = [part for line in priced for part in line.taxes]
    return Totals(
        prices_include_tax=prices_include_tax,
        lines=priced,
        cuts=tuple(cuts),
        shipping=sent,
        subtotal=subtotal,
        discount_total=discount_total,
        shipping_total=shipping_total,
        tax_total=tax_total,
        taxes=_sum_by_rate([*parts, *(sent.taxes if sent else ())]),
        total=subtotal - discount_total + shipping_total + (0 if prices_include_tax else tax_total),
    )


def _price(line: PriceLine, position: int, cuts: Iterable[Cut], *, included: bool) -> PricedLine:
    shares = tuple((c.discount.key, c.shares[position]) for c in cuts if c.shares[position])
    discount = sum(off for _key, off in shares)
    net, taxes = split_tax(line.line_total - discount, line.rates, included=included)
    return PricedLine(
        key=line.key,
        unit_price=line.unit_price,
        quantity=line.quantity,
        line_total=line.line_total,
        shares=shares,
        discount_amount=discount,
        amount=line.line_total - discount,
        net=net,
        tax_amount=sum(part.amount for part in taxes),
        tax_rate=effective_rate(line.rates),
        taxes=taxes,
    )


def _price_shipping(charge: ShippingCharge, cuts: Iterable[Cut], lines: Sequence[PriceLine],
                    priced: Sequence[PricedLine], *, included: bool) -> PricedShipping:  # fmt: skip
    discount = sum(cut.shipping for cut in cuts)
    total = charge.price - discount + charge.fee
    if charge.is_proportional and lines:
        net, taxes = _in_proportion(total, lines, priced, included=included)
    else:
        net, taxes = split_tax(total, charge.rates, included=included)
    tax = sum(part.amount for part in taxes)
    return PricedShipping(charge, discount, total, net, tax, effective_rate(charge.rates), taxes)


def _in_proportion(
    total: int, lines: Sequence[PriceLine], priced: Sequence[PricedLine], *, included: bool
) -> tuple[int, tuple[TaxPart, ...]]:
    by_rates: dict[tuple[TaxRate, ...], int] = {}
    free = not any(line.amount for line in priced)  # nothing to weigh by: then by the number of things
    for line, result in zip(lines, priced, strict=True):
        by_rates[line.rates] = by_rates.get(line.rates, 0) + (result.quantity if free else result.amount)
    net = 0
    parts: list[TaxPart] = []
    for rates, piece in zip(by_rates, allocate(total, list(by_rates.values())), strict=True):
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
