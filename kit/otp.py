"""Codes that a phone and a server make from a shared secret and the time (RFC 6238, RFC 4226)."""

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

PERIOD = 30  # seconds
DIGITS = 6
WINDOW = 1  # a clock may be one step off, to either side


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // PERIOD


def code_of(secret: str, step: int, *, digits: int = DIGITS, digest: str = "sha1") -> str:
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", step), digest)
    offset = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: str, code: str, moment: datetime, *, after: int = 0) -> int | None:
    """The step whose code this is, within the window and newer than `after` (a code is good once); else None."""
    now, found = step_at(moment), None
    for step in range(now - WINDOW, now + WINDOW + 1):  # all of them, so that the time tells nothing
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def address(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says to the app."""
    label = quote(f"{issuer}:{account}", safe="@")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"
