"""The outbox: what waits and for how long, what died and why; delivering it again, or giving it up with a reason."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from console import bp
from console.frame import page
from kit import clock
from kit.actor import Role
from kit.errors import Invalid, NotFound
from kit.i18n import _, _n, mark
from kit.ids import parse_id
from models.outbox import OutboxMessage
from services import deliveries, health
from services.platform import jobs
from services.platform.condition import Condition, condition
from services.platform.jobs import Job
from web.access import allow
from web.auth import actor
from web.filters import ago, moment, number
from web.htmx import go, go_to
from web.lists import back_to, here, listing, page_arg, page_url, size_arg, tabs, text_arg

VIEWS = {
    "dead": mark("Failed"),
    "waiting": mark("Waiting"),
    "done": mark("Delivered"),
    "dropped": mark("Given up"),
}
BADGES = {
    "dead": ("bad", "stop"),
    "waiting": ("info", "part"),
    "done": ("good", "done"),
    "dropped": ("neutral", "open"),
}


@bp.get("/platform/jobs", endpoint="jobs")
@allow(Role.SYSADMIN)
def list_jobs() -> Response:
    view = request.args.get("view", "")
    view = view if view in VIEWS else "dead"
    topics, store = jobs.topics_of(view), parse_id(text_arg("store"))
    topic = text_arg("topic") if text_arg("topic") in topics else ""
    found = jobs.list_jobs(view, topic=topic, tenant_id=store, page=page_arg(), page_size=size_arg())
    state = condition()
    counts = {"dead": state.dead, "waiting": state.waiting}
    return page(
        "platform/jobs/index.html", jobs=listing(found, _row), page_url=page_url, view=view, topic=topic,
        topics=topics, store=str(store or ""), stats=_stats(state), action=url_for("platform.jobs"),
        tabs=tabs([(name, _(label), counts.get(name)) for name, label in VIEWS.items()], view),
        filtered=bool(topic or store), clear_url=url_for("platform.jobs", view=view),
    )  # fmt: skip


def _stats(state: Condition) -> list[dict[str, Any]]:
    queues = health.queue_lengths()
    return [
        {"label": _("Waiting for"), "value": _span(state.lag),
         "note": _("the oldest message that is due")},
        {"label": _("Waiting"), "value": number(state.waiting),
         "note": _("%(count)s of them after a failure", count=number(state.retried))},
        {"label": _("Failed"), "value": number(state.dead), "note": _("need somebody")},
        *([{"label": _("In the queues"), "value": number(sum(queues.values())),
            "note": ", ".join(f"{name}: {number(length)}" for name, length in queues.items())}] if queues else []),
    ]  # fmt: skip


def _span(lag: timedelta) -> str:
    seconds = int(lag.total_seconds())
    if seconds < 120:
        return _("%(count)s s", count=number(seconds))
    return (
        _("%(count)s min", count=number(seconds // 60))
        if seconds < 7200
        else _("%(count)s h", count=number(seconds // 3600))
    )


def _state(message: OutboxMessage) -> str:
    if message.done_at is not None:
        return "dropped" if message.dead_at is not None else "done"
    return "dead" if message.dead_at is not None else "waiting"


def _row(job: Job) -> dict[str, Any]:
    message = job.message
    when = message.done_at or message.dead_at or message.run_at
    return {
        "id": message.id, "topic": message.topic, "store": job.store, "attempts": number(message.attempts),
        "posted": ago(message.created_at), "posted_iso": message.created_at.isoformat(),
        "when": ago(when), "iso": when.isoformat(), "is_late": message.run_at < clock.now(),
        "error": message.last_error.strip().splitlines()[-1][:200] if message.last_error.strip() else "",
        "reason": message.dropped_because, "url": url_for("platform.show_job", message_id=message.id, back=here()),
    }  # fmt: skip


@bp.get("/platform/jobs/<uuid:message_id>")
@allow(Role.SYSADMIN)
def show_job(message_id: UUID) -> Response:
    return _job_page(message_id)


def _job_page(message_id: UUID, error: str = "", status: int = 200) -> Response:
    job, receipts = jobs.get_job(message_id)
    message, state = job.message, _state(job.message)
    facts = [
        (_("Store"), job.store or _("the platform itself")), (_("Posted"), moment(message.created_at)),
        (_("Tries"), number(message.attempts)), (_("Next try"), moment(message.run_at) if state == "waiting" else ""),
        (_("Failed"), moment(message.dead_at)), (_("Delivered"), moment(message.done_at) if state == "done" else ""),
        (_("Given up"), moment(message.done_at) if state == "dropped" else ""), (_("By"), message.dropped_by),
        (_("Because"), message.dropped_because),
    ]  # fmt: skip
    return page(
        "platform/jobs/job.html", status=status, id=message_id, topic=message.topic, state=state,
        badge=(_(VIEWS[state]), *BADGES[state]), facts=[(label, value) for label, value in facts if value],
        error=message.last_error, payload=json.dumps(jobs.shown_payload(message), indent=2, ensure_ascii=False),
        receipts=[{"handler": one.handler, "when": moment(one.done_at)} for one in receipts],
        reason_error=error, reason=request.form.get("reason", ""), reason_max=deliveries.REASON_MAX,
        store_url=url_for("platform.show_store", tenant_id=message.tenant_id) if job.store else "",
        trail=[(_("Jobs"), back_to("platform.jobs")), (message.topic, None)],
    )  # fmt: skip


@bp.post("/platform/jobs/<uuid:message_id>/replay")
@allow(Role.SYSADMIN)
def replay_job(message_id: UUID) -> Response:
    try:
        deliveries.replay(message_id)
    except NotFound:
        jobs.get_job(message_id)
        flash(_("It is not among the failed ones any more."), "error")
    else:
        flash(_("It is delivered again at once; what was done of it stays done."), "success")
    return go("platform.show_job", message_id=message_id)


@bp.post("/platform/jobs/replay")
@allow(Role.SYSADMIN)
def replay_jobs() -> Response:
    """All failed ones, or those of a topic."""
    topic = request.form.get("topic", "")[:80]
    count = deliveries.replay_all(topic)
    flash(
        _n("%(num)d message is delivered again.", "%(num)d messages are delivered again.", count), "success"
    )
    return go_to(url_for("platform.jobs", view="waiting"))


@bp.post("/platform/jobs/<uuid:message_id>/drop")
@allow(Role.SYSADMIN)
def drop_job(message_id: UUID) -> Response:
    jobs.get_job(message_id)
    try:
        deliveries.drop(message_id, request.form.get("reason", ""), by=actor().email)
    except Invalid as error:
        return _job_page(message_id, error.said, 422)
    except NotFound:
        flash(_("It is not among the failed ones any more."), "error")
    else:
        flash(_("Given up: it is never delivered."), "success")
    return go("platform.show_job", message_id=message_id)
