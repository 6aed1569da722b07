"""Papers to be printed: A4 pages with the few shapes that a shop's papers have. Knows no shop.

The letters are Roboto's, which has all that European languages write, and €. What it has no letter for is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Literal

from fontTools.ttLib import TTFont
from fpdf import FPDF, FontFace
from PIL import Image

from kit import clock

Align = Literal["L", "R", "C"]
FAMILY = "Roboto"
_FACES = {"": "Roboto-Regular.ttf", "B": "Roboto-Bold.ttf"}
MARGIN, WIDTH = 18.0, 210.0 - 2 * 18.0  # millimetres
INK, FAINT, LINE = (28, 27, 24), (93, 90, 83), (200, 196, 188)


@dataclass(frozen=True, slots=True)
class Column:
    """`share` of the table's width, out of the sum of all shares."""

    title: str
    share: int
    align: Align = "L"


def color_of(hex_text: str) -> tuple[int, int, int]:
    """`#1d1b19` as numbers; ink where it is no colour."""
    text = hex_text.removeprefix("#")
    try:
        return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)
    except ValueError:
        return INK


@cache
def _known() -> frozenset[int]:
    with files("font_roboto").joinpath("files", _FACES[""]).open("rb") as file:
        return frozenset(TTFont(file, lazy=True).getBestCmap())


def _plain(text: str) -> str:
    """Letters that can be drawn, on one line each: a glyph that is missing would be a box."""
    return "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or ord(c) in _known())


class Paper(FPDF):
    """One file. `begin` opens each paper in it on a new page, with its own name and page numbers in the foot."""

    def __init__(self, *, title: str, language: str, color: tuple[int, int, int] = INK) -> None:
        super().__init__(format="A4", unit="mm")
        for style, name in _FACES.items():
            self.add_font(FAMILY, style, str(files("font_roboto").joinpath("files", name)))
        self.accent, self.foot, self.page_of_paper = color, "", 0
        self.next_foot: str | None = None
        self.set_title(_plain(title))
        self.set_lang(language)
        self.set_creation_date(clock.now())
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=22)

    def header(self) -> None:
        if self.next_foot is not None:  # only now: the foot of the page before is drawn by then
            self.foot, self.next_foot, self.page_of_paper = self.next_foot, None, 0
        self.page_of_paper += 1

    def footer(self) -> None:
        self.set_y(-15)
        self._write(8, FAINT)
        self.cell(0, 5, f"{self.foot} · {self.page_of_paper}" if self.foot else "", align="C")

    def begin(self, foot: str) -> None:
        """A new paper."""
        self.next_foot = _plain(foot)
        self.add_page()

    def _write(self, size: float, color: tuple[int, int, int] = INK, *, bold: bool = False) -> None:
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(*color)

    def letterhead(self, name: str, lines: Sequence[str], logo: bytes | None = None) -> None:
        """Who writes: the name (or logo) on the left, the address on the right, and a rule below."""
        top = self.get_y()
        if logo is None or not self._logo(logo):
            self._write(17, self.accent, bold=True)
            self.multi_cell(WIDTH * 0.55, 8, _plain(name), align="L", new_x="LMARGIN", new_y="NEXT")
        left_end = max(self.get_y(), top + 16)
        self.set_xy(MARGIN + WIDTH * 0.6, top)
        self._write(8.5, FAINT)
        self.multi_cell(WIDTH * 0.4, 4.2, _plain("\n".join(lines)), align="R", new_x="LMARGIN", new_y="NEXT")
        self.set_y(max(left_end, self.get_y()) + 2)
        self.set_draw_color(*self.accent)
        self.set_line_width(0.6)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.set_y(self.get_y() + 7)

    def _logo(self, data: bytes) -> bool:
        try:
            with Image.open(BytesIO(data)) as picture:
                self.image(
                    picture.convert("RGBA"), x=MARGIN, y=self.get_y(), h=15, w=60, keep_aspect_ratio=True
                )
        except (OSError, ValueError):
            return False
        self.set_y(self.get_y() + 15)
        return True

    def title_line(self, text: str, note: str = "") -> None:
        self._write(15, bold=True)
        self.multi_cell(WIDTH, 7, _plain(text), align="L", new_x="LMARGIN", new_y="NEXT")
        if note:
            self._write(9.5, FAINT)
            self.multi_cell(WIDTH, 5, _plain(note), align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def blocks(self, blocks: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Up to three small blocks beside each other, each under its heading."""
        top, lowest, width = self.get_y(), self.get_y(), WIDTH / max(len(blocks), 1)
        for at, (heading, lines) in enumerate(blocks):
            self.set_xy(MARGIN + at * width, top)
            self._write(8, FAINT, bold=True)
            self.multi_cell(width - 4, 5, _plain(heading), align="L", new_x="LEFT", new_y="NEXT")
            self._write(10)
            self.multi_cell(width - 4, 5, _plain("\n".join(lines)), align="L", new_x="LEFT", new_y="NEXT")
            lowest = max(lowest, self.get_y())
        self.set_xy(MARGIN, lowest + 6)

    def rows(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """A table whose headings are repeated on each page. A cell's second line is what stands after a newline."""
        self._write(9.5)
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        head = FontFace(emphasis="BOLD", color=FAINT, size_pt=8)
        with self.table(width=WIDTH, col_widths=tuple(c.share for c in columns), text_align=[c.align for c in columns],
                        borders_layout="HORIZONTAL_LINES", headings_style=head, line_height=5, padding=(1.4, 1, 1.4, 0),
                        align="LEFT") as table:  # fmt: skip
            table.row([_plain(column.title) for column in columns])
            for row in rows:
                table.row([_plain(cell) for cell in row])
        self.ln(3)

    def sums(self, rows: Sequence[tuple[str, str]], last_is_total: bool = True) -> None:
        """Label and amount, on the right; kept together."""
        with self.unbreakable() as block:
            for at, (label, amount) in enumerate(rows):
                is_total = last_is_total and at == len(rows) - 1
                block.set_x(MARGIN + WIDTH * 0.45)
                block.set_font(FAMILY, "B" if is_total else "", 11 if is_total else 9.5)
                block.set_text_color(*INK)
                block.cell(WIDTH * 0.33, 6, _plain(label), align="R")
                block.cell(WIDTH * 0.22, 6, _plain(amount), align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def words(self, text: str, heading: str = "") -> None:
        if heading:
            self._write(8, FAINT, bold=True)
            self.multi_cell(WIDTH, 5, _plain(heading), align="L", new_x="LMARGIN", new_y="NEXT")
        self._write(9.5)
        self.multi_cell(WIDTH, 5, _plain(text), align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def file(self) -> bytes:
        return bytes(self.output())
