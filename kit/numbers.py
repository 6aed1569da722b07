"""Numbers as people write them."""

import re

from babel.numbers import format_decimal

from kit.i18n import cldr


def canonical_number(text: str) -> str:
    """`1.234,50` and `49,90` → `1234.50`, `49.90`. What is no number is left as it is, for a draft to refuse."""
    plain = re.sub(r"[\s\u00a0\u202f'€$£]", "", text)
    if not re.fullmatch(r"-?[0-9.,]+", plain):
        return text
    point = max(plain.rfind(","), plain.rfind("."))
    if point < 0:
        return plain
    whole, decimals = plain[:point], plain[point + 1 :]
    kinds = {c for c in plain if c in ",."}
    if len(decimals) == 3 and len(kinds) == 1 and plain.count(plain[point]) > 1:
        return re.sub(r"[.,]", "", plain)  # 1.234.567: thousands only
    whole = re.sub(r"[.,]", "", whole) or "0"
    return f"{whole}.{decimals}" if decimals else whole


def percent(hundredths: int) -> str:
    """2300 → `23 %`, as the reader writes it; the sign does not go to the next line alone."""
    return format_decimal(hundredths / 100, locale=cldr()) + "\N{NO-BREAK SPACE}%"
