"""The rows of a file by themselves: what each says, which of them belong together, and which can't both be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from kit.i18n import _
from kit.numbers import canonical_number
from kit.tables import Table

TYPES = frozenset({"simple", "variable", "variation", "virtual", "downloadable"})


@dataclass(slots=True)
class FileRow:
    """`parent`: what a variant says about its product; `parent_line`: where that stands in the file, if it does.
    `price`: for a product that has none of its own, the lowest of its variants'."""

    line: int
    cells: dict[str, str]
    is_variant: bool = False
    parent: str = ""
    parent_line: int | None = None
    price: str = ""
    bad: str = ""

    @property
    def reference(self) -> str:
        return self.cells.get("sku") or self.cells.get("name") or self.cells.get("slug") or ""

    def key(self) -> tuple[str, str] | None:
        """By which a second row for the same thing is known."""
        for name in ("sku", "slug", "name"):
            if (text := self.cells.get(name, "").strip()) and not (self.is_variant and name != "sku"):
                return name, text.lower()
        return None

    def as_input(self) -> dict[str, Any]:
        return {"cells": self.cells, "variant": self.is_variant, "parent": self.parent,
                "parent_line": self.parent_line, "price": self.price, "bad": self.bad}  # fmt: skip


def read_rows(table: Table, columns: Mapping[int, str], *, clear: bool) -> list[FileRow]:
    """Products first, then variants, each in the order of the file: whoever works them off finds the parent done."""
    rows = [_row(line.number, line.cells, columns, clear) for line in table.lines]
    _find_doubles(rows)
    _find_parents(rows)
    return [*(row for row in rows if not row.is_variant), *(row for row in rows if row.is_variant)]


def _row(line: int, cells: list[str], columns: Mapping[int, str], clear: bool) -> FileRow:
    texts = {field: cells[column].strip() for column, field in columns.items()}
    foreign = "type" in texts
    if foreign:
        texts = {name: _unfold(name, text) for name, text in texts.items()}
    row = FileRow(line, {name: text for name, text in texts.items() if text or clear})
    kinds = {part.strip().lower() for part in texts.get("type", "").split(",") if part.strip()}
    row.is_variant = "variation" in kinds or (not kinds and bool(texts.get("parent")))
    row.parent = texts.get("parent", "")
    if unknown := sorted(kinds - TYPES):
        row.bad = _("Products of the kind “%(kind)s” can't be imported.", kind=", ".join(unknown))
    if foreign:
        _settle_foreign(row, kinds)
    if "\x00" in "".join(cells):
        row.bad = _("Contains a character that can't be stored.")
    return row


def _unfold(name: str, text: str) -> str:
    r"""Older exports of other shops write a line break as the two characters `\n`."""
    return text.replace("\\r\\n", "\n").replace("\\n", "\n") if "description" in name else text


def _settle_foreign(row: FileRow, kinds: set[str]) -> None:
    """What the other shop says in other words: the kind says digital, and an empty stock that it is not counted."""
    cells = row.cells
    if kinds & {"virtual", "downloadable"} and not row.is_variant:
        cells["is_digital"] = "1"
    if cells.get("is_active", "") == "-1" and row.is_variant:
        cells["is_active"] = "1"
    in_stock = cells.pop("in_stock", "")
    if row.is_variant or cells.get("stock_quantity"):
        return
    if in_stock in ("1", "true"):
        cells["track_stock"] = "0"
    elif in_stock == "backorder":
        cells |= {"track_stock": "1", "allow_backorder": "1"}
    elif in_stock:
        cells |= {"track_stock": "1", "stock_quantity": "0"}


def _find_doubles(rows: Iterable[FileRow]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row.key()
        if key is None:
            if not row.is_variant and not row.bad:
                row.bad = _("Says neither SKU nor address nor name: which product is it?")
            continue
        if key in seen:
            row.bad = row.bad or _("Line %(line)s is about the same product.", line=seen[key])
        else:
            seen[key] = row.line


def _find_parents(rows: list[FileRow]) -> None:
    """A parent is named by its SKU, its address, or as `id:44` by its number in the other shop."""
    places: dict[str, FileRow] = {}
    for row in rows:
        if not row.is_variant:
            for prefix, name in (("", "sku"), ("", "slug"), ("id:", "source_id")):
                if text := row.cells.get(name, "").strip():
                    places.setdefault(prefix + text.lower(), row)
    for row in rows:
        if not row.is_variant:
            continue
        parent = places.get(row.parent.lower().replace("id: ", "id:"))
        if not row.parent:
            row.bad = row.bad or _("Does not say which product it belongs to.")
        elif parent is not None:
            row.parent_line = parent.line
            _lend_price(parent, row)


def _lend_price(parent: FileRow, row: FileRow) -> None:
    """Other shops give a product with variants no price."""
    try:
        price = Decimal(canonical_number(row.cells.get("price", "")))
    except InvalidOperation:
        return
    if not parent.cells.get("price") and (not parent.price or price < Decimal(parent.price)):
        parent.price = str(price)
