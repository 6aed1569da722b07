"""Whose cart it is. A guest keeps 128 random bits with our signature; the database has only their hash.

The signature (the store is part of it) lets a token be handed out without writing a row, and makes one that was
guessed or brought from another store worth nothing.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from kit import clock, tenancy
from kit.actor import Actor
from kit.db import Id, UtcTime, db, reused
from models.carts import Cart

_secret = b""


def configure(secret: str) -> None:
    """Set once at start."""
    global _secret
    _secret = hashlib.sha256(b"carts:" + secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Owner:
    """An account, or the holder of a guest's token (kept here, to be handed back)."""

    user_id: UUID | None = None
    token: str = ""
    is_new: bool = False  # the token was made just now: nobody can have a cart by it

    @property
    def token_hash(self) -> str | None:
        return hash_of(self.token) if self.token else None

    def is_owner(self) -> ColumnElement[bool]:
        return Cart.user_id == self.user_id if self.user_id else Cart.token_hash == self.token_hash


def owner_of(actor: Actor, token: str | None) -> Owner:
    """An account of the store has its own cart. Anybody else is a guest: with the token brought along if it is one of
    ours, else with a new one."""
    if actor.kind == "user" and actor.id is not None:
        return Owner(user_id=actor.id)
    if token and is_genuine(token):
        return Owner(token=token)
    return Owner(token=issue_token(), is_new=True)


def _signature(bits: bytes) -> bytes:
    if not _secret:
        raise RuntimeError("services.carts.configure was not called")
    return hmac.digest(_secret, tenancy.current_tenant_id().bytes + bits, "sha256")[:16]


def issue_token() -> str:
    bits = secrets.token_bytes(16)
    return urlsafe_b64encode(bits + _signature(bits)).rstrip(b"=").decode()


def is_genuine(token: str) -> bool:
    """Did this store hand it out? Says nothing about whether there is a cart."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=")
    except ValueError:
        return False
    genuine = len(raw) == 32 and hmac.compare_digest(raw[16:], _signature(raw[:16]))
    return genuine and urlsafe_b64encode(raw).rstrip(b"=").decode() == token


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def _query(is_account: bool, lock: bool) -> Any:
    owner = (
        Cart.user_id == bindparam("owner", type_=Id())
        if is_account
        else Cart.token_hash == bindparam("owner")
    )
    query = select(Cart).where(owner)
    return reused(query.with_for_update().execution_options(populate_existing=True) if lock else query)


def find_cart(owner: Owner, *, lock: bool = False) -> Cart | None:
    found = db.session.scalar(
        _query(owner.user_id is not None, lock), {"owner": owner.user_id or owner.token_hash}
    )
    return cast(Cart | None, found)


def lock_cart(owner: Owner) -> Cart:
    """The owner's cart, locked; made where there is none. Two first clicks at once make one cart."""
    cart = (None if owner.is_new else find_cart(owner, lock=True)) or make_cart(owner)
    cart = cart or find_cart(owner, lock=True)
    if cart is None:
        raise RuntimeError("a cart was made and is not there")
    return cart


def make_cart(owner: Owner) -> Cart | None:
    """A new cart; None where another click was first."""
    if owner.is_new:
        return _insert(owner)
    with suppress(IntegrityError), db.session.begin_nested():
        return _insert(owner)
    return None


def touch(cart: Cart) -> None:
    """Carts are kept and swept by the time of their last change, and every change moves it."""
    cart.updated_at = _later_than(cart.updated_at)


def touch_unchanged(cart: Cart, **values: Any) -> bool:
    """Lock the cart and touch it (and write `values`), where nobody has since it was read."""
    now = {"updated_at": _later_than(cart.updated_at), **values}
    asked = {
        "cart": cart.id,
        "seen": cart.updated_at,
        **{f"new_{name}": value for name, value in now.items()},
    }
    return getattr(db.session.execute(_touching(tuple(now)), asked), "rowcount", 0) == 1


@cache
def _touching(names: tuple[str, ...]) -> Any:
    seen = Cart.updated_at == bindparam("seen", type_=UtcTime())
    change = update(Cart).where(Cart.id == bindparam("cart", type_=Id()), seen)
    change = change.values({name: bindparam(f"new_{name}") for name in names})
    return reused(change.execution_options(synchronize_session=False))


def _later_than(seen: datetime) -> datetime:
    return max(clock.now(), seen + timedelta(microseconds=1))


def _insert(owner: Owner) -> Cart:
    cart = Cart(user_id=owner.user_id, token_hash=owner.token_hash)
    db.session.add(cart)
    db.session.flush()
    return cart
