"""What stores ask for, and the platform's answer."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from kit import clock
from kit.actor import Actor
from kit.db import db
from kit.drafts import Draft, Text
from kit.errors import Conflict, NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from kit.tenancy import every_tenant
from models.plans import PlanRequest, RequestState
from models.tenants import Tenant
from services import audit, outbox, plans, settings, tenants
from services.plans import Meter, Preview
from services.platform.stores import inside


class AnswerDraft(Draft):
    """`answer` goes to the store, by mail and on its page."""

    answer: Annotated[str, Text(PlanRequest.NOTE_MAX)] = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and the store it comes from."""

    request: PlanRequest
    tenant: Tenant


def count_waiting() -> int:
    with every_tenant():
        waiting = PlanRequest.state == RequestState.WAITING
        return db.session.scalar(select(func.count()).select_from(PlanRequest).where(waiting)) or 0


def list_requests(*, waiting: bool = True, page: int = 1, page_size: int = 20) -> Page[Asked]:
    """Those that wait, the oldest first; else the answered ones, the latest first."""
    state = PlanRequest.state == RequestState.WAITING if waiting else PlanRequest.state.in_(
        (RequestState.GRANTED, RequestState.DECLINED))  # fmt: skip
    order = PlanRequest.created_at.asc() if waiting else PlanRequest.created_at.desc()
    with every_tenant():
        found = paginate(select(PlanRequest).where(state).order_by(order, PlanRequest.id), page, page_size)
        ids = {row.tenant_id for row in found.items}
        stores = {t.id: t for t in db.session.scalars(select(Tenant).where(Tenant.id.in_(ids)))}
        rows = [Asked(row, stores[row.tenant_id]) for row in found.items]
        return Page(rows, found.total, found.page, found.page_size)


def get_request(request_id: UUID) -> Asked:
    with every_tenant():
        row = db.session.scalar(select(PlanRequest).where(PlanRequest.id == request_id))
        tenant = db.session.get(Tenant, row.tenant_id) if row else None
        if row is None or tenant is None:
            raise NotFound(_("There is no such request."))
        return Asked(row, tenant)


def preview(asked: Asked) -> tuple[Preview, list[Meter]]:
    """What granting it would bring, and what the store uses today."""
    with tenants.in_store(asked.tenant.id):
        return plans.preview(asked.request.plan, asked.request.addons), plans.meters()


def grant(request_id: UUID, draft: AnswerDraft, *, actor: Actor) -> None:
    """The store has at once what it asked for. Conflict `request-answered` where it is not waiting any more."""
    _answer(request_id, RequestState.GRANTED, draft, actor)


def decline(request_id: UUID, draft: AnswerDraft, *, actor: Actor) -> None:
    _answer(request_id, RequestState.DECLINED, draft, actor)


def _answer(request_id: UUID, state: RequestState, draft: AnswerDraft, actor: Actor) -> None:
    asked = get_request(request_id)
    with inside(asked.tenant.id) as tenant:  # which locks the store's row: answers come one by one
        row = db.session.get(PlanRequest, request_id, populate_existing=True)
        if row is None or row.state is not RequestState.WAITING:
            raise Conflict(_("This request was answered or taken back already."), code="request-answered")
        row.state, row.answer, row.answered_at = state, draft.answer, clock.now()
        if state is RequestState.GRANTED:
            before = {"plan": tenant.plan, "addons": list(tenant.addons)}
            tenant.plan, tenant.addons = row.plan, list(row.addons)
            after = {"plan": tenant.plan, "addons": tenant.addons}
            settings.changed(tenant, before, after, actor=actor, kind="tenant")
        else:
            audit.record(
                "plan.declined", ("tenant", tenant.id), actor=actor, changes={"plan": [row.plan, None]}
            )
        outbox.post(
            "plan.answered", granted=state is RequestState.GRANTED, plan=row.plan, answer=draft.answer
        )
