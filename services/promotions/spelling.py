"""How codes are compared, and one customer is told from another."""

import unicodedata

from services.accounts.people import email_key


def code_key(code: str) -> str:
    """How two codes are compared: `  Été10 ` and `ÉTÉ10` are one."""
    return unicodedata.normalize("NFKC", code).strip().casefold()


def customer_key(email: str) -> str:
    """One customer, one limit: `Ana+shop@Example.com` is `ana@example.com`; dots mean nothing at Gmail."""
    name, _at, domain = email_key(email).rpartition("@")
    name = name.partition("+")[0]
    if domain in {"gmail.com", "googlemail.com"}:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"
