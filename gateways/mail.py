"""Mail: one letter becomes multipart text and HTML, and goes to an SMTP server or into a folder.

The templates have an environment of their own: mails are written by jobs, where there is no request.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import css_inline
from babel.dates import format_date as babel_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from kit import clock, i18n, ids
from kit.colors import text_on
from kit.db import is_writing
from kit.errors import Unavailable
from kit.i18n import _
from kit.money import display

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "emails"
SECONDS = 15
_url = ""
_from = "no-reply@localhost"


@dataclass(frozen=True)
class Letter:
    """`to_name` and `sender` are shown names. `key` makes a repeated sending recognisable as the same letter."""

    to: str
    subject: str
    text: str
    html: str
    to_name: str = ""
    sender: str = ""
    reply_to: str = ""
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def configure(config: Any) -> None:
    """Set once at start: `mail_url` and `mail_from` of the settings."""
    global _url, _from
    _url, _from = config.mail_url, config.mail_from


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False, pgettext=i18n.pgettext)  # type: ignore[attr-defined]
    env.globals["_"] = i18n.gettext
    env.globals["_n"] = i18n.ngettext
    env.globals["text_on"] = text_on
    env.filters["money"] = lambda minor, currency: display(minor, currency, i18n.current_locale())
    env.filters["date"] = _date
    return env


def _date(value: datetime | date, zone: str = "UTC") -> str:
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    return babel_date(value, "long", locale=i18n.cldr())


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, keep_style_tags=True)


def render(template: str, **context: Any) -> tuple[str, str]:
    """The letter as text and as HTML with its styles inside, in the ambient language."""
    env = _environment()
    text = env.get_template(f"{template}.txt").render(**context)
    html = env.get_template(f"{template}.html").render(**context)
    return re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n", _inliner().inline(html)


def send(letter: Letter) -> None:
    """Hand the letter over. Unavailable where the server does not take it now; the outbox tries again."""
    if is_writing():
        raise RuntimeError("a mail was about to be sent inside a transaction")
    if not _url:
        raise Unavailable(_("No mail server is set up (MAIL_URL)."), code="integration-not-configured")
    message = compose(letter)
    parts = urlsplit(_url)
    if parts.scheme == "file":
        _keep(message, Path(unquote(parts.path)))
        return
    try:
        _deliver(message, parts)
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(
            _("The mail server did not take the mail: %(error)s", error=error), code="mail-not-sent"
        ) from error


class _Whole:
    """A header that is one address: mail programs do not put folded or encoded pieces together again."""

    max_count = None

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        UnstructuredHeader.parse(value, kwds)

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


LINE_MAX = 900  # a line of a mail has at most 998 signs
_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]
POLICY = SMTP.clone(header_factory=_headers)


def compose(letter: Letter) -> EmailMessage:
    """Nothing that people typed can add a header: line breaks and control signs become spaces."""
    message = EmailMessage(policy=POLICY)
    message["Subject"] = _one_line(letter.subject)
    message["From"] = _address(letter.sender, _from)
    message["To"] = _address(letter.to_name, letter.to)
    if letter.reply_to:
        message["Reply-To"] = _address(letter.sender, letter.reply_to)
    message["Date"] = format_datetime(clock.now())
    domain = _from.rpartition("@")[2]
    message["Message-ID"] = f"<{letter.key}@{domain}>" if letter.key else make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in letter.headers.items():
        message[name] = _one_line(value, most=LINE_MAX)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _one_line(text: str, most: int = 250) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:most]


def _address(name: str, address: str) -> Address | str:
    plain = _one_line(name).replace("\\", "").replace('"', "")
    try:
        return Address(display_name=plain, addr_spec=address)
    except Exception as error:  # the parser raises many kinds
        raise Unavailable(
            _("No mail can be sent to this address: %(error)s", error=error), code="mail-not-sent"
        ) from error


def _keep(message: EmailMessage, folder: Path) -> None:
    """One file a mail, named by time, so that the newest is the last; written whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{clock.now():%Y%m%d-%H%M%S}-{ids.uuid7()}"
    draft = folder / f".{name}.part"
    draft.write_bytes(message.as_bytes())
    draft.rename(folder / f"{name}.eml")


def check() -> str:
    """Where letters go, once the server there has answered (and known us). Unavailable where it does not."""
    parts = urlsplit(_url)
    if parts.scheme not in ("smtp", "smtps"):
        return f"into {unquote(parts.path)}"
    try:
        with _connect(parts) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"{parts.hostname}: {error}") from error
    return f"to {parts.hostname}"


def _deliver(message: EmailMessage, parts: Any) -> None:
    with _connect(parts) as server:
        server.send_message(message)


@contextmanager
def _connect(parts: Any) -> Iterator[smtplib.SMTP]:
    secure = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            parts.hostname, parts.port or 465, timeout=SECONDS, context=secure
        )
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or 25, timeout=SECONDS)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=secure)
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
