"""Stretches of time in query strings: a date or a date-time, both ends included, in the store's zone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema

from kit.drafts import ambient_zone, wrong
from kit.i18n import _


def _read(value: Any) -> date | datetime:
    text = value.strip() if isinstance(value, str) else ""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        # A plus sign that nobody escaped arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if text[10:11] == "T" else text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(ambient_zone.get()))
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise wrong(
            "", "not_a_date", _("Must be a date like 2026-12-31 or a time like 2026-12-31T23:59:00Z.")
        ) from error


def _midnight(day: date) -> datetime:
    try:
        return datetime.combine(day, time(), ZoneInfo(ambient_zone.get())).astimezone(UTC)
    except OverflowError as error:
        raise wrong("", "not_a_date", _("Is out of range.")) from error


def _start(value: Any) -> datetime:
    found = _read(value)
    return found if isinstance(found, datetime) else _midnight(found)


def _end(value: Any) -> datetime:
    found = _read(value)
    try:
        if isinstance(found, datetime):
            return found + timedelta(microseconds=1)
        return _midnight(found + timedelta(days=1))
    except OverflowError as error:
        raise wrong("", "not_a_date", _("Is out of range.")) from error


_SCHEMA = WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}],
                          "examples": ["2026-12-31"]})  # fmt: skip
# `date_from`: from this moment on. `date_to`: what lies before this moment, so that the named day or instant is in.
Since = Annotated[datetime, BeforeValidator(_start), _SCHEMA]
Before = Annotated[datetime, BeforeValidator(_end), _SCHEMA]
