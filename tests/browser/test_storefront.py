"""What htmx and the small scripts add: filters, choices, drawer, coupon, menu; Back brings everything back."""

import re

import pytest
from playwright.sync_api import Page, expect

from kit.drafts import read
from services import promotions
from services.promotions import CouponDraft
from tests.browser.conftest import Complaints
from tests.browser.steps import add_mug
from tests.cast import CARLA, PASSWORD
from tests.live import Live
from tests.shop.shelf import BOSS, Shelf

RED, BLUE = re.compile(r"^Red\b"), re.compile(r"^Blue\b")  # and not "Reduced"


def card_names(page: Page) -> list[str]:
    return page.locator("#results .card__link").all_inner_texts()


def test_filters_change_list_count_chips_and_address_in_place(page: Page):
    page.goto("/categories/home")
    page.evaluate("window.kept = true")
    box = page.get_by_role("checkbox", name=RED)
    box.check()
    expect(page.locator("#results .card__link")).to_have_count(1)
    expect(page.locator(".bar__count")).to_have_text("1 product")
    expect(page).to_have_url(
        re.compile(r"/categories/home\?(sort=newest&)?option=colour%3Ared(&sort=newest)?$")
    )
    expect(page.locator("#results .chip")).to_have_text(["Remove filter Colour: Red"])
    expect(page.get_by_role("checkbox", name=RED)).to_be_focused()
    assert page.evaluate("window.kept") is True  # the page was never left
    page.get_by_label("From").fill("500")
    page.get_by_label("From").press("Tab")
    expect(page.get_by_text("No products match these filters")).to_be_visible()
    page.get_by_role("link", name="Clear all filters").click()
    expect(page.locator("#results .card__link")).to_have_count(3)


def test_back_brings_the_list_back_as_it_was(page: Page):
    page.goto("/categories/home")
    page.get_by_role("checkbox", name=RED).check()
    expect(page.locator("#results .card__link")).to_have_count(1)
    page.get_by_role("link", name="Linen shirt").click()
    expect(page.get_by_role("heading", name="Linen shirt")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("checkbox", name=RED)).to_be_checked()
    assert card_names(page) == ["Linen shirt"]
    page.go_back()
    expect(page.locator("#results .card__link")).to_have_count(3)
    expect(page.get_by_role("checkbox", name=RED)).not_to_be_checked()


def test_sorting_keeps_the_filters(page: Page):
    page.goto("/categories/home?min_price=10")
    page.get_by_label("Sort by").select_option("price")
    expect(page).to_have_url(re.compile("sort=price"))
    expect(page.locator("#results .card__link").first).to_have_text("Blue mug")
    assert "min_price=10" in page.url


def test_filters_on_a_phone_open_in_a_dialog(page: Page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/products")
    page.get_by_role("link", name="Filters").click()
    dialog = page.locator("#filter-dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox", name=RED).check()
    expect(dialog.get_by_role("button", name="Show 1 product")).to_be_visible()
    dialog.get_by_role("button", name="Show 1 product").click()
    expect(dialog).to_be_hidden()
    assert card_names(page) == ["Linen shirt"]


def test_filters_without_javascript(plain: Page):
    plain.goto("/categories/home")
    plain.get_by_role("checkbox", name=RED).check()
    plain.get_by_role("button", name="Apply filters").click()
    assert card_names(plain) == ["Linen shirt"]
    plain.get_by_role("link", name="Clear all").first.click()
    assert len(card_names(plain)) == 3


def test_choosing_a_variant_changes_price_stock_and_address(page: Page, shelf: Shelf):
    page.goto(f"/products/{shelf.shirt_slug}")
    expect(page.locator("#buy .price")).to_contain_text("from €60.00")
    page.get_by_role("radio", name=RED).check()
    page.get_by_label("M", exact=True).check()
    expect(page.locator("#buy .price__now")).to_have_text("€65.00")
    page.get_by_role("radio", name=BLUE).check()
    expect(page.locator("#buy .stock")).to_have_text("Sold out")
    expect(page.get_by_role("radio", name=BLUE)).to_be_focused()
    page.go_back()
    expect(page.locator("#buy .price__now")).to_have_text("€65.00")
    expect(page.get_by_role("button", name="Add to cart")).to_be_visible()


def test_the_drawer_takes_the_focus_and_gives_it_back(page: Page):
    page.goto("/products")
    opener = page.locator("[data-open-cart]")
    opener.click()
    drawer = page.locator("#cart-drawer")
    expect(drawer.get_by_text("Your cart is empty")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_cart_changes_in_place_and_a_removal_is_undone(page: Page):
    add_mug(page)
    page.goto("/cart")
    page.get_by_role("button", name="Increase quantity of Blue mug").click()
    expect(page.locator("#cart-page .facts__total dd")).to_have_text("€25.00")
    expect(page.locator("#cart-count")).to_contain_text("2 items")
    page.get_by_role("button", name="Remove Blue mug").click()
    expect(page.get_by_text("Removed: Blue mug")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#cart-page .facts__total dd")).to_have_text("€25.00")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_coupon(request: pytest.FixtureRequest, shop: Live, scripts: bool):
    code = "HTMX" if scripts else "PLAIN"
    with shop.store():
        promotions.create_coupon(
            read(CouponDraft, {"code": code, "type": "percentage", "value": "20"}), actor=BOSS
        )
    page: Page = request.getfixturevalue("page" if scripts else "plain")
    add_mug(page)
    page.goto("/cart")
    page.get_by_text("Add a discount code").click()
    page.get_by_label("Discount code").fill("nonsense")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("There is no such coupon.")).to_be_visible()
    page.get_by_label("Discount code").fill(code.lower())
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("−€2.50").first).to_be_visible()
    expect(page.locator("#cart-page .facts__total dd")).to_have_text("€10.00")
    page.get_by_role("button", name=f"Remove {code}").click()
    expect(page.locator("#cart-page .facts__total dd")).to_have_text("€12.50")


def test_signing_in_takes_the_cart_along_and_leads_back(page: Page):
    add_mug(page)
    page.goto("/checkout")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail", exact=True).fill(CARLA.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/checkout$"))
    expect(page.get_by_label("E-mail", exact=True)).to_have_value(CARLA.email)
    expect(page.locator("#summary")).to_contain_text("Blue mug")


def test_the_language_is_changed_by_a_button(plain: Page):
    plain.goto("/products")
    plain.get_by_label("Language").select_option("pt")
    plain.get_by_role("button", name="Change").click()
    expect(plain.locator("html")).to_have_attribute("lang", "pt")
    expect(plain).to_have_url(re.compile("/products$"))


def test_the_first_stop_of_the_keyboard_skips_to_the_content(page: Page):
    page.goto("/products")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_menu_closes_with_escape(page: Page):
    page.goto("/products")
    summary = page.locator("summary", has_text="Menu of categories")
    summary.click()
    expect(page.get_by_role("link", name="Kitchen & Table").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    expect(page.get_by_role("link", name="Kitchen & Table").first).to_be_hidden()


def test_a_lost_connection_is_said_and_can_be_tried_again(page: Page, complaints: Complaints):
    complaints.expected += ["net::ERR_FAILED", "htmx:error"]
    add_mug(page)
    page.goto("/cart")
    page.route("**/cart/items/*", lambda route: route.abort())
    page.get_by_role("button", name="Increase quantity of Blue mug").click()
    expect(page.get_by_role("alert")).to_contain_text("did not work")
    page.unroute("**/cart/items/*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#cart-page .facts__total dd")).to_have_text("€25.00")
