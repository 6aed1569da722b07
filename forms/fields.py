"""Fields that show what a draft knows the way people write it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_decimal_symbol
from wtforms import SelectMultipleField, StringField, widgets

from kit.drafts import ambient_zone
from kit.i18n import cldr


class MomentField(StringField):
    """A time on the wall of the store; the browser's own picker."""

    widget = widgets.DateTimeLocalInput()

    def _value(self) -> str:
        if isinstance(self.data, datetime):
            return self.data.astimezone(ZoneInfo(ambient_zone.get())).strftime("%Y-%m-%dT%H:%M")
        return str(self.data or "")


class DecimalTextField(StringField):
    """An amount, rate or weight with the reader's own decimal sign. Name it in the form's `numbers`."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return str(self.data if self.data is not None else "").replace(".", get_decimal_symbol(cldr()))


class TickListField(SelectMultipleField):
    """Several of a list, as ticks."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def __init__(self, label: str = "", **kw: Any):
        super().__init__(label, validate_choice=False, coerce=str, **kw)


class LinesField(StringField):
    """A list, written one entry to a line (or with commas)."""

    widget = widgets.TextArea()

    def _value(self) -> str:
        return "\n".join(self.data) if isinstance(self.data, list | tuple) else str(self.data or "")


def entries_of(text: Any) -> list[str]:
    """What was typed into a LinesField, entry by entry."""
    return [entry.strip() for entry in str(text or "").replace(",", "\n").splitlines() if entry.strip()]
