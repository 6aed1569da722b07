"""Events and the addresses they are sent to."""

from fnmatch import fnmatchcase
from typing import Any

from .. import clock, ids, listing
from ..core import Sandbox, merge_metadata
from ..errors import invalid
from .accounts import require_url


def retrieve(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("event", account, id)


def list_(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    if params.get("types") or "*" in params.get("type", ""):
        return _matching(sandbox, account, params)
    return listing.page(sandbox.store, "event", account, params, "/v1/events", ("type",))


def _matching(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """`types=[…]` and `type=charge.*` cannot be one equality: page over what matches."""
    patterns = params.get("types") or [params["type"]]
    limit = params.get("limit", 10)
    found: list[dict[str, Any]] = []
    inner = {**params, "limit": 100}
    while True:
        part = listing.page(sandbox.store, "event", account, inner, "/v1/events")
        found += [event for event in part["data"] if any(fnmatchcase(event["type"], p) for p in patterns)]
        if len(found) > limit or not part["has_more"]:
            break
        inner["starting_after"] = part["data"][-1]["id"]
    return {
        "object": "list",
        "data": found[:limit],
        "has_more": len(found) > limit,
        "url": "/v1/events",
    }


# -- webhook endpoints ---------------------------------------------------------------


def create_endpoint(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    require_url(params["url"], "url")
    if not params["enabled_events"]:
        raise invalid("At least one event is needed", "enabled_events")
    secret = "whsec_" + ids.text(32)
    body = {
        "id": ids.new("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": None,
        "created": clock.now(),
        "description": params.get("description") or None,
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "status": "enabled",
        "url": params["url"],
    }
    hidden = {"secret": secret, "connect": params.get("connect", False)}
    sandbox.store.add("webhook_endpoint", account, body, hidden=hidden)
    # Only the answer to the creation shows the secret.
    return body | {"secret": secret}


def update_endpoint(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    body = sandbox.get("webhook_endpoint", account, id)
    if "url" in params:
        require_url(params["url"], "url")
    for name in ("url", "enabled_events", "description"):
        if name in params:
            body[name] = params[name]
    if "disabled" in params:
        body["status"] = "disabled" if params["disabled"] else "enabled"
    merge_metadata(body, params)
    return sandbox.store.save(body)


def delete_endpoint(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    sandbox.get("webhook_endpoint", account, id)
    sandbox.store.remove(id)
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


def retrieve_endpoint(sandbox: Sandbox, account: str, params: dict[str, Any], id: str) -> dict[str, Any]:
    return sandbox.get("webhook_endpoint", account, id)


def list_endpoints(sandbox: Sandbox, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return listing.page(sandbox.store, "webhook_endpoint", account, params, "/v1/webhook_endpoints")
