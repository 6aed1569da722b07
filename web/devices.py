"""What a browser says of itself, in words that its owner knows."""

from typing import Any

from kit.i18n import _
from services.accounts.sessions import Session
from web.filters import ago, day

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
           ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def device(user_agent: str) -> str:
    """ "Firefox, Windows"; of a program its first word, e.g. "okhttp/4.9"."""
    browser = next((name for mark, name in BROWSERS if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser or system:
        return ", ".join(part for part in (browser, system) if part)
    return user_agent.split(" ")[0][:60] or _("Unknown device")


def shown_session(one: Session) -> dict[str, Any]:
    """A row of the page of one's sessions."""
    return {"id": one.id, "device": device(one.user_agent), "is_app": one.channel == "api", "place": one.ip,
            "started": day(one.started_at), "used": ago(one.used_at), "is_this": one.is_this_one}  # fmt: skip
