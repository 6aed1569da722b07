"""Search in the products of the store: FTS5 on SQLite, a tsvector on PostgreSQL. Both hold words that were folded
here, so that they find the same."""

from services.search.finding import correct, matches, ranked
from services.search.indexing import index, rebuild, remove
from services.search.words import words

__all__ = ["correct", "index", "matches", "ranked", "rebuild", "remove", "words"]
