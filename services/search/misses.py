"""What was looked for and not found: how often and when last, never by whom.

A search only counts in memory; the counts are written now and then. What looks like somebody's own (an address, a
number of a card or a telephone) is not kept at all.
"""

import re
import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from kit import clock
from kit.db import db, transaction
from kit.ids import parse_id
from kit.paging import Page, paginate
from kit.tenancy import current_tenant_id, tenant_scope
from models.search import SearchMiss
from services.search.words import words

PER_STORE = 500  # entries; the ones asked for least and longest ago make room
KEPT_FOR = timedelta(days=90)
IN_MEMORY = 5_000
DIGITS_MAX = 6
SORTS = {"count": SearchMiss.count, "last": SearchMiss.last_at}
_seen: Counter[tuple[UUID, str]] = Counter()
_lock = threading.Lock()


def note(query: str) -> None:
    """Somebody found nothing for this, in the store we are in."""
    text = " ".join(words(query))
    if not text or len(text) > SearchMiss.QUERY_MAX or _is_personal(query):
        return
    key = current_tenant_id(), text
    with _lock:
        if key in _seen or len(_seen) < IN_MEMORY:
            _seen[key] += 1


def _is_personal(query: str) -> bool:
    return "@" in query or len(re.findall(r"\d", query)) > DIGITS_MAX


def waiting() -> int:
    with _lock:
        return _seen.total()


def flush() -> int:
    """Write what was counted in this process, and how much that was. Call it outside of a request."""
    with _lock:
        counts = dict(_seen)
        _seen.clear()
    by_store: dict[UUID, dict[str, int]] = {}
    for (tenant_id, text), number in counts.items():
        by_store.setdefault(tenant_id, {})[text] = number
    for tenant_id, found in by_store.items():
        with tenant_scope(tenant_id), transaction():
            for text in sorted(found):  # the order in which everybody locks them
                _add(text, found[text])
            _make_room()
    return sum(counts.values())


def _add(text: str, number: int) -> None:
    now = clock.now()
    changed = update(SearchMiss).where(SearchMiss.query == text)
    known = db.session.execute(
        changed.values(count=SearchMiss.count + number, last_at=now).execution_options(
            synchronize_session=False
        )
    )
    if known.rowcount:  # type: ignore[attr-defined]
        return
    # Another process may write the same words for the first time at this moment: it keeps its row.
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(SearchMiss(query=text, count=number, first_at=now, last_at=now))
        db.session.flush()


def _make_room() -> None:
    too_many = (db.session.scalar(select(func.count()).select_from(SearchMiss)) or 0) - PER_STORE
    if too_many > 0:
        least = (
            select(SearchMiss.id)
            .order_by(SearchMiss.count, SearchMiss.last_at, SearchMiss.id)
            .limit(too_many)
        )
        gone = list(db.session.scalars(least))
        db.session.execute(delete(SearchMiss).where(SearchMiss.id.in_(gone)))


def list_misses(*, sort: str = "count", page: int = 1, page_size: int = 25) -> Page[SearchMiss]:
    """`sort`: `count` or `last`, the most or the latest first."""
    column = SORTS.get(sort, SearchMiss.count)
    return paginate(select(SearchMiss).order_by(column.desc(), SearchMiss.id), page, page_size)


@transaction()
def forget_miss(miss_id: UUID | str) -> bool:
    """Taken care of: out of the report. It comes back when it is asked for again in vain. False: it was not there."""
    ident = parse_id(miss_id)
    gone = db.session.execute(delete(SearchMiss).where(SearchMiss.id == ident))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


@transaction()
def forget_all() -> int:
    return int(db.session.execute(delete(SearchMiss)).rowcount)  # type: ignore[attr-defined]


@transaction()
def forget_old() -> int:
    """What nobody has asked for in three months. The clock runs it across all stores."""
    before = clock.now() - KEPT_FOR
    return int(db.session.execute(delete(SearchMiss).where(SearchMiss.last_at < before)).rowcount)  # type: ignore[attr-defined]


def clear() -> None:
    with _lock:
        _seen.clear()
