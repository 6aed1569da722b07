"""The wishlist endpoints: shapes, the addon before everything else, and the link that shows no person."""

import pytest

from kit.ids import uuid7
from tests import make
from tests.cast import ALICE, CARL, CARLA, RIVAL, RUDI
from tests.services.test_wishlists import switch_on


@pytest.fixture
def mug(roast) -> str:
    switch_on()
    return str(make.product("Mug", price=1290).id)


def test_add_list_check_and_remove(api, mug):
    me = api.as_(CARLA)
    added = me.post("/api/wishlist", json={"product_id": mug})
    assert added.status_code == 201
    assert added.headers["Location"].endswith(f"/api/wishlist/{mug}")
    assert added.json["product"]["id"] == mug
    assert added.json["product"]["current_price"] == "12.90"
    assert added.json["added_at"].endswith("Z")
    again = me.post("/api/wishlist", json={"product_id": mug})
    assert again.json == added.json
    page = me.get("/api/wishlist").json
    assert (page["total"], page["page"], page["pages"]) == (1, 1, 1)
    assert page["items"] == [added.json]
    assert me.get(f"/api/wishlist/check/{mug}").json == {"in_wishlist": True}
    assert api.as_(CARL).get(f"/api/wishlist/check/{mug}").json == {"in_wishlist": False}
    assert api.as_(CARL).get("/api/wishlist").json["items"] == []
    assert me.delete(f"/api/wishlist/{mug}").status_code == 204
    assert me.delete(f"/api/wishlist/{mug}").status_code == 404
    assert me.get("/api/wishlist").json["items"] == []


def test_a_shared_list_has_products_and_no_person(api, mug):
    me = api.as_(CARLA)
    me.post("/api/wishlist", json={"product_id": mug})
    shared = me.post("/api/wishlist/share")
    assert shared.status_code == 201
    token = shared.json["token"]
    assert shared.json["url"].startswith("http://roast.localhost")
    assert shared.json["url"].endswith(f"/wishlist/shared/{token}")
    assert me.post("/api/wishlist/share").json["token"] == token
    answer = api.get(f"/api/wishlist/shared/{token}")
    assert answer.status_code == 200
    assert [item["product"]["name"] for item in answer.json["items"]] == ["Mug"]
    assert set(answer.json["items"][0]) == {"product", "added_at"}
    for personal in (CARLA.email, "Carla", str(CARLA.id)):
        assert personal not in answer.text
    assert me.delete("/api/wishlist/share").status_code == 204
    assert api.get(f"/api/wishlist/shared/{token}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"product_id": "x"}, "unknown_id"),
        ({"product_id": str(uuid7())}, "unknown_id"),
        ({"product_id": None}, "unknown_id"),
        ({"product_id": str(uuid7()), "user_id": "x"}, "unknown_field"),
    ],
)
def test_bad_bodies_are_refused(api, mug, everything, body, code):
    me = api.as_(CARLA)
    before = everything()
    answer = me.post("/api/wishlist", json=body)
    assert answer.status_code == 422
    assert code in [error["code"] for error in answer.json["errors"]]
    assert everything() == before


def test_malformed_and_unknown_ids_are_404(api, mug):
    me = api.as_(CARLA)
    assert me.delete("/api/wishlist/x").status_code == 404
    assert me.get("/api/wishlist/check/x").status_code == 404
    assert me.get(f"/api/wishlist/check/{uuid7()}").status_code == 404
    assert api.get("/api/wishlist/shared/x").status_code == 404


def test_without_the_addon_it_is_403_whatever_is_sent(api, roast, everything):
    me = api.as_(CARLA)
    before = everything()
    answers = [
        me.get("/api/wishlist"),
        me.post("/api/wishlist", json={"nonsense": 1}),
        me.post("/api/wishlist", data="no json"),
        me.delete(f"/api/wishlist/{uuid7()}"),
        me.get(f"/api/wishlist/check/{uuid7()}"),
        me.post("/api/wishlist/share"),
        me.delete("/api/wishlist/share"),
        api.get("/api/wishlist/shared/x"),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert answer.json["type"].endswith("/feature-not-active")
    assert api.get("/api/wishlist").status_code == 401
    assert everything() == before


def test_the_other_store_gets_nothing(api, mug, everything):
    me = api.as_(CARLA)
    me.post("/api/wishlist", json={"product_id": mug})
    token = me.post("/api/wishlist/share").json["token"]
    switch_on(RIVAL)
    rudi = api.as_(RUDI)
    before = everything()
    assert rudi.post("/api/wishlist", json={"product_id": mug}).status_code == 422
    assert rudi.delete(f"/api/wishlist/{mug}").status_code == 404
    assert rudi.get(f"/api/wishlist/check/{mug}").status_code == 404
    assert rudi.get(f"/api/wishlist/shared/{token}").status_code == 404
    assert everything() == before


def test_staff_have_a_list_of_their_own(api, mug):
    assert api.as_(ALICE).post("/api/wishlist", json={"product_id": mug}).status_code == 201
    assert api.as_(CARLA).get("/api/wishlist").json["total"] == 0
