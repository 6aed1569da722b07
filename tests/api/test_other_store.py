"""Ids of one store inside the bodies and filters of the other: refused or without a find, and nothing has changed.

The admin of the other store asks, on the host where she may do everything, so that nothing but the store stands
between her and the thing. Ids in addresses are tried in tests/isolation, on every face.
"""

import pytest

import api as api_face
from api.contract import ENDPOINTS, Endpoint
from tests import cast
from tests.api import world

api_face.load_rooms()


def named(it: Endpoint) -> str:
    return f"{it.method} {it.path}"


def test_every_path_parameter_has_an_id(ids):
    """A new endpoint says in tests/api/world.py what its ids are."""
    assert [named(it) for it in ENDPOINTS if set(world.names_of(it).values()) - set(ids)] == []
    assert [named(it) for it in ENDPOINTS if it.body and named(it) not in world.BODIES] == []


# --- ids inside bodies --------------------------------------------------------------------------------------------

ORDER = "/api/orders/{own_order}"
BODIES = {
    "category of a product": ("POST", "/api/products",
                              lambda i: {"name": "X", "price": "1", "category_ids": [i["category_id"]]}),
    "tag of a product": ("POST", "/api/products", lambda i: {"name": "X", "price": "1", "tag_ids": [i["tag_id"]]}),
    "category of an own product": ("PUT", "/api/products/{own_product}",
                                   lambda i: {"category_ids": [i["category_id"]]}),
    "parent of a category": ("POST", "/api/categories", lambda i: {"name": "X", "parent_id": i["category_id"]}),
    "value of a variant": ("POST", "/api/products/{own_product}/variants",
                           lambda i: {"attribute_value_ids": [i["value_M"]]}),
    "picture of a variant": ("POST", "/api/products/{own_product}/variants",
                             lambda i: {"attribute_value_ids": [i["own_value"]], "image_id": i["image_id"]}),
    "product of a coupon": ("POST", "/api/coupons", lambda i: _coupon(product_ids=[i["product_id"]])),
    "category of a coupon": ("POST", "/api/coupons", lambda i: _coupon(category_ids=[i["category_id"]])),
    "excluded from a coupon": ("POST", "/api/coupons", lambda i: _coupon(excluded_product_ids=[i["product_id"]])),
    "product in the cart": ("POST", "/api/cart/items", lambda i: {"product_id": i["product_id"]}),
    "variant in the cart": ("POST", "/api/cart/items",
                            lambda i: {"product_id": i["own_product"], "variant_id": i["variant_id"]}),
    "product on the wishlist": ("POST", "/api/wishlist", lambda i: {"product_id": i["product_id"]}),
    "way of sending": ("POST", "/api/orders/checkout",
                       lambda i: {"email": "a@rival.test", "shipping_address": world.ADDRESS,
                                  "shipping_method_id": i["method_id"], "payment_method": "bank_transfer"}),
    "order to pay on Stripe's page": ("POST", "/api/checkout/create-session",
                                      lambda i: {"order_id": i["unpaid_order_id"]}),
    "order to pay": ("POST", "/api/payments/create-intent", lambda i: {"order_id": i["unpaid_order_id"]}),
    "order to give back": ("POST", "/api/payments/refund", lambda i: {"order_id": i["order_id"], "amount": "1.00"}),
    "line to send": ("POST", f"{ORDER}/fulfill",
                     lambda i: {"items": [{"order_item_id": i["order_item_id"], "quantity": 1}]}),
    "line to give back": ("POST", f"{ORDER}/refund",
                          lambda i: {"items": [{"order_item_id": i["order_item_id"], "quantity": 1}]}),
    "terms": ("PUT", "/api/tenant/settings", lambda i: {"terms_page_id": i["page_id"]}),
    "privacy": ("PUT", "/api/tenants/current", lambda i: {"privacy_page_id": i["page_id"]}),
}  # fmt: skip


def _coupon(**about):
    return {"code": "X", "type": "percentage", "value": "5", **about}


@pytest.fixture
def own(api, ids) -> world.Ids:
    """What Rival has itself, so that only the other store's id is wrong."""
    rita = api.as_(cast.RITA)
    product = rita.post("/api/products", json={"name": "Own", "price": "5.00", "stock_quantity": 9}).json
    value = rita.post("/api/attributes", json={"name": "Size", "values": ["S"]}).json["values"][0]
    zone = rita.post("/api/shipping/zones", json={"name": "PT", "countries": ["PT"]}).json
    rita.post(f"/api/shipping/zones/{zone['id']}/methods", json={"name": "M", "type": "free"})
    assert rita.post("/api/cart/items", json={"product_id": product["id"]}).status_code == 200
    with world.tenants.in_store(cast.RIVAL):
        order = world.make.paid_order()
        return {**ids, "own_product": product["id"], "own_value": value["id"], "own_order": str(order.id)}


@pytest.mark.parametrize("name", BODIES)
def test_an_id_of_the_other_store_in_a_body_is_refused(name, api, own, everything):
    method, path, body = BODIES[name]
    before = everything()
    answer = api.as_(cast.RITA).request(method, path.format(**own), json=body(own))
    assert answer.status_code in (404, 422), answer.text
    if answer.status_code == 422:
        assert answer.json["errors"][0]["code"] in ("unknown_id", "not_offered"), answer.text
    assert everything() == before


@pytest.mark.parametrize("query", ["/products?category_id={category_id}", "/products?tag_id={tag_id}",
                                   "/admin/reviews?product_id={product_id}", "/orders?search={order_number}",
                                   "/admin/audit-log?user_id={customer_id}"])  # fmt: skip
def test_a_filter_by_an_id_of_the_other_store_finds_nothing(query, api, ids):
    answer = api.as_(cast.RITA).get("/api" + query.format(**ids))
    assert answer.status_code in (200, 404)
    assert answer.json.get("items", []) == []


def test_a_guests_cart_of_the_other_store_is_not_taken_in(api, ids):
    answer = api.as_(cast.RITA).post("/api/cart/merge", json={"session_id": ids["session"]})
    assert answer.json.get("items", []) == []
    theirs = api.get("/api/cart", headers={"X-Session-ID": ids["session"]})
    assert theirs.json["item_count"] == 2
