"""The whole catalogue of a store, to be compared with what it was before: every byte of it, and what the search knows.

Left out is what goes on and never back. `version` and `updated_at`: an undone change is a change, too, and an editor
that is open on the product must notice. Tables that remember what happened: the price history, the stock ledger, the
audit log, the outbox, the batches themselves. Of what a batch made and undid their rows go with the product; of what
was there before they stay, and say that it was changed and changed back.
"""

import hashlib
from collections.abc import Iterator

from sqlalchemy import text

from kit.db import db

TABLES = ("products", "variants", "product_categories", "product_tags", "variant_values", "categories", "tags",
          "attributes", "attribute_values", "slug_redirects", "product_images", "stock_items", "product_texts",
          "related_products")  # fmt: skip
MOVES_ON = {"version", "updated_at"}


def catalogue() -> dict[str, list[str]]:
    """By table, a line per row."""
    return {name: sorted(lines) for name, lines in _tables()}


def digests() -> dict[str, str]:
    """The same in short, for catalogues of many thousands: those of two moments differ in the tables that do."""
    found = {}
    for name, lines in _tables():
        digest = hashlib.sha256()
        for line in sorted(lines):
            digest.update(line.encode())
        found[name] = digest.hexdigest()
    return found


def _tables() -> Iterator[tuple[str, Iterator[str]]]:
    db.session.commit()
    for table in TABLES:
        yield table, _lines(table, MOVES_ON)
    yield "search", _lines("product_search", set())


def _lines(table: str, left_out: set[str]) -> Iterator[str]:
    result = db.session.execute(text(f"SELECT * FROM {table}"))
    names = list(result.keys())
    for row in result:
        yield repr({name: value for name, value in zip(names, row, strict=True) if name not in left_out})
