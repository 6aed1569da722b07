"""Pages kept ready, and 304s.

A public catalogue page is made once per (store, path, known parameters, locale, theme, catalogue version) and kept
until the store's next scheduled moment. A visitor with a cookie gets the same body with her own small header put
in, marked private.
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, wraps
from typing import Any

from flask import Flask, Response, current_app, g, request

from kit import cache as kept_answers
from kit import clock, meters
from services.catalog import schedule
from services.search import misses
from services.tenants import Store
from web import visitor
from web.apart import is_apart
from web.htmx import wants_fragment

# Between these two comments stands what is the visitor's own; the kept page has nobody's there.
OWN = {b"visitor": "header_html", b"flash": "flash_html"}
LONGEST = timedelta(minutes=10)
# A page within its store: whether it shows numbers left, locale, path, parameters, piece and its target.
PageName = tuple[Any, ...]


@dataclass(frozen=True)
class Entry:
    body: bytes
    etag: str
    ends_at: datetime

    @cached_property
    def packed(self) -> bytes:
        """The same, gzipped: made for the first who takes it so."""
        return gzip.compress(self.body, 6, mtime=0)

    @property
    def size(self) -> int:
        """About what it takes in memory, packed or not yet."""
        return len(self.body) * 5 // 4


class PageStore:
    """The least recently used pages go first. One per process; keys carry the catalogue's version, so that several
    processes need not talk to each other."""

    def __init__(self, limit: int = 64 * 1024 * 1024):
        self.limit, self.size = limit, 0
        self.entries: OrderedDict[tuple[Any, ...], Entry] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: tuple[Any, ...]) -> Entry | None:
        with self.lock:
            entry = self.entries.get(key)
            if entry is None:
                return None
            if entry.ends_at <= clock.now():
                self._drop(key)
                return None
            self.entries.move_to_end(key)
            return entry

    def put(self, key: tuple[Any, ...], entry: Entry) -> None:
        with self.lock:
            if key in self.entries:
                self._drop(key)
            self.entries[key] = entry
            self.size += entry.size
            while self.size > self.limit and self.entries:
                self._drop(next(iter(self.entries)))

    def _drop(self, key: tuple[Any, ...]) -> None:
        entry = self.entries.pop(key)
        self.size -= entry.size

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()
            self.size = 0


pages = PageStore()


def init_app(app: Flask) -> None:
    app.extensions["vitrine_clear"] = forget_all


def forget_all() -> None:
    """Everything that this process keeps in memory (a test's new database has old versions again)."""
    pages.clear()
    kept_answers.clear_all()
    misses.clear()


def cached_page(*known: str, stock: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a GET view of a public page. `known` are the query parameters that the page depends on; others change
    nothing and are no part of the key. `stock`: it also shows how many are left. The view returns a Response or its
    HTML; only a 200 is kept."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def serve(**kw: Any) -> Any:
            if is_apart():
                return _unkept(view, kw)
            name = _name(known, stock)
            key = page_key(g.store, name)
            entry = pages.get(key) if current_app.config["VITRINE"].page_cache else None
            meters.page(kept=entry is not None)
            if entry is None:
                g.is_kept = True  # nothing of the visitor may get into it (see web/visitor.py)
                try:
                    made = current_app.make_response(view(**kw))
                finally:
                    g.is_kept = False
                if made.status_code != 200:
                    return made
                entry = _keep(key, made.get_data())
            return _answer(entry, name)

        return serve

    return decorate


def _unkept(view: Callable[..., Any], kw: dict[str, Any]) -> Response:
    """For who sees the shop otherwise than everybody else: made for this one request."""
    made = current_app.make_response(view(**kw))
    if made.status_code != 200:
        return made
    return _private(Entry(made.get_data(), "", clock.now()))


def page_key(store: Store, name: PageName) -> tuple[Any, ...]:
    """The page as the store is now."""
    left = store.stock_version if name[0] and store.show_stock else 0
    return store.id, store.catalog_version, left, store.version, store.theme, name


def _name(known: tuple[str, ...], stock: bool) -> PageName:
    asked = tuple(
        (name, tuple(sorted(request.args.getlist(name)))) for name in (*known, "lang") if name in request.args
    )
    target = request.headers.get("HX-Target", "") if wants_fragment() else ""
    return stock, g.locale, request.path, asked, wants_fragment(), target


def _keep(key: tuple[Any, ...], body: bytes) -> Entry:
    ends_at = min(schedule.next_moment(), clock.now() + LONGEST)
    etag = hashlib.blake2b(body, digest_size=12).hexdigest()
    entry = Entry(body, etag, ends_at)
    if current_app.config["VITRINE"].page_cache and not g.get("is_passing"):  # see shop/listing_page.py
        pages.put(key, entry)
    return entry


def control_of(entry: Entry) -> str:
    """How long a proxy may keep it: not beyond the store's next moment."""
    seconds = max(0, min(60, int((entry.ends_at - clock.now()).total_seconds())))
    return f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate=60"


def is_had(given: str, etag: str) -> bool:
    """Is this the page that the caller has (If-None-Match)?"""
    return (
        any(tag.strip().removeprefix("W/").strip('"') == etag for tag in given.split(",")) if given else False
    )


def _answer(entry: Entry, name: PageName) -> Response:
    if visitor.is_known():
        return _private(entry)
    g.kept_page = name
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    if is_had(request.headers.get("If-None-Match", ""), entry.etag):
        response = Response(status=304)
    else:
        response = Response(entry.packed if packed else entry.body, mimetype="text/html")
        if packed:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = f'"{entry.etag}"'
    response.headers["Cache-Control"] = control_of(entry)
    response.headers["Vary"] = "Cookie, HX-Request, Authorization, Accept-Encoding"
    return response


def _private(entry: Entry) -> Response:
    """The kept page with this visitor's own header in it."""
    body = entry.body
    for name, renderer in OWN.items():
        before, found, rest = body.partition(b"<!--" + name + b"-->")
        if found:
            _nobody, _end, after = rest.partition(b"<!--/" + name + b"-->")
            body = before + getattr(visitor, renderer)().encode() + after
    etag = hashlib.blake2b(body, digest_size=12).hexdigest()
    if is_had(request.headers.get("If-None-Match", ""), etag):
        response = Response(status=304)
    else:
        response = Response(body, mimetype="text/html")
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, HX-Request, Authorization"
    return response
