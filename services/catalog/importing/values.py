"""From cells to what drafts read: flags, dates, amounts and lists as people and other shops write them."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from kit.errors import Invalid
from kit.i18n import _
from kit.numbers import canonical_number
from kit.slugs import fold

YES = frozenset({"1", "true", "yes", "y", "on", "x", "sim", "ja", "si", "oui", "notify"})
NO = frozenset({"0", "-1", "false", "no", "n", "off", "nao", "nein", "non", "none", ""})
TAX_CLASSES = {"": "standard", "taxable": "standard", "reduced-rate": "reduced", "zero-rate": "zero"}
PATH, LIST = ">", ","
_PARTS = re.compile(r"(?:\\.|[^\\,])+")
# Grams in a unit, in thousandths of a gram: exact, so that a weight comes back as it was.
_UNITS = {
    "weight_g": Decimal("0.001"),
    "weight_lb": Decimal("0.45359237"),
    "weight_oz": Decimal("0.028349523125"),
}


def draft_values(cells: Mapping[str, str], *, clear: bool) -> dict[str, Any]:
    """{draft field: value} of the cells that belong to a product or variant itself. Invalid names the cell.

    An empty cell says nothing; with `clear` it empties the field, where a field may be empty.
    """
    found: dict[str, Any] = {}
    for name, text in cells.items():
        field = "weight" if name in _UNITS else name
        if text.strip():
            found[field] = _READERS.get(name, _as_it_is)(name, text.strip())
        elif clear and field not in _NEVER_EMPTY:
            found[field] = "" if field in _TEXTS else None
    return found


_TEXTS = frozenset({"description", "short_description", "brand", "hs_code", "manufacturer", "responsible_person",
                    "safety_text", "meta_title", "meta_description"})  # fmt: skip
_NEVER_EMPTY = frozenset({"name", "price", "slug", "stock_quantity", "tax_class", "is_active", "is_featured",
                          "is_digital", "track_stock", "allow_backorder", "min_quantity", "quantity_step",
                          "position"})  # fmt: skip


def _as_it_is(name: str, text: str) -> str:
    return text


def _number(name: str, text: str) -> str:
    return canonical_number(text)


def _whole(name: str, text: str) -> str:
    """`5.0` and `1.000` are written by spreadsheets for 5 and 1000; the draft refuses what is left over."""
    plain = canonical_number(text)
    return plain.partition(".")[0] if re.fullmatch(r"-?[0-9]+\.0+", plain) else plain


def flag(name: str, text: str) -> bool:
    word = fold(text)
    if word not in YES | NO:
        raise Invalid.field(name, "not_a_boolean", _("“%(text)s” is neither yes nor no.", text=text[:40]))
    return word in YES


def _moment(name: str, text: str) -> str:
    """`2017-01-01`, `2030-01-01 0:00:00`: midnight of the store where no time is said."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(.*))?", text)
    if found is None:
        return text
    day, hour, minute, second, zone = found.groups()
    return f"{day}T{int(hour or 0):02d}:{minute or '00'}:{second or '00'}{(zone or '').strip()}"


def _tax_class(name: str, text: str) -> str:
    word = text.lower()
    return TAX_CLASSES.get(word, word.replace("-", "_"))


def _weight(name: str, text: str) -> str:
    plain = canonical_number(text)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", plain):
        return text
    factor = _UNITS.get(name)
    if factor is None:
        return plain
    return f"{(Decimal(plain) * factor).quantize(Decimal('0.001')):f}"


_READERS: dict[str, Callable[[str, str], Any]] = {
    **dict.fromkeys(("price", "sale_price", "cost_price", "measure"), _number),
    **dict.fromkeys(("stock_quantity", "low_stock_threshold", "backorder_limit", "download_limit", "download_days",
                     "min_quantity", "max_quantity", "quantity_step", "position"), _whole),
    **dict.fromkeys(("is_active", "is_featured", "is_digital", "track_stock", "allow_backorder"), flag),
    **dict.fromkeys(("sale_starts_at", "sale_ends_at", "publish_at", "unpublish_at"), _moment),
    **dict.fromkeys(("weight", *_UNITS), _weight),
    "tax_class": _tax_class,
}  # fmt: skip


def list_of(text: str) -> list[str]:
    r"""`Sale, New` → its parts, each once; a comma inside of a name is written `\,`."""
    parts = (_plain(part) for part in _PARTS.findall(text))
    return list(dict.fromkeys(part for part in parts if part))


def paths_of(text: str) -> list[tuple[str, ...]]:
    r"""`Clothing > Shirts, Sale` → the paths from the root. `\>` is a sign of the name."""
    found = []
    for part in _PARTS.findall(text):
        steps = re.split(r"(?<!\\)\s*>\s*", part)
        names = tuple(name for name in (_plain(step) for step in steps) if name)
        if names:
            found.append(names)
    return list(dict.fromkeys(found))


def _plain(text: str) -> str:
    return re.sub(r"\\([,>\\])", r"\1", text.strip())


def path_text(names: tuple[str, ...]) -> str:
    return f" {PATH} ".join(_escaped(name) for name in names)


def list_text(parts: list[str]) -> str:
    """Parts that are escaped already."""
    return f"{LIST} ".join(parts)


def _escaped(name: str) -> str:
    return re.sub(r"([,>\\])", r"\\\1", name)


def escaped_list(names: list[str]) -> str:
    return list_text([re.sub(r"([,\\])", r"\\\1", name) for name in names])
