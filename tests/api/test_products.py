"""The catalogue over the API: shape, status, access, caching. The rules themselves are in tests/services."""

import pytest

from services import tenants
from tests import cast
from tests.cast import CARLA, MIA, RITA, STAN

MUG = {"name": "Café Mug", "price": "12.90", "stock_quantity": 7, "weight": "0.270"}


def make(api, path: str, **body):
    answer = api.as_(MIA).post(f"/api/{path}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json


def slug_of(answer) -> str:
    return answer.json["type"].rpartition("/")[2]


def test_created_whole_with_an_address(api):
    answer = api.as_(MIA).post("/api/products", json=MUG)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/products/cafe-mug")
    mug = answer.json
    assert {k: mug[k] for k in ("price", "current_price", "sale_price", "currency", "weight", "stock_quantity")} == {
        "price": "12.90", "current_price": "12.90", "sale_price": None, "currency": "EUR", "weight": "0.270",
        "stock_quantity": 7}  # fmt: skip
    assert (mug["on_sale"], mug["stock_status"], mug["version"], mug["average_rating"]) == (
        False,
        "in_stock",
        1,
        0,
    )
    assert mug["created_at"].endswith("Z")
    assert api.get("/api/products/cafe-mug").json["id"] == mug["id"]
    assert api.get(f"/api/products/{mug['id']}").json["slug"] == "cafe-mug"


def test_a_put_changes_what_it_carries(api):
    mug = make(api, "products", **MUG, description="<p>Old</p>", sale_price="9.00")
    answer = api.as_(MIA).put(f"/api/products/{mug['id']}", json={"price": 15, "sale_price": None})
    assert answer.status_code == 200, answer.text
    assert (answer.json["price"], answer.json["sale_price"], answer.json["on_sale"]) == ("15.00", None, False)
    assert (answer.json["description"], answer.json["stock_quantity"], answer.json["version"]) == (
        "<p>Old</p>",
        7,
        2,
    )


def test_the_lowest_price_stands_beside_a_reduction(api):
    mug = make(api, "products", **MUG)
    reduced = api.as_(MIA).put(f"/api/products/{mug['id']}", json={"sale_price": "9.90"}).json
    assert (reduced["current_price"], reduced["on_sale"], reduced["lowest_price_30d"]) == (
        "9.90",
        True,
        "12.90",
    )


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 422, "name"),
        ({**MUG, "colour": "red"}, 422, "colour"),
        ({**MUG, "price": "1.999"}, 422, "price"),
        ({**MUG, "price": None}, 422, "price"),
        ({**MUG, "stock_quantity": -1}, 422, "stock_quantity"),
        ({**MUG, "category_ids": ["nonsense"]}, 422, "category_ids.0"),
        ({**MUG, "is_active": "yes"}, 422, "is_active"),
        ({**MUG, "slug": "taken"}, 409, "slug-taken"),
        ({**MUG, "sku": "TAKEN"}, 409, "sku-taken"),
    ],
)
def test_refused_and_nothing_changes(api, everything, body, status, said):
    make(api, "products", name="Other", price="1.00", slug="taken", sku="taken")
    before = everything()
    answer = api.as_(MIA).post("/api/products", json=body)
    assert answer.status_code == status, answer.text
    assert said in ([e["field"] for e in answer.json["errors"]] if status == 422 else [slug_of(answer)])
    assert everything() == before


def test_an_old_version_is_refused(api, everything):
    mug = make(api, "products", **MUG)
    api.as_(MIA).put(f"/api/products/{mug['id']}", json={"name": "New", "version": 1})
    before = everything()
    answer = api.as_(MIA).put(f"/api/products/{mug['id']}", json={"name": "Newer", "version": 1})
    assert (answer.status_code, slug_of(answer)) == (409, "stale-version")
    assert everything() == before


@pytest.mark.parametrize("ident", ["018f0000-0000-7000-8000-00000000dead", "nonsense"])
@pytest.mark.parametrize("method", ["put", "delete"])
def test_a_malformed_id_is_an_unknown_one(api, method, ident):
    kw = {"json": {"name": "x"}} if method == "put" else {}
    assert getattr(api.as_(MIA), method)(f"/api/products/{ident}", **kw).status_code == 404
    assert getattr(api.as_(MIA), method)(f"/api/categories/{ident}", **kw).status_code == 404


def test_the_other_store_finds_nothing(api, everything):
    mug = make(api, "products", **MUG)
    rita = api.as_(RITA)
    before = everything()
    assert rita.get("/api/products").json["total"] == 0
    for answer in (
        rita.get("/api/products/cafe-mug"),
        rita.get(f"/api/products/{mug['id']}/variants"),
        rita.put(f"/api/products/{mug['id']}", json={"name": "Mine"}),
        rita.delete(f"/api/products/{mug['id']}"),
        rita.post(f"/api/products/{mug['id']}/variants", json={"attribute_value_ids": [mug["id"]]}),
        rita.post(f"/api/products/{mug['id']}/reviews", json={"rating": 1}),
    ):
        assert answer.status_code == 404, answer.text
    assert everything() == before


