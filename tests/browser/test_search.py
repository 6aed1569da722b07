"""The search field as a combobox, the choice of a variant in one swap, what was seen lately; and all of it without."""

import re

from playwright.sync_api import Page, expect

from tests.shop.shelf import Shelf


def test_the_search_field_is_a_combobox(page: Page):
    page.goto("/products")
    field, offers = page.locator("#q"), page.locator("#q-list")
    field.click()
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("mu")
    expect(offers).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#q-list-said")).to_have_text(re.compile(r"\d suggestions?"))
    field.press("ArrowDown")
    first = offers.get_by_role("option").first
    expect(first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == first.get_attribute("id")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(offers).to_be_hidden()
    expect(field).to_have_value("mu")
    field.press("ArrowDown")
    expect(offers).to_be_visible()
    field.press("ArrowUp")
    field.press("ArrowUp")
    expect(offers.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(page).to_have_url(re.compile("/products/blue-mug$"))


def test_enter_searches_for_what_was_typed_and_emptying_closes_the_list(page: Page):
    page.goto("/products")
    field, offers = page.locator("#q"), page.locator("#q-list")
    field.click()
    field.press_sequentially("mu")
    expect(offers).to_be_visible()
    field.fill("")
    expect(offers).to_be_hidden()
    field.fill("shrit")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=shrit$"))
    expect(page.get_by_role("link", name="Linen shirt")).to_be_visible()
    expect(page.get_by_text("Nothing found for “shrit”.")).to_be_visible()


def test_one_swap_changes_price_stock_address_and_offers_to_tell(page: Page, shelf: Shelf):
    page.goto(f"/products/{shelf.shirt_slug}")
    page.evaluate("window.kept = true")
    page.get_by_label("Blue").check()
    expect(page.locator("#group-o2")).to_contain_text("not available")
    page.get_by_label("M sold out").check()
    expect(page.locator("#buy .stock")).to_have_text("Sold out")
    expect(page.locator("#buy .price__now")).to_have_text("€65.00")
    expect(page).to_have_url(re.compile(r"o1=blue&o2=m"))
    page.get_by_label("Tell me when it is back").fill("nonsense")
    page.get_by_role("button", name="Tell me").click()
    expect(page.locator("#alert-error")).to_be_visible()
    page.get_by_label("Tell me when it is back").fill("ana@example.test")
    page.get_by_role("button", name="Tell me").click()
    expect(page.locator("#alert").get_by_role("status")).to_contain_text("look into your mailbox")
    assert page.evaluate("window.kept") is True


def test_what_was_seen_is_shown_and_can_be_cleared(page: Page, shelf: Shelf):
    page.goto(f"/products/{shelf.mug_slug}")
    expect(page.locator("[data-seen]")).to_be_hidden()
    page.goto(f"/products/{shelf.shirt_slug}")
    section = page.locator("[data-seen]")
    expect(section.get_by_role("link", name="Blue mug")).to_be_visible()
    expect(section.locator(".card")).to_have_count(1)
    section.get_by_role("button", name="Clear the list").click()
    expect(section).to_be_hidden()
    page.reload()
    expect(page.locator("[data-seen]")).to_be_hidden()


def test_searching_and_asking_without_javascript(plain: Page, shelf: Shelf):
    plain.goto("/products")
    plain.locator("#q").fill("mug")
    plain.locator("#q").press("Enter")
    expect(plain.locator("#results .card__link")).to_have_text(["Blue mug"])
    plain.goto(f"/products/{shelf.shirt_slug}")
    plain.get_by_label("Blue").check()
    plain.get_by_label("M", exact=True).check()
    plain.get_by_role("button", name="Show this choice").click()
    expect(plain.locator("#buy .stock")).to_have_text("Sold out")
    plain.get_by_label("Tell me when it is back").fill("ana@example.test")
    plain.get_by_role("button", name="Tell me").click()
    expect(plain.get_by_text("look into your mailbox")).to_be_visible()
