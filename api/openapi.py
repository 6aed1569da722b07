"""The description of the API, made from the declarations themselves: /api/openapi.json, and a page to read it."""

import re
from functools import cache
from typing import Any

from flask import Response, render_template
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from pydantic_core import to_json

from api.contract import ENDPOINTS, Endpoint, bp
from kit.actor import Role
from kit.slugs import PATTERN
from web.access import HOLDER, OPTIONAL, PUBLIC, SIGNED_IN, allow

REF = "#/components/schemas/{model}"
WORDS = {PUBLIC: "public", OPTIONAL: "Optional", SIGNED_IN: "Bearer", HOLDER: "Bearer", Role.STAFF: "Staff+",
         Role.MANAGER: "Manager+", Role.ADMIN: "Admin", Role.SYSADMIN: "SysAdmin"}  # fmt: skip
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `type` ends with a stable slug; `errors` names each wrong field.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {
            "type": "object", "required": ["field", "code", "message"],
            "properties": {name: {"type": "string"} for name in ("field", "code", "message")}}},
    },
}  # fmt: skip
SAYS = {400: "The body is not readable.", 401: "No token, or a bad one.",
        403: "The role or the plan does not allow it.", 404: "There is no such thing here.",
        409: "The state of things does not allow it.", 413: "Too large.",
        415: "Not the media type that is asked for.", 422: "Fields are wrong; `errors` names them.",
        429: "Asked too often; see Retry-After.", 503: "Closed, or not available at the moment."}  # fmt: skip
# Codes of refusals that are no conflict (409).
STATUS_OF = {"bad-signature": 400, "invalid-credentials": 401, "invalid-token": 401, "plan-limit-reached": 403,
             "feature-not-active": 403, "invalid": 422, "coupon-invalid": 422,
             "integration-not-configured": 503, "stripe-unavailable": 503, "store-suspended": 503}  # fmt: skip


def word_of(it: Endpoint) -> str:
    """The reference's word for who may call."""
    return WORDS[it.allow]


def path_of(rule: str) -> str:
    return "/api" + re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


@cache
def description() -> dict[str, Any]:
    refs, schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    names = _shared_names()
    for it in ENDPOINTS:
        path, renamed = _merged(path_of(it.path), names)
        paths.setdefault(path, {})[it.method.lower()] = _operation(it, path, renamed, refs)
    return _honest({
        "openapi": "3.1.0",
        "info": {"title": "Vitrine", "version": "1", "license": {"name": "MIT", "identifier": "MIT"},
                 "description": "The JSON API of a store. The store is chosen by the host. Amounts are text in the "
                 "store's currency; ids are opaque; times are UTC; a PUT changes the fields that it carries."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    })  # fmt: skip


def _honest(part: Any) -> Any:
    """A default is written as the caller would send it: minor units and grams are numbers inside only."""
    if isinstance(part, list):
        return [_honest(one) for one in part]
    if not isinstance(part, dict):
        return part
    is_text = part.get("type") == "string" or "anyOf" in part
    wrong = is_text and isinstance(part.get("default"), int) and not isinstance(part.get("default"), bool)
    return {name: _honest(one) for name, one in part.items() if not (wrong and name == "default")}


def _schemas() -> tuple[dict[Any, Any], dict[str, Any]]:
    wanted: list[tuple[type[BaseModel], Any]] = []
    for it in ENDPOINTS:
        wanted += [(model, "validation") for model in (it.body, it.query, it.files) if model is not None]
        if isinstance(it.answer, type) and issubclass(it.answer, BaseModel):
            wanted.append((it.answer, "serialization"))
    refs, found = models_json_schema(list(dict.fromkeys(wanted)), ref_template=REF)
    return refs, found.get("$defs", {})


def _shared_names() -> dict[str, set[str]]:
    """Paths that differ only in a parameter's name are one path item."""
    shapes: dict[str, set[str]] = {}
    for it in ENDPOINTS:
        path = path_of(it.path)
        shapes.setdefault(re.sub(r"{[^}]+}", "{}", path), set()).add(path)
    return shapes


def _merged(path: str, shapes: dict[str, set[str]]) -> tuple[str, dict[str, str]]:
    alike = shapes[re.sub(r"{[^}]+}", "{}", path)]
    if len(alike) == 1:
        return path, {}
    own, renamed = re.findall(r"{([^}]+)}", path), {}
    for n, name in enumerate(own):
        if len({re.findall(r"{([^}]+)}", other)[n] for other in alike}) > 1:
            renamed[name] = "id_or_slug"
            path = path.replace(f"{{{name}}}", "{id_or_slug}")
    return path, renamed


def _operation(it: Endpoint, path: str, renamed: dict[str, str], refs: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{it.view.__module__.removeprefix('api.').replace('.', '_')}_{it.view.__name__}",
        "tags": [it.group],
        "summary": it.summary,
        "description": f"Access: {word_of(it)}.",
        "parameters": _parameters(it, path, refs),
        "responses": _responses(it, refs),
    }
    if it.allow is not PUBLIC:
        operation["security"] = [{"bearer": []}] + ([{}] if it.allow is OPTIONAL else [])
    if it.body is not None:
        schema = refs[it.body, "validation"]
        operation["requestBody"] = {"required": not it.body_optional,
                                    "content": {"application/json": {"schema": _partial(it, schema)}}}  # fmt: skip
    elif it.files is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"multipart/form-data": {"schema": refs[it.files, "validation"]}},
        }
    elif it.raw:
        event = {"type": "object", "description": "The event, as the sender describes it."}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": event}}}
    return operation


