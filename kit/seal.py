"""What has to be read again and must not stand in the database in clear: keys of third parties, secrets of second
factors.

Sealed under a key made from CREDENTIALS_KEY. Older keys still open, so that it can be changed.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_box: MultiFernet | None = None


class Broken(ValueError):
    """Sealed under a key that this installation no longer has, or changed on the way."""


def configure(secret: str, fallbacks: tuple[str, ...] = ()) -> None:
    """Set once at start."""
    global _box
    _box = MultiFernet([Fernet(_key(one)) for one in (secret, *fallbacks)])


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(
        hashlib.blake2b(secret.encode(), digest_size=32, person=b"vitrine.seal").digest()
    )


def seal(plain: str) -> str:
    return _opened().encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str:
    try:
        return _opened().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Broken("this can't be opened with the keys of this installation") from error


def reseal(sealed: str) -> str:
    """The same under the newest key, so that the older ones can be thrown away."""
    try:
        return _opened().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise Broken("this can't be opened with the keys of this installation") from error


def _opened() -> MultiFernet:
    if _box is None:
        raise RuntimeError("kit.seal.configure was not called")
    return _box
