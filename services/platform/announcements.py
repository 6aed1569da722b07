"""Telling all stores something: in words of several languages, for a time, and to the stores of some plans only."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from sqlalchemy import select

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Moment, Text, blank_to_none, wrong
from kit.errors import Conflict, NotFound
from kit.i18n import LANGUAGES, _
from kit.paging import Page, paginate
from kit.tenancy import every_tenant
from models.plans import Announcement, Level
from services import announcements
from services.platform.provisioning import check_plan

Words = Annotated[str, Text(Announcement.TEXT_MAX)]
Time = Annotated[Moment | None, BeforeValidator(blank_to_none)]


class AnnouncementDraft(Draft):
    """`text` is for readers whose language is not among `translations`. Without `starts_at` it begins now, without
    `ends_at` it runs until it is ended. Without `plans` all stores are told."""

    level: Literal["info", "warning", "urgent"] = "info"
    text: Annotated[str, Text(Announcement.TEXT_MAX, min=1)]
    translations: dict[str, Words] = {}
    plans: Annotated[list[Annotated[str, AfterValidator(check_plan)]], Field(max_length=50)] = []
    starts_at: Time = None
    ends_at: Time = None

    @model_validator(mode="after")
    def _is_sound(self) -> "AnnouncementDraft":
        if any(language not in LANGUAGES for language in self.translations):
            raise wrong("translations", "not_a_choice", _("There is no such language."))
        if self.ends_at is not None and self.ends_at <= (self.starts_at or clock.now()):
            raise wrong("ends_at", "too_early", _("It has to end after it begins."))
        return self

    @classmethod
    def of(cls, row: Announcement) -> dict[str, Any]:
        return {"level": str(row.level), "text": row.text, "translations": dict(row.translations),
                "plans": list(row.plans), "starts_at": row.starts_at, "ends_at": row.ends_at}  # fmt: skip


def list_announcements(*, page: int = 1, page_size: int = 20) -> Page[Announcement]:
    """The latest first."""
    with every_tenant():
        query = select(Announcement).order_by(Announcement.starts_at.desc(), Announcement.id.desc())
        return paginate(query, page, page_size)


def get_announcement(ident: UUID) -> Announcement:
    with every_tenant():
        return _get(ident)


def _get(ident: UUID, *, lock: bool = False) -> Announcement:
    row = db.session.get(Announcement, ident, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(_("There is no such announcement."))
    return row


def announce(draft: AnnouncementDraft, *, actor: Actor) -> UUID:
    with every_tenant(), transaction() as session:
        row = Announcement(version=0, starts_at=clock.now())
        _write(row, draft, actor)
        session.add(row)
        session.flush()
        ident = row.id
    announcements.forget()
    return ident


def update_announcement(
    ident: UUID, draft: AnnouncementDraft, *, actor: Actor, version: int | None = None
) -> None:
    """Conflict `stale-version` where somebody else was quicker."""
    with every_tenant(), transaction():
        row = _get(ident, lock=True)
        if version is not None and version != row.version:
            raise Conflict(
                _("Somebody else has changed this meanwhile. Load it again, then make your change."),
                code="stale-version", version=row.version,
            )  # fmt: skip
        _write(row, draft, actor)
    announcements.forget()


def end_announcement(ident: UUID, *, actor: Actor) -> None:
    """Now. One that has not begun is gone, one that is over stays over."""
    with every_tenant(), transaction() as session:
        row, now = _get(ident, lock=True), clock.now()
        if row.starts_at >= now:
            session.delete(row)
        elif row.ends_at is None or row.ends_at > now:
            row.ends_at, row.changed_by, row.version = now, actor.email, row.version + 1
    announcements.forget()


def _write(row: Announcement, draft: AnnouncementDraft, actor: Actor) -> None:
    row.level, row.text = Level(draft.level), draft.text
    row.translations = {language: text for language, text in draft.translations.items() if text}
    row.plans, row.ends_at = sorted(set(draft.plans)), draft.ends_at
    row.starts_at = draft.starts_at or min(row.starts_at, clock.now())  # one that was to come begins now
    row.changed_by, row.version = actor.email, row.version + 1
