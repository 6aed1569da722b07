"""What templates may say: money, dates, icons' neighbours, and the words of the reader's language."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, g, request

from kit import clock, i18n, numbers
from kit.i18n import cldr
from kit.money import Money, display, to_text


def init_app(app: Flask) -> None:
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False, pgettext=i18n.pgettext)  # type: ignore[attr-defined]
    env.globals["_"] = i18n.gettext
    env.globals["_n"] = i18n.ngettext
    env.globals["ngettext"] = i18n.ngettext
    env.globals["LANGUAGES"] = i18n.LANGUAGES
    env.filters.update(money=money, date=day, datetime=moment, number=number)
    env.globals["money"] = money
    env.trim_blocks = env.lstrip_blocks = True
    env.globals["icon"] = env.get_template("shared/_icons.html").module.icon  # type: ignore[attr-defined]

    @app.context_processor
    def surroundings() -> dict[str, Any]:
        store = g.get("store")
        return {
            "store": store,
            "locale": g.get("locale", "en"),
            "current_path": request.path,
            "request_id": g.get("request_id", ""),
            "platform": app.config["VITRINE"],
        }


def _currency() -> str:
    store = g.get("store")
    return store.currency if store else "EUR"


def _zone() -> ZoneInfo:
    store = g.get("store")
    return ZoneInfo(store.timezone if store else "UTC")


def money(amount: int | Money | None, currency: str | None = None) -> str:
    """An amount in minor units as the reader writes money."""
    if amount is None:
        return ""
    if isinstance(amount, Money):
        return display(amount.minor, amount.currency)
    return display(amount, currency or _currency())


def plain_money(amount: int | None, currency: str | None = None) -> str:
    """As an input's value: 4990 → 49.90"""
    return "" if amount is None else to_text(amount, currency or _currency())


def day(value: date | datetime | None, format: str = "medium") -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(_zone()).date()
    return format_date(value, format, locale=cldr())


def moment(value: datetime | None, format: str = "medium") -> str:
    return "" if value is None else format_datetime(value, format, tzinfo=_zone(), locale=cldr())


def clock_time(value: datetime | None) -> str:
    """14:32, on the wall of the store."""
    return "" if value is None else format_time(value, "short", tzinfo=_zone(), locale=cldr())


def ago(value: datetime | None) -> str:
    return "" if value is None else format_timedelta(value - clock.now(), add_direction=True, locale=cldr())


def number(value: Any) -> str:
    return "" if value is None else _number(value, cldr())


@lru_cache(maxsize=2_000)
def _number(value: Any, locale: str) -> str:
    """Kept: ratings on cards are the same few again and again, and Babel takes its time."""
    return format_decimal(value, locale=locale)


def size_text(size: int) -> str:
    """Of a file, from its bytes."""
    if size >= 1_000_000:
        return f"{number(round(size / 1_000_000, 1))} MB"
    return f"{number(max(1, round(size / 1000)))} KB"


def percent(hundredths: int | None) -> str:
    """2300 → 23 %"""
    return "" if hundredths is None else numbers.percent(hundredths)
