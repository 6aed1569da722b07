"""The second factor: a code from an authenticator app after the password, and recovery codes for when it is lost.

A code is good once and its clock may be 30 seconds off. Five wrong ones within a quarter of an hour, and no code is
looked at for a while: who gets that far knows the password, so nobody can be locked out by a stranger.
"""

import secrets
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from kit import clock, otp, seal
from kit.actor import GUEST, Actor, Role
from kit.crypto import token_hash
from kit.db import db, transaction
from kit.drafts import Draft, Text
from kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from kit.i18n import _
from kit.tenancy import every_tenant
from models.accounts import Factor, PlatformSecondFactor, PlatformUser, SecondFactor, User
from services import audit, outbox, tenants
from services.accounts import people, roles, tokens

TRIES, TRIES_IN = 5, timedelta(minutes=15)
RECOVERY_CODES = 10
PLATFORM_ISSUER = "Vitrine"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for one another

Owner = User | PlatformUser


class CodeDraft(Draft):
    code: Annotated[str, Text(40, min=1)]


@dataclass(frozen=True, slots=True)
class Setup:
    """What an app needs; shown only until the first code has confirmed it."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class State:
    is_on: bool
    codes_left: int
    is_required: bool


def state_of(*, actor: Actor) -> State:
    person = people.get_self(actor)
    with _where(person):
        factor = _find(person)
    on = factor is not None and factor.confirmed_at is not None
    return State(on, len(factor.recovery_hashes) if factor and on else 0, is_required_of(person))


def is_required_of(person: Owner) -> bool:
    """Does the store (for its staff) or the platform (for its people) ask for it? A store that does lets nobody work
    without; the platform's page only says so."""
    if isinstance(person, PlatformUser):
        return True
    return person.role is not Role.CUSTOMER and tenants.current().require_two_factor


def begin(*, actor: Actor) -> Setup:
    """A new secret, or the one that is being set up. Conflict `two-factor-on` where it is confirmed already."""
    person = people.get_self(actor)
    with _where(person):
        return _setup(person, _begin(person))


def find_setup(*, actor: Actor) -> Setup | None:
    """What is being set up, if anything is."""
    person = people.get_self(actor)
    with _where(person):
        factor = _find(person)
    return _setup(person, factor) if factor is not None and factor.confirmed_at is None else None


def _setup(person: Owner, factor: Factor) -> Setup:
    secret = seal.unseal(factor.sealed_secret)
    issuer = PLATFORM_ISSUER if isinstance(person, PlatformUser) else tenants.current().name
    return Setup(secret, otp.address(secret, account=person.email, issuer=issuer))


@transaction()
def _begin(person: Owner) -> Factor:
    factor = _find(person, lock=True)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict(_("Signing in with a code is switched on already."), code="two-factor-on")
    if factor is None:
        kind: Any = SecondFactor if isinstance(person, User) else PlatformSecondFactor
        factor = kind(user_id=person.id, sealed_secret=seal.seal(otp.new_secret()), created_at=clock.now())
        db.session.add(factor)
        db.session.flush()
    return factor


def confirm(draft: CodeDraft, *, actor: Actor) -> list[str]:
    """Switch it on by the first code. Answers the recovery codes, which are never shown again; every session ends."""
    person = people.get_self(actor)
    with _where(person):
        codes = _confirm(person, draft.code, actor)
    if codes is None:
        raise _wrong()
    return codes


@transaction()
def _confirm(person: Owner, code: str, actor: Actor) -> list[str] | None:
    factor = _find(person, lock=True)
    if factor is None:
        raise Conflict(_("Scan the code with your app first."), code="two-factor-off")
    if factor.confirmed_at is not None:
        raise Conflict(_("Signing in with a code is switched on already."), code="two-factor-on")
    _insist_on_patience(factor)
    if not _takes_app_code(factor, code):
        _count_failure(factor)
        return None
    factor.confirmed_at = clock.now()
    person = _locked(person)
    person.two_factor_since = clock.now()
    codes = _put_recovery_codes(factor)
    tokens.end_all(person)
    _tell(person, "two_factor.enabled", actor)
    return codes


def check(person: Owner, code: str, *, actor: Actor) -> None:
    """Is this a good code of this person, from the app or a recovery code? It is spent by it.

    Raises Invalid on `code`, or TooMany after too many wrong ones; the count is kept either way.
    """
    with _where(person):
        if not _check(person, code, actor):
            raise _wrong()


@transaction()
def _check(person: Owner, code: str, actor: Actor) -> bool:
    factor = _find(person, lock=True)
    if factor is None or factor.confirmed_at is None:
        return False
    _insist_on_patience(factor)
    if _takes_app_code(factor, code):
        factor.failures, factor.failing_since = 0, None
        return True
    if _takes_recovery_code(factor, code):
        factor.failures, factor.failing_since = 0, None
        _tell(person, "two_factor.recovery_used", actor, left=len(factor.recovery_hashes))
        return True
    _count_failure(factor)
    return False


def new_recovery_codes(*, actor: Actor) -> list[str]:
    """Others instead of those that are left."""
    person = people.get_self(actor)
    with _where(person):
        return _new_recovery_codes(person, actor)


@transaction()
def _new_recovery_codes(person: Owner, actor: Actor) -> list[str]:
    factor = _find(person, lock=True)
    if factor is None or factor.confirmed_at is None:
        raise Conflict(_("Signing in with a code is not switched on."), code="two-factor-off")
    codes = _put_recovery_codes(factor)
    _tell(person, "two_factor.codes_renewed", actor)
    return codes


