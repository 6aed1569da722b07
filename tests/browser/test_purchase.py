"""From the shelf to the paid order, with and without JavaScript, against the running product and the Stripe sandbox."""

import re
import time

from playwright.sync_api import Page, expect
from sqlalchemy import select

from kit.db import db
from models.orders import Order, OrderStatus, PaymentStatus
from tests.browser.steps import DECLINED, add_mug, fill_checkout, pay
from tests.live import Live
from tests.shop.shelf import Shelf


def order_of(shop: Live, email: str) -> Order:
    with shop.store():
        [order] = db.session.scalars(select(Order).where(Order.email_key == email)).all()
        return order


def wait_for(what, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def charges(shop: Live, email: str) -> list[int]:
    """What was charged for the order of this address, one amount a charge."""
    order = order_of(shop, email)
    found = shop.sandbox.get("state?kind=charges")["charges"]
    mine = [c for c in found if c["metadata"].get("order_id") == str(order.id)]
    return [c["amount"] for c in mine if c["status"] == "succeeded"]


def test_a_purchase_with_javascript(shop: Live, shelf: Shelf, page: Page):
    page.goto("/")
    page.get_by_role("link", name="Linen shirt").first.click()
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_text("Please choose: Size.")).to_be_visible()
    page.get_by_label("Red", exact=True).check()
    page.get_by_label("M", exact=True).check()
    expect(page.locator("#buy .price__now")).to_have_text("€65.00")
    expect(page).to_have_url(re.compile(r"o1=red&o2=m"))
    page.get_by_role("button", name="Add to cart").click()
    drawer = page.locator("#cart-drawer")
    expect(drawer).to_be_visible()
    expect(drawer.get_by_text("Colour Red, Size M")).to_be_visible()
    expect(page.locator("#cart-count")).to_contain_text("1 item")
    drawer.get_by_role("link", name="Checkout").click()

    fill_checkout(page, "js@example.test")
    expect(page.get_by_role("button", name="Order and pay €65.00")).to_be_visible()  # free from 50
    page.get_by_label("Courier").check()
    expect(page.get_by_role("button", name="Order and pay €74.00")).to_be_visible()
    expect(page.locator("#summary .facts__total dd").last).to_have_text("€74.00")
    assert page.locator("#line1").input_value() == "Rua Augusta 1"
    page.get_by_role("button", name="Order and pay €74.00").click()
    pay(page)
    expect(page.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    expect(page.get_by_text("js@example.test").first).to_be_visible()

    wait_for(lambda: order_of(shop, "js@example.test").status is OrderStatus.CONFIRMED)
    order = order_of(shop, "js@example.test")
    assert (order.total, order.payment_status, order.captured_total) == (7400, PaymentStatus.PAID, 7400)
    assert charges(shop, "js@example.test") == [7400]
    page.reload()
    expect(page.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    page.get_by_role("link", name="Follow the order").click()
    expect(page.locator("[aria-current=step]")).to_have_text(re.compile("Packed"))
    wait_for(lambda: any("js@example.test" in mail for mail in shop.mails()))


def test_a_purchase_without_javascript(shop: Live, shelf: Shelf, plain: Page):
    plain.goto(f"/products/{shelf.shirt_slug}")
    plain.get_by_label("Red", exact=True).check()
    plain.get_by_label("S", exact=True).check()
    plain.get_by_role("button", name="Add to cart").click()
    expect(plain).to_have_url(re.compile("/cart$"))
    expect(plain.get_by_text("Colour Red, Size S")).to_be_visible()
    plain.get_by_role("spinbutton", name="Quantity of Linen shirt").fill("2")
    plain.get_by_role("button", name="Update").click()
    expect(plain.locator(".facts__total dd")).to_have_text("€120.00")
    plain.get_by_role("link", name="Checkout").click()
    fill_checkout(plain, "plain@example.test")
    plain.locator("#country").select_option("ES")
    plain.get_by_role("button", name="Update", exact=True).click()
    expect(plain.locator("#country")).to_have_value("ES")
    expect(plain.get_by_label("E-mail", exact=True)).to_have_value("plain@example.test")
    plain.locator("#country").select_option("PT")
    plain.get_by_label("Courier").check()
    plain.get_by_role("button", name="Update total").first.click()
    expect(plain.get_by_role("button", name="Order and pay €129.00")).to_be_visible()
    plain.get_by_role("button", name="Order and pay €129.00").click()
    pay(plain)
    expect(plain.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    wait_for(lambda: order_of(shop, "plain@example.test").payment_status is PaymentStatus.PAID)
    assert charges(shop, "plain@example.test") == [12900]


def test_a_declined_card_and_a_way_back_lose_nothing(shop: Live, shelf: Shelf, page: Page):
    add_mug(page)
    page.goto("/checkout")
    fill_checkout(page, "second@example.test")
    page.get_by_role("button", name="Order and pay").click()
    pay(page, DECLINED)
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_role("link", name="Back to").click()
    expect(page.get_by_role("heading", name="Pay for order")).to_be_visible()
    expect(page.get_by_text("Rua Augusta 1").first).to_be_visible()
    page.get_by_role("button", name="Pay €17.40").click()
    pay(page)
    expect(page.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    wait_for(lambda: order_of(shop, "second@example.test").payment_status is PaymentStatus.PAID)
    assert charges(shop, "second@example.test") == [1740]


def test_the_order_can_be_changed_instead_of_paid(shop: Live, shelf: Shelf, page: Page):
    add_mug(page)
    page.goto("/checkout")
    fill_checkout(page, "change@example.test")
    page.get_by_role("button", name="Order and pay").click()
    page.wait_for_url("**/pay/**")
    page.get_by_role("link", name="Back to").click()
    page.get_by_role("button", name="Change the order").click()
    expect(page).to_have_url(re.compile("/cart$"))
    expect(page.get_by_role("link", name="Blue mug").first).to_be_visible()
    assert order_of(shop, "change@example.test").status is OrderStatus.CANCELLED


def test_a_double_click_makes_one_order(shop: Live, shelf: Shelf, page: Page):
    add_mug(page)
    page.goto("/checkout")
    fill_checkout(page, "double@example.test")
    page.get_by_role("button", name="Order and pay").dblclick()
    page.wait_for_url("**/pay/**")
    assert order_of(shop, "double@example.test").status is OrderStatus.PENDING
    page.go_back()
    page.goto("/cart")
    expect(page.get_by_text("Your cart is empty")).to_be_visible()


def test_a_voucher_waits_for_its_money(shop: Live, shelf: Shelf, page: Page):
    add_mug(page)
    page.goto("/checkout")
    fill_checkout(page, "voucher@example.test")
    page.get_by_role("button", name="Order and pay").click()
    page.wait_for_url("**/pay/**")
    back = page.get_by_role("link", name="Back to").get_attribute("href") or ""
    paid = shop.sandbox.pay(page.url.rpartition("/")[2], method="multibanco")
    page.goto(back.replace("/cancelled", "/paid"))
    expect(page.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    expect(page.get_by_text("Your payment is on its way")).to_be_visible()
    assert order_of(shop, "voucher@example.test").payment_status is PaymentStatus.PENDING
    shop.sandbox.control("complete_payment", payment_intent=paid["session"]["payment_intent"])
    wait_for(lambda: order_of(shop, "voucher@example.test").payment_status is PaymentStatus.PAID)
