"""Each endpoint does its job once in a filled store, and answers what its own description says of the answer."""

import re

import pytest
from jsonschema import Draft202012Validator

import api as api_face
from api.contract import ENDPOINTS, Endpoint
from api.openapi import description
from services import tenants
from tests import cast, make, till
from tests.api import world

api_face.load_rooms()
# These need Stripe beside the app.
AT_STRIPE = {"/checkout/create-session", "/payments/create-intent", "/payments/connect/onboard",
             "/payments/connect/balance", "/payments/connect/payout", "/payments/connect/transactions",
             "/payments/connect/payouts"}  # fmt: skip
# What their call wants comes by mail, or is signed by somebody else.
REFUSED = {
    ("POST", "/auth/reset-password"): 422,
    ("POST", "/webhooks/stripe"): 400,
    ("POST", "/payments/webhook"): 400,
}


def answers_of(it: Endpoint) -> dict:
    """What the description says of its answers."""
    name = f"{it.view.__module__.removeprefix('api.').replace('.', '_')}_{it.view.__name__}"
    operations = (o for item in description()["paths"].values() for o in item.values())
    return next(o["responses"] for o in operations if o["operationId"] == name)


def check(it: Endpoint, answer) -> None:
    """The answer against the description of its status."""
    told = answers_of(it).get(str(answer.status_code))
    assert told is not None, f"{answer.status_code} is not described: {answer.text[:500]}"
    if answer.status_code == 204:
        assert answer.data == b""
        return
    assert answer.mimetype in told["content"], f"{answer.mimetype} is not described"
    if "json" in answer.mimetype:
        schema = {**told["content"][answer.mimetype]["schema"], "components": description()["components"]}
        Draft202012Validator(schema).validate(answer.json)


def loose_objects(schema: dict, components: dict, at: str, seen: set[str]) -> list[str]:
    """Places where the description says no more than “an object”."""
    if ref := schema.get("$ref"):
        name = ref.rpartition("/")[2]
        return [] if name in seen else loose_objects(components[name], components, name, seen | {name})
    found = (
        [] if schema.get("type") != "object" or {"properties", "additionalProperties"} & set(schema) else [at]
    )
    below = [(f"{at}.{name}", one) for name, one in schema.get("properties", {}).items()]
    below += [(at, one) for one in schema.get("anyOf", [])] + (
        [(f"{at}[]", schema["items"])] if "items" in schema else []
    )
    return found + [place for name, one in below for place in loose_objects(one, components, name, seen)]


def call(it: Endpoint, api, ids):
    who = world.who_for(it)
    face = api.as_(who, host="roast.localhost") if who else api
    headers = {}
    if (it.method, it.path) == ("POST", "/auth/refresh"):
        pair = api.post("/api/auth/login", json={"email": cast.STAN.email, "password": cast.PASSWORD})
        headers = {"Authorization": f"Bearer {pair.json['refresh_token']}"}
    elif who is None and it.group in {"Cart", "Orders"}:
        headers = {"X-Session-ID": ids["session"]}
    query = {"/shipping/calculate": "?country=PT", "/reports/export": "?type=sales"}.get(it.path, "")
    path = world.address_of(it, ids) + (query if it.method == "GET" else "")
    return face.request(it.method, path, headers=headers, **world.body_of(it, ids))


def do(it: Endpoint, api, ids) -> None:
    """Call it and look at the answer."""
    if "variant_id" in it.path:
        ids = {**ids, "product_id": ids["shirt_id"]}
    answer = call(it, api, ids)
    assert answer.status_code == REFUSED.get((it.method, it.path), it.status), answer.text
    check(it, answer)
    if answer.status_code == 201:
        assert re.fullmatch(r"/api(/[A-Za-z0-9_.-]+)+", answer.headers["Location"])


HERE = [it for it in ENDPOINTS if it.path not in AT_STRIPE]
THERE = [it for it in ENDPOINTS if it.path in AT_STRIPE]


@pytest.mark.parametrize("it", HERE, ids=lambda it: f"{it.method} {it.path}")
def test_it_does_its_job_as_described(it, api, ids):
    do(it, api, ids)


@pytest.mark.parametrize("it", THERE, ids=lambda it: f"{it.method} {it.path}")
def test_it_does_its_job_at_stripe_as_described(it, api, sandbox, ids):
    with tenants.in_store(cast.ROAST):
        till.open_till(sandbox)
        till.paid(sandbox, make.order())
    do(it, api, ids)


def test_no_answer_is_described_as_just_an_object():
    components = description()["components"]["schemas"]
    found = []
    for path, item in description()["paths"].items():
        for method, operation in item.items():
            for told in operation["responses"].values():
                for kind, content in told.get("content", {}).items():
                    if kind == "application/json":
                        found += loose_objects(
                            content["schema"], components, f"{method.upper()} {path}", set()
                        )
    assert found == []
