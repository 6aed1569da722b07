"""Full-text search by FTS5. Its rows have numbers; `product_search_places` says which product each one is."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Subquery,
    TableClause,
    bindparam,
    case,
    column,
    literal_column,
    select,
    table,
    text,
)

from kit import tenancy
from kit.db import Id, db
from services.search.asking import Asked, Slot, Way

NOTHING = '{codes} : "nothing is asked"'
FIELDS = ("name", "sku", "brand", "tags", "short", "body", "codes")
# What a word weighs in each column, the store's own first.
WEIGHTS = "0.0, 10.0, 8.0, 6.0, 4.0, 3.0, 1.0, 0.0"


def matches(asked: Asked) -> Subquery:
    """(product_id) of everything that matches."""
    places = _places()
    return (
        select(places.c.product_id)
        .select_from(_rows().join(places, places.c.id == _rows().c.rowid))
        .where(_match(_everything(asked), "asked"))
        .subquery("found")
    )


def ranked(asked: Asked) -> Subquery:
    """(product_id, tier, score): see finding.ranked."""
    places = _places()
    score: ColumnElement[float] = literal_column(f"-bm25(product_search, {WEIGHTS})").label("score")
    rowid: Any = literal_column("product_search.rowid")
    tier = case(
        *((rowid.in_(_rowids(expression, f"tier_{tier}")), tier) for expression, tier in _tiers(asked)),
        else_=0,
    ).label("tier")
    return (
        select(places.c.product_id, tier, score)
        .select_from(_rows().join(places, places.c.id == _rows().c.rowid))
        .where(_match(_everything(asked), "asked"))
        .subquery("found")
    )


def _tiers(asked: Asked) -> list[tuple[str, int]]:
    if not asked.slots:
        return [(NOTHING, 4)]
    named = [(_exact(asked), 3), (_slots(asked.slots, "own"), 2), (_slots(asked.slots, "ways"), 1)]
    whole = [(f'{{codes}} : "{asked.joined}"', 4)] if asked.joined else []
    return whole + [(f"{{name}} : {expression}", tier) for expression, tier in named]


def is_met(slots: Sequence[Slot], joined: str = "") -> bool:
    """Is there any product for these slots together?"""
    asked = text("SELECT 1 FROM product_search WHERE product_search MATCH :asked LIMIT 1")
    expression = _in_store(_everything(Asked(tuple(slots), joined)))
    return db.session.connection().scalar(asked, {"asked": expression}) is not None


def words_with(candidates: Sequence[str], limit: int) -> list[str]:
    """All words of some products that have one of these words."""
    one_of = " OR ".join(f'"{word}"' for word in candidates)
    query = text("SELECT name, sku, brand, tags, short, body, codes FROM product_search "
                 "WHERE product_search MATCH :asked LIMIT :limit")  # fmt: skip
    asked = _in_store(f"{{{' '.join(FIELDS)}}} : ({one_of})")
    rows = db.session.connection().execute(query, {"asked": asked, "limit": limit})
    return [word for row in rows for cell in row for word in cell.split()]


def digests(ids: Sequence[UUID]) -> dict[UUID, str]:
    """What was indexed of these products, as its digest."""
    places = _places()
    query = select(places.c.product_id, places.c.digest).where(_mine(ids))
    return dict(db.session.connection().execute(query).all())


def write(rows: Iterable[tuple[UUID, dict[str, str], str]]) -> None:
    """(product, its texts by column, their digest), of products that have no row."""
    found = list(rows)
    if not found:
        return
    connection, store = db.session.connection(), tenancy.current_tenant_id()
    connection.execute(
        _places().insert(),
        [{"tenant_id": store, "product_id": ident, "digest": digest} for ident, _texts, digest in found],
    )
    places = _places()
    numbered = select(places.c.product_id, places.c.id).where(_mine([ident for ident, *_rest in found]))
    numbers = dict(connection.execute(numbered).all())
    insert = text("INSERT INTO product_search (rowid, store, name, sku, brand, tags, short, body, codes) "
                  "VALUES (:id, :store, :name, :sku, :brand, :tags, :short, :body, :codes)")  # fmt: skip
    values = [{"id": numbers[ident], "store": _store(), **texts} for ident, texts, _digest in found]
    connection.execute(insert, values)


def remove(ids: Sequence[UUID]) -> None:
    """The trigger on the places takes the texts away."""
    db.session.connection().execute(_places().delete().where(_mine(ids)))


def _mine(ids: Sequence[UUID]) -> ColumnElement[bool]:
    places = _places()
    return (places.c.tenant_id == tenancy.current_tenant_id()) & places.c.product_id.in_(ids)


# --- what is asked, as FTS5 writes it ---------------------------------------------------------------------------


def _everything(asked: Asked) -> str:
    if not asked.slots:
        return NOTHING
    whole = f' OR ({{codes}} : "{asked.joined}")' if asked.joined else ""
    return f"({{{' '.join(FIELDS)}}} : {_slots(asked.slots, 'ways')}){whole}"


def _slots(slots: Sequence[Slot], which: str) -> str:
    return "(" + " AND ".join(_either(getattr(slot, which)) for slot in slots) + ")"


def _exact(asked: Asked) -> str:
    return "(" + " AND ".join(f'"{word}"' for slot in asked.slots for word in slot.said) + ")"


def _either(ways: Sequence[Way]) -> str:
    return "(" + " OR ".join(_way(way) for way in ways) + ")"


def _way(way: Way) -> str:
    return "(" + " AND ".join(f'"{term.text}"{"*" if term.begins else ""}' for term in way) + ")"


def _in_store(expression: str) -> str:
    """The store is a word of each row: a search meets the rows of its own store only."""
    return f'store : "{_store()}" AND ({expression})'


def _match(expression: str, name: str) -> Any:
    return text(f"product_search MATCH :{name}").bindparams(bindparam(name, _in_store(expression)))


def _rowids(expression: str, name: str) -> Any:
    return (
        select(column("rowid"))
        .select_from(table("product_search"))
        .where(_match(expression, name))
        .correlate(None)
    )


@cache
def _rows() -> TableClause:
    return table("product_search", column("rowid"))


@cache
def _places() -> TableClause:
    return table("product_search_places", column("id"), column("tenant_id", Id()), column("product_id", Id()),
                 column("digest"))  # fmt: skip


def _store() -> str:
    return tenancy.current_tenant_id().hex
