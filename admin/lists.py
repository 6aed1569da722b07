"""The back office's lists are lists like the console's."""

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

__all__ = [
    "SIZES",
    "TEXT_MAX",
    "Filter",
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
