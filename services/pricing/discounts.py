"""What discounts take off lines and delivery. Nothing ever costs less than nothing.

Discounts of products come first, the one that takes most before the others; on a line that has one, a second takes
from it only where both allow it. Then those of the order, each spread over the lines it is good for by largest
remainder; then those of the delivery.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.money import allocate, share
from models.promotions import CouponType, Stacking
from services.pricing.terms import Discount, PriceLine
from services.tax_split import WHOLE

# These take the cheapest units, so that "3 for 2" gives the cheapest of three; the others the dearest.
CHEAPEST_FIRST = (CouponType.BUY_X_GET_Y, CouponType.GIFT)


@dataclass(frozen=True, slots=True)
class Cut:
    """What one discount takes: from each line, by position, and from the delivery."""

    discount: Discount
    shares: tuple[int, ...]
    shipping: int = 0

    @property
    def goods(self) -> int:
        return sum(self.shares)

    @property
    def total(self) -> int:
        return self.goods + self.shipping


def take_off(lines: Sequence[PriceLine], discounts: Iterable[Discount], shipping: int = 0) -> list[Cut]:
    """One cut for each of the discounts, in the order in which they are taken; `shipping` is the delivery's price."""
    discounts = list(discounts)
    left = [line.line_total for line in lines]
    cuts = _off_products(lines, left, [d for d in discounts if d.stacking is Stacking.PRODUCT])
    for discount in sorted((d for d in discounts if d.stacking is Stacking.ORDER), key=_turn):
        cuts.append(Cut(discount, _take(left, _off_order(lines, left, discount))))
    for discount in sorted((d for d in discounts if d.stacking is Stacking.SHIPPING), key=_turn):
        off = shipping if discount.maximum is None else min(shipping, discount.maximum)
        cuts.append(Cut(discount, (0,) * len(lines), off))
        shipping -= off
    return cuts


def _turn(discount: Discount) -> tuple[bool, str]:
    """What applies by itself before what was typed."""
    return bool(discount.code), discount.key


def _take(left: list[int], offs: Sequence[int]) -> tuple[int, ...]:
    for i, off in enumerate(offs):
        left[i] -= off
    return tuple(offs)


# --- products -----------------------------------------------------------------------------------------------------


def _off_products(lines: Sequence[PriceLine], left: list[int], discounts: list[Discount]) -> list[Cut]:
    if len(discounts) > 1:
        full = [line.line_total for line in lines]
        alone = {d.key: sum(_off_items(lines, full, d, range(len(lines)))) for d in discounts}
        discounts = sorted(discounts, key=lambda d: (-alone[d.key], *_turn(d)))
    worn: list[list[Discount]] = [[] for _line in lines]
    cuts = []
    for discount in discounts:
        free = [i for i, others in enumerate(worn) if all(discount.joins(other) for other in others)]
        cut = Cut(discount, _take(left, _off_items(lines, left, discount, free)))
        for i, off in enumerate(cut.shares):
            if off:
                worn[i].append(discount)
        cuts.append(cut)
    return cuts


def _off_items(
    lines: Sequence[PriceLine], left: Sequence[int], discount: Discount, free: Iterable[int]
) -> list[int]:
    """What it takes from each line, from the units it is good for; `free` are the lines it may touch."""
    open_lines = [i for i in free if discount.may_take_from(lines[i])]
    offs = [0] * len(lines)
    for i, units in _units(lines, discount, open_lines).items():
        line = lines[i]
        if discount.takes is CouponType.FIXED_PER_ITEM:
            wish = min(discount.value, line.unit_price) * units
        else:
            wish = share(left[i] * units, discount.value, line.quantity * WHOLE)
        offs[i] = min(wish, left[i])
    if discount.maximum is not None and sum(offs) > discount.maximum:
        return allocate(discount.maximum, offs)
    return offs


def _units(lines: Sequence[PriceLine], discount: Discount, open_lines: list[int]) -> dict[int, int]:
    """How many units of which lines it takes from."""
    sign = 1 if discount.takes in CHEAPEST_FIRST else -1
    in_turn = sorted(open_lines, key=lambda i: (sign * lines[i].unit_price, i))
    if discount.takes is CouponType.BUY_X_GET_Y:
        return _given(lines, discount, in_turn)
    left = sum(lines[i].quantity for i in in_turn) if discount.max_items is None else discount.max_items
    units = {}
    for i in in_turn:
        units[i] = min(lines[i].quantity, left)
        left -= units[i]
    return {i: k for i, k in units.items() if k}


def _given(lines: Sequence[PriceLine], discount: Discount, in_turn: list[int]) -> dict[int, int]:
    """Buy X get Y: the cheapest units that can be given such that for every Y of them X others are bought."""
    bought = sum(line.quantity for line in lines if discount.counts(line))
    givable = sum(lines[i].quantity for i in in_turn)
    both = sum(lines[i].quantity for i in in_turn if discount.counts(lines[i]))
    times = min(
        givable // discount.get,
        bought // discount.buy,
        (bought + givable - both) // (discount.buy + discount.get),
    )
    wanted = times * discount.get
    spare = bought - times * discount.buy  # of what counts as bought, so many may be given instead
    if discount.max_items is not None:
        wanted = min(wanted, discount.max_items)
    units = {}
    for i in in_turn:
        k = min(lines[i].quantity, wanted, spare if discount.counts(lines[i]) else wanted)
        wanted -= k
        spare -= k if discount.counts(lines[i]) else 0
        units[i] = k
    return {i: k for i, k in units.items() if k}


# --- the order ----------------------------------------------------------------------------------------------------


def _off_order(lines: Sequence[PriceLine], left: Sequence[int], discount: Discount) -> list[int]:
    weights = [
        amount if discount.may_take_from(line) else 0 for line, amount in zip(lines, left, strict=True)
    ]
    eligible = sum(weights)
    percent = discount.takes is CouponType.PERCENTAGE
    wish = share(eligible, discount.value, WHOLE) if percent else discount.value
    if discount.maximum is not None:
        wish = min(wish, discount.maximum)
    return allocate(min(wish, eligible), weights)
