"""Checkout without JavaScript: guest first, nothing lost on the way, one click one order."""

import re
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from kit.db import db, transaction
from kit.drafts import read
from models.carts import CartItem
from models.newsletter import Subscriber
from models.orders import Order
from models.outbox import OutboxMessage
from models.stock import StockItem, StockReservation
from services import addresses, newsletter, offers, pages, shipping, tenants
from services.addresses import AddressDraft
from services.catalog import products
from services.catalog.products import ProductDraft
from services.pages import PageDraft
from services.shipping import MethodDraft
from tests.cast import CARLA
from tests.shop.shelf import BOSS, product

ANA = {
    "email": "ana@example.test", "first_name": "Ana", "last_name": "Silva", "line1": "Rua Augusta 1",
    "postal_code": "1100-048", "city": "Lisboa", "country": "PT", "billing_same": "y",
    "payment_method": "bank_transfer", "step": "pay",
}  # fmt: skip


def hidden(html: str) -> dict[str, str]:
    names = ("submission", "expected_total")
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', html) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def city_of(address: dict[str, Any] | None) -> str:
    return str((address or {}).get("city", ""))


def orders() -> list[Order]:
    db.session.commit()
    return list(db.session.scalars(select(Order).order_by(Order.id)))


@pytest.fixture
def cart(shelf, browser):
    browser.post("/cart/items", data={"product_id": str(shelf.mug), "quantity": "2"})
    return shelf


def form(shelf, browser, **changes) -> dict[str, str]:
    """The page's form, filled in."""
    return {**ANA, "shipping_method": str(shelf.post), **hidden(browser.get("/checkout").text), **changes}


def test_a_guest_orders_in_one_form(cart, browser):
    html = browser.get("/checkout").text
    assert "Order with duty to pay €29.90" in html
    assert html.index("E-mail") < html.index("Delivery address")
    assert "/categories/" not in html  # nothing to wander off to
    answer = browser.post("/checkout", data=form(cart, browser))
    assert answer.status_code == 303
    [order] = orders()
    assert (order.email, order.total, order.customer_id) == ("ana@example.test", 2990, None)
    thanks = browser.get(answer.location)
    assert thanks.status_code == 200
    for text in (
        "Thank you, Ana",
        order.order_number,
        "ana@example.test",
        "IBAN PT50",
        "€29.90",
        "Rua Augusta 1",
    ):
        assert text in thanks.text
    assert thanks.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in thanks.text
    assert "Your cart is empty" in browser.get("/cart").text


def test_the_checkout_of_an_empty_cart_leads_to_the_cart(shelf, browser):
    assert browser.get("/checkout").location == "/cart"
    assert browser.post("/checkout", data=ANA).location == "/cart"


def test_errors_keep_everything_that_was_typed(cart, browser):
    data = form(cart, browser, city="", first_name="", email="no-address", note="Ring twice", phone="912")
    answer = browser.post("/checkout", data=data)
    assert answer.status_code == 422
    assert "data-focus" in answer.text
    for field in ("email", "first_name", "city"):
        assert f'href="#{field}"' in answer.text
    for text in ('value="Rua Augusta 1"', "Ring twice", 'value="912"', 'value="no-address"'):
        assert text in answer.text
    assert orders() == []
    assert "Ring twice" in browser.get("/checkout").text  # and after going back, too


def test_a_postcode_is_written_as_its_country_does(cart, browser):
    answer = browser.post("/checkout", data=form(cart, browser, postal_code="99"))
    assert answer.status_code == 422
    assert 'href="#postal_code"' in answer.text
    assert browser.post("/checkout", data=form(cart, browser, postal_code="1100048")).status_code == 303
    assert (orders()[0].shipping_address or {})["postal_code"] == "1100-048"


def test_one_click_is_one_order(cart, browser):
    data = form(cart, browser)
    first, second = browser.post("/checkout", data=data), browser.post("/checkout", data=data)
    assert first.status_code == second.status_code == 303
    assert len(orders()) == 1
    assert browser.get(second.location).status_code == 200


def test_a_country_is_changed_by_its_button(cart, browser):
    data = form(cart, browser, country="ES", step="country", first_name="Typed before")
    answer = browser.post("/checkout", data=data)
    assert (answer.status_code, answer.location) == (303, "/checkout")
    html = browser.get("/checkout").text
    assert re.search(r'<option selected value="ES"', html)
    assert 'value="Typed before"' in html


def test_delivery_and_total_by_htmx(cart, browser):
    data = form(cart, browser, shipping_method=str(cart.courier))
    answer = browser.htmx().post("/checkout/quote", data=data)
    assert answer.status_code == 200
    assert "€34.00" in answer.text
    assert '<hx-partial hx-target="#summary"' in answer.text
    assert hidden(answer.text)["expected_total"] == "34.00"
    assert "<html" not in answer.text


def test_a_place_nothing_is_sent_to(cart, browser):
    data = form(cart, browser, country="NZ", postal_code="6011", step="country")
    browser.post("/checkout", data=data)
    assert "We can&#39;t send this order there" in browser.get("/checkout").text
    answer = browser.post("/checkout", data={**data, "step": "pay"})
    assert answer.status_code == 409
    assert orders() == []


