"""The numbers under a barcode (GTIN: EAN-8, UPC-A, EAN-13, GTIN-14)."""

import re

LENGTHS = (8, 12, 13, 14)


def is_gtin(text: str) -> bool:
    """The right number of digits, and the last one is what the others make it."""
    if len(text) not in LENGTHS or not re.fullmatch(r"[0-9]+", text):
        return False
    *others, check = (int(digit) for digit in text)
    weighted = sum(digit * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(others)))
    return (weighted + check) % 10 == 0
