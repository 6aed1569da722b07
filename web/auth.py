"""Who is there: Flask-Login for browsers (a cookie), Flask-JWT-Extended for the API (a bearer token). Both end in one
Actor, the frozen value that services take."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from flask import Flask, current_app, g, request, session
from flask_jwt_extended import JWTManager, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_login import current_user as login_current

from kit import clock
from kit.actor import GUEST, Actor, Role
from kit.errors import Unauthenticated
from kit.i18n import _
from kit.ids import parse_id
from models.accounts import PlatformUser, User
from services.accounts import impersonating, people, sessions, tokens
from services.accounts.impersonating import Visit
from services.orders import access as order_access

COOKIE_KINDS = {"user", "platform"}
IMPERSONATION = "impersonation"
SECOND_STEP_FOR = timedelta(minutes=10)  # between the password and the code


class SignedIn(UserMixin):
    """What Flask-Login keeps: kind, id, the version that ends all sessions when it moves on, and this session's own
    id, by which it can be ended alone. With a `visit`, somebody of the platform is here as this person."""

    def __init__(self, kind: str, person: User | PlatformUser, session_id: UUID, visit: Visit | None = None):
        self.kind = kind
        self.person = person
        self.session_id = session_id
        self.visit = visit

    def get_id(self) -> str:
        return f"{self.kind}:{self.person.id}:{self.person.token_version}:{self.session_id}"


def init_app(app: Flask) -> None:
    production = app.config["VITRINE"].is_production
    app.config.update(
        SESSION_COOKIE_NAME="__Host-session" if production else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=production,
        PERMANENT_SESSION_LIFETIME=30 * 24 * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,
        JWT_SECRET_KEY=app.config["SECRET_KEY"],
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ENCODE_NBF=False,
    )
    logins = LoginManager(app)
    logins.session_protection = None  # addresses of phones change; the cookie is host-only and versioned
    JWTManager(app)

    @logins.user_loader
    def load(cookie: str) -> SignedIn | None:
        kind, ident, version, session_id = [*cookie.split(":"), "", "", ""][:4]
        return _find_signed_in(kind, parse_id(ident), version, parse_id(session_id))


def _find_signed_in(kind: str, ident: UUID | None, version: str, session_id: UUID | None) -> SignedIn | None:
    """None where the session was ended, or the account is gone, disabled or (by the guard) of another store."""
    if ident is None or session_id is None:
        return None
    if kind == IMPERSONATION and g.get("store") is not None:
        found = impersonating.holder_of(ident, version, session_id)
        return SignedIn(kind, found[0], session_id, found[1]) if found else None
    if kind not in COOKIE_KINDS:
        return None
    if kind == "user" and g.get("store") is None:
        return None
    person = sessions.holder_of(kind, ident, version, session_id)
    return SignedIn(kind, person, session_id) if person else None


def actor() -> Actor:
    """The one who is there. A cookie is looked at by pages only, a token by the API only."""
    if "actor" not in g:
        g.actor = (
            _from_token()
            if request.blueprint == "api" or request.path.startswith("/api/")
            else _from_cookie()
        )
    return g.actor


def _traces() -> dict[str, Any]:
    return {
        "ip": request.remote_addr or "",
        "user_agent": request.user_agent.string[:300],
        "request_id": g.get("request_id", ""),
    }


def as_actor(kind: str, person: User | PlatformUser) -> Actor:
    return Actor(
        kind,
        id=person.id,
        role=Role(person.role),
        name=person.name,
        email=person.email,
        has_second_factor=person.two_factor_since is not None,
        **_traces(),
    )


def _from_cookie() -> Actor:
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return Actor(GUEST.kind, **_traces())
    signed_in = login_current._get_current_object()
    if not isinstance(signed_in, SignedIn):
        return Actor(GUEST.kind, **_traces())
    if signed_in.visit is not None:
        return _as_impersonator(signed_in.person, signed_in.visit)
    return as_actor(signed_in.kind, signed_in.person)


def _as_impersonator(person: User | PlatformUser, visit: Visit) -> Actor:
    """In the back office only: in the shop nobody of the platform buys, or reads, as somebody else. Whose own hand it
    is stands in the name, which is noted with what is done. The platform asks for a second factor at its own door."""
    if request.blueprint != "admin":
        return Actor(GUEST.kind, **_traces())
    who = as_actor("user", person)
    return replace(
        who, name=f"{who.name} · {visit.by_email}", has_second_factor=True, impersonator=visit.by_email
    )


def _from_token() -> Actor:
    header = request.headers.get("Authorization")
    if header is None:
        return Actor(GUEST.kind, **_traces())
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(_("The Authorization header must be “Bearer …”."), code="invalid-token")
    if order_access.looks_like_token(token):
        order_id = order_access.read_token(token)
        return Actor("order", order_id=order_id, **_traces())
    claims = claims_of(token)
    if claims.get("type") != "access":
        raise Unauthenticated(_("This is not an access token."), code="invalid-token")
    return _from_claims(claims)


def token_family() -> UUID | None:
    """The API sign-in that the caller's token belongs to."""
    actor()
    return g.get("token_family")


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token that this installation signed and that has not expired."""
    try:
        return decode_token(token)
    except (jwt.PyJWTError, JWTExtendedException, ValueError) as error:
        raise Unauthenticated(_("The token is not valid or has expired."), code="invalid-token") from error


def _from_claims(claims: dict[str, Any]) -> Actor:
    tenant, store = claims.get("tenant"), g.get("store")
    if tenant and (store is None or str(store.id) != tenant):
        raise Unauthenticated(_("This token is of another store."), code="invalid-token")
    person = tokens.holder_of(claims)
    if person is None:
        raise Unauthenticated(_("This token is no longer good; please sign in again."), code="invalid-token")
    g.token_family = parse_id(str(claims["fam"]))
    return as_actor("user" if tenant else "platform", person)


def start_session(kind: str, person: User | PlatformUser, *, proved: bool = True) -> None:
    """Sign a browser in. The session is made anew, so that a cookie planted before is worth nothing.

    `proved`: by a password just now, not by a link from elsewhere."""
    opened = sessions.open_browser(person, actor=as_actor(kind, person))
    _clear()
    session.permanent = True
    if proved:
        note_proof()
    login_user(SignedIn(kind, person, opened))
    g.actor = as_actor(kind, person)  # the cookie that says so is only now on its way
    g.pop("visitor", None)


def start_visit(person: User, visit: Visit) -> None:
    """Somebody of the platform is here as this person, until the browser is closed at the latest."""
    _clear()
    session.permanent = False
    login_user(SignedIn(IMPERSONATION, person, visit.id, visit))
    g.actor = _as_impersonator(person, visit)
    g.pop("visitor", None)


def visit() -> Visit | None:
    """The impersonation that goes on in this browser."""
    signed_in = this_session()
    return signed_in.visit if signed_in else None


def forget_visit_that_is_over() -> bool:
    """Was somebody of the platform here as a colleague, who no longer is? Answers so once: the cookie is made anew."""
    holder = str(session.get("_user_id") or "")
    if not holder.startswith(f"{IMPERSONATION}:") or this_session() is not None:
        return False
    _clear()
    return True


def _clear() -> None:
    """Everything goes but what a guest has put aside."""
    kept = {name: session[name] for name in ("cart", "wishes") if name in session}
    session.clear()
    session.update(kept)


def end_session() -> None:
    signed_in = this_session()
    if signed_in is not None and signed_in.visit is not None:
        impersonating.end(signed_in.visit, signed_in.person.id, actor=actor())
    elif signed_in is not None:
        sessions.close_browser(signed_in.kind, signed_in.session_id)
    logout_user()
    session.clear()
    g.pop("actor", None)


def this_session() -> SignedIn | None:
    """The browser's session that asks."""
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies and "_user_id" not in session:
        return None
    signed_in = login_current._get_current_object()
    return signed_in if isinstance(signed_in, SignedIn) else None


