"""Password hashes: argon2id with t=2 and 19 MiB. The library's defaults cost half a second and 64 MB a sign-in,
which is a cheap way to take a shop down."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_dummy = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(stored: str, password: str) -> bool:
    """In like time whether there is an account or not: without a hash, a dummy one is verified."""
    try:
        return _hasher.verify(stored or _dummy, password) and bool(stored)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    return _hasher.check_needs_rehash(stored)
