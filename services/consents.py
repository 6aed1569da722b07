"""What people agreed to: each choice with its moment, its source and what stood beside the tick. Never changed: a later
choice stands beside the earlier one."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.i18n import _, current_locale, mark
from models.accounts import User
from models.customers import Consent

SOURCES = ("register", "account", "api", "unsubscribe", "staff", "merge")
WORDINGS = {
    "order_updates": mark("News about my orders"),
    "marketing": mark("Offers and recommendations"),
    "newsletter": mark("The newsletter"),
    "review_reminders": mark("A reminder to review what I bought"),
    "back_in_stock": mark("When something I wait for is back in stock"),
}
PURPOSES = tuple(WORDINGS)
ON_AT_FIRST = ("order_updates", "back_in_stock")  # what a purchase or a request brings with it


@transaction()
def note(user_id: UUID, choices: dict[str, bool], *, source: str) -> None:
    """Write down what was chosen just now. `choices` holds only what was changed."""
    if source not in SOURCES:
        raise ValueError(f"{source!r} is no source of a consent")
    for purpose, granted in choices.items():
        db.session.add(
            Consent(user_id=user_id, purpose=purpose, granted=granted, source=source, wording=_(WORDINGS[purpose]),
                    locale=current_locale(), created_at=clock.now())
        )  # fmt: skip


def history_of(user_id: UUID, limit: int = 100) -> list[Consent]:
    """The newest first."""
    query = (
        select(Consent)
        .where(Consent.user_id == user_id)
        .order_by(Consent.created_at.desc(), Consent.id.desc())
    )
    return list(db.session.scalars(query.limit(limit)))


@transaction()
def withdraw(user: User, purpose: str, *, source: str = "unsubscribe") -> bool:
    """By a link or by the staff: no more of this. Answers whether it was wanted until now."""
    current: dict[str, Any] = user.preferences
    was = (
        user.accepts_marketing
        if purpose == "marketing"
        else bool(current.get(purpose, purpose in ON_AT_FIRST))
    )
    if not was:
        return False
    if purpose == "marketing":
        user.accepts_marketing = False
    else:
        user.preferences = {**current, purpose: False}
    note(user.id, {purpose: False}, source=source)
    return True