def session_id() -> UUID | None:
    signed_in = this_session()
    return signed_in.session_id if signed_in else None


# --- between the password and the code, and how long ago either was given --------------------------------------------


def await_code(kind: str, person: User | PlatformUser, *, proved: bool = True) -> None:
    """The password was right (or, not `proved`, a link from elsewhere); the code is still to come. Nobody is signed in
    by this."""
    _clear()
    session["second_step"] = [
        kind,
        str(person.id),
        person.token_version,
        int(clock.now().timestamp()),
        proved,
    ]


def first_step_proved() -> bool:
    """Was it a password that the code was asked for after? Where no code was, it was."""
    step = session.get("second_step", ())
    return bool(step[4]) if len(step) > 4 else True


def awaited() -> User | PlatformUser | None:
    """Whose code is waited for; None where that was too long ago, or their sessions have ended since."""
    kind, ident, version, asked = [*session.get("second_step", ()), None, None, None, None][:4]
    if (
        kind not in COOKIE_KINDS
        or asked is None
        or clock.now().timestamp() - asked > SECOND_STEP_FOR.total_seconds()
    ):
        return None
    person_id = parse_id(str(ident))
    if person_id is None or (kind == "platform") == people.in_some_store():
        return None
    with people.where_people_are():
        person = people.find_person(person_id, platform=kind == "platform")
    if person is None or not person.is_active or person.token_version != version:
        return None
    return person


def note_proof() -> None:
    session["proved_at"] = int(clock.now().timestamp())


def was_proved_within(span: timedelta) -> bool:
    """Has this browser's person given the password within this time?"""
    return clock.now().timestamp() - session.get("proved_at", 0) <= span.total_seconds()
