"""The mails that were kept in a folder instead of being sent (`MAIL_URL=file:…`): for development and tests."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gateways import mail

NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Kept:
    name: str
    to: str
    sender: str
    subject: str
    sent_at: datetime
    text: str = ""
    html: str = ""


def folder() -> Path | None:
    """Where mails are kept; None where they are sent."""
    parts = urlsplit(mail._url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def list_kept(limit: int = 200) -> list[Kept]:
    """Newest first, without their texts."""
    box = folder()
    files = sorted(box.glob("*.eml"), reverse=True)[:limit] if box and box.is_dir() else []
    return [_read(path, whole=False) for path in files]


def find_kept(name: str) -> Kept | None:
    box = folder()
    if box is None or not NAME.fullmatch(name) or not (box / f"{name}.eml").is_file():
        return None
    return _read(box / f"{name}.eml", whole=True)


def _read(path: Path, *, whole: bool) -> Kept:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    text, html = (_part(message, kind) if whole else "" for kind in ("plain", "html"))
    return Kept(path.stem, str(message["To"]), str(message["From"]), str(message["Subject"]),
                parsedate_to_datetime(str(message["Date"])), text, html)  # fmt: skip


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
