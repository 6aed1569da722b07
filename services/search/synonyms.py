"""What a store says means the same: groups of words, and words that also mean others."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import func, select

from kit import clock
from kit.actor import Actor
from kit.cache import Cache
from kit.db import db, transaction
from kit.drafts import Draft, Text, wrong
from kit.errors import Conflict, NotFound
from kit.i18n import _
from kit.ids import parse_id
from models.search import Synonym
from services import audit, tenants
from services.kept import remember
from services.search.asking import Meanings
from services.search.words import words

PER_STORE = 1_000
PHRASES_MAX = 30
_kept = Cache(500)
Phrase = Annotated[str, Text(60, min=1)]


class SynonymDraft(Draft):
    """`words` find each other. With `means`, whoever asks for one of the words also finds those, one way only."""

    words: Annotated[list[Phrase], Field(min_length=1, max_length=PHRASES_MAX)]
    means: Annotated[list[Phrase], Field(max_length=PHRASES_MAX)] = []

    @model_validator(mode="after")
    def _say_something(self) -> "SynonymDraft":
        for field, phrases in (("words", self.words), ("means", self.means)):
            for phrase in phrases:
                if not words(phrase):
                    raise wrong(field, "no_word", _("“%(text)s” has no word in it.", text=phrase))
        if not self.means and len({tuple(words(phrase)) for phrase in self.words}) < 2:
            raise wrong("words", "too_few", _("A group needs two different words at least."))
        return self

    @classmethod
    def of(cls, row: Synonym) -> dict[str, Any]:
        return {"words": list(row.words), "means": list(row.means)}


def list_synonyms() -> list[Synonym]:
    """All of the store, in the order of their first words."""
    return sorted(db.session.scalars(select(Synonym)), key=lambda row: (words(row.words[0]), row.id))


def get_synonym(synonym_id: UUID | str) -> Synonym:
    ident = parse_id(synonym_id)
    row = db.session.scalar(select(Synonym).where(Synonym.id == ident)) if ident else None
    if row is None:
        raise NotFound(_("There are no such synonyms."))
    return row


@transaction()
def create_synonym(draft: SynonymDraft, *, actor: Actor) -> Synonym:
    if (db.session.scalar(select(func.count()).select_from(Synonym)) or 0) >= PER_STORE:
        raise Conflict(_("There are %(limit)s entries already.", limit=PER_STORE), code="too-many-synonyms")
    row = Synonym(**SynonymDraft.of(draft))  # type: ignore[arg-type]
    db.session.add(row)
    db.session.flush()
    audit.record("create", row, actor=actor, changes={"words": [None, row.words], "means": [None, row.means]})
    tenants.touch_catalog()
    return row


@transaction()
def update_synonym(synonym_id: UUID | str, draft: SynonymDraft, *, actor: Actor) -> Synonym:
    row = get_synonym(synonym_id)
    before = SynonymDraft.of(row)
    row.words, row.means = list(draft.words), list(draft.means)
    if changes := audit.difference(before, SynonymDraft.of(row)):
        row.updated_at = clock.now()
        audit.record("update", row, actor=actor, changes=changes)
        tenants.touch_catalog()
    return row


@transaction()
def delete_synonym(synonym_id: UUID | str, *, actor: Actor) -> None:
    row = get_synonym(synonym_id)
    audit.record("delete", row, actor=actor, changes={"words": [row.words, None], "means": [row.means, None]})
    db.session.delete(row)
    tenants.touch_catalog()


def meanings() -> Meanings:
    """Ready to be looked up; read once while the catalogue stays."""
    return remember(_kept, "all", _read)


def _read() -> Meanings:
    return Meanings(
        (row.words, row.means) for row in db.session.scalars(select(Synonym).order_by(Synonym.id))
    )
