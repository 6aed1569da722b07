"""Answers of the public catalogue: with a strong ETag, so that who has them already gets a 304."""

import hashlib
import re
from typing import Any

from flask import Response, request
from pydantic_core import to_json

from api.schemas.base import Out, envelope, present
from kit.paging import Page, whole

_VIEWS = re.compile(rb'"view_count":\d+')


def cacheable(thing: Any, answer: type[Out] | None = None) -> Response:
    """One object, or a page of them. What is made for a caller with a token is nobody else's."""
    if isinstance(thing, list):
        thing = whole(thing)
    body = to_json(envelope(thing, answer) if isinstance(thing, Page) else present(thing, answer))
    response = Response(body, mimetype="application/json")
    # Being looked at is no change: the number of views is left out.
    response.set_etag(hashlib.blake2b(_VIEWS.sub(b"", body), digest_size=16).hexdigest())
    is_own = "Authorization" in request.headers
    response.headers["Cache-Control"] = (
        "private, no-cache" if is_own else "public, max-age=0, s-maxage=30, stale-while-revalidate=60"
    )
    response.make_conditional(request)
    return response
