import pytest

from tests.cast import CARL, CARLA, PAT, RUDI
from tests.services.test_addresses import HOME


def test_an_address_lives_through_the_api(api):
    me = api.as_(CARLA)
    made = me.post("/api/addresses", json=HOME)
    assert made.status_code == 201
    url = made.headers["Location"]
    assert url == f"/api/addresses/{made.json['id']}"
    assert made.json["is_default_shipping"] is True

    changed = me.put(url, json={"city": "Porto", "phone": None})
    assert (changed.status_code, changed.json["city"], changed.json["line1"]) == (200, "Porto", HOME["line1"])
    assert me.get("/api/addresses").json["total"] == 1
    assert me.delete(url).status_code == 204
    assert me.get("/api/addresses").json == {"items": [], "total": 0, "page": 1, "page_size": 20, "pages": 0}


@pytest.mark.parametrize("method", ["put", "delete"])
@pytest.mark.parametrize(("who", "host"), [(CARL, None), (RUDI, None), (PAT, "roast.localhost")])
def test_nobody_else_reaches_it(api, everything, method, who, host):
    url = api.as_(CARLA).post("/api/addresses", json=HOME).headers["Location"]
    door = api.as_(who, host=host)
    before = everything()
    kw = {"json": {"city": "x"}} if method == "put" else {}
    assert getattr(door, method)(url, **kw).status_code == 404
    assert everything() == before


@pytest.mark.parametrize(
    "path", ["/api/addresses/nonsense", "/api/addresses/018f0000-0000-7000-8000-0000000009ff"]
)
def test_a_malformed_id_is_as_unknown_as_an_unknown_one(api, path):
    assert api.as_(CARLA).put(path, json={"city": "x"}).status_code == 404
    assert api.as_(CARLA).delete(path).status_code == 404


def test_it_needs_a_token(api):
    assert api.get("/api/addresses").status_code == 401
    assert api.post("/api/addresses", json=HOME).status_code == 401
