"""Promotions as shoppers meet them: on the product, in cart, drawer, checkout, on the order and in its mail."""

import pytest

from models.promotions import CouponType, Offered, Stacking
from services.notifications import letters, orders
from tests import make
from tests.shop.test_checkout import form
from tests.shop.test_checkout import orders as placed


@pytest.fixture
def offer(shelf):
    """Two for one on the mug (12.50)."""
    make.coupon("", offered=Offered.AUTOMATIC, name="2 for 1 on mugs", type=CouponType.BUY_X_GET_Y, value=10_000,
                stacking=Stacking.PRODUCT, buy_quantity=1, get_quantity=1, product_ids=[str(shelf.mug)])  # fmt: skip
    return shelf


def test_the_offer_is_told_all_the_way(offer, browser, monkeypatch):
    sent = []
    monkeypatch.setattr(letters, "send", lambda template, **context: sent.append(context))
    assert "2 for 1 on mugs" in browser.get(f"/products/{offer.mug_slug}").text
    drawer = browser.htmx().post("/cart/items", data={"product_id": str(offer.mug)}).text
    assert "2 for 1 on mugs: 1 more" in drawer
    browser.post("/cart/items", data={"product_id": str(offer.mug)})
    for path in ("/cart", "/cart/drawer", "/checkout"):
        html = browser.get(path).text
        assert "2 for 1 on mugs" in html and "−€12.50" in html, path
    for path in ("/cart", "/checkout"):
        assert "How this total was reached" in browser.get(path).text
    answer = browser.post("/checkout", data=form(offer, browser))
    (order,) = placed()
    assert (order.discount_total, order.coupon_code) == (1250, None)
    page = browser.get(answer.location).text
    assert "2 for 1 on mugs" in page and "−€12.50" in page
    orders.send_order_received(str(order.id))
    assert [off["name"] for off in sent[0]["order"].discounts] == ["2 for 1 on mugs"]


def test_a_gift_is_put_in_by_its_button(shelf, browser):
    make.coupon("", offered=Offered.AUTOMATIC, name="A mug for you", type=CouponType.GIFT, value=10_000, get_quantity=1,
                stacking=Stacking.PRODUCT, get_product_ids=[str(shelf.mug)], minimum_amount=1000)  # fmt: skip
    other = make.product("Plate", price=2000)
    html = browser.htmx().post("/cart/items", data={"product_id": str(other.id), "where": "cart"}).text
    assert "A gift is yours: A mug for you" in html and f'name="product_id" value="{shelf.mug}"' in html
    html = browser.htmx().post("/cart/items", data={"product_id": str(shelf.mug), "where": "cart"}).text
    assert "A gift is yours" not in html and "−€12.50" in html


def test_a_code_that_is_outdone_is_refused_in_words(offer, browser):
    make.coupon("FIVE", value=500, combines_with=[])
    browser.post("/cart/items", data={"product_id": str(offer.mug), "quantity": "2"})
    answer = browser.htmx().post("/cart/coupon", data={"code": "five", "where": "cart"})
    assert answer.status_code == 422
    assert "The cart has a better offer than this code already" in answer.text
