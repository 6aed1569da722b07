"""The inbox of Stripe's messages: what came, what it did, and doing it once more."""

import json
from typing import Any
from uuid import UUID

from flask import Response, flash, url_for

from admin import bp
from admin.frame import page
from admin.payments import wording
from admin.wording import EVENTS, badge, options
from kit.actor import Role
from kit.i18n import _
from models.payments import WebhookEvent
from services.payments import webhooks
from web.access import allow
from web.auth import actor
from web.filters import moment
from web.htmx import go
from web.lists import Filter, back_to, chips, here, listing, page_arg, page_url, size_arg


@bp.get("/payments/messages", endpoint="stripe_messages")
@allow(Role.ADMIN)
def list_messages() -> Response:
    filters = [
        Filter("state", _("State"), options(wording.EVENT)),
        Filter("type", _("Kind"), {name: name for name in webhooks.list_types()}),
    ]
    state, kind = (one.value for one in filters)
    found = webhooks.list_events(status=state, type=kind, page=page_arg(), page_size=size_arg())
    return page("admin/payments/messages.html", events=listing(found, _row),
                filter_fields=[one.shown() for one in filters], chips=chips(filters), filtered=bool(state or kind),
                action=url_for("admin.stripe_messages"), clear_url=url_for("admin.stripe_messages"),
                page_url=page_url)  # fmt: skip


def _row(event: WebhookEvent) -> dict[str, Any]:
    return {
        "id": event.id, "type": event.type, "state": badge(wording.EVENT, event.status),
        "url": url_for("admin.stripe_message", event_id=event.id, back=here()), "tries": event.attempts,
        "when": moment(event.received_at, "medium"), "iso": event.received_at.isoformat(),
        "did": [effect(one) for one in event.effects],
        "why": _why(event),
        "order_url": url_for("admin.show_order", order_id=event.order_id) if event.order_id else "",
    }  # fmt: skip


def effect(kind: str) -> str:
    """What came of a message, from the types of the order's timeline."""
    known = wording.DONE.get(kind) or EVENTS.get(kind)
    return _(known) if known else wording.plainly(kind)


def _why(event: WebhookEvent) -> str:
    if event.status == webhooks.FAILED:
        return event.error.partition(":")[0]
    return _(wording.LEFT_ALONE[event.error]) if event.error in wording.LEFT_ALONE else event.error


@bp.get("/payments/messages/<uuid:event_id>")
@allow(Role.ADMIN)
def stripe_message(event_id: UUID) -> Response:
    event = webhooks.get_event(event_id)
    body = json.dumps(webhooks.masked(event.payload), indent=2, ensure_ascii=False)
    return page(
        "admin/payments/message.html", event=_row(event), error=event.error if event.status == webhooks.FAILED else "",
        body=body, provider_id=event.provider_id, account=event.account_id,
        processed=moment(event.processed_at, "medium"),
        trail=[(_("Messages"), back_to("admin.stripe_messages")), (event.type, None)],
    )  # fmt: skip


@bp.post("/payments/messages/<uuid:event_id>/replay")
@allow(Role.ADMIN)
def replay_message(event_id: UUID) -> Response:
    webhooks.replay(event_id, actor=actor())
    flash(_("The message is acted on once more; look again in a moment."), "success")
    return go("admin.stripe_message", event_id=event_id)
