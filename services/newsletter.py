"""Who wants the newsletter: put down by anybody, counted once the address itself has said yes, and gone by one press.

Nobody learns here whether an address was known: asking answers the same in every case. Each choice is written down.
What is kept under an address is told and erased with the rest of a person (services/privacy.py finds it by its column
`email_key`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError

from kit import clock, tenancy
from kit.actor import Actor
from kit.csv import lines
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Email
from kit.errors import NotFound
from kit.i18n import _, current_locale, mark
from kit.ids import parse_id
from kit.paging import Page, paginate
from models.accounts import User
from models.newsletter import Subscriber, SubscriberChoice
from services import audit, consents, outbox
from services.accounts import people, tokens

log = structlog.get_logger("services.newsletter")
CONFIRM_FOR = timedelta(days=7)
STOP_FOR = timedelta(days=400)
ASK_AGAIN_AFTER = timedelta(minutes=10)
WORDING = mark("The newsletter: news and offers by e-mail, until I unsubscribe.")
State = Literal["active", "waiting", "left", "all"]
STATES: tuple[State, ...] = ("active", "waiting", "left", "all")


class SubscribeDraft(Draft):
    email: Email


@transaction()
def ask(draft: SubscribeDraft, *, source: str) -> None:
    """A mail asks whether it was really this person. Who gets the newsletter already hears nothing."""
    now = clock.now()
    row = _find(draft.email) or _new(draft.email, source, now)
    if row is None or (row.confirmed_at is not None and row.left_at is None):
        return
    if row.asked_at > now - ASK_AGAIN_AFTER and row.asked_at != now:
        return  # a mail is on its way already
    row.asked_at, row.source, row.locale = now, source, current_locale()
    _note(row, "asked", source)
    outbox.post("newsletter.asked", subscriber_id=row.id)


def ask_beside(email: str, *, source: str) -> None:
    """For a form that is about something else, after that was done: nothing here may undo it or stand in its way, so
    what goes wrong is logged."""
    try:
        ask(SubscribeDraft(email=email), source=source)
    except Exception:
        log.exception("the newsletter could not be asked for", source=source)


def _find(email: str) -> Subscriber | None:
    key = people.email_key(email)
    return db.session.scalar(select(Subscriber).where(Subscriber.email_key == key).with_for_update())


def _new(email: str, source: str, now: datetime) -> Subscriber | None:
    """None where somebody else was as quick."""
    row = Subscriber(email=email, email_key=people.email_key(email), source=source, locale=current_locale(),
                     asked_at=now)  # fmt: skip
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(row)
        db.session.flush()
        return row
    return None


def _note(row: Subscriber, what: str, source: str) -> None:
    db.session.add(
        SubscriberChoice(subscriber_id=row.id, email_key=row.email_key, what=what, source=source, wording=_(WORDING),
                         locale=current_locale(), created_at=clock.now())
    )  # fmt: skip


def follow_account(user: User, wanted: bool) -> None:
    """In the transaction in which a person has chosen so in their account. A confirmed address needs no mail."""
    if not wanted:
        row = _find(user.email)
        if row is not None:
            _leave(row, "account")
    elif user.email_verified_at is None:
        ask(SubscribeDraft(email=user.email), source="account")
    else:
        row = _find(user.email) or _new(user.email, "account", clock.now())
        if row is not None and (row.confirmed_at is None or row.left_at is not None):
            row.confirmed_at, row.left_at, row.source = clock.now(), None, "account"
            _note(row, "confirmed", "account")


# --- the links of the mails -----------------------------------------------------------------------------------------


def confirm_token(row: Subscriber) -> str:
    return tokens.sign("newsletter", CONFIRM_FOR, row.id)


def stop_token(row: Subscriber) -> str:
    return tokens.sign("newsletter-stop", STOP_FOR, row.id)


def get_waiting(token: str) -> Subscriber:
    """Whose confirmation link this is. Invalid where the link no longer works."""
    return _row_of(token, "newsletter")


@transaction()
def confirm(token: str) -> Subscriber:
    """The address wants it. Bears repetition; who has left since must ask again."""
    row = get_waiting(token)
    if row.left_at is not None and not row.is_waiting:
        raise tokens.dead_link()
    if row.is_waiting:
        row.confirmed_at, row.left_at = clock.now(), None
        _note(row, "confirmed", "mail")
        _tell_account(row, True)
        outbox.post("newsletter.confirmed", subscriber_id=row.id)
    return row


def check_stop(token: str) -> None:
    """Invalid where the link no longer works."""
    _row_of(token, "newsletter-stop")


@transaction()
def leave(token: str) -> None:
    """No more of it. Bears repetition."""
    row = _row_of(token, "newsletter-stop")
    if _leave(row, "mail"):
        _tell_account(row, False)


def _leave(row: Subscriber, source: str) -> bool:
    """False where the address had left before, and was not asked since."""
    if row.left_at is not None and not row.is_waiting:
        return False
    row.left_at = clock.now()
    _note(row, "left", source)
    return True


def _tell_account(row: Subscriber, wanted: bool) -> None:
    """The account of the address, where there is one, says the same."""
    user = people.find_by_email(row.email)
    if isinstance(user, User) and bool(user.preferences.get("newsletter")) is not wanted:
        user.preferences = {**user.preferences, "newsletter": wanted}
        consents.note(user.id, {"newsletter": wanted}, source="mail" if wanted else "unsubscribe")


def _row_of(token: str, kind: str) -> Subscriber:
    row = db.session.get(Subscriber, tokens.subject_of_link(token, kind=kind))
    if row is None:
        raise tokens.dead_link()
    return row


# --- for the back office --------------------------------------------------------------------------------------------


def _in_state(state: State) -> Sequence[ColumnElement[bool]]:
    return {
        "active": [Subscriber.confirmed_at.is_not(None), Subscriber.left_at.is_(None)],
        "waiting": [Subscriber.confirmed_at.is_(None), Subscriber.left_at.is_(None)],
        "left": [Subscriber.left_at.is_not(None)],
        "all": [],
    }[state]


def list_subscribers(
    *, state: State = "active", search: str = "", page: int = 1, page_size: int = 25
) -> Page[Subscriber]:
    """The newest first. `search`: a part of the address."""
    query = select(Subscriber).where(*_in_state(state))
    if search:
        query = query.where(Subscriber.email_key.contains(people.email_key(search), autoescape=True))
    return paginate(query.order_by(Subscriber.asked_at.desc(), Subscriber.id.desc()), page, page_size)


def count_active() -> int:
    query = select(func.count()).select_from(Subscriber).where(*_in_state("active"))
    return db.session.scalar(query) or 0


def find_subscriber(subscriber_id: UUID | str) -> Subscriber | None:
    ident = parse_id(subscriber_id)
    return db.session.get(Subscriber, ident) if ident else None


def get_subscriber(subscriber_id: UUID) -> Subscriber:
    row = find_subscriber(subscriber_id)
    if row is None:
        raise NotFound(_("There is no such subscriber."))
    return row


def choices_of(subscriber_id: UUID) -> list[SubscriberChoice]:
    """The newest first."""
    query = select(SubscriberChoice).where(SubscriberChoice.subscriber_id == subscriber_id)
    newest = query.order_by(SubscriberChoice.created_at.desc(), SubscriberChoice.id.desc())
    return list(db.session.scalars(newest.limit(100)))


@transaction()
def forget_subscriber(subscriber_id: UUID, *, actor: Actor) -> None:
    """The address and its history are gone, as its owner may ask."""
    row = get_subscriber(subscriber_id)
    _tell_account(row, False)
    audit.record("delete", row, actor=actor)
    db.session.delete(row)


def export_subscribers(stop_url: Callable[[str], str], *, actor: Actor) -> Iterator[str]:
    """Those who get it, as CSV, each with the address that takes them off the list. Noted as a reading of personal
    data."""
    with transaction():
        audit.record("export", ("subscribers", ""), actor=actor, changes={"count": [None, count_active()]})
    query = select(Subscriber).where(*_in_state("active")).order_by(Subscriber.confirmed_at, Subscriber.id)
    rows = db.session.scalars(query).all()
    head = ("email", "language", "source", "confirmed_at", "unsubscribe_url")
    made = [
        (
            r.email,
            r.locale,
            r.source,
            r.confirmed_at.isoformat() if r.confirmed_at else "",
            stop_url(stop_token(r)),
        )
        for r in rows
    ]
    end_reading()
    return lines(head, made)


def forget_old() -> int:
    """In every store: addresses that never said yes or no. What was said stays, as proof."""
    said = select(SubscriberChoice.id).where(
        SubscriberChoice.tenant_id == Subscriber.tenant_id,
        SubscriberChoice.subscriber_id == Subscriber.id,
        SubscriberChoice.what != "asked",
    )
    with tenancy.every_tenant(), transaction():
        result = db.session.execute(
            delete(Subscriber)
            .where(
                Subscriber.confirmed_at.is_(None),
                Subscriber.left_at.is_(None),
                Subscriber.asked_at < clock.now() - CONFIRM_FOR,
                ~said.exists(),
            )
            .execution_options(synchronize_session=False)
        )
        return int(result.rowcount)  # type: ignore[attr-defined]
