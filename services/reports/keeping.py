"""Figures that are dear to count are kept until something happens to an order, a product or the calendar."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from kit.cache import Cache
from kit.db import db, is_writing
from models.orders import Order, OrderEvent
from services import tenants

T = TypeVar("T")
_kept = Cache(500)


def kept(what: Hashable, make: Callable[[], T]) -> T:
    """What `make` counts, or what it counted before: every change of an order's money or state leaves a line in the
    timeline, and a new id is larger than all before it. `what` names the figures and their days.

    Callers share the answer, so it must not be changed. Inside a transaction nothing is kept: it may be undone.
    """
    if is_writing():
        return make()
    return _kept.remember((*_moment(), what), make)


def _moment() -> tuple[Any, ...]:
    store = tenants.current()
    return store.id, store.timezone, store.catalog_version, _newest(OrderEvent), _newest(Order)


def _newest(kind: type[Any]) -> UUID | None:
    return db.session.scalar(select(kind.id).order_by(kind.id.desc()).limit(1))