def test_only_staff_see_what_is_not_active(api):
    make(api, "products", **MUG, is_active=False)
    make(api, "products", name="Cup", price="1.00")
    assert api.get("/api/products/cafe-mug").status_code == 404
    assert api.as_(CARLA).get("/api/products/cafe-mug").status_code == 404
    assert api.as_(STAN).get("/api/products/cafe-mug").status_code == 200
    assert api.get("/api/products").json["total"] == 1
    assert api.get("/api/products?is_active=false").json["items"] == []
    assert api.as_(STAN).get("/api/products").json["total"] == 2
    assert api.as_(STAN).get("/api/products?is_active=false").json["total"] == 1
    assert api.as_(STAN).get("/api/storefront/products").json["total"] == 1
    assert api.as_(STAN).get("/api/storefront/products/cafe-mug").status_code == 404


def test_lists_filter_sort_and_page(api):
    category = make(api, "categories", name="Mugs")
    tag = make(api, "tags", name="Eco")
    for n, name in enumerate(["Alpha", "Beta", "Gamma"]):
        make(api, "products", name=name, price=f"{n + 1}0.00", category_ids=[category["id"]] if n else [],
             tag_ids=[tag["id"]] if n == 2 else [], is_featured=n == 0, stock_quantity=n * 10)  # fmt: skip

    def names(query: str, path: str = "products") -> list[str]:
        answer = api.get(f"/api/{path}?{query}")
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json["items"]]

    assert names("sort_by=price&sort_dir=desc") == ["Gamma", "Beta", "Alpha"]
    assert names("sort_by=name&page=2&page_size=2") == ["Gamma"]
    assert names("page=9") == []
    assert names(f"category_id={category['id']}&sort_by=name") == ["Beta", "Gamma"]
    assert names("category_id=nonsense") == []
    assert names(f"tag_id={tag['id']}") == ["Gamma"]
    assert names("min_price=15&max_price=25.00") == ["Beta"]
    assert names("stock_status=out_of_stock") == ["Alpha"]
    assert names("is_featured=true") == ["Alpha"]
    assert names("search=GÁMMA") == ["Gamma"]
    assert names("category_slug=mugs&sort_by=price_asc", "storefront/products") == ["Beta", "Gamma"]
    assert names("in_stock=true&sort_by=name", "storefront/products") == ["Beta", "Gamma"]
    assert names("featured=true", "storefront/products") == ["Alpha"]


