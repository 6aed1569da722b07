"""Which store is asked? The host says it, and the request is inside that store until its end."""

from contextlib import ExitStack

from flask import Flask, Response, g, request

from kit.db import db
from kit.errors import Forbidden, NotFound, Unavailable
from kit.i18n import _, set_locale, translated
from services import tenants
from services.accounts import tokens
from services.tenants import Store

YEAR = 365 * 24 * 3600
ANYWHERE = ("/static/", "/media/", "/healthz", "/readyz", "/metrics")


def init_app(app: Flask) -> None:
    app.before_request(enter_store)
    app.after_request(keep_language)
    app.teardown_request(leave_store)


def host_of_request() -> str:
    return request.host.rpartition(":")[0].lower() if ":" in request.host else request.host.lower()


def is_platform_host() -> bool:
    return host_of_request() in {tenants.platform_domain(), "127.0.0.1", "[::1]"}


def enter_store() -> None:
    """Find the store by one query, and be inside it. The platform's own host is in no store."""
    g.store = None
    set_locale("en")
    if request.path.startswith(ANYWHERE):
        return
    if is_platform_host():
        store = _store_of_token()
        if store is None:
            g.locale = _wanted_locale(tuple(translated()), "en")
            set_locale(g.locale)
            return
    else:
        store = request.environ.get("vitrine.store") or tenants.find_by_host(host_of_request())
    if store is None:
        if request.path == "/api/health":  # asked by machines that know no store
            return
        raise NotFound(_("There is no store at this address."), code="unknown-store")
    stack = ExitStack()
    stack.enter_context(tenants.in_store(store))
    g.store_scope = stack
    g.store = store
    g.locale = _wanted_locale(store.languages or (store.locale,), store.locale)
    set_locale(g.locale)


def _store_of_token() -> Store | None:
    """On the platform's host a store's token says which store is meant. Whether it is good is asked later."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if not request.path.startswith("/api/") or scheme.lower() != "bearer":
        return None
    tenant_id = tokens.store_of(token)
    return tenants.find_by_id(tenant_id) if tenant_id else None


def leave_store(error: BaseException | None = None) -> None:
    """Runs before the app context (and with it the session) goes."""
    db.session.remove()
    if stack := g.pop("store_scope", None):
        stack.close()


def _wanted_locale(offered: tuple[str, ...], default: str | None = None) -> str:
    """`?lang=`, then the visitor's choice (a cookie), then the store's own language. Never guessed from headers:
    one address shows one page."""
    for wish in (request.args.get("lang"), request.cookies.get("lang")):
        if wish and wish in offered:
            return wish
    return default or offered[0]


def keep_language(response: Response) -> Response:
    """Who came by an address with `?lang=` stays in that language on the pages behind it. The back office has a
    choice of its own, and the API no cookies."""
    asked, store = request.args.get("lang"), g.get("store")
    if store is None or asked is None or asked != g.get("locale") or response.mimetype != "text/html":
        return response
    if request.path.startswith(("/api/", "/admin")) or request.cookies.get("lang", store.locale) == asked:
        return response
    response.set_cookie("lang", asked, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def current_store() -> Store:
    if g.get("store") is None:
        raise NotFound(_("There is no store at this address."), code="unknown-store")
    return g.store


def require_open_store(*, staff: bool, reading: bool) -> None:
    """A suspended store is closed to shoppers; its staff may read and not write. During maintenance shoppers stay
    outside and staff work on."""
    store = g.get("store")
    if store is None or store.serves_shoppers:
        return
    if not staff:
        code = "store-in-maintenance" if store.is_open else "store-suspended"
        raise Unavailable(_("This store is closed at the moment."), code=code, retry_after=3600)
    if not reading and not store.is_open:
        raise Forbidden(_("This store is suspended: nothing can be changed."), code="store-suspended")
