"""Money as whole minor units of a currency, and the two ways in which shops must divide it.

Rounding is half up (away from zero on a tie), as product prices and EU tax offices expect; Python's own default
is half even and differs on every second tie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache, lru_cache

from babel.core import get_global
from babel.numbers import format_currency

from kit.i18n import cldr, current_locale


@cache
def exponent(currency: str) -> int:
    """How many digits stand after the point (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    digits = get_global("currency_fractions")
    return digits.get(currency, digits["DEFAULT"])[0]


def round_half_up(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def share(amount: int, part: int, whole: int) -> int:
    """`amount × part / whole`, half up, in integers. `whole` must be positive."""
    product = amount * part
    sign = -1 if product < 0 else 1
    return sign * ((2 * abs(product) + whole) // (2 * whole))


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` in proportion to `weights` (≥ 0) so that the parts sum to it exactly.

    Largest remainder; ties go to the larger weight, then to the lower position. All weights zero: all parts zero
    (and only an amount of zero may be split so).
    """
    total = sum(weights)
    if total == 0:
        if amount:
            raise ValueError("there is nothing to spread an amount over")
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    spare = amount - sum(parts)
    order = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), -weights[i], i))
    for i in order[:spare]:
        parts[i] += 1
    return parts


def to_minor(text: str | int | Decimal, currency: str) -> int:
    """`"49.90"` in EUR → 4990. ValueError where it is no number or has more digits than the currency."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    scaled = value.scaleb(exponent(currency))
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError("more digits than the currency has")
    return int(scaled)


def to_text(minor: int, currency: str) -> str:
    """4990 in EUR → `"49.90"`: the form of the API and of CSV files."""
    digits = exponent(currency)
    if digits == 0:
        return str(minor)
    sign, value = ("-", -minor) if minor < 0 else ("", minor)
    return f"{sign}{value // 10**digits}.{value % 10**digits:0{digits}d}"


def to_decimal(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))


def display(minor: int, currency: str, locale: str = "") -> str:
    """4990 in EUR, `pt` → `49,90 €`. Without a language as the reader writes it."""
    return _display(minor, currency, locale or current_locale())


@lru_cache(maxsize=20_000)  # formatting is the dearest part of a listing's cards
def _display(minor: int, currency: str, locale: str) -> str:
    return format_currency(to_decimal(minor, currency), currency, locale=cldr(locale))


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount with its currency, for places where the currency is not plain from the row."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return to_text(self.minor, self.currency)
