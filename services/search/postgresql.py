"""Full-text search by tsvector. The functions of migration 0002 read as their owner and narrow to the store by
themselves: under row-level security the index would not be used."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Subquery, column, func, select, text

from kit import tenancy
from kit.db import Id, db
from services.search.asking import Asked, Slot, Way


def matches(asked: Asked) -> Subquery:
    """(product_id) of everything that matches."""
    found = func.search_products(_everything(asked)).table_valued(column("product_id", Id()), name="hits")
    return select(found.c.product_id).subquery("found")


def ranked(asked: Asked) -> Subquery:
    """(product_id, tier, score): see finding.ranked."""
    exact = " & ".join(f"'{word}':A" for slot in asked.slots for word in slot.said)
    found = func.rank_products(
        _everything(asked),
        asked.joined,
        exact,
        _slots(asked.slots, "own", "A"),
        _slots(asked.slots, "ways", "A"),
    ).table_valued(column("product_id", Id()), column("tier"), column("score"), name="hits")
    return select(found.c.product_id, found.c.tier, found.c.score).subquery("found")


def is_met(slots: Sequence[Slot], joined: str = "") -> bool:
    """Is there any product for these slots together?"""
    asked = _everything(Asked(tuple(slots), joined))
    one_is_enough = text("SELECT EXISTS (SELECT FROM words_of_products(:asked, 1))")
    return bool(db.session.scalar(one_is_enough, {"asked": asked}))


def words_with(candidates: Sequence[str], limit: int) -> list[str]:
    """All words of some products that have one of these words."""
    asked = " | ".join(f"'{word}'" for word in candidates)
    query = text("SELECT word FROM words_of_products(:asked, :limit) AS word")
    return list(db.session.scalars(query, {"asked": asked, "limit": limit}))


def digests(ids: Sequence[UUID]) -> dict[UUID, str]:
    """What was indexed of these products, as its digest."""
    query = text(
        "SELECT product_id, digest FROM product_search WHERE tenant_id = :store AND product_id = ANY(:ids)"
    )
    rows = db.session.connection().execute(query, {"store": tenancy.current_tenant_id(), "ids": list(ids)})
    return dict(rows.all())


def write(rows: Iterable[tuple[UUID, dict[str, str], str]]) -> None:
    """(product, its texts by column, their digest), of products that have no row."""
    statement = text(
        "INSERT INTO product_search (tenant_id, product_id, digest, codes, document) VALUES (:tenant, :product, "
        ":digest, string_to_array(:codes, ' '), setweight(to_tsvector('simple', :name), 'A') || "
        "setweight(to_tsvector('simple', :sku || ' ' || :brand || ' ' || :tags || ' ' || :codes), 'B') || "
        "setweight(to_tsvector('simple', :short), 'C') || setweight(to_tsvector('simple', :body), 'D'))"
    )
    values = [
        {"tenant": tenancy.current_tenant_id(), "product": product_id, "digest": digest, **texts}
        for product_id, texts, digest in rows
    ]
    if values:
        db.session.connection().execute(statement, values)


def remove(ids: Sequence[UUID]) -> None:
    query = text("DELETE FROM product_search WHERE tenant_id = :store AND product_id = ANY(:ids)")
    db.session.connection().execute(query, {"store": tenancy.current_tenant_id(), "ids": list(ids)})


# --- what is asked, as a tsquery writes it -----------------------------------------------------------------------


def _everything(asked: Asked) -> str:
    """Empty for nothing, which the functions answer with nothing."""
    if not asked.slots:
        return ""
    whole = f" | '{asked.joined}':B" if asked.joined else ""
    return f"({_slots(asked.slots, 'ways')}){whole}"


def _slots(slots: Sequence[Slot], which: str, weight: str = "") -> str:
    return " & ".join(_either(getattr(slot, which), weight) for slot in slots)


def _either(ways: Sequence[Way], weight: str) -> str:
    return "(" + " | ".join(_way(way, weight) for way in ways) + ")"


def _way(way: Way, weight: str) -> str:
    marks = [("*" if term.begins else "") + weight for term in way]
    terms = [f"'{term.text}'{':' + mark if mark else ''}" for term, mark in zip(way, marks, strict=True)]
    return "(" + " & ".join(terms) + ")"
