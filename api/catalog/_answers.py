"""Answers of the public catalogue: with a strong ETag, so that who has them already gets a 304."""

import hashlib
import re
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Response, current_app, g, request
from pydantic_core import to_json

from api.schemas.base import Out, envelope, present
from kit import clock
from kit.paging import Page, whole
from services.catalog import schedule
from web.cache import Entry, page_key, pages

_VIEWS = re.compile(rb'"view_count":\d+')
# Views are counted without a new version of the catalogue: a kept list may be that far behind them.
LONGEST = timedelta(minutes=1)


def cacheable(thing: Any, answer: type[Out] | None = None) -> Response:
    """One object, or a page of them. What is made for a caller with a token is nobody else's."""
    body = _json(thing, answer)
    return _finish(Response(body, mimetype="application/json"), _etag(body))


def kept(question: Hashable, make: Callable[[], Any], answer: type[Out] | None = None) -> Response:
    """The same, made once and kept until the catalogue changes. For what every shopper gets alike: `question` is all
    that the answer depends on besides the store, and `make` looks at no caller."""
    key = page_key(g.store, (True, request.path, question))
    keeps = current_app.config["VITRINE"].page_cache
    entry = pages.get(key) if keeps else None
    if entry is None:
        body = _json(make(), answer)
        ends_at = min(schedule.next_moment(), clock.now() + LONGEST)
        entry = Entry(body, _etag(body), ends_at)
        if keeps:
            pages.put(key, entry)
    if keeps and "gzip" in request.headers.get("Accept-Encoding", ""):
        response = Response(entry.packed, mimetype="application/json")
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(entry.body, mimetype="application/json")
    response.vary.add("Accept-Encoding")
    return _finish(response, entry.etag)


def _json(thing: Any, answer: type[Out] | None) -> bytes:
    if isinstance(thing, list):
        thing = whole(thing)
    if not isinstance(thing, Page):
        return to_json(present(thing, answer))
    if thing.items and isinstance(thing.items[0], bytes):  # made before, see _parts.py
        around = to_json(envelope(replace(thing, items=[]), None)).replace(b'"items":[]', b'"items":[%s]', 1)
        return around % b",".join(thing.items)
    return to_json(envelope(thing, answer))


def _etag(body: bytes) -> str:
    """Being looked at is no change: the number of views is left out."""
    return hashlib.blake2b(_VIEWS.sub(b"", body), digest_size=16).hexdigest()


def _finish(response: Response, etag: str) -> Response:
    response.set_etag(etag)
    is_own = "Authorization" in request.headers
    response.headers["Cache-Control"] = (
        "private, no-cache" if is_own else "public, max-age=0, s-maxage=30, stale-while-revalidate=60"
    )
    response.make_conditional(request)
    return response