def test_a_total_that_changed_is_shown_and_confirmed_again(cart, browser):
    data = form(cart, browser)
    method = shipping.get_method(cart.post)
    dearer = read(MethodDraft, {**MethodDraft.of(method), "price": "6.00"})
    shipping.update_method(cart.post, dearer, actor=BOSS)
    answer = browser.post("/checkout", data=data)
    assert answer.status_code == 409
    assert "The total has changed" in answer.text
    assert "€31.00" in answer.text
    assert orders() == []
    assert browser.post("/checkout", data={**data, **hidden(answer.text)}).status_code == 303
    assert orders()[0].total == 3100


def test_stock_that_is_lost_meanwhile_is_said(cart, browser):
    data = form(cart, browser)
    with transaction():
        db.session.execute(delete(StockReservation))  # the hold has run out
        item = db.session.scalars(select(StockItem).where(StockItem.product_id == cart.mug)).one()
        item.on_hand = 1
    answer = browser.post("/checkout", data=data)
    assert (answer.status_code, answer.location) == (303, "/cart")
    assert "Only 1 of “Blue mug” are left." in browser.get("/cart").text
    assert orders() == []
    assert db.session.scalar(select(func.count(CartItem.id))) == 1


def test_opening_the_checkout_puts_the_goods_aside(cart, browser, app):
    from tests.browser_client import Browser

    assert db.session.scalar(select(func.count(StockReservation.id))) == 0
    browser.get("/checkout")
    assert db.session.scalars(select(StockReservation.quantity)).all() == [2]
    other = Browser(app)
    assert other.post("/cart/items", data={"product_id": str(cart.mug), "quantity": "9"}).status_code == 409


def test_the_bill_may_go_elsewhere(cart, browser):
    bill = {"country": "PT", "first_name": "Firma", "last_name": "Lda", "line1": "Av. 1", "postal_code": "4000-001",
            "city": "Porto", "vat_number": "PT123456789"}  # fmt: skip
    data = form(cart, browser, **{f"billing-{name}": value for name, value in bill.items()})
    del data["billing_same"]
    wrong = browser.post("/checkout", data={**data, "billing-postal_code": "1"})
    assert wrong.status_code == 422
    assert 'href="#billing-postal_code"' in wrong.text
    assert 'href="#postal_code"' not in wrong.text
    assert browser.post("/checkout", data=data).status_code == 303
    [order] = orders()
    assert (city_of(order.shipping_address), city_of(order.billing_address)) == ("Lisboa", "Porto")


def test_terms_have_to_be_accepted_where_there_are_some(cart, browser):
    page = pages.create_page(read(PageDraft, {"title": "Terms of sale"}), actor=BOSS)
    with transaction():
        tenants.row().terms_page_id = page.id
    data = form(cart, browser)
    assert 'href="/pages/terms-of-sale"' in browser.get("/checkout").text
    answer = browser.post("/checkout", data=data)
    assert answer.status_code == 422
    assert "Please accept the terms." in answer.text
    assert browser.post("/checkout", data={**data, "terms": "y"}).status_code == 303
    assert orders()[0].terms_accepted_at is not None


def test_digital_goods_need_no_delivery(shelf, browser):
    book = product("E-book", "9.00", is_digital=True)
    browser.post("/cart/items", data={"product_id": str(book)})
    html = browser.get("/checkout").text
    assert "Billing address" in html
    answer = browser.post("/checkout", data={**ANA, **hidden(html)})
    assert answer.status_code == 303
    [order] = orders()
    assert (order.total, order.shipping_address, city_of(order.billing_address)) == (900, None, "Lisboa")


def test_nothing_to_pay_needs_no_payment(shelf, browser):
    row = products.get_product(shelf.mug)
    free = read(ProductDraft, {**ProductDraft.of(row), "price": "0.00", "is_digital": True})
    products.update_product(shelf.mug, free, actor=BOSS)
    browser.post("/cart/items", data={"product_id": str(shelf.mug)})
    html = browser.get("/checkout").text
    assert "Place the order" in html
    data = {name: value for name, value in ANA.items() if name != "payment_method"}
    assert browser.post("/checkout", data={**data, **hidden(html)}).status_code == 303
    assert orders()[0].total == 0


def test_who_is_signed_in_finds_her_address(shelf, browser):
    fields = {
        name: ANA[name] for name in ("first_name", "last_name", "line1", "postal_code", "city", "country")
    }
    addresses.create_address(AddressDraft(**fields), actor=CARLA.actor)
    carla = browser.as_(CARLA)
    carla.post("/cart/items", data={"product_id": str(shelf.mug)})
    html = carla.get("/checkout").text
    assert f'value="{CARLA.email}"' in html
    assert 'value="Rua Augusta 1"' in html
    answer = carla.post("/checkout", data=form(shelf, carla, email=CARLA.email))
    assert answer.status_code == 303
    assert orders()[0].customer_id == CARLA.id
    assert orders()[0].order_number in carla.get("/account/orders").text


