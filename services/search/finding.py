"""From a query to products. The same words find the same in the same order on both databases."""

from collections import Counter
from dataclasses import replace
from types import ModuleType

from sqlalchemy import Subquery

from kit.cache import Cache
from kit.db import db
from services.kept import remember
from services.search import asking, postgresql, sqlite, synonyms
from services.search.asking import Asked, Slot
from services.search.words import singulars, spellings

LOOKED_AT = 50  # products whose words tell which spelling was meant
MEANT_MAX = 3
_kept = Cache(5_000)


def matches(query: str) -> Subquery:
    """The products that match, as a table (product_id) to join with. Every word must occur: as it is or as a
    beginning, in the singular, as what the store's synonyms say it means, or, where it occurs nowhere, with one slip
    put right."""
    return side().matches(understand(query))


def ranked(query: str) -> Subquery:
    """The same with (tier, score), higher ones first. Tiers: 4 the SKU or the whole name is what was asked; all
    words stand in the name, 3 as they are, 2 as beginnings or in the singular, 1 by their meaning; 0 elsewhere.
    Within a tier the score weighs name over SKU, brand, tags, short text and description."""
    return side().ranked(understand(query))


def correct(query: str) -> str | None:
    """The query as it was probably meant, where its own words are found nowhere; None where it needs no guess or
    there is none. What `matches` finds for such a query is what this one finds."""
    return understand(query).corrected


def understand(query: str) -> Asked:
    """What is looked for. Remembered while the catalogue stays; asks the index only for what was never asked."""
    return remember(_kept, query, lambda: _understand(query))


def _understand(query: str) -> Asked:
    asked = asking.read(query, synonyms.meanings())
    if not asked.slots or side().is_met(asked.slots, asked.joined):
        return asked
    slots = tuple(slot if _is_known(slot) else _meant(slot) for slot in asked.slots)
    return replace(asked, slots=slots, joined="") if slots != asked.slots else asked


def _is_known(slot: Slot) -> bool:
    return len(slot.said) > 1 or not spellings(slot.said[0]) or side().is_met([slot])


def _meant(slot: Slot) -> Slot:
    """With the words of this store's index that are one slip away: another store's must not show through."""
    word = slot.said[0]
    candidates = list(dict.fromkeys(one for form in (word, *singulars(word)) for one in spellings(form)))
    occur = Counter(side().words_with(candidates, LOOKED_AT))
    found = [one for one in candidates if occur[one]]
    best = sorted(found, key=lambda one: -occur[one])[:MEANT_MAX]  # of equals the likelier slip
    return asking.spelled(slot, best) if best else slot


def side() -> ModuleType:
    """The half that speaks to this database."""
    return postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
