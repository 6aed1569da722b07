"""Cut the facts the sandbox needs out of an OpenAPI document of Stripe's API.

    python -m sandbox.stripe.reduce_facts SPEC.json sandbox/stripe/facts.json.gz

Run it again when the SDK's pinned API version moves. Input: an OpenAPI 3.1
document with closed parameter objects (JSON Schema 2020-12). Output: one gzipped
JSON object with `version`, `operations` ("POST /v1/refunds" → names of the
parameter and answer schemas), `events` (type → schema of `data.object`) and
`schemas`. Descriptions are dropped; answer objects are closed, so that a
misspelled field in an answer is found.
"""

import gzip
import json
import sys
from typing import Any

OPERATIONS = """
POST /v1/checkout/sessions
GET /v1/checkout/sessions
GET /v1/checkout/sessions/{session}
POST /v1/checkout/sessions/{session}/expire
GET /v1/checkout/sessions/{session}/line_items
POST /v1/payment_intents
GET /v1/payment_intents
GET /v1/payment_intents/{intent}
POST /v1/payment_intents/{intent}
POST /v1/payment_intents/{intent}/cancel
POST /v1/payment_intents/{intent}/confirm
POST /v1/payment_intents/{intent}/capture
GET /v1/charges
GET /v1/charges/{charge}
POST /v1/refunds
GET /v1/refunds
GET /v1/refunds/{refund}
POST /v1/refunds/{refund}
POST /v1/accounts
GET /v1/accounts
GET /v1/accounts/{account}
POST /v1/accounts/{account}
GET /v1/account
POST /v1/account_links
POST /v1/accounts/{account}/login_links
GET /v1/balance
POST /v1/payouts
GET /v1/payouts
GET /v1/payouts/{payout}
GET /v1/balance_transactions
GET /v1/balance_transactions/{id}
GET /v1/disputes
GET /v1/disputes/{dispute}
POST /v1/disputes/{dispute}
POST /v1/disputes/{dispute}/close
GET /v1/events
GET /v1/events/{id}
GET /v1/application_fees
GET /v1/application_fees/{id}
POST /v1/webhook_endpoints
GET /v1/webhook_endpoints
GET /v1/webhook_endpoints/{webhook_endpoint}
POST /v1/webhook_endpoints/{webhook_endpoint}
DELETE /v1/webhook_endpoints/{webhook_endpoint}
"""
PREFIX = "#/components/schemas/"
KEPT = {"type", "properties", "required", "additionalProperties", "items", "enum",
        "anyOf", "$ref", "maxLength", "format", "const"}  # fmt: skip

# A deletion answers this alone; the description knows only the whole object.
_DELETED = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string"},
        "deleted": {"type": "boolean", "enum": [True]},
    },
    "required": ["deleted", "id", "object"],
    "additionalProperties": False,
}


def reduce_schema(schema: Any, closed: bool) -> Any:
    """`schema` without prose; with `closed`, objects that list fields allow no others."""
    if not isinstance(schema, dict):
        return schema
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if key not in KEPT:
            continue
        if key == "properties":
            value = {name: reduce_schema(v, closed) for name, v in value.items()}
        elif key == "anyOf":
            value = [reduce_schema(v, closed) for v in value]
        elif key in ("items", "additionalProperties"):
            value = reduce_schema(value, closed)
        elif key == "$ref":
            value = "#/schemas/" + value.removeprefix(PREFIX)
        out[key] = value
    if closed and "properties" in out and not schema.get("x-not-in-subset"):
        out.setdefault("additionalProperties", False)
    return out


def references(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        found = {schema["$ref"].rpartition("/")[2]} if isinstance(schema.get("$ref"), str) else set()
        return found.union(*(references(v) for v in schema.values()))
    if isinstance(schema, list):
        return set().union(*(references(v) for v in schema))
    return set()


def reduce(spec: dict[str, Any]) -> dict[str, Any]:
    operations = {}
    for line in OPERATIONS.split("\n"):
        if not line:
            continue
        method, path = line.split(" ")
        described = spec["paths"][path][method.lower()]
        body = described.get("requestBody", {}).get("content", {})
        params = body.get("application/x-www-form-urlencoded", {}).get("schema")
        answer = described["responses"]["200"]["content"]["application/json"]["schema"]
        operations[line] = {
            "params": reduce_schema(params or described.get("x-query-schema"), False),
            "answer": _DELETED if method == "DELETE" else reduce_schema(answer, True),
        }
    events = {kind: reduce_schema(schema, True) for kind, schema in spec["x-webhook-events"].items()}
    sources = spec["components"]["schemas"]
    schemas: dict[str, Any] = {}
    wanted = references([operations, events]) | {"event", "error_response"}
    while wanted:
        name = wanted.pop()
        schemas[name] = reduce_schema(sources[name], not name.startswith("params."))
        wanted |= references(schemas[name]) - schemas.keys()
    return {
        "version": spec["info"]["version"],
        "operations": operations,
        "events": events,
        "schemas": dict(sorted(schemas.items())),
    }


def main() -> None:
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        facts = reduce(json.load(file))
    text = json.dumps(facts, separators=(",", ":")).encode()
    with open(target, "wb") as out:
        # mtime=0: the same input gives the same bytes.
        out.write(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    main()
