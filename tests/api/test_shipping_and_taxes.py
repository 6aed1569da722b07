"""What an admin sets up, and what anybody may ask."""

import pytest

from tests import cast


@pytest.fixture
def alice(api):
    return api.as_(cast.ALICE)


def test_zones_and_methods_are_made_changed_and_deleted(alice):
    zone = alice.post("/api/shipping/zones", json={"name": "Home", "countries": ["PT"]})
    assert (zone.status_code, zone.json["methods"]) == (201, [])
    method = alice.post(f"{zone.headers['Location']}/methods", json={
        "name": "CTT", "type": "weight_based", "free_above": "50.00",
        "rates": [{"up_to": "2", "price": "3.90"}, {"up_to": "10.5", "price": 7}]})  # fmt: skip
    assert method.status_code == 201
    assert method.json["rates"] == [{"up_to": "2.000", "price": "3.90"}, {"up_to": "10.500", "price": "7.00"}]
    changed = alice.put(method.headers["Location"], json={"name": "DPD", "free_above": None})
    assert (changed.json["name"], changed.json["free_above"], len(changed.json["rates"])) == ("DPD", None, 2)
    assert alice.put(zone.headers["Location"], json={"countries": ["PT", "ES"]}).json["name"] == "Home"
    assert alice.get("/api/shipping/zones").json["items"][0]["methods"][0]["name"] == "DPD"
    assert alice.delete(method.headers["Location"]).status_code == 204
    assert alice.delete(zone.headers["Location"]).status_code == 204
    assert alice.get("/api/shipping/zones").json["total"] == 0


def test_anybody_asks_what_sending_costs_by_get_and_by_post(api, alice):
    zone = alice.post(
        "/api/shipping/zones", json={"name": "Home", "countries": ["PT"], "postal_codes": ["10*"]}
    )
    alice.post(f"{zone.headers['Location']}/methods", json={
        "name": "CTT", "type": "flat_rate", "price": "4.90", "free_above": "50.00",
        "estimated_days_min": 1})  # fmt: skip
    got = api.get("/api/shipping/calculate?country=pt&postal_code=1050-100&weight=0.5&total=49.99").json
    assert got["zone"]["name"] == "Home"
    assert (got["items"][0]["price"], got["items"][0]["estimated_days_min"]) == ("4.90", 1)
    posted = api.post("/api/shipping/calculate", json={
        "country": "PT", "postcode": "1050-100", "weight": 0.5, "subtotal": 50})  # fmt: skip
    assert posted.json["items"][0]["price"] == "0.00"
    nowhere = api.get("/api/shipping/calculate?country=PT&postal_code=4000")
    assert (nowhere.status_code, nowhere.json["zone"], nowhere.json["items"]) == (200, None, [])


@pytest.mark.parametrize(
    "query", ["", "country=Portugal", "country=PT&weight=-1", "country=PT&total=x", "country=PT&x=1"]
)
def test_a_question_that_makes_no_sense_is_a_422(api, query):
    assert api.get(f"/api/shipping/calculate?{query}").status_code == 422


@pytest.mark.parametrize(("body", "field"), [
    ({"name": "X"}, "countries"),
    ({"name": "X", "countries": []}, "countries"),
    ({"name": "X", "countries": ["Portugal"]}, "countries.0"),
    ({"name": "X", "countries": ["PT"], "postal_codes": ["1*0"]}, "postal_codes.0"),
    ({"name": "", "countries": ["*"]}, "name"),
])  # fmt: skip
def test_a_bad_zone_is_named_and_not_made(alice, everything, body, field):
    before = everything()
    answer = alice.post("/api/shipping/zones", json=body)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json["errors"]}
    assert everything() == before


def test_tax_rules_are_made_changed_listed_and_deleted(alice):
    made = alice.post("/api/taxes", json={"name": "IVA", "country": "PT", "rate": "23"})
    assert (made.status_code, made.json["rate"], made.json["tax_class"]) == (201, "23.00", "standard")
    path = made.headers["Location"]
    assert alice.put(path, json={"rate": 22.5}).json["rate"] == "22.50"
    assert alice.put(path, json={"valid_to": "2026-12-31"}).json["valid_to"] == "2026-12-31"
    assert alice.get("/api/taxes").json["total"] == 1
    assert alice.delete(path).status_code == 204
    assert alice.put(path, json={"rate": "1"}).status_code == 404


def test_anybody_asks_for_the_tax_of_an_amount(api, alice):
    alice.post("/api/taxes", json={"name": "IVA", "country": "PT", "rate": "23"})
    question = {"tax_class": "standard", "country": "PT", "amount": "123.00"}
    included = api.post("/api/taxes/calculate", json=question).json
    assert (included["net"], included["tax"], included["gross"]) == ("100.00", "23.00", "123.00")
    on_top = api.post("/api/taxes/calculate", json={
        "tax_class": "standard", "country": "PT", "amount": 100, "prices_include_tax": False}).json  # fmt: skip
    assert (on_top["tax"], on_top["gross"], on_top["rate"]) == ("23.00", "123.00", "23.00")
    assert on_top["rules"][0]["amount"] == "23.00"


def test_the_other_stores_admin_finds_nothing_and_changes_nothing(api, alice, everything):
    zone = alice.post("/api/shipping/zones", json={"name": "Home", "countries": ["PT"]}).headers["Location"]
    method = alice.post(f"{zone}/methods", json={"name": "CTT", "type": "free"}).headers["Location"]
    rule = alice.post("/api/taxes", json={"name": "IVA", "country": "PT", "rate": "23"}).headers["Location"]
    rita = api.as_(cast.RITA)
    before = everything()
    for path in (zone, method, rule):
        assert rita.put(path, json={"name": "Hers"}).status_code == 404
        assert rita.delete(path).status_code == 404
    assert rita.post(f"{zone}/methods", json={"name": "CTT", "type": "free"}).status_code == 404
    assert rita.get("/api/shipping/zones").json["items"] == rita.get("/api/taxes").json["items"] == []
    assert everything() == before
