"""What staff do with an order beside sending it: hold it, tag it, write about it, put it away, ask for its money."""

from uuid import UUID

from flask import Response, request

from admin import bp
from admin.orders.order import told
from kit.actor import Role
from kit.drafts import read
from kit.i18n import _
from services.orders import archiving, holds, notes, reading, sending_drafts, tagging
from services.orders.holds import HoldDraft
from services.orders.notes import NoteDraft
from services.orders.tagging import TagsDraft
from web.access import allow
from web.auth import actor


@bp.post("/orders/<uuid:order_id>/hold")
@allow(Role.STAFF)
def hold_order(order_id: UUID) -> Response:
    reading.get_order(order_id)
    sent = {"reason": request.form.get("reason", "")}
    return told(order_id, lambda: holds.hold_order(order_id, read(HoldDraft, sent, form=True), actor=actor()),
                _("The order is on hold."))  # fmt: skip


@bp.post("/orders/<uuid:order_id>/release")
@allow(Role.STAFF)
def release_order(order_id: UUID) -> Response:
    reading.get_order(order_id)
    return told(
        order_id, lambda: holds.release_order(order_id, actor=actor()), _("The order is no longer on hold.")
    )


@bp.post("/orders/<uuid:order_id>/tags")
@allow(Role.STAFF)
def tag_order(order_id: UUID) -> Response:
    """All its tags, as one types them: with commas between."""
    reading.get_order(order_id)
    sent = {"tags": tagging.split_words(request.form.get("tags", ""))}
    return told(order_id, lambda: tagging.set_tags(order_id, read(TagsDraft, sent, form=True), actor=actor()),
                _("The tags are saved."))  # fmt: skip


@bp.post("/orders/<uuid:order_id>/note")
@allow(Role.STAFF)
def note_order(order_id: UUID) -> Response:
    """For colleagues, or (with a tick) as a mail to the customer."""
    reading.get_order(order_id)
    sent = {"text": request.form.get("text", ""), "to_customer": request.form.get("to_customer", "")}
    done = _("The message is on its way.") if sent["to_customer"] else _("The note is on the timeline.")
    return told(
        order_id, lambda: notes.add_note(order_id, read(NoteDraft, sent, form=True), actor=actor()), done
    )


@bp.post("/orders/<uuid:order_id>/notes/<uuid:event_id>/remove")
@allow(Role.STAFF)
def remove_note(order_id: UUID, event_id: UUID) -> Response:
    reading.get_order(order_id)
    return told(
        order_id, lambda: notes.remove_note(order_id, event_id, actor=actor()), _("The note is removed.")
    )


@bp.post("/orders/<uuid:order_id>/archive")
@allow(Role.STAFF)
def archive_order(order_id: UUID) -> Response:
    reading.get_order(order_id)
    return told(
        order_id, lambda: archiving.archive_order(order_id, actor=actor()), _("The order is archived.")
    )


@bp.post("/orders/<uuid:order_id>/restore")
@allow(Role.STAFF)
def restore_order(order_id: UUID) -> Response:
    reading.get_order(order_id)
    return told(
        order_id,
        lambda: archiving.restore_order(order_id, actor=actor()),
        _("The order is back in the list."),
    )


@bp.post("/orders/<uuid:order_id>/payment-link")
@allow(Role.STAFF)
def request_payment(order_id: UUID) -> Response:
    """Mail the link once more; it stands on the page, too, to be copied."""
    reading.get_order(order_id)
    return told(
        order_id,
        lambda: sending_drafts.request_payment(order_id, actor=actor()),
        _("The link to pay is on its way to the customer."),
    )
