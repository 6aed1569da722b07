"""Words for URLs."""

import re
import unicodedata

_LETTERS = str.maketrans({
    "ß": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ł": "l",
    "Ł": "l", "þ": "th", "Þ": "th", "ð": "d", "Ð": "d", "&": " and ",
    **dict(zip("αβγδεζηθικλμνξοπρστυφχψως", ["a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x",
                                              "o", "p", "r", "s", "t", "y", "f", "ch", "ps", "o", "s"], strict=True)),
})  # fmt: skip
PATTERN = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"


def fold(text: str) -> str:
    """Lower case without accents: how two names are compared and how search sees a word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def slugify(text: str, max_length: int = 120) -> str:
    """`Café & Chá` → `cafe-and-cha`. May be empty where nothing of the text can be written so."""
    ascii_text = fold(fold(text).translate(_LETTERS)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
    return slug[:max_length].strip("-")


def numbered(base: str, taken: set[str]) -> str:
    """The first of base, base-2, base-3 … that is not taken."""
    if base not in taken:
        return base
    n = 2
    while f"{base}-{n}" in taken:
        n += 1
    return f"{base}-{n}"
