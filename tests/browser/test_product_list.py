"""The product list and the grid in a real browser: keys, typing, a block pasted; and all of it without JavaScript."""

from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from services import search
from services.catalog import products
from tests import cast, make
from tests.browser.test_admin_flow import sign_in
from tests.browser.test_purchase import wait_for
from tests.live import Live
from tests.shop.shelf import Shelf

PASTE = """text => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(paste);
}"""


@pytest.fixture(scope="module")
def lamps(shop: Live, shelf: Shelf) -> list[UUID]:
    with shop.store():
        made = [make.product(f"Lantern {n}", price=1000 + n, stock=5, sku=f"LAN-{n}").id for n in range(4)]
        search.rebuild()
    return made


def price(shop: Live, product_id: UUID) -> int:
    with shop.store():
        return products.get_product(product_id).price


def test_rows_are_found_walked_and_edited_by_keys(shop: Live, lamps: list[UUID], page: Page):
    sign_in(page, cast.MIA, to="/admin/products?view=all&sort=name")
    page.get_by_label("Search products").press_sequentially("lantern", delay=30)
    expect(page.locator("[data-row]")).to_have_count(4)
    expect(page.locator("#find")).to_be_focused()
    expect(page.locator("#found")).to_have_text("4 products")
    page.locator("#find").blur()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Lantern 1", exact=True)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_label("Select Lantern 1")).to_be_checked()
    page.keyboard.press("e")
    field = page.get_by_label("Price: Lantern 1")
    expect(field).to_be_focused()
    field.fill("24,50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Lantern 1” is saved.")).to_be_visible()
    expect(page.locator("[data-row]", has_text="Lantern 1")).to_contain_text("€24.50")
    assert price(shop, lamps[1]) == 2450
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-row]", has_text="Lantern 1")).to_contain_text("€10.01")
    assert price(shop, lamps[1]) == 1001


def test_a_block_is_pasted_filled_down_and_saved(shop: Live, lamps: list[UUID], page: Page):
    sign_in(page, cast.MIA, to="/admin/products?view=all&sort=name&q=lantern")
    page.get_by_label("Select all on this page").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("4")
    page.get_by_role("button", name="Edit as a table").click()
    page.locator("#c-0-price").click()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#c-1-price")).to_be_focused()
    page.evaluate(PASTE, "11.00\t9.00\n12.00\t8.00")
    expect(page.locator("#c-2-sale_price")).to_have_value("8.00")
    expect(page.locator(".is-changed")).to_have_count(4)
    page.locator("#c-0-stock_quantity").fill("30")
    page.keyboard.press("Control+d")
    expect(page.locator("#c-3-stock_quantity")).to_have_value("30")
    page.locator("#c-3-price").fill("dear")
    page.get_by_role("region", name="Unsaved changes").get_by_role("button", name="Save").click()
    expect(page.get_by_text("3 rows are saved.")).to_be_visible()
    expect(page.locator("#c-3-price-error")).to_be_visible()
    expect(page.locator("#c-3-price")).to_have_value("dear")
    assert (price(shop, lamps[1]), price(shop, lamps[2]), price(shop, lamps[3])) == (1100, 1200, 1003)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 rows are saved.")).to_be_visible()
    assert (price(shop, lamps[1]), price(shop, lamps[2])) == (1001, 1002)


def test_many_are_changed_without_javascript(shop: Live, lamps: list[UUID], plain: Page):
    sign_in(plain, cast.MIA, to="/admin/products?view=all&sort=name&q=lantern")
    plain.get_by_label("Select Lantern 2").check()
    plain.get_by_label("Select Lantern 3").check()
    plain.get_by_label("What to do").select_option("price")
    plain.get_by_role("button", name="Continue").click()
    plain.get_by_label("Percent").fill("-50")
    plain.get_by_role("button", name="Preview").click()
    expect(plain.get_by_text("€5.01")).to_be_visible()
    plain.get_by_role("button", name="Change 2 products").click()
    wait_for(lambda: price(shop, lamps[3]) == 502)
    plain.reload()
    plain.get_by_role("link", name="Undo…").click()
    plain.get_by_role("button", name="Undo").click()
    wait_for(lambda: price(shop, lamps[3]) == 1003)
