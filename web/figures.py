"""What stands on dashboards: amounts of an axis, and how a number has changed."""

from babel.core import Locale
from babel.numbers import format_currency, format_decimal

from kit.i18n import cldr
from kit.money import exponent


def round_amount(minor: int, currency: str) -> str:
    """Without cents."""
    pattern = Locale.parse(cldr()).currency_formats["standard"].pattern.replace("0.00", "0")
    return format_currency(minor / 10 ** exponent(currency), currency, pattern, cldr(), currency_digits=False)


def change(percent: float) -> str:
    """`+17,0 %`, with a real minus."""
    return format_decimal(percent, "+0.0;−0.0", locale=cldr()) + "\N{NO-BREAK SPACE}%"


def trend(percent: float | None) -> str:
    if not percent:
        return "flat"
    return "up" if percent > 0 else "down"
