"""Search in the products of the store: every word must occur, as a whole or as a beginning, accents or not.

FTS5 on SQLite, a tsvector on PostgreSQL; both hold words that were folded here, so that they find the same.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Subquery,
    TableClause,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import selectinload

from kit import tenancy
from kit.cache import Cache
from kit.db import Id, db, transaction
from kit.html import plain_text
from kit.slugs import fold
from models.catalog import Product, Tag
from services import tenants

QUERY_MAX = 200
WORDS_MAX = 8
VOCABULARY_MAX = 20_000  # names whose words are suggested
BODY_MAX = 20_000  # characters of a description that are searched
_kept = Cache(500)
FIELDS = ("name", "sku", "tags", "short", "body")


def words(query: str) -> list[str]:
    """`Café-creme!` → cafe, creme."""
    return re.findall(r"[^\W_]+", fold(query))


def matches(query: str) -> Subquery:
    """The products that match, as a table (product_id, score) to join with; the higher score is the better."""
    found = words(query[:QUERY_MAX])[:WORDS_MAX]
    if _is_postgresql():
        asked = " & ".join(f"{word}:*" for word in found)
        function = func.search_products(asked, " ".join(found)).table_valued(
            column("product_id", Id()), column("score"), name="hits"
        )
        return select(function.c.product_id, function.c.score).subquery("found")
    asked = " ".join([f'store:"{_store()}"', *(f'{{{" ".join(FIELDS)}}}:"{word}"*' for word in found)])
    if not found:
        asked = 'store:"nothing"'
    fts, places = table("product_search", column("rowid")), _places()
    score: ColumnElement[float] = literal_column(
        "-bm25(product_search, 0.0, 10.0, 8.0, 4.0, 3.0, 1.0)"
    ).label("score")
    return (
        select(places.c.product_id, score)
        .select_from(fts.join(places, places.c.id == fts.c.rowid))
        .where(text("product_search MATCH :asked").bindparams(asked=asked))
        .subquery("found")
    )


def correct(query: str) -> str | None:
    """Another spelling with words that this store's catalogue has, for a query that found nothing; None where there
    is none."""
    asked = words(query[:QUERY_MAX])[:WORDS_MAX]
    better = [_known(word) or word for word in asked]
    return " ".join(better) if better != asked else None


def _known(word: str) -> str | None:
    """The nearest word of the catalogue that begins with the same letter; None for one that is known, or too short."""
    if len(word) < 4:
        return None
    vocabulary = _vocabulary()
    if any(term.startswith(word) for term in vocabulary):
        return None
    terms = [term for term in vocabulary if term[0] == word[0] and abs(len(term) - len(word)) <= 2]
    return next(iter(get_close_matches(word, terms, 1, cutoff=0.75)), None)


def _vocabulary() -> frozenset[str]:
    """The words of the store's own names and tags: another store's index must not show through a suggestion."""
    store = tenants.current()
    return _kept.remember((store.id, store.catalog_version), _read_vocabulary)


def _read_vocabulary() -> frozenset[str]:
    named = select(Product.name).where(Product.is_active, Product.archived_at.is_(None))
    best_first = named.order_by(Product.sold_count.desc(), Product.id).limit(VOCABULARY_MAX)
    texts = [*db.session.scalars(best_first), *db.session.scalars(select(Tag.name))]
    return frozenset(word for text in texts for word in words(text))


def index(product_ids: Iterable[UUID]) -> None:
    """Write what these products can be found by, in the transaction that changed them."""
    ids = list(product_ids)
    db.session.flush()
    query = (
        select(Product)
        .where(Product.id.in_(ids), Product.archived_at.is_(None))
        .options(selectinload(Product.tags), selectinload(Product.variants))
    )
    rows = [(product.id, _texts(product)) for product in db.session.scalars(query)]
    remove(ids)
    for product_id, texts in rows:
        (_write_postgresql if _is_postgresql() else _write_sqlite)(product_id, texts)


def rebuild(portion: int = 500) -> None:
    """Index all products of the store anew, in transactions of so many."""
    ids = list(db.session.scalars(select(Product.id).order_by(Product.id)))
    for start in range(0, len(ids), portion):
        with transaction():
            index(ids[start : start + portion])


def remove(product_ids: Iterable[UUID]) -> None:
    ids = list(product_ids)
    if not ids:
        return
    connection = db.session.connection()
    if _is_postgresql():
        connection.execute(
            text("DELETE FROM product_search WHERE tenant_id = :store AND product_id = ANY(:ids)"),
            {"store": tenancy.current_tenant_id(), "ids": ids},
        )
        return
    places = _places()
    mine = (places.c.tenant_id == tenancy.current_tenant_id()) & places.c.product_id.in_(ids)
    rowids = list(connection.scalars(select(places.c.id).where(mine)))
    for rowid in rowids:
        connection.execute(text("DELETE FROM product_search WHERE rowid = :id"), {"id": rowid})
    connection.execute(places.delete().where(mine))


def _texts(product: Product) -> dict[str, str]:
    skus = [product.sku, *(v.sku for v in product.variants)]
    return {
        "name": _line([product.name]),
        "sku": _line([sku for sku in skus if sku]),
        "tags": _line([tag.name for tag in product.tags]),
        "short": _line([plain_text(product.short_description)]),
        "body": _line([plain_text(product.description)[:BODY_MAX]]),
    }


def _line(texts: Sequence[str]) -> str:
    return " ".join(word for part in texts for word in words(part))


def _write_sqlite(product_id: UUID, texts: dict[str, str]) -> None:
    connection = db.session.connection()
    made = connection.execute(
        _places().insert().values(tenant_id=tenancy.current_tenant_id(), product_id=product_id)
    )
    connection.execute(
        text("INSERT INTO product_search (rowid, store, name, sku, tags, short, body) "
             "VALUES (:id, :store, :name, :sku, :tags, :short, :body)"),
        {"id": made.lastrowid, "store": _store(), **texts},
    )  # fmt: skip


def _write_postgresql(product_id: UUID, texts: dict[str, str]) -> None:
    db.session.connection().execute(
        text("INSERT INTO product_search (tenant_id, product_id, document, words) VALUES (:tenant, :product, "
             "setweight(to_tsvector('simple', :name || ' ' || :sku), 'A') || "
             "setweight(to_tsvector('simple', :tags), 'B') || setweight(to_tsvector('simple', :short), 'C') || "
             "setweight(to_tsvector('simple', :body), 'D'), :name || ' ' || :tags)"),
        {"tenant": tenancy.current_tenant_id(), "product": product_id, **texts},
    )  # fmt: skip


def _places() -> TableClause:
    """SQLite's full-text rows have numbers; this says which product each one is."""
    return table("product_search_places", column("id"), column("tenant_id", Id()), column("product_id", Id()))


def _store() -> str:
    return tenancy.current_tenant_id().hex


def _is_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
