"""CSV as people hand it in: any of the usual encodings and separators, a BOM or none, re-saved by a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from kit.csv import plain

SEPARATORS = (",", ";", "\t", "|")
CELL_MAX = 200_000  # characters


class NoTable(ValueError):
    """It is no table: binary, or without a heading and rows."""


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is where the row begins in the file, the heading being 1."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    header: list[str]
    lines: list[Line]


def read_table(content: bytes) -> Table:
    """The heading and the rows that are not blank; a short row is filled up. NoTable where there is no table."""
    text = _decode(content)
    csv.field_size_limit(CELL_MAX)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        header = [name.strip() for name in next(reader, [])]
        lines = list(_lines(reader, len(header)))
    except csv.Error as error:
        raise NoTable(str(error)) from error
    if len([name for name in header if name]) < 1 or not lines:
        raise NoTable("no heading or no rows")
    return Table(header, lines)


def _lines(reader: Iterator[list[str]], width: int) -> Iterator[Line]:
    """`line_num` counts the lines read so far, so a row begins one after where the last one ended."""
    begins = reader.line_num + 1  # type: ignore[attr-defined]
    for cells in reader:
        if any(cell.strip() for cell in cells):
            filled = [plain(cell) for cell in cells[:width]] + [""] * (width - len(cells))
            yield Line(begins, filled)
        begins = reader.line_num + 1  # type: ignore[attr-defined]


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise NoTable("not a text") from error
    if b"\x00" in content:
        raise NoTable("not a text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    """The one that occurs most in the heading, outside of quotes."""
    heading, quoted = "", False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        elif letter in "\r\n" and not quoted:
            break
        elif not quoted:
            heading += letter
    return max(SEPARATORS, key=heading.count)
