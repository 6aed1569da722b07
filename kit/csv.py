"""CSV that a spreadsheet opens as text and never runs: UTF-8 with BOM, RFC 4180, formulas defused."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

BOM = "\ufeff"
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_RUNS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """The cell's text. What a spreadsheet would take for a formula gets an apostrophe; plain numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text.lstrip(" '").startswith(_RUNS) and not (_NUMBER.fullmatch(text) and not text.startswith("+")):
        return "'" + text
    return text


def plain(text: str) -> str:
    """What `cell` was given: the apostrophe that defuses a formula is taken off."""
    return text[1:] if text.startswith("'") and text[1:].lstrip(" '").startswith(_RUNS) else text


def lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The file in pieces, one row each, so that a long list needs little memory."""
    yield BOM + _line(header)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([cell(value) for value in row])
    return out.getvalue()