def test_a_store_may_want_an_account(cart, browser):
    data = form(cart, browser)
    with transaction():
        tenants.row().guest_checkout = False
    assert browser.get("/checkout").location == "/login?next=/checkout"
    assert browser.post("/checkout", data=data).location == "/login?next=/checkout"
    assert orders() == []


# --- afterwards ---------------------------------------------------------------------------------------------------


@pytest.fixture
def placed(cart, browser) -> str:
    """The path of an order by bank transfer."""
    return browser.post("/checkout", data=form(cart, browser)).location.removesuffix("/thanks")


def test_an_order_is_found_again_by_number_and_address(placed, browser):
    number = orders()[0].order_number
    wrong = browser.post("/orders", data={"order_number": number, "email": "other@example.test"})
    unknown = browser.post("/orders", data={"order_number": "99999", "email": "ana@example.test"})
    assert wrong.status_code == unknown.status_code == 404
    message = "We find no order with this number and this address."
    assert message in wrong.text
    assert message in unknown.text
    found = browser.post("/orders", data={"order_number": f"#{number}", "email": " ANA@example.test "})
    assert found.status_code == 303
    assert number in browser.get(found.location).text


def test_a_wrong_link_offers_to_look_for_the_order(placed, browser):
    answer = browser.get(placed[:-4] + "AAAA")
    assert answer.status_code == 404
    assert "Follow an order" in answer.text
    assert orders()[0].order_number not in answer.text
    assert browser.at("rival.localhost").get(placed).status_code == 404


def test_an_unpaid_order_is_cancelled_by_its_holder(placed, browser):
    assert "Cancel this order" in browser.get(placed).text
    assert browser.post(f"{placed}/cancel").status_code == 303
    assert "Cancelled" in browser.get(placed).text
    assert orders()[0].status == "cancelled"
    browser.post(f"{placed}/cancel")  # a second press does nothing
    assert orders()[0].status == "cancelled"


def test_buying_the_same_again(placed, browser, cart):
    assert browser.post(f"{placed}/again").location == "/cart"
    assert db.session.scalars(select(CartItem.quantity)).all() == [2]
    assert len(orders()) == 1


def test_an_account_after_the_order_needs_only_a_password(placed, browser):
    weak = browser.post(f"{placed}/account", data={"password": "weak"})
    assert weak.status_code == 422
    assert "At least 8 characters." in weak.text
    assert browser.post(f"{placed}/account", data={"password": "Good-Pass-1"}).location == "/login"
    signed_in = browser.post("/login", data={"email": "ana@example.test", "password": "Good-Pass-1"})
    assert signed_in.status_code == 303


def test_the_order_of_another_customer_is_unknown(placed, browser):
    number = orders()[0].order_number
    assert browser.as_(CARLA).get(f"/account/orders/{number}").status_code == 404


def test_a_shop_whose_month_is_full_says_so_and_keeps_what_was_typed(cart, browser, monkeypatch):
    sent = form(cart, browser)
    monkeypatch.setitem(offers.PLANS["starter"].limits, "orders_per_month", 0)
    answer = browser.post("/checkout", data=sent)
    assert answer.status_code == 409 and orders() == []
    assert "take any more orders this month" in answer.text and "Rua Augusta 1" in answer.text


# --- the newsletter, beside the order -----------------------------------------------------------------------------


def subscribers() -> list[Subscriber]:
    db.session.expire_all()
    return list(db.session.scalars(select(Subscriber)))


def test_the_newsletter_is_asked_for_by_a_tick_of_ones_own(cart, browser):
    html = browser.get("/checkout").text
    tick = re.search(r'<input[^>]*name="newsletter"[^>]*>', html)
    assert tick and "checked" not in tick[0]
    browser.post("/checkout", data=form(cart, browser))
    assert len(orders()) == 1 and subscribers() == []


def test_a_tick_asks_for_a_confirmation_by_mail_once(cart, browser):
    data = form(cart, browser, newsletter="y")
    for _click in range(2):
        assert browser.post("/checkout", data=data).status_code == 303
    [row] = subscribers()
    assert (row.email, row.source, row.confirmed_at) == ("ana@example.test", "checkout", None)
    asked = select(OutboxMessage).where(OutboxMessage.topic == "newsletter.asked")
    assert len(orders()) == 1 and len(db.session.scalars(asked).all()) == 1


def test_a_refused_order_asks_for_nothing_and_keeps_the_tick(cart, browser):
    answer = browser.post("/checkout", data=form(cart, browser, newsletter="y", city=""))
    assert answer.status_code == 422 and subscribers() == []
    for html in (answer.text, browser.get("/checkout").text):
        tick = re.search(r'<input[^>]*name="newsletter"[^>]*>', html)
        assert tick and "checked" in tick[0]


def test_a_newsletter_that_fails_does_not_touch_the_order(cart, browser, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("no newsletter today")

    data = form(cart, browser, newsletter="y")
    monkeypatch.setattr(newsletter, "ask", broken)
    assert browser.post("/checkout", data=data).status_code == 303
    assert len(orders()) == 1
