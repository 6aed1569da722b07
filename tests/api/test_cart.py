"""The cart over the API: who a guest is, what each change answers, what a refusal leaves alone."""

import pytest

from tests import cast, make


@pytest.fixture
def mug(roast):
    return str(make.product("Mug", price=1290, stock=5).id)


class Guest:
    """Sends the session's id as a client does: the one that the first answer handed out."""

    def __init__(self, api):
        self.api, self.headers = api, {}

    def __getattr__(self, method):
        def call(path, **kw):
            answer = getattr(self.api, method)(path, headers=self.headers, **kw)
            if "X-Session-ID" in answer.headers:
                self.headers = {"X-Session-ID": answer.headers["X-Session-ID"]}
            return answer

        return call


@pytest.fixture
def guest(api):
    return Guest(api)


def test_a_guest_gets_a_session_and_keeps_the_cart_by_it(guest, mug):
    empty = guest.get("/api/cart")
    assert (empty.status_code, empty.json["items"], empty.json["total"]) == (200, [], "0.00")
    session = guest.headers["X-Session-ID"]
    added = guest.post("/api/cart/items", json={"product_id": mug, "quantity": 2})
    assert (added.status_code, added.json["item_count"]) == (200, 2)
    assert added.json["session_id"] == guest.headers["X-Session-ID"] == session
    line = guest.get("/api/cart").json["items"][0]
    assert line["product_id"] == mug
    assert (line["unit_price"], line["line_total"], line["available_quantity"]) == ("12.90", "25.80", 5)


def test_the_whole_of_a_carts_fields(guest, mug):
    body = guest.post("/api/cart/items", json={"product_id": mug}).json
    assert {"id", "session_id", "currency", "items", "item_count", "subtotal", "discount_total", "coupon", "tax_total",
            "shipping_total", "total", "warnings"} <= set(body)  # fmt: skip
    assert {"id", "product_id", "variant_id", "slug", "name", "sku", "options", "image_url", "unit_price",
            "compare_at_price", "quantity", "line_total", "available_quantity"} <= set(body["items"][0])  # fmt: skip
    assert (body["currency"], body["coupon"], body["warnings"]) == ("EUR", None, [])


def test_lines_are_changed_and_taken_out(guest, mug):
    item = guest.post("/api/cart/items", json={"product_id": mug}).json["items"][0]["id"]
    assert guest.put(f"/api/cart/items/{item}", json={"quantity": 4}).json["item_count"] == 4
    assert guest.put(f"/api/cart/items/{item}", json={"quantity": 0}).json["items"] == []
    item = guest.post("/api/cart/items", json={"product_id": mug}).json["items"][0]["id"]
    assert guest.delete(f"/api/cart/items/{item}").json["items"] == []


def test_more_than_there_is_is_a_409_that_says_how_many(guest, mug, everything):
    guest.post("/api/cart/items", json={"product_id": mug, "quantity": 4})
    before = everything()
    answer = guest.post("/api/cart/items", json={"product_id": mug, "quantity": 2})
    assert (answer.status_code, answer.json["available"]) == (409, 5)
    assert answer.json["type"].endswith("/out-of-stock")
    assert everything() == before


@pytest.mark.parametrize(("body", "field"), [
    ({}, "product_id"),
    ({"product_id": "x"}, "product_id"),
    ({"product_id": str(cast.ROAST)}, "product_id"),
    ({"product_id": "MUG", "quantity": 0}, "quantity"),
    ({"product_id": "MUG", "quantity": 1.5}, "quantity"),
    ({"product_id": "MUG", "quantity": "1"}, "quantity"),
    ({"product_id": "MUG", "price": "0.01"}, "price"),
    ({"product_id": "MUG", "variant_id": str(cast.ROAST)}, "variant_id"),
])  # fmt: skip
def test_bad_input_is_named_and_makes_no_cart(guest, mug, everything, body, field):
    before = everything()
    body = {name: mug if value == "MUG" else value for name, value in body.items()}
    answer = guest.post("/api/cart/items", json=body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == field
    assert everything() == before


def test_a_guessed_session_is_nobodys(api, mug, everything):
    before = everything()
    answer = api.get("/api/cart", headers={"X-Session-ID": "guess"})
    assert answer.json["items"] == []
    assert answer.headers["X-Session-ID"] != "guess"
    assert everything() == before


def test_another_guests_line_is_a_404(api, guest, mug, everything):
    item = guest.post("/api/cart/items", json={"product_id": mug}).json["items"][0]["id"]
    faces = (api, api.as_(cast.CARLA), api.as_(cast.ALICE))
    before = everything()
    for face in faces:
        assert face.put(f"/api/cart/items/{item}", json={"quantity": 2}).status_code == 404
        assert face.delete(f"/api/cart/items/{item}").status_code == 404
    assert everything() == before


def test_another_stores_product_is_unknown(api, mug, everything):
    rudi = api.as_(cast.RUDI)
    before = everything()
    answer = rudi.post("/api/cart/items", json={"product_id": mug})
    assert answer.status_code == 422
    assert everything() == before


def test_a_coupon_comes_and_goes(guest, mug, roast):
    make.coupon("TEN", description="Ten off")
    guest.post("/api/cart/items", json={"product_id": mug, "quantity": 2})
    body = guest.post("/api/cart/coupon", json={"code": "ten"}).json
    assert body["coupon"] == {"code": "TEN", "type": "percentage", "value": "10.00", "description": "Ten off"}
    assert (body["subtotal"], body["discount_total"], body["total"]) == ("25.80", "2.58", "23.22")
    assert guest.delete("/api/cart/coupon").json["total"] == "25.80"


def test_a_refused_coupon_has_a_reason(guest, mug):
    guest.post("/api/cart/items", json={"product_id": mug})
    answer = guest.post("/api/cart/coupon", json={"code": "nope"})
    assert (answer.status_code, answer.json["reason"]) == (422, "not_found")
    assert answer.json["type"].endswith("/coupon-invalid")


def test_a_guests_cart_is_merged_into_the_accounts(api, guest, mug):
    guest.post("/api/cart/items", json={"product_id": mug, "quantity": 3})
    session = guest.headers["X-Session-ID"]
    carla = api.as_(cast.CARLA)
    carla.post("/api/cart/items", json={"product_id": mug, "quantity": 1})
    for _ in range(2):
        answer = carla.post("/api/cart/merge", json={"session_id": session})
        assert (answer.status_code, answer.json["item_count"], answer.json["session_id"]) == (200, 3, None)
    assert guest.get("/api/cart").json["items"] == []
    assert carla.post("/api/cart/merge", json={"session_id": "guess"}).status_code == 422
    assert guest.post("/api/cart/merge", json={"session_id": session}).status_code == 401
