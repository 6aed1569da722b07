"""The cart, by forms alone and by htmx: each button works, each refusal says why and changes nothing."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from kit.db import db
from kit.drafts import read
from models.carts import CartItem
from services import promotions
from services.catalog import products
from services.catalog.products import ProductDraft
from services.promotions import CouponDraft
from tests.shop.shelf import BOSS


def lines() -> list[tuple[UUID, int]]:
    db.session.commit()
    rows = db.session.execute(select(CartItem.product_id, CartItem.quantity).order_by(CartItem.id))
    return [(product_id, quantity) for product_id, quantity in rows]


def line_id() -> UUID:
    return db.session.scalars(select(CartItem.id)).one()


@pytest.fixture
def with_mug(shelf, browser):
    browser.post("/cart/items", data={"product_id": str(shelf.mug), "quantity": "2"})
    return shelf


def test_adding_without_javascript_leads_to_the_cart(shelf, browser):
    answer = browser.post("/cart/items", data={"product_id": str(shelf.mug), "quantity": "2"})
    assert (answer.status_code, answer.location) == (303, "/cart")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("cart="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    html = browser.get("/cart").text
    assert "Blue mug" in html
    assert "€25.00" in html
    assert "Added to cart: Blue mug" in html
    assert lines() == [(shelf.mug, 2)]


def test_adding_by_htmx_answers_the_drawer_and_the_count(shelf, browser):
    answer = browser.htmx().post("/cart/items", data={"product_id": str(shelf.mug)})
    assert answer.status_code == 200
    assert "Added to cart: Blue mug" in answer.text
    assert '<span id="cart-count" hx-swap-oob="true">' in answer.text
    assert ", 1 item" in answer.text
    assert "<html" not in answer.text


def test_looking_sets_no_cookie_and_writes_nothing(shelf, browser, everything):
    before = everything()
    for path in ("/cart", "/cart/drawer", "/products", "/"):
        assert "Set-Cookie" not in browser.get(path).headers, path
    assert everything() == before


def test_a_variant_is_chosen_by_its_values(shelf, browser):
    data = {"product_id": str(shelf.shirt), "o1": "red", "o2": "s"}
    assert browser.post("/cart/items", data=data).status_code == 303
    assert db.session.scalars(select(CartItem)).one().variant_id == shelf.red_s
    assert "Colour Red, Size S" in browser.get("/cart").text


@pytest.mark.parametrize(("sent", "missing"), [({}, ["Colour", "Size"]), ({"o1": "red"}, ["Size"])])
def test_a_missing_choice_is_said_beside_its_group(shelf, browser, everything, sent, missing):
    before = everything()
    for face in (browser, browser.htmx()):
        answer = face.post("/cart/items", data={"product_id": str(shelf.shirt), **sent})
        assert answer.status_code == 422
        assert re.findall(r"Please choose: (\w+)\.", answer.text) == missing
        assert "data-focus" in answer.text
    assert answer.headers["HX-Retarget"] == "#buy"
    assert everything() == before


def test_more_than_there_is_is_refused(with_mug, browser, everything):
    before = everything()
    answer = browser.post("/cart/items", data={"product_id": str(with_mug.mug), "quantity": "9"})
    assert answer.status_code == 409
    assert "Only 10 of “Blue mug” are left." in answer.text
    assert everything() == before
    assert (
        browser.post(
            "/cart/items", data={"product_id": str(with_mug.shirt), "o1": "blue", "o2": "m"}
        ).status_code
        == 409
    )
    assert everything() == before


@pytest.mark.parametrize(
    "sent", [{"product_id": "nonsense"}, {"product_id": "01a20bc1-bfcb-72a3-a089-ab76c19071c9"}, {}]
)
def test_what_is_not_sold_can_not_be_added(shelf, browser, everything, sent):
    before = everything()
    assert browser.post("/cart/items", data=sent).status_code == 404
    assert everything() == before


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "many", "1000"])
def test_a_quantity_is_a_whole_number(shelf, browser, everything, quantity):
    before = everything()
    answer = browser.post("/cart/items", data={"product_id": str(shelf.mug), "quantity": quantity})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert everything() == before


def test_a_quantity_is_changed_and_zero_removes(with_mug, browser):
    url = f"/cart/items/{line_id()}"
    assert browser.post(url, data={"quantity": "3", "where": "cart"}).location == "/cart"
    assert lines() == [(with_mug.mug, 3)]
    answer = browser.htmx().post(url, data={"quantity": "4", "where": "cart"})
    assert "€50.00" in answer.text
    assert ", 4 items" in answer.text
    browser.post(url, data={"quantity": "0", "where": "cart"})
    assert lines() == []


def test_too_many_is_said_at_the_line(with_mug, browser, everything):
    before = everything()
    answer = browser.htmx().post(f"/cart/items/{line_id()}", data={"quantity": "11", "where": "drawer"})
    assert answer.status_code == 422
    assert "Only 10 of “Blue mug” are left." in answer.text
    assert everything() == before


def test_a_removal_can_be_undone(with_mug, browser):
    answer = browser.htmx().post(f"/cart/items/{line_id()}/remove", data={"where": "cart"})
    assert "Removed: Blue mug" in answer.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text.split("Removed:")[0]))
    assert lines() == []
    assert browser.htmx().post("/cart/items", data=fields).status_code == 200
    assert lines() == [(with_mug.mug, 2)]


def test_a_removal_can_be_undone_without_javascript(with_mug, browser):
    answer = browser.post(f"/cart/items/{line_id()}/remove", data={"where": "cart"})
    html = browser.get(answer.location).text
    assert "Undo" in html
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html.split("Undo")[0]))
    browser.post(
        "/cart/items", data={name: fields[name] for name in ("product_id", "variant_id", "quantity")}
    )
    assert lines() == [(with_mug.mug, 2)]


def test_removing_twice_is_removing_once(with_mug, browser):
    url = f"/cart/items/{line_id()}/remove"
    for _ in range(2):
        assert browser.post(url, data={"where": "cart"}).status_code == 303


def test_somebody_elses_line_is_out_of_reach(with_mug, app, everything):
    from tests.browser_client import Browser

    stranger, url = Browser(app), f"/cart/items/{line_id()}"
    before = everything()
    assert stranger.post(url, data={"quantity": "5"}).status_code == 404
    stranger.post(f"{url}/remove")
    rival = Browser(app, "rival.localhost")
    assert rival.post(url, data={"quantity": "5"}).status_code == 404
    assert everything() == before


def test_a_changed_price_is_said_at_the_line(with_mug, browser):
    row = products.get_product(with_mug.mug)
    products.update_product(
        with_mug.mug, read(ProductDraft, {**ProductDraft.of(row), "price": "15.00"}), actor=BOSS
    )
    html = browser.get("/cart").text
    assert "now costs €15.00; it was €12.50" in html
    assert "€30.00" in html


# --- coupons ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ten_off(with_mug):
    draft = {"code": "TEN", "type": "percentage", "value": "10", "minimum_amount": "20.00"}
    promotions.create_coupon(read(CouponDraft, draft), actor=BOSS)
    return with_mug


def test_a_coupon_is_applied_and_removed(ten_off, browser):
    assert browser.post("/cart/coupon", data={"code": " ten ", "where": "cart"}).location == "/cart"
    html = browser.get("/cart").text
    assert "Discount TEN" in html
    assert "−€2.50" in html
    assert "€22.50" in html
    assert browser.post("/cart/coupon/remove", data={"where": "cart"}).location == "/cart"
    assert "Discount TEN" not in browser.get("/cart").text


def test_a_refused_coupon_says_why_and_stays_in_its_field(ten_off, browser, everything):
    before = everything()
    for face in (browser, browser.htmx()):
        answer = face.post("/cart/coupon", data={"code": "NOPE", "where": "cart"})
        assert answer.status_code == 422
        assert "There is no such coupon." in answer.text
        assert 'value="NOPE"' in answer.text
    assert everything() == before


def test_a_coupon_that_no_longer_fits_can_be_taken_out(ten_off, browser):
    browser.post("/cart/coupon", data={"code": "TEN", "where": "cart"})
    browser.post(f"/cart/items/{line_id()}", data={"quantity": "1", "where": "cart"})
    html = browser.get("/cart").text
    assert "Remove the discount code" in html
    browser.post("/cart/coupon/remove", data={"where": "cart"})
    assert "Remove the discount code" not in browser.get("/cart").text
