"""What to offer while somebody types: words to go on with, categories, products. Read in three queries at most."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from kit.db import db
from kit.slugs import fold
from kit.tenancy import current_tenant_id
from models.catalog import product_categories
from services import search
from services.catalog import categories, listing
from services.catalog.categories import Node
from services.catalog.listing import Card, Filters

LOOKED_AT = 30  # of the best products, whose words and categories are offered
WORDS, CATEGORIES, SCOPES, PRODUCTS = 3, 2, 1, 4


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`words`: whole queries that begin with what was typed. `scopes`: categories in which most of what was found
    stands. `asked`: what the products were found by, which is another spelling where the typed one finds nothing."""

    words: tuple[str, ...] = ()
    categories: tuple[Node, ...] = ()
    scopes: tuple[Node, ...] = ()
    products: tuple[Card, ...] = ()
    asked: str = ""

    @property
    def count(self) -> int:
        return len(self.words) + len(self.categories) + len(self.scopes) + len(self.products)


def suggest(query: str) -> Suggestions:
    typed = search.words(query)
    if not typed:
        return Suggestions()
    found = listing.read_cards(Filters(search=query), page_size=LOOKED_AT)
    named = tuple(_named(typed))
    return Suggestions(
        words=tuple(_going_on(typed, (card.name for card in found))),
        categories=named[:CATEGORIES],
        scopes=tuple(node for node in _scopes([card.id for card in found]) if node not in named)[:SCOPES],
        products=tuple(found[:PRODUCTS]),
        asked=search.correct(query) or " ".join(query.split()),
    )


def _going_on(typed: Sequence[str], names: Iterable[str]) -> list[str]:
    """The last word may be unfinished: what do names make of it?"""
    *before, last = typed
    endings: Counter[str] = Counter()
    for name in names:
        for word in dict.fromkeys(part.strip(",.;:!?()\"'").casefold() for part in name.split()):
            if fold(word).startswith(last) and fold(word) != last and fold(word).isalnum():
                endings[word] += 1
    return [" ".join([*before, word]) for word, _count in endings.most_common(WORDS)]


def _named(typed: Sequence[str]) -> list[Node]:
    """Categories in whose name every word stands or begins."""
    found = []
    for node in categories.flat(categories.tree()):
        parts = search.words(node.name)
        if all(any(part.startswith(word) for part in parts) for word in typed):
            found.append(node)
    return found


def _scopes(product_ids: list[UUID]) -> list[Node]:
    """Where several of them stand."""
    if not product_ids:
        return []
    pairs = product_categories.c
    query = (
        select(pairs.category_id, func.count().label("n"))
        .where(pairs.tenant_id == current_tenant_id(), pairs.product_id.in_(product_ids))
        .group_by(pairs.category_id)
        .having(func.count() > 1)
        .order_by(func.count().desc(), pairs.category_id)
    )
    nodes = (categories.find_node(category_id) for category_id, _n in db.session.execute(query))
    return [node for node in nodes if node is not None]
