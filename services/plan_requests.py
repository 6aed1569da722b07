"""A store asks for another plan or other addons. It does not switch by itself: the platform answers, in the console."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from kit import clock
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Draft, Text
from kit.errors import Conflict, Invalid
from kit.i18n import _
from models.plans import PlanRequest, PlanTerms, RequestState
from services import audit, offers, tenants

SHOWN = 5


class RequestDraft(Draft):
    """What the store wants to have, whole: a plan, and the addons on top."""

    plan: Annotated[str, Text(PlanTerms.SLUG_MAX, min=1)]
    addons: Annotated[list[Annotated[str, Text(PlanTerms.SLUG_MAX, min=1)]], Field(max_length=20)] = []
    note: Annotated[str, Text(PlanRequest.NOTE_MAX)] = ""


def find_waiting() -> PlanRequest | None:
    """The one that the platform has not answered yet."""
    return db.session.scalar(select(PlanRequest).where(PlanRequest.state == RequestState.WAITING))


def list_latest() -> list[PlanRequest]:
    """Answered and taken back ones, newest first."""
    query = select(PlanRequest).where(PlanRequest.state != RequestState.WAITING)
    return list(db.session.scalars(query.order_by(PlanRequest.created_at.desc()).limit(SHOWN)))


@transaction()
def ask(draft: RequestDraft, *, actor: Actor) -> PlanRequest:
    """Instead of a request that waits already. Invalid on `plan` or `addons` where they are not sold; Conflict
    `plan-unchanged` where the store has just that."""
    tenant = tenants.row(lock=True)
    addons = sorted(set(draft.addons))
    _insist_on_sale(draft.plan, addons)
    if (draft.plan, addons) == (tenant.plan, sorted(tenant.addons)):
        raise Conflict(_("This is what your store has already."), code="plan-unchanged")
    if earlier := find_waiting():
        _close(earlier, RequestState.WITHDRAWN)
    request = PlanRequest(plan=draft.plan, addons=addons, note=draft.note)
    db.session.add(request)
    db.session.flush()
    changes = {"plan": [tenant.plan, draft.plan], "addons": [list(tenant.addons), addons]}
    audit.record("plan.requested", ("tenant", tenant.id), actor=actor, changes=changes)
    return request


@transaction()
def withdraw(*, actor: Actor) -> None:
    """Take back what waits. Nothing where it was answered meanwhile."""
    tenant = tenants.row(lock=True)
    if request := find_waiting():
        _close(request, RequestState.WITHDRAWN)
        audit.record(
            "plan.request_withdrawn",
            ("tenant", tenant.id),
            actor=actor,
            changes={"plan": [request.plan, None]},
        )


def _insist_on_sale(plan: str, addons: list[str]) -> None:
    """What the store has already it may keep, also where it is no longer sold."""
    book, store = offers.book(), tenants.current()
    if plan not in book.plans or not (book.plans[plan].is_sold or plan == store.plan):
        raise Invalid.field("plan", "not_a_choice", _("There is no such plan."))
    for slug in addons:
        if slug not in book.addons or not (book.addons[slug].is_sold or slug in store.addons):
            raise Invalid.field("addons", "not_a_choice", _("There is no such addon."))


def _close(request: PlanRequest, state: RequestState) -> None:
    request.state, request.answered_at = state, clock.now()
