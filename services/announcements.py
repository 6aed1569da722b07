"""What the platform tells everybody who works in the store we are in."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from kit import clock
from kit.db import db
from kit.i18n import current_locale
from models.plans import Announcement
from services import tenants

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Told:
    """In the reader's language, where the platform has written it in that one."""

    id: UUID
    version: int
    level: str
    text: str


def running() -> list[Told]:
    """Those for stores of this plan that run now, the most urgent first."""
    now, plan = clock.now(), tenants.current().plan
    query = select(Announcement).where(
        Announcement.starts_at <= now, or_(Announcement.ends_at.is_(None), Announcement.ends_at > now)
    )
    rows = db.session.scalars(query.order_by(Announcement.starts_at.desc(), Announcement.id))
    ours = [row for row in rows if not row.plans or plan in row.plans]
    order = ("urgent", "warning", "info")
    ours.sort(key=lambda row: order.index(row.level))
    language = current_locale()
    return [
        Told(row.id, row.version, str(row.level), row.translations.get(language) or row.text)
        for row in ours[:SHOWN]
    ]
