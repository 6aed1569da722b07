"""Writing to people: in their language, with the store's name and look, from the platform's sender."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from gateways import mail
from gateways.mail import Letter
from kit.db import end_reading
from kit.i18n import LANGUAGES, current_locale, speaking
from services import outbox, tenants
from services.tenants import Store

COLOR = "#1d1b19"
_drawn: ContextVar[list[Letter] | None] = ContextVar("drawn_letters", default=None)
_url_of: Callable[[str], str] = "http://{}".format


def configure(config: Any) -> None:
    """Set once at start: `url_of(host)` gives a host's public address."""
    global _url_of
    _url_of = config.url_of


def url(path: str) -> str:
    """An address of the store we are in. Always by its own verified host, never by what a request said."""
    return _url_of(tenants.current().host) + path


def stopping(path: str) -> dict[str, Any]:
    """For `send`: the link that ends such mails, for the reader's press and the mail program's (RFC 8058)."""
    stop = url(path)
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return {"stop_link": stop, "headers": headers}


@contextmanager
def speaking_to(locale: str | None) -> Iterator[None]:
    """The reader's language, else the store's."""
    with speaking(locale if locale in LANGUAGES else tenants.current().locale):
        yield


@contextmanager
def drawing() -> Iterator[list[Letter]]:
    """Letters of the block are collected instead of sent: for looking at them."""
    drawn: list[Letter] = []
    token = _drawn.set(drawn)
    try:
        yield drawn
    finally:
        _drawn.reset(token)


def send(
    template: str, *, to: str, subject: str, to_name: str = "", part: str = "",
    headers: Mapping[str, str] | None = None, **context: Any,
) -> None:  # fmt: skip
    """Render and hand over. What was read for it is closed first: a mail server may take its time. `part` tells two
    letters of one template apart that one message sets off."""
    store = tenants.current()
    frame = {"subject": subject, "store": store, "look": _look(store), "lang": current_locale()}
    text, html = mail.render(template, **frame, **context)
    message = outbox.message_id()
    letter = Letter(
        to=to,
        to_name=to_name,
        subject=subject,
        text=text,
        html=html,
        sender=store.branding.get("store_name") or store.name,
        reply_to=store.contact_email,
        key=f"{template}{part}.{message}" if message else "",
        headers=headers or {},
    )
    drawn = _drawn.get()
    if drawn is not None:
        drawn.append(letter)
        return
    end_reading()
    mail.send(letter)


def _look(store: Store) -> dict[str, str]:
    branding = store.branding
    logo = branding.get("logo_url") or ""
    return {
        "name": branding.get("store_name") or store.name,
        "color": branding.get("primary_color") or COLOR,
        "logo_url": logo
        if logo.startswith("https://") or not logo
        else url(logo)
        if logo.startswith("/")
        else "",
        "home_url": url("/"),
    }
