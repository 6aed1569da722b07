"""The platform's people in a real browser: a form on one host that ends on another, which browsers watch closely."""

import re

from playwright.sync_api import Page, expect

from tests import cast
from tests.live import Live


def act_for_alice(shop: Live, page: Page) -> None:
    console = f"http://localhost:{shop.port}"
    page.goto(f"{console}/platform/stores?q=roast")
    page.get_by_label("E-mail", exact=True).fill(cast.PAT.email)
    page.locator("#password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Roast", exact=True).click()
    page.get_by_role("link", name="Act for a colleague…").click()
    page.get_by_label("As", exact=True).select_option(str(cast.ALICE.id))
    page.get_by_label("Reason", exact=True).fill("Ticket 812")
    page.get_by_role("button", name="Go to the store").click()
    expect(page.get_by_text("You are about to work here as")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile(r"//roast\.localhost:\d+/admin$"))
    said = page.get_by_text(f"{cast.PAT.email} of the platform acts here as {cast.ALICE.email}")
    expect(said).to_be_visible()
    page.get_by_role("link", name="Orders", exact=True).first.click()
    expect(said).to_be_visible()
    page.get_by_role("button", name="End", exact=True).click()
    expect(page).to_have_url(f"{console}/platform/stores/{cast.ROAST}")
    page.goto(shop.url("/admin"))
    expect(page).to_have_url(re.compile("/admin/login"))


def test_into_a_store_and_back(shop: Live, page: Page):
    act_for_alice(shop, page)


def test_the_same_without_scripts(shop: Live, plain: Page):
    act_for_alice(shop, plain)
