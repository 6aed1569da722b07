"""Staff at work in a real browser, with and without JavaScript: sign in, find an order, send it, give money back."""

import re
from uuid import UUID

from playwright.sync_api import Page, Route, expect

from models.orders import FulfillmentStatus, Order, PaymentStatus
from services import looks
from services.orders import reading
from tests import cast, make
from tests.browser.conftest import Complaints
from tests.browser.steps import add_mug, fill_checkout, pay
from tests.browser.test_purchase import order_of, wait_for
from tests.live import Live
from tests.shop.shelf import Shelf


def sign_in(page: Page, who: cast.Person = cast.ALICE, to: str = "/admin/orders") -> None:
    page.goto(to)
    page.get_by_label("E-mail", exact=True).fill(who.email)
    page.locator("#password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(re.escape(to) + "$"))


def paid_order(shop: Live, name: str) -> tuple[UUID, str]:
    with shop.store():
        product = make.product("Teapot", stock=20)
        order = make.paid_order(make.Line(product, quantity=3, price=1000), shipping=490, customer_name=name)
        return order.id, order.order_number


def now(shop: Live, order_id: UUID) -> Order:
    with shop.store():
        return reading.get_order(order_id)


def test_an_order_is_found_sent_and_refunded(shop: Live, shelf: Shelf, page: Page):
    order_id, number = paid_order(shop, "Joana Script")
    sign_in(page)
    page.keyboard.press("/")
    page.keyboard.type("joana")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=number).click()
    expect(page.get_by_role("heading", name=number, level=1)).to_be_visible()

    page.get_by_role("link", name="Fulfil").click()
    dialog = page.get_by_role("dialog", name=f"Fulfil {number}")
    dialog.get_by_role("spinbutton", name="Teapot").fill("2")
    dialog.get_by_label("Carrier").fill("CTT")
    dialog.get_by_role("button", name="Mark as sent").click()
    expect(page.get_by_text("The parcel is on its way.")).to_be_visible()
    assert now(shop, order_id).fulfillment_status is FulfillmentStatus.PARTIAL

    page.get_by_role("link", name="Refund", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Refund {number}")
    expect(dialog.get_by_role("button", name="Refund €34.90")).to_be_visible()
    dialog.get_by_text("Chosen things").click()
    dialog.get_by_role("spinbutton", name="Teapot").fill("1")
    dialog.get_by_role("spinbutton", name="Teapot").press("Tab")
    expect(dialog.get_by_role("button", name="Refund €10.00")).to_be_enabled()
    expect(dialog.get_by_text("€34.90 of €34.90 left to refund")).to_be_visible()
    dialog.get_by_role("button", name="Refund €10.00").click()
    expect(page.get_by_text("€10.00 was refunded.")).to_be_visible()
    order = now(shop, order_id)
    assert (order.refunded_total, order.payment_status) == (1000, PaymentStatus.PARTIALLY_REFUNDED)

    page.get_by_label("Note for your colleagues").fill("Rang the customer")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Rang the customer")).to_be_visible()


def test_the_same_without_javascript(shop: Live, shelf: Shelf, plain: Page):
    order_id, number = paid_order(shop, "Paulo Plain")
    sign_in(plain)
    plain.get_by_label("Search orders", exact=True).fill("paulo")
    plain.get_by_role("button", name="Search", exact=True).click()
    plain.get_by_role("link", name=number).click()
    plain.get_by_role("link", name="Fulfil").click()
    plain.get_by_label("Tracking number").fill("RR123")
    plain.get_by_role("button", name="Mark as sent").click()
    expect(plain.get_by_text("RR123").first).to_be_visible()
    assert now(shop, order_id).fulfillment_status is FulfillmentStatus.FULFILLED

    plain.get_by_role("link", name="Refund", exact=True).click()
    plain.get_by_text("An amount").click()
    plain.get_by_label("Amount", exact=True).fill("12,50")
    plain.get_by_role("button", name="Work out the sum").click()
    plain.get_by_role("button", name="Refund €12.50").click()
    expect(plain.get_by_text("€12.50 was refunded.")).to_be_visible()
    assert now(shop, order_id).refunded_total == 1250


def test_a_card_payment_goes_back_through_stripe(shop: Live, shelf: Shelf, page: Page):
    add_mug(page)
    page.goto("/checkout")
    fill_checkout(page, "back@example.test")
    page.get_by_role("button", name="Order and pay").click()
    pay(page)
    expect(page.get_by_role("heading", name="Thank you, Ana")).to_be_visible()
    wait_for(lambda: order_of(shop, "back@example.test").payment_status is PaymentStatus.PAID)
    order = order_of(shop, "back@example.test")
    sign_in(page, to=f"/admin/orders/{order.id}")
    page.get_by_role("link", name="Refund", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Refund €").click()
    expect(page.get_by_text("was refunded.")).to_be_visible()
    wait_for(lambda: order_of(shop, "back@example.test").payment_status is PaymentStatus.REFUNDED)
    given = shop.sandbox.get("state?kind=refunds")["refunds"]
    assert [r["amount"] for r in given if r["metadata"]["order_id"] == str(order.id)] == [order.total]


def test_the_save_bar_appears_guards_and_goes(shop: Live, shelf: Shelf, page: Page):
    sign_in(page, cast.MIA, to=f"/admin/products/{shelf.mug}")
    bar = page.get_by_role("region", name="Unsaved changes")
    expect(bar).to_be_hidden()
    page.locator("#meta_title").fill("Mug of stoneware")
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Discard").click()
    expect(bar).to_be_hidden()
    page.locator("#meta_title").fill("Stoneware mug")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("#meta_title")).to_have_value("Stoneware mug")
    expect(bar).to_be_hidden()


def test_products_are_filtered_in_place_and_changed_together(shop: Live, shelf: Shelf, page: Page):
    sign_in(page, cast.MIA, to="/admin/products")
    page.get_by_label("Search products", exact=True).fill("bowl")
    page.get_by_label("Search products", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("q=bowl"))
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    page.get_by_label("Select Gold bowl").check()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_label("What to do").select_option("draft")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Change 1 product").click()
    expect(page.get_by_text("Done", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Undo…").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone", exact=True).first).to_be_visible()


def test_a_file_that_is_sent_obeys_an_answer_that_leads_elsewhere(
    shop: Live, shelf: Shelf, page: Page, complaints: Complaints
):
    """The own sender of files reads HX-Retarget and HX-Redirect as htmx does."""
    path = f"/admin/products/{shelf.mug}"
    picture = {"name": "mug.png", "mimeType": "image/png", "buffer": b"none"}
    sign_in(page, to=path)
    here = page.context.cookies()
    page.context.clear_cookies()
    page.locator("#images input[type=file]").set_input_files(picture)
    expect(page.locator("#toasts .toast--bad")).to_have_count(1)
    expect(page.locator("#images form[data-upload]")).to_have_count(1)
    expect(page.locator("#images progress")).to_have_count(0)
    page.context.add_cookies(here)
    complaints.expected.append("ViewTransition opt-in disabled")  # it goes on without the cross-fade
    page.route("**/images", lambda route: route.fulfill(status=204, headers={"HX-Redirect": "/admin/orders"}))
    page.locator("#images input[type=file]").set_input_files(picture)
    expect(page).to_have_url(re.compile("/admin/orders$"))
    expect(page.get_by_role("heading", name="Orders", level=1)).to_be_visible()


def test_of_what_is_typed_into_a_look_the_last_is_shown_and_kept(shop: Live, shelf: Shelf, page: Page):
    sign_in(page, to="/admin/settings/appearance")
    held: list[Route] = []
    page.route("**/settings/appearance/try-colours", lambda route: held.append(route))
    sentence = page.locator("form[data-live] [name=tagline]")
    sentence.fill("First words")
    wait_for(lambda: held or page.wait_for_timeout(50))
    for words in ("Second words", "Last words"):
        sentence.fill(words)
        page.wait_for_timeout(500)
    assert len(held) == 1  # the first is not answered yet: a second could overtake it
    held[0].continue_()
    wait_for(lambda: len(held) > 1 or page.wait_for_timeout(50))
    assert "Last words" in (held[1].request.post_data or "")
    held[1].continue_()
    expect(page.frame_locator("[data-live-frame]").get_by_role("heading", name="Last words")).to_be_visible()
    assert len(held) == 2
    page.unroute_all()
    with shop.store():
        assert looks.draft()["branding"]["tagline"] == "Last words"
        looks.discard()
