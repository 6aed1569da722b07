"""The API's tokens: a short access token, and a refresh token that is good once.

One sign-in is one family. A family ends by signing out, by the second use of a spent refresh token, and when the
person's `token_version` has moved past the family's (password, role, disabled account).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from sqlalchemy import delete, select, update

from kit import clock, tenancy
from kit.actor import GUEST, Actor
from kit.db import db, transaction
from kit.errors import Invalid, Unauthenticated
from kit.i18n import _
from kit.ids import parse_id, uuid7
from models.accounts import Channel, PlatformRefreshFamily, PlatformUser, RefreshFamily, User
from services.accounts import people

ACCESS_FOR = timedelta(minutes=15)
REFRESH_FOR = timedelta(days=30)
ALGORITHM = "HS256"
_keys: tuple[str, ...] = ()

Family = RefreshFamily | PlatformRefreshFamily


@dataclass(frozen=True, slots=True)
class TokenPair:
    access_token: str
    refresh_token: str
    expires_in: int  # seconds, of the access token
    person: User | PlatformUser


def configure(secret: str, fallbacks: tuple[str, ...] = ()) -> None:
    """Set once at start. Tokens signed with a fallback are still read, so that the secret can be changed."""
    global _keys
    _keys = (secret, *fallbacks)


@transaction()
def open_family(person: User | PlatformUser, traces: Actor, channel: Channel = Channel.API) -> Family:
    """Note a sign-in: from where, on what, and until when it is good."""
    now = clock.now()
    kind = RefreshFamily if isinstance(person, User) else PlatformRefreshFamily
    family = kind(
        id=uuid7(),
        user_id=person.id,
        channel=channel,
        current_jti=str(uuid4()),
        token_version=person.token_version,
        user_agent=traces.user_agent[:300],
        ip=traces.ip[:45],
        created_at=now,
        used_at=now,
        expires_at=now + REFRESH_FOR,
    )
    db.session.add(family)
    return family


def issue(person: User | PlatformUser, *, actor: Actor = GUEST) -> TokenPair:
    """A new sign-in for somebody whose identity was just proved."""
    with people.where_people_are():
        return _pair(person, open_family(person, actor))


def _pair(person: User | PlatformUser, family: Family) -> TokenPair:
    now = clock.now()
    claims: dict[str, Any] = {
        "sub": str(person.id),
        "role": str(person.role),
        "ver": person.token_version,
        "fam": str(family.id),
        "iat": now,
        "fresh": False,
    }
    if isinstance(person, User):
        claims["tenant"] = str(person.tenant_id)
    access = {**claims, "type": "access", "jti": str(uuid4()), "exp": now + ACCESS_FOR}
    refresh_ = {**claims, "type": "refresh", "jti": family.current_jti, "exp": family.expires_at}
    return TokenPair(_write(access), _write(refresh_), int(ACCESS_FOR.total_seconds()), person)


def sign(kind: str, good_for: timedelta, subject: UUID, **claims: Any) -> str:
    """A signed note for a link in a mail, e.g. that an address is confirmed; `read(note, kind=…)` gives it back."""
    moment = clock.now()
    return _write({**claims, "sub": str(subject), "type": kind, "jti": str(uuid4()), "exp": moment + good_for,
                   "tenant": str(tenancy.current_tenant_id())})  # fmt: skip


def _write(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, _keys[0], algorithm=ALGORITHM)


def read(token: str, *, kind: str = "access") -> dict[str, Any]:
    """The claims of a token of ours that has not expired; whether it was revoked is `holder_of`'s question."""
    claims = _claims(token)
    if claims is None or claims.get("type") != kind or claims["exp"] <= clock.now().timestamp():
        raise Unauthenticated(_("The token is not valid or has expired."), code="invalid-token")
    return claims


def subject_of(token: str, *, kind: str) -> UUID:
    """Whom or what the link of a mail is about. Unauthenticated where it is no good, or another store's."""
    claims = read(token, kind=kind)
    subject = parse_id(str(claims["sub"]))
    if subject is None or claims.get("tenant") != str(tenancy.current_tenant_id()):
        raise Unauthenticated(_("The token is not valid or has expired."), code="invalid-token")
    return subject


def subject_of_link(token: str, *, kind: str) -> UUID:
    """The same for a page that tells its reader so: Invalid where the link no longer works."""
    try:
        return subject_of(token, kind=kind)
    except Unauthenticated as error:
        raise dead_link() from error


def dead_link() -> Invalid:
    return Invalid.field("token", "invalid_token", _("This link no longer works."))


