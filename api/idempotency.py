"""Idempotency-Key on the calls that move money or stock: the same call twice is one call."""

import hashlib
import json
from collections.abc import Callable

from flask import Response, g, request

from kit.actor import Actor
from kit.errors import Invalid, ShopError
from kit.i18n import _
from services import idempotency
from web.auth import actor
from web.errors import as_problem
from web.guest import cart_token

HEADERS_KEPT = ("Location", "X-Session-ID", "Content-Type")


def run(endpoint: str, call: Callable[[], Response]) -> Response:
    """Run the call once per key. A refusal is kept as the answer too; a fault of ours (5xx) frees the key."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return call()
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Invalid.field(
            "Idempotency-Key", "malformed", _("A key has 1 to 255 printable ASCII characters.")
        )
    owner = _owner(actor())
    digest = _digest()
    stored = idempotency.claim(owner, endpoint, key, digest)
    if stored is not None:
        replayed = Response(stored.body, stored.status, dict(stored.headers))
        replayed.headers["Idempotent-Replayed"] = "true"
        return replayed
    try:
        response = call()
    except ShopError as error:
        response = as_problem(error)
    except BaseException:
        idempotency.abandon(owner, endpoint, key)
        raise
    if response.status_code >= 500:
        idempotency.abandon(owner, endpoint, key)
        return response
    headers = {name: response.headers[name] for name in HEADERS_KEPT if name in response.headers}
    idempotency.finish(owner, endpoint, key, response.status_code, headers, response.get_data())
    return response


def _owner(who: Actor) -> str:
    """The caller owns the key: an account, an order's link, or a guest's session."""
    if who.id is not None:
        return f"{who.kind}:{who.id}"
    if who.order_id is not None:
        return f"order:{who.order_id}"
    return f"guest:{cart_token() or g.get('request_id')}"


def _digest() -> str:
    path = json.dumps([request.path, request.query_string.decode("latin-1")]).encode()
    return hashlib.sha256(path + request.get_data(cache=True)).hexdigest()
