"""The signed link to one order: who holds it may read that order and pay for it, for 30 days.

The store is part of the signature, so a link of one store opens nothing in another.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner
from sqlalchemy import select

from kit import clock, tenancy
from kit.db import db
from kit.errors import Unauthenticated
from kit.i18n import _
from models.orders import Order

DAYS = 30
PREFIX = "ord_"
_secret = ""


def configure(secret: str) -> None:
    """Set once at start."""
    global _secret
    _secret = secret


class _Signer(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def _signer() -> TimestampSigner:
    if not _secret:
        raise RuntimeError("services.orders.access.configure was not called")
    return _Signer(_secret, salt=f"order:{tenancy.current_tenant_id()}")


def issue_token(order: Order) -> str:
    """Good in links and as a bearer token, until the order's `token_version` moves on."""
    payload = urlsafe_b64encode(order.id.bytes).rstrip(b"=").decode()
    return PREFIX + _signer().sign(f"{payload}~{order.token_version}").decode()


def looks_like_token(text: str) -> bool:
    return text.startswith(PREFIX)


def read_token(text: str) -> UUID:
    """The id of the order the token opens. Unauthenticated where it is bad, too old, withdrawn or another store's."""
    try:
        signed = _signer().unsign(text.removeprefix(PREFIX), max_age=DAYS * 86_400).decode()
        payload, _sep, version = signed.partition("~")
        order_id = UUID(bytes=urlsafe_b64decode(payload + "=="))
    except SignatureExpired as error:
        raise Unauthenticated(_("This link to the order is too old."), code="token-expired") from error
    except (BadSignature, ValueError) as error:
        raise Unauthenticated(_("This link to the order is not valid."), code="invalid-token") from error
    if db.session.scalar(select(Order.token_version).where(Order.id == order_id)) != int(version or 0):
        raise Unauthenticated(_("This link to the order is not valid."), code="invalid-token")
    return order_id