def switch_off(draft: CodeDraft, *, actor: Actor) -> None:
    """By a good code, and not where the store insists on it."""
    person = people.get_self(actor)
    if is_required_of(person):
        raise Conflict(_("This store asks everybody who works in it for a code."), code="two-factor-required")
    check(person, draft.code, actor=actor)
    with _where(person):
        _remove(person, "two_factor.disabled", actor)


@transaction()
def reset(user_id: UUID, *, actor: Actor) -> User:
    """Take a colleague's lost factor away: they come in by password and set it up anew. Never one's own."""
    user = people.get_user(user_id, lock=True)
    if not actor.is_at_least(Role.ADMIN):
        raise Forbidden(_("Only an admin can do this."))
    roles.insist_may_touch(user, actor)
    if user.id == actor.id:
        raise Forbidden(_("Your own is switched off in your account, with a code."))
    if user.role is Role.CUSTOMER and user.two_factor_since is None:  # who was a colleague may have kept one
        raise NotFound(_("There is no such colleague."))
    if user.two_factor_since is None:
        raise Conflict(_("Signing in with a code is not switched on."), code="two-factor-off")
    _remove(user, "two_factor.reset", actor)
    return user


def reset_of_platform(email: str, *, actor: Actor) -> None:
    """The same for one of the platform's people, from the terminal: in the console nobody stands above them."""
    with every_tenant():
        person = people.find_platform_person(email)
        if person.two_factor_since is None:
            raise Conflict(_("Signing in with a code is not switched on."), code="two-factor-off")
        _remove(person, "two_factor.reset", actor)


@transaction()
def _remove(person: Owner, what: str, actor: Actor) -> None:
    factor = _find(person, lock=True)
    if factor is not None:
        db.session.delete(factor)
    person = _locked(person)
    person.two_factor_since = None
    tokens.end_all(person)
    _tell(person, what, actor)


@transaction()
def require_of_staff(required: bool, *, actor: Actor) -> None:
    """The store's own rule. Conflict `two-factor-off` for an admin who would lock themselves out first."""
    tenant = tenants.row(lock=True)
    if required and actor.kind == "user" and not actor.has_second_factor:
        raise Conflict(_("Set up your own first; then it can be asked of everybody."), code="two-factor-off")
    if tenant.require_two_factor == required:
        return
    tenant.require_two_factor = required
    tenant.version += 1
    changes = {"require_two_factor": [not required, required]}
    audit.record("update", ("settings", tenant.id), actor=actor, changes=changes)
    tenants.forget()


# --- one factor ---------------------------------------------------------------------------------------------------


def _where(person: Owner) -> Any:
    return every_tenant() if isinstance(person, PlatformUser) else nullcontext()


def _find(person: Owner, *, lock: bool = False) -> Factor | None:
    kind: Any = SecondFactor if isinstance(person, User) else PlatformSecondFactor
    query = select(kind).where(kind.user_id == person.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Factor | None = db.session.scalar(query)
    return found


def _locked(person: Owner) -> Owner:
    found = people.find_person(person.id, platform=isinstance(person, PlatformUser), lock=True)
    if found is None:
        raise NotFound(_("There is no such account."))
    return found


def _takes_app_code(factor: Factor, code: str) -> bool:
    plain = "".join(code.split())
    step = otp.matching_step(seal.unseal(factor.sealed_secret), plain, clock.now(), after=factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    return True


def _takes_recovery_code(factor: Factor, code: str) -> bool:
    hashed = token_hash(_bare(code))
    if hashed not in factor.recovery_hashes:
        return False
    factor.recovery_hashes = [one for one in factor.recovery_hashes if one != hashed]
    return True


def _put_recovery_codes(factor: Factor) -> list[str]:
    codes = ["".join(secrets.choice(_LETTERS) for _n in range(16)) for _m in range(RECOVERY_CODES)]
    factor.recovery_hashes = [token_hash(code) for code in codes]
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def _bare(code: str) -> str:
    return "".join(sign for sign in code.casefold() if sign.isalnum())


def _insist_on_patience(factor: Factor) -> None:
    since = factor.failing_since
    if since is None or factor.failures < TRIES:
        return
    wait = (since + TRIES_IN - clock.now()).total_seconds()
    if wait > 0:
        raise TooMany(_("Too many wrong codes. Please wait a few minutes."), retry_after=int(wait) + 1)
    factor.failures, factor.failing_since = 0, None


def _count_failure(factor: Factor) -> None:
    now = clock.now()
    if factor.failing_since is None or factor.failing_since + TRIES_IN <= now:
        factor.failures, factor.failing_since = 0, now
    factor.failures += 1


def _wrong() -> Invalid:
    return Invalid.field("code", "wrong_code", _("This code is not right, or was used already."))


def _tell(person: Owner, what: str, actor: Actor, **more: Any) -> None:
    """The person by mail; of colleagues the log, too."""
    if not isinstance(person, User):
        return
    outbox.post("account.security_changed", user_id=person.id, what=what, **more)
    if person.role is not Role.CUSTOMER:
        by = people.as_actor(person, actor) if actor.kind == GUEST.kind or actor.id == person.id else actor
        audit.record(what, person, actor=by)
