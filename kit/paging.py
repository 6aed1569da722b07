"""Lists, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from kit.db import db

T = TypeVar("T")
SIZE = 20
SIZE_MAX = 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """`total` counts everything that matches, not only this page."""

    items: Sequence[T]
    total: int
    page: int = 1
    page_size: int = SIZE
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return -(-self.total // self.page_size)

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def first(self) -> int:
        """The number of the first item shown, counted from 1; 0 on an empty page."""
        return (self.page - 1) * self.page_size + 1 if self.items else 0

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1 if self.items else 0


def paginate(
    query: Select[Any], page: int = 1, page_size: int = SIZE, *, total: int | None = None
) -> Page[Any]:
    """Run a select that is already ordered (ties broken by id). `total` spares the count where it is known."""
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    items = db.session.scalars(query.offset((page - 1) * page_size).limit(page_size)).unique().all()
    return Page(items, total, page, page_size)


def whole(items: Sequence[T]) -> Page[T]:
    """A list that is short by nature, in the same envelope."""
    return Page(items, len(items), 1, max(SIZE, len(items)))
