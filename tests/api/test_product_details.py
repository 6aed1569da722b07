"""The fields of a product that came later: written, read, and whom they are shown to."""

import pytest

from tests import cast

WHOLE = {
    "name": "Wine", "price": "9.99", "brand": "Quinta", "barcode": "4006381333931", "cost_price": "3.10",
    "measure": "0.750", "measure_unit": "l", "hs_code": "2204", "origin_country": "PT", "is_digital": False,
    "download_limit": 3, "download_days": 30, "allow_backorder": True, "backorder_limit": 5, "min_quantity": 2,
    "max_quantity": 12, "quantity_step": 2, "publish_at": "2099-01-01T10:00:00Z",
    "unpublish_at": "2099-02-01T10:00:00Z", "manufacturer": "Quinta Lda", "responsible_person": "",
    "safety_text": "Contains sulphites.",
    "translations": {"pt": {"name": "Vinho", "short_description": "", "description": "", "meta_title": "",
                            "meta_description": ""}},
}  # fmt: skip


@pytest.fixture
def wine(api) -> dict:
    return api.as_(cast.MIA).post("/api/products", json=WHOLE).json


def test_everything_comes_back_as_it_was_sent(wine):
    for name, value in WHOLE.items():
        shown = value.replace("Z", ".000Z") if name.endswith("publish_at") else value
        assert wine[name] == shown, name
    assert (wine["unit_price"], wine["is_active"], wine["related_ids"]) == ("13.32", False, [])


def test_a_put_leaves_what_it_does_not_carry_and_null_clears(api, wine):
    mia, url = api.as_(cast.MIA), f"/api/products/{wine['id']}"
    changed = mia.put(url, json={"price": "8.00"}).json
    assert changed["translations"] == WHOLE["translations"] and changed["brand"] == "Quinta"
    cleared = mia.put(url, json={"publish_at": None, "unpublish_at": None, "barcode": None, "measure": None,
                                 "measure_unit": None, "translations": {}, "is_active": True}).json  # fmt: skip
    assert (cleared["is_active"], cleared["barcode"], cleared["unit_price"], cleared["translations"]) == (
        True, None, None, {})  # fmt: skip


def test_what_it_cost_and_when_it_comes_is_for_staff(api, wine):
    mia = api.as_(cast.MIA)
    mia.put(f"/api/products/{wine['id']}", json={"publish_at": None, "is_active": True})
    for path in (f"/api/products/{wine['slug']}", f"/api/storefront/products/{wine['slug']}"):
        seen = api.get(path).json
        assert (seen["cost_price"], seen["unpublish_at"], seen["brand"]) == (None, None, "Quinta"), path
    assert mia.get(f"/api/products/{wine['slug']}").json["cost_price"] == "3.10"


def test_related_ones_that_are_not_shown_are_no_shoppers_business(api, wine):
    mia = api.as_(cast.MIA)
    hidden = mia.post("/api/products", json={"name": "Hidden", "price": "1", "is_active": False}).json["id"]
    shown = mia.post("/api/products", json={"name": "Shown", "price": "1"}).json["id"]
    body = {"related_ids": [hidden, shown], "publish_at": None, "is_active": True}
    assert mia.put(f"/api/products/{wine['id']}", json=body).json["related_ids"] == [hidden, shown]
    assert api.get(f"/api/products/{wine['slug']}").json["related_ids"] == [shown]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"barcode": "123"}, "barcode"), ({"measure": "1"}, "measure_unit"), ({"min_quantity": 0}, "min_quantity"),
     ({"translations": {"en": {}}}, "translations"), ({"related_ids": ["x"]}, "related_ids.0"),
     ({"publish_at": "soon"}, "publish_at"), ({"origin_country": "Portugal"}, "origin_country")],
)  # fmt: skip
def test_wrong_ones_are_named_and_change_nothing(api, everything, wine, body, field):
    mia = api.as_(cast.MIA)
    if "measure" in body:
        body = {**body, "measure_unit": None}
    before = everything()
    answer = mia.put(f"/api/products/{wine['id']}", json=body)
    assert answer.status_code == 422 and answer.json["errors"][0]["field"] == field
    assert everything() == before


def test_a_variant_has_its_own_barcode_and_content(api, wine):
    mia = api.as_(cast.MIA)
    size = mia.post(
        "/api/attributes", json={"name": "Size", "values": ["L"], "names": {"pt": "Tamanho"}}
    ).json
    assert size["names"] == {"pt": "Tamanho"}
    body = {"attribute_value_ids": [size["values"][0]["id"]], "barcode": "96385074", "measure": "1.500",
            "price": "18.00"}  # fmt: skip
    made = mia.post(f"/api/products/{wine['id']}/variants", json=body)
    assert made.status_code == 201
    assert (made.json["barcode"], made.json["measure"], made.json["unit_price"]) == (
        "96385074",
        "1.500",
        "12.00",
    )


def test_a_category_speaks_other_languages(api):
    mia = api.as_(cast.MIA)
    made = mia.post("/api/categories", json={"name": "Tea", "translations": {"pt": {"name": "Chá"}}})
    assert made.status_code == 201 and made.json["translations"]["pt"]["name"] == "Chá"
    assert mia.post("/api/categories", json={"name": "X", "translations": {"en": {}}}).status_code == 422
