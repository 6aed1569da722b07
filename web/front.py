"""In front of the application: a kept page for who brings nothing is answered without it.

The store is still looked up, so what has changed is never served. Everything else (a cookie, a token, htmx, another
method, a page that is not there yet) goes on to the application, which tells this place what it has kept.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from werkzeug.wsgi import ClosingIterator

from kit import meters
from kit.cache import Cache
from services import tenants
from services.catalog import views
from services.tenants import Store
from web import cache
from web.headers import is_request_id
from web.watching import ROUTE

OWN = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_HX_REQUEST")
MADE_ANEW = frozenset({"x-request-id", "etag", "cache-control", "content-length", "content-encoding"})
STORE = "vitrine.store"
NOTE = "vitrine.kept"  # in the environ: what the application has to say about its answer
log = structlog.get_logger()


@dataclass(slots=True)
class Note:
    """`page`: how to find it (see cache.page_key). `product_id`: whose look is counted."""

    page: cache.PageName
    product_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Known:
    note: Note
    headers: tuple[tuple[str, str], ...]


def _host_of(environ: dict[str, Any]) -> str:
    host: str = environ.get("HTTP_HOST", "")
    return host.partition(":")[0].lower()


class Front:
    def __init__(self, app: Flask):
        self.app, self.wsgi = app, app.wsgi_app
        self.known = Cache(20_000)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or any(name in environ for name in OWN):
            return self.wsgi(environ, start_response)
        store = self._store(_host_of(environ))
        environ[STORE] = store  # looked up just now: the application need not ask again
        if store is None or not store.serves_shoppers or store.host != _host_of(environ):
            return self.wsgi(environ, start_response)
        address = (store.id, store.version, environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        known: Known | None = self.known.find(address)
        entry = cache.pages.get(cache.page_key(store, known.note.page)) if known else None
        if known is None or entry is None:
            return self.wsgi(environ, self._listening(address, environ, start_response))
        return self._serve(known, entry, store, environ, start_response)

    def _store(self, host: str) -> Store | None:
        if not host or host == tenants.platform_domain() or not self.app.config["VITRINE"].page_cache:
            return None
        try:
            with self.app.app_context():
                return tenants.find_by_host(host)
        except Exception:  # the application has a page for that
            log.exception("no look at the store")
            return None

    def _listening(
        self, address: tuple[Any, ...], environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Callable[..., Any]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            note = environ.get(NOTE)
            if (
                note is not None
                and status.startswith("200")
                and not any(n == "Set-Cookie" for n, _v in headers)
            ):
                kept = tuple((n, v) for n, v in headers if n.lower() not in MADE_ANEW)
                self.known.put(address, Known(note, kept))
            return start_response(status, headers, *error)

        return start

    def _serve(
        self,
        known: Known,
        entry: cache.Entry,
        store: Store,
        environ: dict[str, Any],
        start_response: Callable[..., Any],
    ) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        environ[ROUTE] = "kept page"
        meters.page(kept=True)
        headers = [
            *known.headers,
            ("X-Request-ID", given if is_request_id(given) else secrets.token_hex(12)),
            ("ETag", f'"{entry.etag}"'),
            ("Cache-Control", cache.control_of(entry)),
        ]
        if cache.is_had(environ.get("HTTP_IF_NONE_MATCH", ""), entry.etag):
            headers = [(n, v) for n, v in headers if n != "Content-Type"]
            status, body = "304 NOT MODIFIED", b""
        else:
            status, body = "200 OK", entry.body
            if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
                body = entry.packed
                headers.append(("Content-Encoding", "gzip"))
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        if known.note.product_id is None:
            return [body]
        views.count(known.note.product_id, store.id)
        return ClosingIterator([body], self.app.extensions["vitrine_write_counts"])


def init_app(app: Flask) -> None:
    @app.after_request
    def tell(response: Response) -> Response:
        if "kept_page" in g:
            request.environ[NOTE] = Note(g.kept_page, g.get("looked_at"))
        return response

    app.wsgi_app = Front(app)  # type: ignore[method-assign]
