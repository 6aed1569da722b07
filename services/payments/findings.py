"""Differences between our books and Stripe's, each once: mended by itself, open for a person, or closed."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Text
from kit.errors import Conflict, NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from models.payments import PaymentFinding
from services import audit

MENDED, OPEN, CLOSED = "mended", "open", "closed"
STATES = (OPEN, MENDED, CLOSED)


@dataclass(frozen=True, slots=True)
class Found:
    """`ours` and `theirs` in minor units; None where there is nothing to set against the other."""

    kind: str
    provider_id: str
    state: str
    order_id: UUID | None = None
    ours: int | None = None
    theirs: int | None = None
    currency: str = ""


@transaction()
def keep(check_id: UUID, found: Found) -> str:
    """Write it down, or bring up to date what is there; the state that it has now. One that somebody has closed stays
    closed while its numbers stay."""
    row = db.session.scalar(
        select(PaymentFinding)
        .where(PaymentFinding.kind == found.kind, PaymentFinding.provider_id == found.provider_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        row = PaymentFinding(kind=found.kind, provider_id=found.provider_id, state=found.state)
        db.session.add(row)
    elif row.state != CLOSED or not row.closed_by or (row.ours, row.theirs) != (found.ours, found.theirs):
        row.state, row.closed_by = found.state, ""
    row.check_id = check_id
    row.order_id = found.order_id
    row.ours, row.theirs, row.currency = found.ours, found.theirs, found.currency
    return row.state


def list_open(limit: int) -> list[PaymentFinding]:
    query = select(PaymentFinding).where(PaymentFinding.state == OPEN)
    return list(db.session.scalars(query.order_by(PaymentFinding.id).limit(limit)))


def list_findings(
    *, state: str = "", kind: str = "", page: int = 1, page_size: int = 20
) -> Page[PaymentFinding]:
    """What was seen last first."""
    query = select(PaymentFinding)
    if state:
        query = query.where(PaymentFinding.state == state)
    if kind:
        query = query.where(PaymentFinding.kind == kind)
    order = query.order_by(PaymentFinding.updated_at.desc(), PaymentFinding.id.desc())
    return paginate(order, page, page_size)


@transaction()
def close(finding_id: UUID, state: str) -> None:
    """By itself: it is not there any more."""
    db.session.get_one(PaymentFinding, finding_id, with_for_update=True, populate_existing=True).state = state


class SetAsideDraft(Draft):
    note: Annotated[str, Text(500, min=1)]


@transaction()
def set_aside(finding_id: UUID, draft: SetAsideDraft, *, actor: Actor) -> PaymentFinding:
    """Somebody has looked into it; `note` says what it was. Conflict where it is not open."""
    row = db.session.get(PaymentFinding, finding_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(_("There is no such finding."))
    if row.state != OPEN:
        raise Conflict(_("This is dealt with already."), code="already-resolved")
    row.state, row.note, row.closed_by = CLOSED, draft.note, actor.name or actor.email
    audit.record("update", row, actor=actor, changes={"state": [OPEN, CLOSED], "note": ["", draft.note]})
    return row
