"""Lists whose whole state stands in the address: search, filters, sorting, page."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from kit.i18n import _
from kit.money import to_minor
from kit.numbers import canonical_number
from kit.paging import Page
from web.tenant import current_store

SIZES = (25, 50, 100)
TEXT_MAX = 100


def text_arg(name: str) -> str:
    return request.args.get(name, "").strip()[:TEXT_MAX]


def choice_arg(name: str, choices: Iterable[str], default: str = "") -> str:
    """What the address says, where it is one of the choices: a list never fails for an address typed wrong."""
    value = request.args.get(name, "")
    return value if value in choices else default


def number_arg(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "")
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 8 else default


def page_arg() -> int:
    return number_arg("page", 1, 100_000)


def size_arg() -> int:
    size = number_arg("size", SIZES[0], SIZES[-1])
    return size if size in SIZES else SIZES[0]


def amount_in(text: str) -> int | None:
    """What somebody typed to filter by, in minor units; None where it is no amount, or none that anything costs."""
    number = canonical_number(text.strip()[:20])
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,4})?", number):
        return None
    try:
        return to_minor(number, current_store().currency)
    except ValueError:  # more digits than the currency has
        return None


def here(**changes: Any) -> str:
    """This list's address with some of its state changed; None takes a part away. Back to the first page, unless the
    page is what changes."""
    ours = {"page", "edit", "lang", "endpoint"}  # … and names that mean something to url_for
    state: dict[str, Any] = {
        name: ",".join(values)  # ticks of a form without scripts stand there one by one
        for name, values in request.args.lists()
        if name and name not in ours and name[0] != "_" and any(values)
    }
    state |= changes
    return url_for(request.endpoint or "", **(request.view_args or {}),
                   **{name: value for name, value in state.items() if value not in (None, "")})  # fmt: skip


def page_url(number: int) -> str:
    return here(page=number if number > 1 else None)


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice in the find bar: value → words."""

    name: str
    label: str
    options: Mapping[str, str]

    @property
    def value(self) -> str:
        return choice_arg(self.name, self.options)

    def shown(self) -> dict[str, Any]:
        options = [{"value": value, "label": label} for value, label in self.options.items()]
        return {"name": self.name, "label": self.label, "options": options, "value": self.value}


def chips(
    filters: Sequence[Filter], q: str = "", extra: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """What is filtered by, each with the address of the list without it."""
    found = [{"label": _("“%(words)s”", words=q), "url": here(q=None)}] if q else []
    found += [
        {"label": f"{f.label}: {f.options[f.value]}", "url": here(**{f.name: None})}
        for f in filters
        if f.value
    ]
    return found + [{"label": label, "url": here(**{name: None})} for name, label in (extra or {}).items()]


def sort_heads(
    columns: Iterable[tuple[str, str, Mapping[str, Any]]], by: str, descending: bool
) -> list[dict[str, Any]]:
    """Headers that sort: the first press ascending, the next descending."""
    heads = []
    for key, label, look in columns:
        head = {"label": label, **look}
        if key:
            is_this = key == by
            head["sort"] = ("descending" if descending else "ascending") if is_this else "none"
            head["url"] = here(sort=key, dir="desc" if is_this and not descending else None)
        heads.append(head)
    return heads


def tabs(
    views: Iterable[tuple[str, str, int | None]], current: str, *, name: str = "view"
) -> list[dict[str, Any]]:
    """Saved views; choosing one starts afresh."""
    endpoint = request.endpoint or ""
    return [
        {"label": label, "url": url_for(endpoint, **_only(name, key)), "count": count,
         "current": key == current}
        for key, label, count in views
    ]  # fmt: skip


def _only(name: str, key: str) -> dict[str, Any]:
    return {name: key} if key else {}


def listing(found: Page[Any], shape: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """A page of things as the templates show it."""
    return {
        "items": [shape(item) for item in found.items],
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "first": found.first,
        "last": found.last,
        "size": found.page_size,
        "sizes": [
            {
                "value": size,
                "url": here(size=size if size != SIZES[0] else None),
                "current": size == found.page_size,
            }
            for size in SIZES
        ]
        if found.total > SIZES[0]
        else [],
    }


def back_to(endpoint: str) -> str:
    """The list as it was left (the page that led here, when it was this list), else the list from its start."""
    plain = url_for(endpoint)
    came_from = request.args.get("back", "")
    return came_from if came_from == plain or came_from.startswith(plain + "?") else plain
