"""The same form sent twice is one act: the form carries a key, and the second answer is the first one's."""

import hashlib
from collections.abc import Callable

from flask import Response, request

from kit.ids import parse_id
from services import idempotency
from web.auth import actor


def once(what: str, act: Callable[[], Response]) -> Response:
    """Run `act` once per key of this person. Its refusals and faults free the key, so that the corrected form may be
    sent again; without a key it just runs. Conflict `request-in-progress` while the first one is still at work."""
    key = parse_id(request.form.get("idempotency_key", ""))
    if key is None:
        return act()
    owner, endpoint = f"{actor().kind}:{actor().id}", f"{request.endpoint}:{what}"
    stored = idempotency.claim(owner, endpoint, str(key), _digest())
    if stored is not None:
        return Response(stored.body, stored.status, dict(stored.headers))
    try:
        response = act()
    except BaseException:
        idempotency.abandon(owner, endpoint, str(key))
        raise
    if response.status_code >= 400:
        idempotency.abandon(owner, endpoint, str(key))
        return response
    kept = {
        name: response.headers[name]
        for name in ("Location", "HX-Redirect", "Content-Type")
        if name in response.headers
    }
    idempotency.finish(owner, endpoint, str(key), response.status_code, kept, response.get_data())
    return response


def _digest() -> str:
    parts = sorted((name, value) for name, values in request.form.lists() for value in values)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
