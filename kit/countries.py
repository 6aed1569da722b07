"""Countries: their names, how their postcodes are written, and which belong to the EU's VAT area."""

import re
from functools import cache, lru_cache

from babel import Locale

from kit.i18n import cldr

# What ISO 3166-1 alpha-2 has, and none of what else looks like it.
CODES = frozenset(code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)) - {
    "EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}  # fmt: skip
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
# Where a letter without its state or province does not arrive.
NEEDS_REGION = frozenset({"US", "CA", "AU", "BR", "IN", "MX"})

# N is a digit, A a letter, X either; the rest stands as it is. Several where a country writes several.
_MASKS: dict[str, tuple[str, ...]] = {
    "AD": ("ADNNN",), "AU": ("NNNN",), "BR": ("NNNNN-NNN",), "CA": ("ANA NAN",), "CN": ("NNNNNN",),
    "CY": ("NNNN",), "CZ": ("NNN NN",), "DK": ("NNNN",), "EE": ("NNNNN",), "ES": ("NNNNN",), "FI": ("NNNNN",),
    "FR": ("NNNNN",), "GB": ("AN NAA", "ANN NAA", "AAN NAA", "AANN NAA", "ANA NAA", "AANA NAA"),
    "GR": ("NNN NN",), "HR": ("NNNNN",), "HU": ("NNNN",), "IE": ("ANX XXXX",), "IN": ("NNNNNN",), "IS": ("NNN",),
    "IT": ("NNNNN",), "JP": ("NNN-NNNN",), "LI": ("NNNN",), "LT": ("LT-NNNNN", "NNNNN"), "LU": ("NNNN",),
    "LV": ("LV-NNNN", "NNNN"), "MC": ("NNNNN",), "MT": ("AAA NNNN",), "MX": ("NNNNN",), "NL": ("NNNN AA",),
    "NO": ("NNNN",), "NZ": ("NNNN",), "PL": ("NN-NNN",), "PT": ("NNNN-NNN",), "RO": ("NNNNNN",), "SE": ("NNN NN",),
    "SI": ("NNNN",), "SK": ("NNN NN",), "SM": ("NNNNN",), "TR": ("NNNNN",), "UA": ("NNNNN",),
    "US": ("NNNNN", "NNNNN-NNNN"), "AT": ("NNNN",), "BE": ("NNNN",), "BG": ("NNNN",), "CH": ("NNNN",),
    "DE": ("NNNNN",),
}  # fmt: skip
_CLASSES = {"N": "[0-9]", "A": "[A-Z]", "X": "[A-Z0-9]"}
_EXAMPLES = {"N": "1234567890", "A": "ABCDEFGHIJ", "X": "X1Y2Z3A4B5"}


@cache
def _pattern(mask: str) -> re.Pattern[str]:
    plain = re.sub(r"[ -]", "", mask)
    literal = _literal(mask)
    rest = "".join(_CLASSES.get(sign, sign) for sign in plain[len(literal) :])
    return re.compile(literal + rest)


def _literal(mask: str) -> str:
    """The letters that always stand in front (LT-, LV-, AD)."""
    return next((prefix for prefix in ("LT", "LV", "AD") if mask.startswith(prefix)), "")


def postcode(text: str, country: str) -> str | None:
    """The code as its country writes it (`1050100` in PT → `1050-100`), or None where it can't be one there.

    Of a country whose way we don't know, letters, digits, spaces and hyphens are taken as they are.
    """
    plain = re.sub(r"[\s-]", "", text).upper()
    masks = _MASKS.get(country)
    if masks is None:
        return text.strip().upper() if re.fullmatch(r"[A-Z0-9]{1,12}", plain) else None
    for mask in masks:
        if _pattern(mask).fullmatch(plain):
            signs = iter(plain)
            return "".join(sign if sign in " -" else next(signs) for sign in mask)
    return None


def postcode_example(country: str) -> str:
    """`1234-567` for PT; empty where we don't know."""
    mask = _MASKS.get(country, ("",))[0]
    literal = _literal(mask)
    signs = {name: iter(letters) for name, letters in _EXAMPLES.items()}
    return literal + "".join(next(signs[sign]) if sign in signs else sign for sign in mask[len(literal) :])


@lru_cache(maxsize=2_000)
def _name(code: str, locale: str) -> str:
    return Locale.parse(locale).territories.get(code, code)


def country_name(code: str, locale: str | None = None) -> str:
    """The country's name for a reader of `locale` (without one: the ambient language)."""
    return _name(code, cldr(locale))


def is_eu(code: str) -> bool:
    return code in EU
