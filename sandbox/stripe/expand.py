"""`expand[]`: ids in an answer replaced by the objects they name."""

from typing import Any

from .core import Sandbox
from .errors import StripeError

# Lists that an answer leaves out until asked: (kind, field) → how to fill it.
_LISTS = {("checkout.session", "line_items"), ("charge", "refunds")}


def expand(sandbox: Sandbox, body: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    for path in paths:
        parts = path.split(".")
        if len(parts) > 4:
            raise _refuse(path, "You can expand up to four levels deep.")
        if body.get("object") == "list":
            if parts[0] != "data" or len(parts) < 2:
                raise _refuse(path, "Expansions of lists begin with `data.`")
            for item in body["data"]:
                _walk(sandbox, item, parts[1:], path)
        else:
            _walk(sandbox, body, parts, path)
    return body


def _walk(sandbox: Sandbox, body: dict[str, Any], parts: list[str], path: str) -> None:
    name, *rest = parts
    kind = body.get("object", "")
    if (kind, name) in _LISTS:
        if name not in body:
            body[name] = _list(sandbox, body, name)
    else:
        _replace(sandbox, body, name, path)
    value = body.get(name)
    if not rest or value is None:
        return
    if not isinstance(value, dict):
        raise _refuse(path)
    if rest[0] == "data" and value.get("object") == "list" and len(rest) > 1:
        for item in value["data"]:
            _walk(sandbox, item, rest[1:], path)
    else:
        _walk(sandbox, value, rest, path)


def _replace(sandbox: Sandbox, body: dict[str, Any], name: str, path: str) -> None:
    schema = sandbox.facts.schemas.get(body.get("object", ""), {}).get("properties", {}).get(name)
    branches = (schema or {}).get("anyOf", [])
    if not any("$ref" in branch for branch in branches):
        raise _refuse(path)
    value = body.get(name)
    if not isinstance(value, str):
        return
    row = sandbox.store.row(value)
    found = sandbox.store.get(row["kind"], None, value) if row else None
    if found is None:
        raise _refuse(path, "The sandbox does not keep this object.")
    body[name] = found


def _list(sandbox: Sandbox, body: dict[str, Any], name: str) -> dict[str, Any]:
    if name == "line_items":
        items = sandbox.store.hidden(body["id"]).get("lines", [])
        url = f"/v1/checkout/sessions/{body['id']}/line_items"
    else:
        account = sandbox.store.owner(body["id"])
        items = sandbox.store.find("refund", account, charge=body["id"])[::-1]
        url = f"/v1/charges/{body['id']}/refunds"
    return {"object": "list", "data": items[:10], "has_more": len(items) > 10, "url": url}


def _refuse(path: str, hint: str = "") -> StripeError:
    return StripeError(f"This property cannot be expanded ({path}). {hint}".strip(), param="expand[0]")
