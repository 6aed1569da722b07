"""Random tokens, and the hashes under which they are kept."""

import hashlib
import secrets


def new_token(bits: int = 256) -> str:
    """A random word for URLs, as hard to guess as `bits` say."""
    return secrets.token_urlsafe(bits // 8)


def token_hash(token: str) -> str:
    """What stands in the database instead of a token. Tokens are random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