@pytest.mark.parametrize(
    "query",
    ["page=0", "page_size=101", "sort_by=weight", "sort_dir=up", "colour=red", "is_active=perhaps", "min_price=cheap",
     "page=1&page=2", "stock_status=plenty"],
)  # fmt: skip
def test_wrong_parameters_are_refused(api, query):
    answer = api.get(f"/api/products?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == query.partition("=")[0]


def test_who_has_it_already_gets_a_304(api):
    make(api, "products", **MUG)
    make(api, "categories", name="Mugs")
    for path in ("products", "products/cafe-mug", "categories", "categories/mugs", "tags", "attributes",
                 "storefront/products", "storefront/products/cafe-mug"):  # fmt: skip
        first = api.get(f"/api/{path}")
        assert first.headers["ETag"].startswith('"') and "public" in first.headers["Cache-Control"], path
        again = api.get(f"/api/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
    assert "private" in api.as_(MIA).get("/api/products").headers["Cache-Control"]

    etag = api.get("/api/products/cafe-mug").headers["ETag"]
    make(api, "products", name="Cup", price="1.00")
    assert api.get("/api/products/cafe-mug").headers["ETag"] == etag
    assert api.get("/api/products", headers={"If-None-Match": etag}).status_code == 200


def test_stock_is_shown_as_the_store_wants_it(api, app):
    make(api, "products", **MUG, low_stock_threshold=2)
    assert api.get("/api/products/cafe-mug").json["stock_quantity"] == 7
    with tenants.in_store(cast.ROAST):
        from kit.db import transaction

        with transaction():
            tenants.row().show_stock = False
    mug = api.get("/api/products/cafe-mug").json
    assert (mug["stock_quantity"], mug["low_stock_threshold"], mug["stock_status"]) == (
        None,
        None,
        "in_stock",
    )
    assert api.as_(STAN).get("/api/products/cafe-mug").json["stock_quantity"] == 7
    assert api.as_(STAN).get("/api/storefront/products/cafe-mug").json["stock_quantity"] is None


def test_a_former_address_redirects(api):
    mug = make(api, "products", **MUG)
    api.as_(MIA).put(f"/api/products/{mug['id']}", json={"slug": "new-mug"})
    answer = api.get("/api/products/cafe-mug")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/api/products/new-mug")


def test_variants_from_attributes(api):
    mug = make(api, "products", **MUG)
    size = make(api, "attributes", name="Size", values=["S", {"value": "M", "color": "#FF0000"}])
    assert [(v["value"], v["color"]) for v in size["values"]] == [("S", None), ("M", "#ff0000")]
    more = make(api, f"attributes/{size['id']}/values", value="L")
    assert [v["value"] for v in more["values"]] == ["S", "M", "L"]

    path = f"products/{mug['id']}/variants"
    small = make(
        api, path, attribute_value_ids=[size["values"][0]["id"]], price="20.00", stock_quantity=3, sku="M-S"
    )
    assert small["options"] == [{"attribute": "Size", "value": "S"}]
    assert (small["current_price"], small["stock_quantity"], small["stock_status"]) == (
        "20.00",
        3,
        "low_stock",
    )
    answer = api.as_(MIA).put(f"/api/{path}/{small['id']}", json={"price": None, "is_active": False})
    assert (answer.json["price"], answer.json["current_price"], answer.json["sku"]) == (None, "12.90", "M-S")
    assert api.get(f"/api/{path}").json["total"] == 0
    assert api.as_(STAN).get(f"/api/{path}").json["total"] == 1

    assert api.as_(MIA).delete(f"/api/attributes/{size['id']}").status_code == 409
    assert api.as_(MIA).delete(f"/api/{path}/{small['id']}").status_code == 204
    assert api.as_(MIA).delete(f"/api/{path}/{small['id']}").status_code == 404
    assert api.as_(MIA).delete(f"/api/attributes/{size['id']}").status_code == 204


def test_categories_as_tree_and_list(api):
    top = make(api, "categories", name="Top")
    low = make(api, "categories", name="Low", parent_id=top["id"])
    make(api, "products", **MUG, category_ids=[low["id"]])
    (root,) = api.get("/api/categories").json["items"]
    assert (root["product_count"], [c["slug"] for c in root["children"]]) == (1, ["low"])
    flat = api.get("/api/categories?flat=true").json["items"]
    assert [(c["slug"], c["depth"], c["children"]) for c in flat] == [("top", 0, []), ("low", 1, [])]

    cycle = api.as_(MIA).put(f"/api/categories/{top['id']}", json={"parent_id": low["id"]})
    assert (cycle.status_code, cycle.json["errors"][0]["field"]) == (422, "parent_id")
    api.as_(MIA).put(f"/api/categories/{top['id']}", json={"is_active": False})
    assert api.get("/api/categories/low").status_code == 404
    assert api.get("/api/categories?include_inactive=true").json["total"] == 0
    assert api.as_(STAN).get("/api/categories?include_inactive=true&flat=true").json["total"] == 2
    assert api.as_(MIA).delete(f"/api/categories/{top['id']}").status_code == 204
    assert api.get("/api/storefront/categories").json["items"][0]["slug"] == "low"
    assert api.get("/api/products/cafe-mug").json["categories"][0]["slug"] == "low"


def test_tags(api):
    eco = make(api, "tags", name="Eco")
    assert slug_of(api.as_(MIA).post("/api/tags", json={"name": "eco"})) == "tag-exists"
    make(api, "products", **MUG, tag_ids=[eco["id"]])
    assert api.get("/api/tags").json["items"] == [{**eco, "product_count": 1}]
    assert api.as_(MIA).delete(f"/api/tags/{eco['id']}").status_code == 204
    assert api.get("/api/products/cafe-mug").json["tags"] == []


def test_reviews_are_shown_once_approved(api):
    mug = make(api, "products", **MUG)
    path = f"/api/products/{mug['id']}"
    review = api.as_(CARLA).post(f"{path}/reviews", json={"rating": 4, "title": "Good"})
    assert (review.status_code, review.json["is_verified_purchase"], review.json["author_name"]) == (
        201,
        False,
        "Carla T.",
    )
    assert slug_of(api.as_(CARLA).post(f"{path}/reviews", json={"rating": 1})) == "already-reviewed"
    assert api.as_(CARLA).post(f"{path}/reviews", json={"rating": 6}).status_code == 422
    assert api.post(f"{path}/reviews", json={"rating": 4}).status_code == 401
    assert api.get(f"{path}/reviews").json["total"] == 0
    assert api.as_(STAN).get("/api/admin/reviews?status=pending").json["total"] == 1

    assert api.as_(STAN).patch(f"/api/admin/reviews/{review.json['id']}/approve").json["is_approved"] is True
    assert api.get(f"{path}/reviews").json["items"][0]["title"] == "Good"
    assert api.get(f"{path}/rating").json == {
        "average": 4.0, "count": 1, "distribution": {"5": 0, "4": 1, "3": 0, "2": 0, "1": 0}}  # fmt: skip
    assert api.get(path).json["average_rating"] == 4.0
    assert api.as_(STAN).delete(f"/api/admin/reviews/{review.json['id']}").status_code == 204
    assert api.get(path).json["review_count"] == 0


def test_a_plan_has_room_for_so_many_products(api, everything, monkeypatch):
    from services import offers

    make(api, "products", **MUG)
    starter = offers.PLANS["starter"]
    monkeypatch.setitem(starter.limits, "products", 1)
    before = everything()
    answer = api.as_(MIA).post("/api/products", json={"name": "Two", "price": "1.00"})
    assert (answer.status_code, slug_of(answer)) == (403, "plan-limit-reached")
    assert everything() == before
