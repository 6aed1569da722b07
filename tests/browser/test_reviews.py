"""Reviews by keys in a real browser: only the row changes, the next one has the focus, the menu counts down."""

from playwright.sync_api import Page, expect

from kit.db import db, transaction
from models.reviews import Review
from tests import cast, make
from tests.browser.test_admin_flow import sign_in
from tests.live import Live
from tests.shop.shelf import Shelf


def written(shop: Live, *titles: str) -> list[str]:
    with shop.store(), transaction():
        rows = [
            Review(product_id=make.product(f"Cup {title}").id, user_id=cast.CARLA.id, author_name="Carla", rating=5,
                   title=title, body="Fine.")
            for title in titles
        ]  # fmt: skip
        db.session.add_all(rows)
        db.session.flush()
        return [f"#row-{row.id}" for row in rows]


def test_a_shows_r_refuses_and_the_next_row_has_the_focus(shop: Live, shelf: Shelf, page: Page):
    first, second, third = written(shop, "One", "Two", "Three")
    sign_in(page, cast.STAN, "/admin/reviews")
    waiting = page.locator(".rail [data-waits=reviews]")
    expect(waiting).to_contain_text("3")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator(first).get_by_text("Shown", exact=True)).to_be_visible()
    expect(page.locator(second).locator("[data-row-link]")).to_be_focused()
    expect(waiting).to_contain_text("2")
    page.keyboard.press("r")
    page.keyboard.type("Names a colleague")
    page.keyboard.press("Enter")
    expect(page.locator(second).get_by_text("Refused because: Names a colleague")).to_be_visible()
    expect(page.locator(third).locator("[data-row-link]")).to_be_focused()
    expect(waiting).to_contain_text("1")
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(1)
