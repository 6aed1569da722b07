"""The platform's doors: open to its people on every host, and not shown to anybody else."""

import pytest

from tests.api.test_auth import sign_in
from tests.cast import ALICE, CARLA, PAT, ROAST
from tests.services.test_platform import BAKERY

DOORS = [("get", "/dashboard"), ("get", "/tenants"), ("post", "/tenants"), ("get", f"/tenants/{ROAST}"),
         ("get", f"/tenants/{ROAST}/detail"), ("get", f"/tenants/{ROAST}/users"), ("put", f"/tenants/{ROAST}"),
         ("put", f"/tenants/{ROAST}/suspend"), ("post", f"/tenants/{ROAST}/suspend"),
         ("put", f"/tenants/{ROAST}/activate"), ("post", f"/tenants/{ROAST}/activate"),
         ("delete", f"/tenants/{ROAST}")]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_nobody_else_finds_the_platforms_doors(api, everything, method, path):
    alice, carla = api.as_(ALICE), api.as_(CARLA)
    outside = api.as_(ALICE, host="localhost")
    before = everything()
    for door, status in ((alice, 404), (carla, 404), (api, 404), (outside, 403)):
        answer = getattr(door, method)(f"/api/sysadmin{path}")
        assert answer.status_code == status, answer.text
    assert type(api)(api.app, "localhost").request(method.upper(), f"/api/sysadmin{path}").status_code == 401
    assert everything() == before


@pytest.mark.parametrize("host", ["localhost", "roast.localhost"])
def test_a_store_lives_through_the_platforms_api(api, host):
    pat = api.as_(PAT, host=host)
    made = pat.post("/api/sysadmin/tenants", json=BAKERY)
    assert made.status_code == 201, made.text
    url = made.headers["Location"]
    assert (made.json["slug"], made.json["status"], made.json["currency"]) == ("bakery", "active", "EUR")
    assert "Fresh-Bread-1" not in made.text

    anna = type(api)(api.app, "bakery.localhost")
    signed_in = anna.post("/api/auth/login", json={"email": "anna@bakery.test", "password": "Fresh-Bread-1"})
    assert signed_in.json["user"]["role"] == "admin"

    changed = pat.put(
        url, json={"plan": "growth", "addons": ["wishlist"], "custom_domain": "bakery.example.com"}
    )
    assert (changed.status_code, changed.json["custom_domain_verified"]) == (200, True), changed.text
    own = type(api)(api.app, "bakery.example.com").with_token(signed_in.json["access_token"])
    assert own.get("/api/auth/me").status_code == 200

    assert pat.get(f"{url}/detail").json["stats"]["users"] == 1
    assert pat.get(f"{url}/users").json["items"][0]["email"] == "anna@bakery.test"
    assert pat.get("/api/sysadmin/tenants?search=bakery&sort_by=name&sort_order=asc").json["total"] == 1

    for method in ("put", "post"):
        assert getattr(pat, method)(f"{url}/suspend", json={"reason": "unpaid"}).json["status"] == "suspended"
        assert anna.get("/api/storefront/branding").status_code == 503
        assert getattr(pat, method)(f"{url}/activate").json["status"] == "active"
        assert anna.get("/api/storefront/branding").status_code == 200
    assert pat.put(f"{url}/suspend").json["status"] == "suspended"
    assert pat.delete(url).status_code == 204
    assert anna.get("/api/storefront/branding").status_code == 404
    assert pat.get(url).json["status"] == "deleted"


def test_refusals(api, everything):
    pat = api.as_(PAT)
    before = everything()
    assert pat.post("/api/sysadmin/tenants", json={**BAKERY, "slug": "roast"}).status_code == 409
    assert pat.post("/api/sysadmin/tenants", json={**BAKERY, "slug": "www"}).status_code == 422
    assert pat.put(f"/api/sysadmin/tenants/{ROAST}", json={"plan": "gold"}).status_code == 422
    assert pat.put(f"/api/sysadmin/tenants/{ROAST}", json={"nonsense": 1}).status_code == 422
    assert pat.put(f"/api/sysadmin/tenants/{ROAST}", json={"name": "x", "version": 0}).status_code == 409
    assert pat.get("/api/sysadmin/tenants?status=gone").status_code == 422
    for path in (f"/api/sysadmin/tenants/{CARLA.id}", "/api/sysadmin/tenants/nonsense"):
        assert pat.get(path).status_code == 404
        assert pat.put(path, json={"name": "x"}).status_code == 404
        assert pat.delete(path).status_code == 404
    assert everything() == before


def test_the_dashboard_has_numbers(api):
    numbers = api.as_(PAT).get("/api/sysadmin/dashboard").json
    assert (numbers["mrr"], numbers["currency"], numbers["tenants"]["active"]) == ("38.00", "EUR", 2)
    assert len(numbers["points"]) == 12


def test_on_the_platforms_host_a_stores_token_says_which_store_is_meant(api):
    token = sign_in(api, ALICE).json["access_token"]
    outside = type(api)(api.app, "localhost").with_token(token)
    assert outside.get("/api/auth/me").json["tenant"]["slug"] == "roast"
    assert outside.get("/api/tenants/current").json["slug"] == "roast"
    assert type(api)(api.app, "localhost").get("/api/storefront/branding").status_code == 404
    assert api.as_(PAT).get("/api/customers").status_code == 404
