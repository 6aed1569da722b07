"""How much of an amount is tax, at one rate or several. Pure integers; each rate is rounded once, half up."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from kit.money import allocate, share

WHOLE = 10_000  # rates are hundredths of a percent: 23 % = 2300


@dataclass(frozen=True, slots=True)
class TaxRate:
    """`is_compound`: applies on top of the sum of the rates before it."""

    name: str
    rate: int
    is_compound: bool = False
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class TaxPart:
    """Tax at one rate, and the net amount it is taken on."""

    name: str
    rate: int
    net: int
    amount: int


def effective_rate(rates: Sequence[TaxRate]) -> int:
    """All rates as one, in hundredths of a percent, half up."""
    sums = [sum(r.rate for r in stage) for stage in _stages(rates)]
    return share(prod(WHOLE + s for s in sums), 1, WHOLE ** (len(sums) - 1)) - WHOLE if sums else 0


def split_tax(amount: int, rates: Sequence[TaxRate], *, included: bool) -> tuple[int, tuple[TaxPart, ...]]:
    """The net amount and the tax at each rate. `net` + taxes = `amount` where the tax is included in it."""
    stages = _stages(rates)
    taxes = _included(amount, stages) if included else _on_top(amount, stages)
    net = amount - sum(taxes) if included else amount
    in_order = [rate for stage in stages for rate in stage]
    return net, tuple(TaxPart(r.name, r.rate, net, tax) for r, tax in zip(in_order, taxes, strict=True))


def _stages(rates: Sequence[TaxRate]) -> list[list[TaxRate]]:
    """Plain rates are one stage together; each compound one is a stage of its own, on top of those before it."""
    plain = [r for r in rates if not r.is_compound]
    return ([plain] if plain else []) + [[r] for r in rates if r.is_compound]


def _included(gross: int, stages: list[list[TaxRate]]) -> list[int]:
    """One rate: its tax is rounded. Several: the net is, and the rest is spread by largest remainder."""
    if [len(stage) for stage in stages] == [1]:
        rate = stages[0][0].rate
        return [share(gross, rate, WHOLE + rate)]
    sums = [sum(r.rate for r in stage) for stage in stages]
    net = share(gross, WHOLE ** len(sums), prod(WHOLE + s for s in sums))
    weights = [
        rate.rate * prod(WHOLE + s for s in sums[:i]) * WHOLE ** (len(sums) - 1 - i)
        for i, stage in enumerate(stages)
        for rate in stage
    ]
    return allocate(gross - net, weights)


def _on_top(net: int, stages: list[list[TaxRate]]) -> list[int]:
    taxes: list[int] = []
    for stage in stages:
        base = net + sum(taxes)
        taxes += [share(base, rate.rate, WHOLE) for rate in stage]
    return taxes
