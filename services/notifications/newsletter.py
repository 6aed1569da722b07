"""Mails about the newsletter itself: is it really you, and you are on the list."""

from typing import Any

from kit.i18n import _
from models.newsletter import Subscriber
from services import newsletter, tenants
from services.notifications import letters


def stop_url(token: str) -> str:
    """Where one press takes the address off the list, by itself or by the mail program (RFC 8058)."""
    return letters.url(f"/unsubscribe/newsletter/{token}")


def send_newsletter_question(subscriber_id: str, **_rest: Any) -> None:
    """Without a yes nothing more is ever sent."""
    row = newsletter.find_subscriber(subscriber_id)
    if row is None or row.confirmed_at is not None or row.left_at is not None:
        return
    with letters.speaking_to(row.locale):
        letters.send(
            "newsletter_confirm", to=row.email, days=newsletter.CONFIRM_FOR.days,
            link=letters.url(f"/newsletter/confirm/{newsletter.confirm_token(row)}"),
            subject=_("Please confirm: the newsletter of %(store)s", store=tenants.current().name),
        )  # fmt: skip


def send_newsletter_welcome(subscriber_id: str, **_rest: Any) -> None:
    row = newsletter.find_subscriber(subscriber_id)
    if row is None or row.confirmed_at is None or row.left_at is not None:
        return
    with letters.speaking_to(row.locale):
        letters.send("newsletter_welcome", to=row.email, **_stop(row),
                     subject=_("You get the newsletter of %(store)s", store=tenants.current().name))  # fmt: skip


def _stop(row: Subscriber) -> dict[str, Any]:
    stop = stop_url(newsletter.stop_token(row))
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return {"stop_link": stop, "headers": headers}
