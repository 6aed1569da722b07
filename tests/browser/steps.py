"""What a shopper does, said once."""

from playwright.sync_api import Page, expect

GOOD, DECLINED = "4242424242424242", "4000000000000002"
ANA = {
    "first_name": "Ana",
    "last_name": "Silva",
    "line1": "Rua Augusta 1",
    "postal_code": "1100-048",
    "city": "Lisboa",
}


def add_mug(page: Page, slug: str = "blue-mug") -> None:
    page.goto(f"/products/{slug}")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_text("Added to cart: Blue mug").first).to_be_visible()


def fill_checkout(page: Page, email: str = "ana@example.test", **changes: str) -> None:
    page.get_by_label("E-mail", exact=True).fill(email)
    for name, value in {**ANA, **changes}.items():
        page.locator(f"#{name}").fill(value)


def pay(page: Page, card: str = GOOD) -> None:
    """On the hosted page."""
    page.wait_for_url("**/pay/**")
    page.get_by_label("Card number").fill(card)
    page.get_by_role("button", name="Pay €").first.click()