def _claims(token: str) -> dict[str, Any] | None:
    """What stands in a token that we signed, expired or not. Time is checked by our own clock."""
    for key in _keys:
        try:
            return jwt.decode(token, key, algorithms=[ALGORITHM], options={
                "require": ["exp", "sub", "jti"], "verify_exp": False, "verify_iat": False})  # fmt: skip
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError:
            return None
    return None


def store_of(token: str) -> UUID | None:
    """The store that a token of ours names, before anything else about it is believed."""
    claims = _claims(token)
    return parse_id(str(claims.get("tenant"))) if claims else None


def holder_of(claims: dict[str, Any]) -> User | PlatformUser | None:
    """The person whose token this is; None once it is worth nothing. One query, in the store we are in.

    A store's token is worth nothing in another store; a platform token is good everywhere.
    """
    tenant, subject, family_id = (
        claims.get("tenant"),
        parse_id(str(claims["sub"])),
        parse_id(str(claims.get("fam"))),
    )
    if subject is None or family_id is None:
        return None
    if tenant is None:
        with tenancy.every_tenant():
            return _live(PlatformUser, PlatformRefreshFamily, subject, family_id)
    if tenant != str(tenancy.scope()):
        return None
    return _live(User, RefreshFamily, subject, family_id)


def _live(person: Any, family: Any, person_id: UUID, family_id: UUID) -> Any:
    return db.session.scalar(
        select(person)
        .join(family, family.user_id == person.id)
        .where(
            person.id == person_id,
            person.is_active,
            family.id == family_id,
            family.revoked_at.is_(None),
            family.token_version == person.token_version,
        )
    )


def refresh(token: str) -> TokenPair:
    """A new pair for a refresh token, which is spent by it. A second use revokes the whole family."""
    claims = read(token, kind="refresh")
    platform = claims.get("tenant") is None
    if platform == people.in_some_store() or (not platform and claims["tenant"] != str(tenancy.scope())):
        raise _refused()
    with people.where_people_are():
        pair = _rotate(claims, platform=platform)
    if pair is None:  # raised out here, so that the revocation is kept
        raise _refused()
    return pair


@transaction()
def _rotate(claims: dict[str, Any], *, platform: bool) -> TokenPair | None:
    kind: Any = PlatformRefreshFamily if platform else RefreshFamily
    family_id, now = parse_id(str(claims.get("fam"))), clock.now()
    family: Family | None = db.session.get(kind, family_id, with_for_update=True) if family_id else None
    if family is None or family.revoked_at is not None or family.expires_at <= now:
        return None
    person = people.find_person(family.user_id, platform=platform)
    if person is None or not person.is_active or family.token_version != person.token_version:
        return None
    if family.current_jti != claims["jti"]:
        family.revoked_at = now
        return None
    family.current_jti, family.used_at = str(uuid4()), now
    return _pair(person, family)


def _refused() -> Unauthenticated:
    return Unauthenticated(_("This token is no longer good; please sign in again."), code="invalid-token")


def revoke(token: str) -> None:
    """End the sign-in that an access or refresh token belongs to. Silent where there is nothing to end."""
    claims = _claims(token)
    if claims is None:
        return
    tenant, family_id = claims.get("tenant"), parse_id(str(claims.get("fam")))
    if family_id is None or (tenant is not None and tenant != str(tenancy.scope())):
        return
    if tenant is None:
        with tenancy.every_tenant():
            end_family(PlatformRefreshFamily, family_id)
    else:
        end_family(RefreshFamily, family_id)


@transaction()
def end_family(kind: Any, family_id: UUID) -> None:
    db.session.execute(
        update(kind).where(kind.id == family_id, kind.revoked_at.is_(None)).values(revoked_at=clock.now())
    )


@transaction()
def end_all(person: User | PlatformUser, *, keep: UUID | None = None) -> None:
    """End every session of a person, in browsers too; `keep` names the one family that lives on."""
    person.token_version += 1
    kind: Any = RefreshFamily if isinstance(person, User) else PlatformRefreshFamily
    mine = (kind.user_id == person.id) & kind.revoked_at.is_(None)
    if keep is not None:
        db.session.execute(
            update(kind).where(mine, kind.id == keep).values(token_version=person.token_version)
        )
        mine &= kind.id != keep
    db.session.execute(update(kind).where(mine).values(revoked_at=clock.now()))


@transaction()
def forget_expired(before: datetime) -> int:
    """Delete families that ended before `before`; run inside `every_tenant()` by the clock."""
    gone = 0
    for kind in (RefreshFamily, PlatformRefreshFamily):
        gone += db.session.execute(delete(kind).where(kind.expires_at < before)).rowcount  # type: ignore[attr-defined]
    return gone
