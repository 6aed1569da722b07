"""Mails about the newsletter itself: is it really you, and you are on the list."""

from typing import Any

from kit.i18n import _
from services import newsletter, tenants
from services.notifications import letters

STOP = "/unsubscribe/newsletter/"


def stop_url(token: str) -> str:
    """Where one press takes the address off the list, by itself or by the mail program (RFC 8058)."""
    return letters.url(STOP + token)


def send_newsletter_question(subscriber_id: str, **_rest: Any) -> None:
    """Without a yes nothing more is ever sent."""
    row = newsletter.find_subscriber(subscriber_id)
    if row is None or not row.is_waiting:
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
        letters.send("newsletter_welcome", to=row.email, **letters.stopping(STOP + newsletter.stop_token(row)),
                     subject=_("You get the newsletter of %(store)s", store=tenants.current().name))  # fmt: skip
