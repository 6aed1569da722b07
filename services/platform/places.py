"""What is usual in a country: its money, its language among ours, and its clock."""

from functools import cache

from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies

from kit.i18n import LANGUAGES

# Where a country has several zones, the one in which most of it lives.
_ZONES = {"PT": "Europe/Lisbon", "ES": "Europe/Madrid", "FR": "Europe/Paris", "DE": "Europe/Berlin", "BR":
          "America/Sao_Paulo", "US": "America/New_York", "CA": "America/Toronto", "MX": "America/Mexico_City",
          "AU": "Australia/Sydney", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia", "GB": "Europe/London",
          "IT": "Europe/Rome", "NL": "Europe/Amsterdam", "BE": "Europe/Brussels", "CH": "Europe/Zurich"}  # fmt: skip


def currency_of(country: str) -> str:
    found = get_territory_currencies(country)
    return found[0] if found else "EUR"


def language_of(country: str) -> str:
    """The first of its official languages that we speak, else English."""
    known = [language.partition("_")[0] for language in get_official_languages(country, de_facto=True)]
    return next((language for language in known if language in LANGUAGES), "en")


@cache
def zone_of(country: str) -> str:
    if country in _ZONES:
        return _ZONES[country]
    zones = sorted(name for name, territory in get_global("zone_territories").items() if territory == country)
    return zones[0] if zones else "UTC"