def _partial(it: Endpoint, schema: dict[str, Any]) -> dict[str, Any]:
    """A PUT takes any of the fields: the draft's own, none of them required."""
    if not it.partial:
        return schema
    assert it.body is not None
    properties = it.body.model_json_schema(ref_template=REF)["properties"]
    extra = {"version": {"type": "integer"}} if it.versioned else {}
    return {"type": "object", "properties": {**properties, **extra}, "additionalProperties": False}


def _parameters(it: Endpoint, path: str, refs: dict[Any, Any]) -> list[dict[str, Any]]:
    found = [{"name": name, "in": "path", "required": True, "schema": _path_schema(name)}
             for name in re.findall(r"{([^}]+)}", path)]  # fmt: skip
    if it.query is not None:
        schema = it.query.model_json_schema(ref_template=REF)
        for name, about in schema.get("properties", {}).items():
            found.append(
                {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": about}
            )
    if it.idempotent:
        found.append(_header("Idempotency-Key", {"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}))
    if it.group == "Cart" or it.path in {"/orders/checkout", "/coupons/validate"}:
        found.append(_header("X-Session-ID", {"maxLength": 100}))
    if it.raw:
        found.append(_header("Stripe-Signature", {"description": "`t=…,v1=…` over the body as it was sent."}))
    return found


def _header(name: str, about: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string", **about}}


def _path_schema(name: str) -> dict[str, Any]:
    """What else is sent finds nothing: 404."""
    if name.endswith("_id"):
        return {"type": "string", "format": "uuid"}
    if name in {"slug", "id_or_slug"}:
        return {"type": "string", "pattern": PATTERN, "maxLength": 120}
    return {"type": "string", "minLength": 1}


def _codes(it: Endpoint) -> dict[int, list[str]]:
    """The statuses of its refusals, and by what codes each is told apart."""
    is_get = it.method == "GET"
    takes_body = it.body is not None or it.files is not None or it.raw
    found: dict[int, list[str]] = {404: [], 422: [], 429: [], 503: []}
    if not (it.own_token and it.allow is PUBLIC):
        found[401] = []  # who sends a token means it: a bad one is refused on public endpoints, too
    if not is_get or it.feature or it.allow not in (PUBLIC, OPTIONAL):
        found[403] = []
    if not is_get:
        found[409] = []
    if takes_body:
        found |= {400: [], 413: [], 415: []}
    for code in it.errors:
        found.setdefault(STATUS_OF.get(code, 409), []).append(code)
    if it.idempotent:
        found[409].append("request-in-progress")
        found[422].append("idempotency-key-reused")
    if it.feature:
        found[403].append("feature-not-active")
    if it.versioned and "stale-version" not in found[409]:
        found[409].append("stale-version")
    return found


def _responses(it: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {str(it.status): _success(it, refs)}
    if it.method == "GET" and it.path.endswith("<slug>"):
        answers["301"] = {"description": "It has another slug now; `Location` says which."}
    if it.method == "GET" and it.allow is PUBLIC:
        answers["304"] = {"description": "Not changed since the ETag that was sent."}
    for status, codes in sorted(_codes(it).items()):
        answers[str(status)] = {
            "description": SAYS[status] + (f" Codes: {', '.join(codes)}." if codes else ""),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if it.path == "/health":
        answers["503"] = {**_success(it, refs), "description": "Down."}
    return answers


def _success(it: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    if it.status == 204:
        return {"description": "Done."}
    schema: dict[str, Any] = {"type": "object"}
    if isinstance(it.answer, type) and issubclass(it.answer, BaseModel):
        schema = refs[it.answer, "serialization"]
    if it.many:
        numbers = {name: {"type": "integer"} for name in ("total", "page", "page_size", "pages")}
        schema = {"type": "object", "required": ["items", *numbers],
                  "properties": {"items": {"type": "array", "items": schema}, **numbers}}  # fmt: skip
    if it.media != "application/json":
        schema = {"type": "string"}
    answer: dict[str, Any] = {"description": "Created." if it.status == 201 else "The answer."}
    answer["content"] = {it.media: {"schema": schema}}
    return answer


@bp.get("/openapi.json")
@allow(PUBLIC)
def show_openapi() -> Response:
    response = Response(to_json(description()), mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/docs")
@allow(PUBLIC)
def show_docs() -> str:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in description()["paths"].items():
        for method, operation in item.items():
            groups.setdefault(operation["tags"][0], []).append(
                {"method": method.upper(), "path": path, **operation}
            )
    return render_template("api/docs.html", groups=groups, schemas=description()["components"]["schemas"])
