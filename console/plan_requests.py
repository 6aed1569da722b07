"""Stores that ask for another plan: what granting it would bring them, and the answer."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from console import bp
from console.frame import page
from forms.plans import AnswerForm
from kit.actor import Role
from kit.errors import Conflict, Invalid
from kit.i18n import _
from models.plans import RequestState
from services import offers
from services.offers import Book
from services.platform import plan_requests
from services.platform.plan_requests import Asked
from web.access import allow
from web.auth import actor
from web.filters import ago, day
from web.htmx import go
from web.lists import choice_arg, listing, page_arg, page_url, tabs
from web.plan_words import addon_names, brings, meter, plan_name

VIEWS = ("waiting", "answered")


@bp.get("/platform/plans/requests", endpoint="plan_requests")
@allow(Role.SYSADMIN)
def list_requests() -> Response:
    view, book = choice_arg("view", VIEWS, "waiting"), offers.book()
    found = plan_requests.list_requests(waiting=view == "waiting", page=page_arg())
    return page(
        "platform/plans/requests.html", requests=listing(found, lambda one: _row(one, book)), page_url=page_url,
        tabs=tabs([("waiting", _("Waiting"), plan_requests.count_waiting()), ("answered", _("Answered"), None)], view),
        is_waiting=view == "waiting", trail=[(_("Plans"), url_for("platform.plans")), (_("Requests"), None)],
    )  # fmt: skip


def _row(one: Asked, book: Book) -> dict[str, Any]:
    row = one.request
    wish = [plan_name(row.plan, book), *addon_names(row.addons, book)]
    return {"store": one.tenant.name, "has": plan_name(one.tenant.plan, book), "wish": " + ".join(wish),
            "since": ago(row.created_at), "iso": row.created_at.isoformat(),
            "is_granted": row.state is RequestState.GRANTED,
            "url": url_for("platform.show_plan_request", request_id=row.id)}  # fmt: skip


@bp.get("/platform/plans/requests/<uuid:request_id>")
@allow(Role.SYSADMIN)
def show_plan_request(request_id: UUID) -> Response:
    return _page(request_id, AnswerForm())


def _page(request_id: UUID, form: AnswerForm, status: int = 200) -> Response:
    asked, book = plan_requests.get_request(request_id), offers.book()
    found, now = plan_requests.preview(asked)
    row = asked.request
    return page(
        "platform/plans/request.html", status=status, form=form, id=request_id, shown=_row(asked, book),
        store_url=url_for("platform.show_store", tenant_id=asked.tenant.id), note=row.note, day=day(row.created_at),
        is_waiting=row.state is RequestState.WAITING, answer=row.answer, answered=day(row.answered_at),
        found=brings(found), meters=[meter(one) for one in now],
        trail=[(_("Plans"), url_for("platform.plans")), (_("Requests"), url_for("platform.plan_requests")),
               (asked.tenant.name, None)],
    )  # fmt: skip


@bp.post("/platform/plans/requests/<uuid:request_id>/grant")
@allow(Role.SYSADMIN)
def grant_plan(request_id: UUID) -> Response:
    return _answer(request_id, plan_requests.grant, _("The store has the plan now, and is told."))


@bp.post("/platform/plans/requests/<uuid:request_id>/decline")
@allow(Role.SYSADMIN)
def decline_plan(request_id: UUID) -> Response:
    return _answer(request_id, plan_requests.decline, _("Declined; the store is told."))


def _answer(request_id: UUID, act: Any, done: str) -> Response:
    form = AnswerForm(request.form)
    try:
        act(request_id, form.checked(), actor=actor())
    except Invalid:
        return _page(request_id, form, 422)
    except Conflict as error:
        flash(error.message, "error")
        return go("platform.show_plan_request", request_id=request_id)
    flash(done, "success")
    return go("platform.plan_requests")
