"""What the platform sells, where it has changed what was shipped; what stores ask for; what all of them are told."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, Word
from kit.ids import uuid7
from models.accounts import Person


class PlanTerms(Timestamps, Base):
    """A plan as the platform sells it now, instead of the one of the same slug in services/offers.py."""

    __tablename__ = "plan_terms"
    __table_args__ = (CheckConstraint("price >= 0 AND fee BETWEEN 0 AND 10000", name="amounts_make_sense"),)

    SLUG_MAX = 40
    NAME_MAX = 60

    slug: Mapped[str] = mapped_column(String(SLUG_MAX), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    price: Mapped[int]  # minor units of the platform's currency, a month
    fee: Mapped[int]  # hundredths of a percent of a card payment
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what is missing or null is without limit
    features: Mapped[list[str]] = mapped_column(default=list)  # those that not every plan has
    is_sold: Mapped[bool] = mapped_column(default=True)  # stores that have it keep it
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(String(Person.EMAIL_MAX), default="")


class AddonTerms(Timestamps, Base):
    """An addon as the platform sells it now. Which feature it adds is the program's to say."""

    __tablename__ = "addon_terms"
    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)

    DESCRIPTION_MAX = 300

    slug: Mapped[str] = mapped_column(String(PlanTerms.SLUG_MAX), primary_key=True)
    name: Mapped[str] = mapped_column(String(PlanTerms.NAME_MAX))
    description: Mapped[str] = mapped_column(String(DESCRIPTION_MAX), default="")
    price: Mapped[int]
    is_sold: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(String(Person.EMAIL_MAX), default="")


class RequestState(StrEnum):
    WAITING = "waiting"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class PlanRequest(TenantOwned, Timestamps, Base):
    """A store asks for another plan or other addons; the platform answers."""

    __tablename__ = "plan_requests"
    __table_args__ = (Index(None, "state", "created_at"),)

    NOTE_MAX = 500

    plan: Mapped[str] = mapped_column(String(PlanTerms.SLUG_MAX))
    addons: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(String(NOTE_MAX), default="")
    state: Mapped[RequestState] = mapped_column(Word(RequestState), default=RequestState.WAITING)
    answer: Mapped[str] = mapped_column(String(NOTE_MAX), default="")
    answered_at: Mapped[datetime | None]


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


class Announcement(Timestamps, Base):
    """What the platform tells everybody who works in a store, while it runs."""

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        Index(None, "starts_at"),
    )

    TEXT_MAX = 1000

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    level: Mapped[Level] = mapped_column(Word(Level), default=Level.INFO)
    text: Mapped[str] = mapped_column(Text)
    translations: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {language: text}, where there is one
    plans: Mapped[list[str]] = mapped_column(default=list)  # stores of these plans only; none: all
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(String(Person.EMAIL_MAX), default="")
