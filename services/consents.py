"""What people agreed to: each choice with its moment, its source and what stood beside the tick. Never changed: a later
choice stands beside the earlier one."""

from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.i18n import _, current_locale, mark
from models.customers import Consent

SOURCES = ("register", "account", "api", "unsubscribe", "mail", "staff", "merge")
WORDINGS = {
    "order_updates": mark("News about my orders"),
    "marketing": mark("Offers and recommendations"),
    "newsletter": mark("The newsletter"),
    "review_reminders": mark("A reminder to review what I bought"),
    "back_in_stock": mark("When something I wait for is back in stock"),
}


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
