"""The kinds of batches there are. A kind is registered where its rules live, when that room is imported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.actor import Actor
from kit.i18n import _
from models.batches import Batch, BatchRow

Work = Callable[[Batch, Sequence[BatchRow], Actor], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a row, before and after, as people read it."""

    label: str
    old: str
    new: str


def plain_changes(rows: Sequence[BatchRow]) -> list[list[Change]]:
    """What `before` and `after` of each row say, as it stands there."""
    return [
        [
            Change(name, as_word((row.before or {}).get(name)), as_word((row.after or {}).get(name)))
            for name in {**(row.before or {}), **(row.after or {})}
        ]
        for row in rows
    ]


def as_word(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        return ", ".join(map(as_word, value))
    return (
        "; ".join(f"{name}: {as_word(part)}" for name, part in value.items())
        if isinstance(value, dict)
        else str(value)
    )


def _nothing_more(batch: Batch) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is done with the rows of a batch, `slice` of them at a time.

    `apply` is called inside one transaction with rows that are PENDING, and leaves none of them so: it calls
    `row.done(before, after)`, `row.same()` or `row.fail(message)` on each. A refusal of one row is no reason to raise:
    `batches.each` turns ShopErrors into `fail`. If it raises all the same, the slice is rolled back and its rows are
    tried one by one, so that one bad row stops no other.

    `undo` gets rows that are DONE, the last first, and calls `row.undone()` or, where what the row changed was
    changed again since, `row.keep(message)`. Without it a batch can't be undone.

    `check` is the dry run: it changes nothing but sets `row.verdict` (and `after`, `message`) of rows without one.

    `ahead` may call others (Stripe), for no transaction is open: it gets the things of the rows that `apply` will have
    next. It may be called again for the same ones, and what it raises stands in nobody's way.
    """

    name: str  # stands in the batches for ever: "products.price"
    title: str  # marked for translation: "Price change"
    apply: Work
    undo: Work | None = None
    check: Work | None = None
    ahead: Callable[[Sequence[UUID], Actor], None] | None = None
    describe: Callable[[Batch], str] = _nothing_more  # in the reader's words: "−10 %"
    show: Callable[[Sequence[BatchRow]], list[list[Change]]] = plain_changes  # of each row, for people
    slice: int = 200

    @property
    def says(self) -> str:
        return _(self.title)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    _kinds[kind.name] = kind
    return kind


def find_kind(name: str) -> Kind:
    """LookupError where nothing registered it: an old worker during a deployment. The outbox tries again later."""
    return _kinds[name]
