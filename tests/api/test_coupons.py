"""Coupons over the API."""

import pytest

from models.promotions import Offered
from services import tenants
from tests import cast, make

COUPON = {
    "code": "Spring",
    "type": "percentage",
    "value": "12.5",
    "minimum_amount": "20.00",
    "usage_limit": 100,
}


@pytest.fixture
def mia(api):
    return api.as_(cast.MIA)


def test_a_coupon_is_made_read_changed_and_deleted(mia):
    made = mia.post("/api/coupons", json=COUPON)
    assert made.status_code == 201
    assert (made.json["value"], made.json["minimum_amount"], made.json["usage_count"]) == (
        "12.50",
        "20.00",
        0,
    )
    path = made.headers["Location"]
    changed = mia.put(path, json={"type": "fixed_amount", "value": "5.00", "minimum_amount": None})
    assert (changed.json["value"], changed.json["minimum_amount"], changed.json["usage_limit"]) == (
        "5.00",
        None,
        100,
    )
    assert mia.get("/api/coupons").json["total"] == 1
    assert mia.delete(path).status_code == 204
    assert mia.get("/api/coupons").json["items"] == []


def test_codes_are_unique_without_case(mia, everything):
    mia.post("/api/coupons", json=COUPON)
    before = everything()
    answer = mia.post("/api/coupons", json=COUPON | {"code": "  SPRING "})
    assert answer.status_code == 409
    assert answer.json["type"].endswith("/code-taken")
    assert everything() == before


def test_an_older_version_does_not_win(mia):
    path = mia.post("/api/coupons", json=COUPON).headers["Location"]
    assert mia.put(path, json={"version": 1, "value": "10"}).json["version"] == 2
    stale = mia.put(path, json={"version": 1, "value": "11"})
    assert stale.status_code == 409
    assert mia.get("/api/coupons").json["items"][0]["value"] == "10.00"


@pytest.mark.parametrize(("change", "field"), [
    ({"code": ""}, "code"),
    ({"type": "present"}, "type"),
    ({"type": "gift"}, "get_product_ids"),
    ({"type": "buy_x_get_y", "get_quantity": 1}, "buy_quantity"),
    ({"type": "free_shipping", "stacking": "order"}, "stacking"),
    ({"max_items": 2, "stacking": "order"}, "max_items"),
    ({"minimum_amount": "20.00", "maximum_amount": "10.00"}, "maximum_amount"),
    ({"emails": ["nobody"]}, "emails.0"),
    ({"segments": ["rich"]}, "segments.0"),
    ({"countries": ["XX"]}, "countries.0"),
    ({"tag_ids": [str(cast.ROAST)]}, "tag_ids"),
    ({"combines_with": ["all"]}, "combines_with.0"),
    ({"value": "100.01"}, "value"),
    ({"value": "0"}, "value"),
    ({"value": "1.234"}, "value"),
    ({"type": "fixed_amount", "value": "1.999"}, "value"),
    ({"usage_limit": 0}, "usage_limit"),
    ({"starts_at": "2026-05-02T00:00:00Z", "ends_at": "2026-05-01T00:00:00Z"}, "ends_at"),
    ({"product_ids": ["x"]}, "product_ids.0"),
    ({"product_ids": [str(cast.ROAST)]}, "product_ids"),
    ({"category_ids": [str(cast.ROAST)]}, "category_ids"),
    ({"usage_count": 5}, "usage_count"),
])  # fmt: skip
def test_bad_input_is_named_and_changes_nothing(mia, everything, change, field):
    before = everything()
    answer = mia.post("/api/coupons", json=COUPON | change)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json["errors"]}
    assert everything() == before


def test_anybody_may_try_a_code_and_learns_little(api, roast):
    make.coupon("TEN")
    make.coupon("BIG", minimum_amount=5000)
    mug = str(make.product(price=1000).id)

    def ask(**body):
        answer = api.post("/api/coupons/validate", json=body)
        assert answer.status_code == 200
        return answer.json

    good = ask(code="ten", items=[{"product_id": mug, "quantity": 2}])
    assert (good["valid"], good["discount"], good["coupon"]["code"]) == (True, "2.00", "TEN")
    assert ask(code="TEN", subtotal="50.00")["discount"] == "5.00"
    for answer, reason in ((ask(code="BIG", subtotal="10.00"), "minimum_not_reached"),
                           (ask(code="nope", subtotal="10.00"), "not_found"),
                           (ask(code="TEN"), "no_eligible_items")):  # fmt: skip
        assert (answer["valid"], answer["reason"], answer["coupon"]) == (False, reason, None)
    assert (
        api.post("/api/coupons/validate", json={"code": "TEN", "items": [{"product_id": "x"}]}).status_code
        == 422
    )


def test_another_store_neither_sees_nor_changes_it(api, mia, everything):
    path = mia.post("/api/coupons", json=COUPON).headers["Location"]
    rita = api.as_(cast.RITA)
    before = everything()
    assert rita.get("/api/coupons").json["items"] == []
    assert rita.put(path, json={"value": "99"}).status_code == 404
    assert rita.delete(path).status_code == 404
    assert everything() == before
    with tenants.in_store(cast.RIVAL):
        make.coupon("Spring", value=100)  # the same code is free in another store


def test_every_kind_can_be_made_and_comes_back_as_it_was_sent(mia, roast):
    mug = str(make.product().id)
    kinds = (
        {"type": "fixed_per_item", "value": "2.00", "max_items": 3},
        {"type": "buy_x_get_y", "value": "50.00", "buy_quantity": 2, "get_quantity": 1, "get_product_ids": [mug]},
        {"type": "gift", "get_product_ids": [mug], "minimum_amount": "30.00"},
        {"type": "free_shipping", "countries": ["PT", "ES"], "combines_with": ["order"]},
        {"type": "percentage", "value": "10.00", "stacking": "product", "segments": ["vip"], "emails": ["@example.com"],
         "once_per_order": True, "maximum_amount": "100.00", "minimum_quantity": 2},
    )  # fmt: skip
    for n, kind in enumerate(kinds):
        made = mia.post("/api/coupons", json={"code": f"K{n}", **kind})
        assert made.status_code == 201, made.json
        assert {name: made.json[name] for name in kind} == kind
        again = mia.put(made.headers["Location"], json={"description": "Changed"})
        assert {name: again.json[name] for name in kind} == kind


def test_what_applies_by_itself_is_in_the_cart_and_not_among_the_coupons(mia, api, roast, everything):
    rule = make.coupon("", offered=Offered.AUTOMATIC, name="Ten off")
    before = everything()
    assert mia.get("/api/coupons").json["items"] == []
    assert mia.put(f"/api/coupons/{rule.id}", json={"value": "99"}).status_code == 404
    assert mia.delete(f"/api/coupons/{rule.id}").status_code == 404
    assert everything() == before
    cart = api.post("/api/cart/items", json={"product_id": str(make.product(price=1000).id)}).json
    assert cart["discounts"] == [{"name": "Ten off", "code": None, "amount": "1.00"}]
    assert (cart["coupon"], cart["discount_total"], cart["total"], cart["hints"]) == (
        None,
        "1.00",
        "9.00",
        [],
    )
