"""What a query asks for: a slot for each word or phrase, and in each slot the ways in which it may be met."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.search.words import QUERY_MAX, WORDS_MAX, singulars, words


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the index; with `begins`, every word that begins so."""

    text: str
    begins: bool = False


Way = tuple[Term, ...]  # all of them must occur


@dataclass(frozen=True, slots=True)
class Slot:
    """`said`: the folded words as asked. `own`: the ways that are what was said, or its singular; `others`: what
    else is meant by it, as the store says. `meant`: the word that is looked for instead of one that is not known."""

    said: tuple[str, ...]
    own: tuple[Way, ...]
    others: tuple[Way, ...] = ()
    meant: str = ""

    @property
    def ways(self) -> tuple[Way, ...]:
        return self.own + self.others


@dataclass(frozen=True, slots=True)
class Asked:
    """Every slot must be met, or the whole written in one word (`joined`: a SKU without its hyphens)."""

    slots: tuple[Slot, ...]
    joined: str

    @property
    def corrected(self) -> str | None:
        """The query with its words as they were meant; None where nothing had to be guessed."""
        if not any(slot.meant for slot in self.slots):
            return None
        return " ".join(slot.meant or " ".join(slot.said) for slot in self.slots)


def read(query: str, meanings: "Meanings") -> Asked:
    found = words(query[:QUERY_MAX])[:WORDS_MAX]
    slots: list[Slot] = []
    at = 0
    while at < len(found):
        phrase, others = meanings.at(found, at)
        said = tuple(found[at : at + max(1, phrase)])
        slots.append(Slot(said, _own(said), others))
        at += len(said)
    return Asked(tuple(slots), "".join(found))


def _own(said: Sequence[str]) -> tuple[Way, ...]:
    before = tuple(Term(word, begins=True) for word in said[:-1])
    return ((*before, Term(said[-1], begins=True)), *((*before, Term(one)) for one in singulars(said[-1])))


def spelled(slot: Slot, meant: Iterable[str]) -> Slot:
    """The same slot, looked for as the words that were probably meant; the first is the one that is told."""
    found = list(meant)
    return replace(slot, own=tuple((Term(word),) for word in found), meant=found[0])


class Meanings:
    """The store's synonyms, ready to be looked up: a phrase in any of its forms → the other ways to say it."""

    def __init__(self, rules: Iterable[tuple[Sequence[str], Sequence[str]]] = ()):
        """Each rule: its words, and what they also mean; nothing there: they mean each other."""
        self.ways: dict[str, dict[Way, None]] = {}
        self.longest: dict[str, int] = {}
        for said, means in rules:
            phrases = [tuple(words(one)) for one in said]
            targets = [tuple(words(one)) for one in means] or phrases
            for phrase in phrases:
                for target in targets:
                    if phrase and target and phrase != target:
                        self._add(phrase, target)

    def _add(self, phrase: tuple[str, ...], target: tuple[str, ...]) -> None:
        for head in (phrase[0], *singulars(phrase[0])):
            self.longest[head] = max(len(phrase), self.longest.get(head, 0))
        # Met as said or in the singular; several words as they stand, because each has its own forms in the index.
        last = (target[-1], *singulars(target[-1]))
        for form in last:
            way = (*(Term(word) for word in target[:-1]), Term(form))
            for key in _keys(phrase):
                self.ways.setdefault(key, {})[way] = None

    def at(self, found: Sequence[str], start: int) -> tuple[int, tuple[Way, ...]]:
        """The longest known phrase that begins there: how many words it has, and what else it means; 0 for none."""
        most = max(
            (self.longest.get(form, 0) for form in (found[start], *singulars(found[start]))), default=0
        )
        for length in range(min(most, len(found) - start), 0, -1):
            for key in _keys(tuple(found[start : start + length])):
                if key in self.ways:
                    return length, tuple(self.ways[key])
        return 0, ()


def _keys(phrase: tuple[str, ...]) -> list[str]:
    """How a phrase is looked up: as it stands, and with its last word in the singular."""
    before = phrase[:-1]
    return [" ".join((*before, form)) for form in (phrase[-1], *singulars(phrase[-1]))]
