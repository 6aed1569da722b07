"""What answers carry besides their body: ETag, request id, limits, CORS, Allow."""

from dataclasses import replace

import pytest

import api as api_face
from api.contract import ENDPOINTS
from app import create_app
from kit.db import db
from tests import cast
from tests.api import world
from tests.browser_client import Api
from tests.queries import count_queries
from web.access import PUBLIC
from web.limits import limiter

api_face.load_rooms()
# Public, but no part of the catalogue: an answer to a question, the state of things, somebody's list.
NO_CATALOGUE = {"/shipping/calculate", "/health", "/wishlist/shared/<token>", "/plans/tenant/<uuid:tenant_id>/features",
                "/integrations/moloni/callback"}  # fmt: skip
PUBLIC_READING = [
    it for it in ENDPOINTS if it.method == "GET" and it.allow is PUBLIC and it.path not in NO_CATALOGUE
]


@pytest.mark.parametrize("it", PUBLIC_READING, ids=lambda it: it.path)
def test_the_public_catalogue_answers_304_to_who_has_it(it, api, ids):
    path = world.address_of(it, ids)
    first = api.get(path)
    etag = first.headers["ETag"]
    assert first.status_code == 200 and etag.startswith('"')
    assert first.headers["Cache-Control"].startswith("public")
    again = api.get(path, headers={"If-None-Match": etag})
    assert again.status_code == 304 and again.data == b"" and again.headers["ETag"] == etag
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    own = api.as_(cast.CARLA).get(path)
    assert own.headers["Cache-Control"].startswith("private") and "Authorization" in own.headers["Vary"]


@pytest.mark.parametrize("path", ["/api/products?page_size=20", "/api/storefront/products"])
def test_a_kept_list_costs_one_look_and_follows_every_change(path, api, ids):
    api.get(path)
    with count_queries() as queries:
        api.get(path)
    assert len(queries) == 1, queries
    etag = api.get(path).headers["ETag"]

    def espresso() -> dict:
        return next(p for p in api.get(path).json["items"] if p["id"] == ids["product_id"])

    mia = api.as_(cast.MIA)
    mia.put(f"/api/products/{ids['product_id']}", json={"price": "13.00", "sale_price": None})
    assert espresso()["price"] == "13.00"
    assert api.get(path, headers={"If-None-Match": etag}).status_code == 200
    left = espresso()["stock_quantity"]
    body = world.BODIES["POST /orders/checkout"](ids)
    placed = api.post("/api/orders/checkout", json=body, headers={"X-Session-ID": ids["session"]})
    assert placed.status_code == 201
    assert espresso()["stock_quantity"] == left - 2
    mia.delete(f"/api/products/{ids['product_id']}")
    assert ids["product_id"] not in [p["id"] for p in api.get(path).json["items"]]


def test_staff_see_in_the_list_what_shoppers_do_not(api, ids):
    path = "/api/products"
    api.as_(cast.MIA).put(f"/api/products/{ids['product_id']}", json={"is_active": False})
    assert ids["product_id"] in [p["id"] for p in api.as_(cast.STAN).get(path).json["items"]]
    for face in (api, api.as_(cast.CARLA)):
        assert ids["product_id"] not in [p["id"] for p in face.get(path).json["items"]]


def test_a_request_id_is_echoed_or_made(api):
    assert api.get("/api/tags", headers={"X-Request-ID": "mine-1"}).headers["X-Request-ID"] == "mine-1"
    assert len(api.get("/api/tags").headers["X-Request-ID"]) >= 16
    bad = api.get("/api/tags", headers={"X-Request-ID": "two words" * 50}).headers["X-Request-ID"]
    assert bad and "two words" not in bad
    assert api.get("/api/nowhere", headers={"X-Request-ID": "mine-2"}).headers["X-Request-ID"] == "mine-2"


def test_the_same_key_answers_the_same_and_says_so(api, ids):
    body = world.BODIES["POST /orders/checkout"](ids)
    headers = {"X-Session-ID": ids["session"], "Idempotency-Key": "once"}
    first = api.post("/api/orders/checkout", json=body, headers=headers)
    again = api.post("/api/orders/checkout", json=body, headers=headers)
    assert first.status_code == again.status_code == 201 and first.json == again.json
    assert "Idempotent-Replayed" not in first.headers
    assert (
        again.headers["Idempotent-Replayed"] == "true"
        and again.headers["Location"] == first.headers["Location"]
    )


def test_only_the_origins_that_the_store_lists_may_read(api):
    alice, origin = api.as_(cast.ALICE), "https://front.example.com"
    assert alice.put("/api/tenant/settings", json={"cors_origins": [origin]}).status_code == 200
    listed = api.get("/api/tags", headers={"Origin": origin})
    assert listed.headers["Access-Control-Allow-Origin"] == origin and "Origin" in listed.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in listed.headers
    other = api.get("/api/tags", headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in other.headers
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    asked = api.request("OPTIONS", "/api/products", headers={"Origin": origin, **wish})
    assert asked.status_code in (200, 204)
    assert asked.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    refused = api.post("/api/tags", json={"name": "X"}, headers={"Origin": origin})
    assert refused.status_code == 401 and refused.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize(("path", "wrong"), [("/api/products", "DELETE"), ("/api/cart/items", "GET"),
                                             ("/api/auth/login", "PUT"), ("/api/tags", "PATCH")])  # fmt: skip
def test_a_wrong_method_is_told_the_right_ones(path, wrong, api):
    answer = api.request(wrong, path)
    assert answer.status_code == 405 and answer.mimetype == "application/problem+json"
    allowed = {word.strip() for word in answer.headers["Allow"].split(",")}
    assert wrong not in allowed and allowed - {"OPTIONS"}
    assert answer.json["type"].endswith("/problems/method-not-allowed")


def test_head_is_get_without_a_body(api, ids):
    for path in ("/api/products", f"/api/products/{ids['products/slug']}", "/api/tags"):
        got, head = api.get(path), api.request("HEAD", path)
        assert head.status_code == 200 and head.data == b"" and head.headers["ETag"] == got.headers["ETag"]


@pytest.fixture
def limited(app, config, database):
    """The same app with its limits on. The limiter is one for the process, and goes back to what it was."""
    strict = create_app(replace(config, database_url=database.url, rate_limits=True))
    with strict.app_context():
        yield Api(strict)
        db.session.remove()
        db.engine.dispose()
    limiter.enabled = False


def test_who_asks_too_often_is_told_when_to_come_back(limited):
    first = limited.get("/api/tags")
    assert int(first.headers["RateLimit-Limit"]) > 0
    assert int(first.headers["RateLimit-Remaining"]) < int(first.headers["RateLimit-Limit"])
    assert int(first.headers["RateLimit-Reset"]) >= 0
    body = {"email": "nobody@roast.test", "password": "Wrong-Pass-1"}
    answers = [limited.post("/api/auth/login", json=body) for _ in range(21)]
    assert {answer.status_code for answer in answers} <= {401, 429}
    last = answers[-1]
    assert last.status_code == 429 and int(last.headers["Retry-After"]) > 0
    assert last.mimetype == "application/problem+json" and last.json["type"].endswith(
        "/problems/rate-limited"
    )
    other = Api(limited.app, "rival.localhost").post("/api/auth/login", json=body)
    assert other.status_code == 401, "limits are per store"
