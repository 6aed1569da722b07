"""Words in the reader's language. The locale is ambient; outside of one it is English, as the sources are.

Flask-Babel would do the same for requests only; jobs, mails and services speak to people too.
"""

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

LANGUAGES = {
    "pt": "Português",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "de": "Deutsch",
    "it": "Italiano",
}
# CLDR's plain `pt` is Brazil's and its plain `en` writes dates the American way; these stores are European.
CLDR = {"pt": "pt_PT", "en": "en_GB"}
FOLDER = Path(__file__).resolve().parent.parent / "translations"
_locale: ContextVar[str] = ContextVar("locale", default="en")


@cache
def _catalogue(locale: str) -> _gettext.NullTranslations:
    return NullTranslations() if locale == "en" else Translations.load(str(FOLDER), [locale])


@cache
def translated() -> dict[str, str]:
    """The languages whose words we have: English, which the sources speak, and those with a catalogue."""
    return {code: name for code, name in LANGUAGES.items() if code == "en" or (FOLDER / code).is_dir()}


def current_locale() -> str:
    return _locale.get()


def cldr(locale: str | None = None) -> str:
    """The name under which Babel has the formats of our language."""
    locale = locale or _locale.get()
    return CLDR.get(locale, locale)


def set_locale(locale: str) -> None:
    """For the rest of this request. An unknown language is English."""
    _locale.set(locale if locale in LANGUAGES else "en")


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Write for a reader of `locale` inside the block (mails, jobs)."""
    token = _locale.set(locale if locale in LANGUAGES else "en")
    try:
        yield
    finally:
        _locale.reset(token)


def gettext(message: str, **values: object) -> str:
    text = _catalogue(_locale.get()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    text = _catalogue(_locale.get()).ngettext(one, many, num)
    return text % {"num": num, **values}


def pgettext(context: str, message: str, **values: object) -> str:
    text = _catalogue(_locale.get()).pgettext(context, message)
    return text % values if values else text


def mark(message: str) -> str:
    """Mark a text for translation where it is defined; say it with `_` where it is shown."""
    return message


_ = gettext
_n = ngettext
