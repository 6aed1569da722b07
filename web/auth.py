"""Who is there: Flask-Login for browsers (a cookie), Flask-JWT-Extended for the API (a bearer token). Both end in one
Actor, the frozen value that services take."""

from typing import Any
from uuid import UUID

import jwt
from flask import Flask, current_app, g, request, session
from flask_jwt_extended import JWTManager, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_login import current_user as login_current

from kit.actor import GUEST, Actor, Role
from kit.db import db
from kit.errors import Unauthenticated
from kit.i18n import _
from kit.ids import parse_id
from kit.tenancy import every_tenant
from models.accounts import PlatformUser, User
from services.accounts import tokens
from services.orders import access as order_access

COOKIE_KINDS = {"user": User, "platform": PlatformUser}


class SignedIn(UserMixin):
    """What Flask-Login keeps: kind, id and the version that ends all sessions when it moves on."""

    def __init__(self, kind: str, person: User | PlatformUser):
        self.kind = kind
        self.person = person

    def get_id(self) -> str:
        return f"{self.kind}:{self.person.id}:{self.person.token_version}"


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
        kind, _, rest = cookie.partition(":")
        ident, _, version = rest.partition(":")
        person = find_person(kind, parse_id(ident))
        return SignedIn(kind, person) if person and str(person.token_version) == version else None


def find_person(kind: str, ident: UUID | None) -> User | PlatformUser | None:
    """The active account; None where it is gone, disabled or (by the guard) of another store."""
    if ident is None or kind not in COOKIE_KINDS:
        return None
    if kind == "platform":
        with every_tenant():
            person: User | PlatformUser | None = db.session.get(PlatformUser, ident)
    elif g.get("store") is None:
        return None
    else:
        person = db.session.get(User, ident)
    return person if person is not None and person.is_active else None


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
        kind, id=person.id, role=Role(person.role), name=person.name, email=person.email, **_traces()
    )


def _from_cookie() -> Actor:
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return Actor(GUEST.kind, **_traces())
    signed_in = login_current._get_current_object()
    if not isinstance(signed_in, SignedIn):
        return Actor(GUEST.kind, **_traces())
    return as_actor(signed_in.kind, signed_in.person)


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


def start_session(kind: str, person: User | PlatformUser) -> None:
    """Sign a browser in. The session is made anew, so that a cookie planted before is worth nothing."""
    kept = session.get("cart")
    session.clear()
    session.permanent = True
    if kept:
        session["cart"] = kept
    login_user(SignedIn(kind, person))
    g.actor = as_actor(kind, person)  # the cookie that says so is only now on its way
    g.pop("visitor", None)


def end_session() -> None:
    logout_user()
    session.clear()
    g.pop("actor", None)
