"""Object ids in Stripe's style."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new(prefix: str, length: int = 24) -> str:
    return f"{prefix}_{text(length)}"


def text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
