"""What a total is computed from: lines, discounts, a delivery. Plain frozen values, whole minor units."""

from dataclasses import dataclass

from models.promotions import CouponType, Stacking
from services.tax_split import TaxRate


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What is bought. `key` is unique among the lines; discounts name the lines they are for by it."""

    key: str
    unit_price: int
    quantity: int
    rates: tuple[TaxRate, ...] = ()

    @property
    def line_total(self) -> int:
        return self.unit_price * self.quantity


Keys = frozenset[str]


@dataclass(frozen=True, slots=True)
class Discount:
    """A coupon or promotion that holds for these lines.

    `value`: hundredths of a percent or minor units, by `takes`. `eligible`: the lines it may take from, `bought`: the
    lines that count as bought (buy X get Y); None is all of them. `maximum` caps what it takes in all, `max_items` how
    many units it takes from. `name` is what shoppers read; `code` what was typed, if it was.
    """

    key: str
    name: str
    takes: CouponType
    value: int = 0
    stacking: Stacking = Stacking.ORDER
    combines_with: frozenset[Stacking] = frozenset(Stacking)
    eligible: Keys | None = None
    bought: Keys | None = None
    buy: int = 0
    get: int = 0
    maximum: int | None = None
    max_items: int | None = None
    code: str = ""

    def may_take_from(self, line: PriceLine) -> bool:
        return self.eligible is None or line.key in self.eligible

    def counts(self, line: PriceLine) -> bool:
        return self.bought is None or line.key in self.bought

    def joins(self, other: "Discount") -> bool:
        """May both be had at once? Each has to allow the other's class."""
        return other.stacking in self.combines_with and self.stacking in other.combines_with


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
