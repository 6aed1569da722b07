"""Wrong passwords, counted per account beside the limit per client: many addresses that try one account get no further.

Who is attacked is not locked out: a browser that signed in to this account before, or has just set a new password by
the link of a mail, carries a cookie that says so and is counted by itself. An app is known by the address it signed in
from. The count goes by what was typed, so it tells nothing about which accounts there are.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from limits import RateLimitItem, parse

from kit.errors import TooMany
from kit.i18n import _
from services.accounts import people, sessions
from web.limits import limiter

WRONG: RateLimitItem = parse("10 per 15 minutes")
WAIT = timedelta(minutes=15)
ACCOUNTS_MAX = 5  # that one browser is known to
YEAR = 365 * 24 * 3600
log = structlog.get_logger()


def insist_on_patience(email: str) -> None:
    """TooMany where too many wrong passwords were tried for this account, by those of the same standing."""
    if not _test(_key(email)):
        raise TooMany(
            _("Too many wrong passwords. Wait a quarter of an hour, or choose a new password by mail."),
            retry_after=int(WAIT.total_seconds()),
        )


def count_wrong(email: str) -> None:
    if limiter.enabled:
        try:
            limiter.limiter.hit(WRONG, *_key(email))
        except Exception:  # the counter's store is away: that must not close the door
            log.exception("a wrong password was not counted")


def _test(key: tuple[str, str, str]) -> bool:
    if not limiter.enabled:
        return True
    try:
        return limiter.limiter.test(WRONG, *key)
    except Exception:
        log.exception("wrong passwords could not be looked up")
        return True


def _key(email: str) -> tuple[str, str, str]:
    store = g.get("store")
    account = _account(email)
    if request.path.startswith("/api/"):
        known = sessions.is_known_place(email, ip=request.remote_addr or "")
        standing = f"place {request.remote_addr}" if known else "stranger"
    else:
        device = _device()
        standing = f"device {device['n']}" if device and account in device["who"] else "stranger"
    return str(store.id if store else "platform"), account, standing


def _account(email: str) -> str:
    store = g.get("store")
    text = f"{store.id if store else 'platform'}:{people.email_key(email)}"
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


# --- the browser that is known --------------------------------------------------------------------------------------


def _name() -> str:
    return "__Host-device" if current_app.config["VITRINE"].is_production else "device"


def _box() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")


def _device() -> dict[str, Any] | None:
    try:
        found = _box().loads(request.cookies.get(_name(), ""))
    except BadSignature:
        return None
    return found if isinstance(found, dict) and {"n", "who"} <= set(found) else None


def remember_device(email: str) -> None:
    """Whoever sits there has just proved that the account is theirs."""
    device = _device() or {"n": secrets.token_hex(8), "who": []}
    account = _account(email)
    who = [account, *(one for one in device["who"] if one != account)][:ACCOUNTS_MAX]
    if who != device["who"]:
        g.device = {"n": device["n"], "who": who}


def init_app(app: Flask) -> None:
    @app.after_request
    def hand_over(response: Response) -> Response:
        if "device" in g:
            response.set_cookie(_name(), _box().dumps(g.device), max_age=YEAR, httponly=True, samesite="Lax",
                                secure=app.config["VITRINE"].is_production)  # fmt: skip
        return response
