"""The one place that computes a total. Pure: plain values in, frozen values out, whole minor units throughout.

The order of computation is fixed: unit price × quantity, discounts of products, discounts of the order spread over
the lines they are good for, delivery and its discounts, then tax per line and rate with one rounding each. `total` is
what the shopper pays.
"""

from collections.abc import Sequence
from dataclasses import replace

from models.promotions import CouponType, Stacking
from services.pricing.discounts import Cut, take_off
from services.pricing.explaining import explain, recompute
from services.pricing.terms import Discount, PriceLine, ShippingCharge
from services.pricing.totals import PricedLine, Totals, add_up


def compute(
    lines: Sequence[PriceLine],
    *,
    prices_include_tax: bool,
    discounts: Sequence[Discount] = (),
    shipping: ShippingCharge | None = None,
    expected_shipping: int = 0,
) -> Totals:
    """`discounts`: all that hold; the best that go together are taken. `expected_shipping`: what delivery will cost
    about where none is chosen yet: it tells whether free delivery is the better offer."""
    totals = add_up(lines, prices_include_tax=prices_include_tax, discounts=discounts, shipping=shipping,
                    expected_shipping=expected_shipping)  # fmt: skip
    return replace(totals, explanation=explain(totals, lines))


__all__ = [
    "CouponType",
    "Cut",
    "Discount",
    "PriceLine",
    "PricedLine",
    "ShippingCharge",
    "Stacking",
    "Totals",
    "compute",
    "recompute",
    "take_off",
]
