"""The back office's lists are lists like the console's, and filter by amounts of the store."""

import re

from kit.money import to_minor
from kit.numbers import canonical_number
from web.lists import (
    SIZES,
    TEXT_MAX,
    Filter,
    back_to,
    chips,
    choice_arg,
    here,
    listing,
    number_arg,
    page_arg,
    page_url,
    size_arg,
    sort_heads,
    tabs,
    text_arg,
)
from web.tenant import current_store

__all__ = [
    "SIZES",
    "TEXT_MAX",
    "Filter",
    "amount_in",
    "back_to",
    "chips",
    "choice_arg",
    "here",
    "listing",
    "number_arg",
    "page_arg",
    "page_url",
    "size_arg",
    "sort_heads",
    "tabs",
    "text_arg",
]


def amount_in(text: str) -> int | None:
    """What somebody typed to filter by, in minor units; None where it is no amount, or none that anything costs."""
    number = canonical_number(text.strip()[:20])
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,4})?", number):
        return None
    try:
        return to_minor(number, current_store().currency)
    except ValueError:  # more digits than the currency has
        return None
