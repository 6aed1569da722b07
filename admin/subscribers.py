"""Who gets the newsletter: the list, each one's choices, and the file for the program that sends it."""

from typing import Any
from uuid import UUID

from flask import Response, flash, url_for

from admin import bp
from admin.files import csv_file
from admin.frame import page
from admin.wording import Badge
from kit.actor import Role
from kit.i18n import LANGUAGES, _, mark
from models.newsletter import Subscriber
from services import newsletter
from services.notifications import newsletter as mails
from web.access import allow
from web.auth import actor
from web.filters import day, moment, number
from web.htmx import go
from web.lists import choice_arg, listing, page_arg, page_url, size_arg, tabs, text_arg
from web.proof import proved

SOURCES = {"footer": mark("At the foot of the shop"), "account": mark("In the account"),
           "checkout": mark("At the checkout"), "mail": mark("By the link of a mail")}  # fmt: skip
CHOICES = {"asked": mark("Put down"), "confirmed": mark("Confirmed"), "left": mark("Unsubscribed")}


@bp.get("/customers/newsletter", endpoint="subscribers")
@allow(Role.MANAGER)
def list_subscribers() -> Response:
    state, q = choice_arg("state", newsletter.STATES, "active"), text_arg("q")
    found = newsletter.list_subscribers(state=state, search=q, page=page_arg(), page_size=size_arg())
    views = tabs(
        (("", _("Get it"), None), ("waiting", _("Not confirmed"), None), ("left", _("Unsubscribed"), None),
         ("all", _("All"), None)),
        "" if state == "active" else state, name="state",
    )  # fmt: skip
    return page("admin/customers/subscribers.html", subscribers=listing(found, _row), views=views, page_url=page_url,
                q=q, state=state, is_filtered=bool(q) or state != "active",
                active=number(newsletter.count_active()))  # fmt: skip


def _row(row: Subscriber) -> dict[str, Any]:
    return {
        "email": row.email,
        "url": url_for("admin.show_subscriber", subscriber_id=row.id),
        "state": _state(row),
        "language": LANGUAGES.get(row.locale, row.locale),
        "since": day(row.confirmed_at or row.asked_at),
    }


def _state(row: Subscriber) -> Badge:
    if row.left_at is not None:
        return (_("Unsubscribed"), "neutral", "stop")
    return (_("Gets it"), "good", "done") if row.confirmed_at else (_("Not confirmed"), "warn", "open")


@bp.get("/customers/newsletter/<uuid:subscriber_id>")
@allow(Role.MANAGER)
def show_subscriber(subscriber_id: UUID) -> Response:
    row = newsletter.get_subscriber(subscriber_id)
    choices = [
        {"what": _(CHOICES.get(one.what, one.what)), "source": _(SOURCES.get(one.source, one.source)),
         "wording": one.wording, "when": moment(one.created_at), "iso": one.created_at.isoformat()}
        for one in newsletter.choices_of(subscriber_id)
    ]  # fmt: skip
    return page("admin/customers/subscriber.html", row={**_row(row), "id": row.id}, choices=choices)


@bp.post("/customers/newsletter/<uuid:subscriber_id>/delete")
@allow(Role.MANAGER)
def forget_subscriber(subscriber_id: UUID) -> Response:
    newsletter.forget_subscriber(subscriber_id, actor=actor())
    flash(_("The address is forgotten."), "success")
    return go("admin.subscribers")


@bp.get("/customers/newsletter/export")
@allow(Role.ADMIN)
@proved
def export_subscribers() -> Response:
    """Those who get it, as CSV."""
    return csv_file("newsletter", newsletter.export_subscribers(mails.stop_url, actor=actor()))
