"""Placing an order over the API."""

import pytest
from sqlalchemy import func, select, update

from kit.db import db, transaction
from models.catalog import Product
from models.orders import Order
from services import offers, tenants
from tests import cast, make

ADDRESS = {
    "first_name": "Ana", "last_name": "Sousa", "line1": "Rua Augusta 1", "city": "Lisboa",
    "postal_code": "1100-048", "country": "PT",
}  # fmt: skip


@pytest.fixture
def cart(api, roast):
    """A guest's headers and the body of a good checkout."""
    make.tax()
    mug = make.product("Mug", price=1230, stock=5)
    method = make.shipping(490)
    body = {"email": "ana@example.test", "shipping_address": ADDRESS, "shipping_method_id": str(method.id),
            "payment_method": "bank_transfer"}  # fmt: skip
    answer = api.post("/api/cart/items", json={"product_id": str(mug.id), "quantity": 2})
    return {"X-Session-ID": answer.headers["X-Session-ID"]}, body, mug.id


def orders():
    with tenants.in_store(cast.ROAST):
        return db.session.scalar(select(func.count()).select_from(Order))


def test_a_guest_places_an_order_and_gets_its_link(api, cart):
    headers, body, _mug = cart
    answer = api.post("/api/orders/checkout", json=body, headers=headers)
    assert answer.status_code == 201
    order = answer.json["order"]
    assert answer.headers["Location"] == f"/api/orders/{order['id']}"
    assert (order["status"], order["payment_status"], order["total"]) == ("pending", "unpaid", "29.50")
    assert (order["subtotal"], order["shipping_total"], order["tax_total"]) == ("24.60", "4.90", "5.52")
    assert order["items"][0]["tax_rate"] == "23.00"
    assert order["shipping_address"]["city"] == "Lisboa"
    assert answer.json["order_token"]


def test_the_same_key_is_the_same_order(api, cart):
    headers, body, _mug = cart
    headers = headers | {"Idempotency-Key": "key-1"}
    first = api.post("/api/orders/checkout", json=body, headers=headers)
    again = api.post("/api/orders/checkout", json=body, headers=headers)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = api.post("/api/orders/checkout", json=body | {"customer_note": "x"}, headers=headers)
    assert other.status_code == 422
    assert other.json["type"].endswith("/idempotency-key-reused")
    assert orders() == 1


def test_an_empty_cart_is_a_409(api, cart, everything):
    _headers, body, _mug = cart
    before = everything()
    answer = api.post("/api/orders/checkout", json=body)
    assert answer.status_code == 409
    assert answer.json["type"].endswith("/cart-empty")
    assert everything() == before


def test_a_changed_total_comes_back_with_the_cart(api, cart, everything):
    headers, body, mug = cart
    with tenants.in_store(cast.ROAST), transaction() as session:
        session.execute(update(Product).where(Product.id == mug).values(price=1330))
    before = everything()
    answer = api.post("/api/orders/checkout", json=body | {"expected_total": "29.50"}, headers=headers)
    assert answer.status_code == 409
    assert answer.json["type"].endswith("/total-changed")
    assert answer.json["cart"]["total"] == "31.50"
    assert everything() == before


@pytest.mark.parametrize(("change", "field"), [
    ({"email": "not an address"}, "email"),
    ({"email": None}, "email"),
    ({"shipping_address": {**ADDRESS, "postal_code": "xx"}}, "shipping_address.postal_code"),
    ({"shipping_address": {"country": "PT"}}, "shipping_address.first_name"),
    ({"shipping_method_id": "x"}, "shipping_method_id"),
    ({"payment_method": "shells"}, "payment_method"),
    ({"payment_method": "none"}, "payment_method"),
    ({"total": "0.01"}, "total"),
    ({"expected_total": "1.001"}, "expected_total"),
])  # fmt: skip
def test_bad_input_is_named_and_nothing_is_placed(api, cart, everything, change, field):
    headers, body, _mug = cart
    before = everything()
    answer = api.post("/api/orders/checkout", json=body | change, headers=headers)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json["errors"]}
    assert everything() == before


def test_another_stores_guest_session_has_nothing_to_order(api, cart, everything):
    headers, body, _mug = cart
    before = everything()
    answer = api.as_(None, host="rival.localhost").post("/api/orders/checkout", json=body, headers=headers)
    assert answer.status_code == 409
    assert everything() == before


def test_the_orders_link_is_good_for_its_order_only(api, cart, everything):
    headers, body, mug = cart
    token = api.post("/api/orders/checkout", json=body, headers=headers).json["order_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    before = everything()
    for method, path, sent in (("GET", "/api/cart", None), ("GET", "/api/coupons", None),
                               ("POST", "/api/cart/items", {"product_id": str(mug)}),
                               ("POST", "/api/orders/checkout", body)):  # fmt: skip
        answer = api.request(method, path, json=sent, headers=headers | bearer)
        assert answer.status_code == 403, path
    assert everything() == before


def test_a_month_has_room_for_so_many_orders(api, cart, monkeypatch):
    headers, body, mug = cart
    monkeypatch.setitem(offers.PLANS["starter"].limits, "orders_per_month", 1)
    assert api.post("/api/orders/checkout", json=body, headers=headers).status_code == 201
    api.post("/api/cart/items", json={"product_id": str(mug), "quantity": 1}, headers=headers)
    answer = api.post("/api/orders/checkout", json=body, headers=headers)
    assert answer.status_code == 403 and answer.json["type"].endswith("/plan-limit-reached")
    assert "limit" not in answer.json and orders() == 1
    assert api.get("/api/cart", headers=headers).json["items"], "the cart is as it was"
