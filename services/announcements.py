"""What the platform tells everybody who works in the store we are in."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from kit import clock
from kit.cache import Cache
from kit.db import db
from kit.i18n import current_locale
from models.plans import Announcement
from services import tenants

SHOWN = 5
KEPT_FOR = 10  # seconds: each page of the back office asks
_kept = Cache(2)


@dataclass(frozen=True, slots=True)
class Told:
    """In the reader's language, where the platform has written it in that one."""

    id: UUID
    version: int
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class _Known:
    """An announcement apart from any session."""

    id: UUID
    version: int
    level: str
    text: str
    translations: dict[str, Any]
    plans: list[str]
    starts_at: datetime
    ends_at: datetime | None


def running() -> list[Told]:
    """Those for stores of this plan that run now, the most urgent first. What another process of the platform has
    announced or ended is seen within KEPT_FOR."""
    now, plan, language = clock.now(), tenants.current().plan, current_locale()
    found = _kept.remember(int(now.timestamp() // KEPT_FOR), _read)
    ours = [one for one in found if one.starts_at <= now and (one.ends_at is None or one.ends_at > now)
            and (not one.plans or plan in one.plans)]  # fmt: skip
    order = ("urgent", "warning", "info")
    ours.sort(key=lambda one: order.index(one.level))
    return [
        Told(one.id, one.version, one.level, one.translations.get(language) or one.text)
        for one in ours[:SHOWN]
    ]


def forget() -> None:
    """Something was announced, changed or ended: it is read again."""
    _kept.clear()


def _read() -> list[_Known]:
    """What runs now, or begins before it is read again; the latest first."""
    now = clock.now()
    query = select(Announcement).where(
        Announcement.starts_at <= now + timedelta(seconds=KEPT_FOR),
        or_(Announcement.ends_at.is_(None), Announcement.ends_at > now),
    )
    rows = db.session.scalars(query.order_by(Announcement.starts_at.desc(), Announcement.id))
    names = [field.name for field in fields(_Known)]
    return [_Known(**{name: getattr(row, name) for name in names}) for row in rows]
