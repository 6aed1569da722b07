"""The running product and a real Chromium before it: one shop for all tests, a fresh visitor for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from kit.db import transaction
from services import stock, tenants
from tests import live
from tests.live import Live
from tests.servers import chromium
from tests.shop import shelf as shelves
from tests.shop.shelf import Shelf


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def shop() -> Iterator[Live]:
    with live.running() as running:
        yield running


@pytest.fixture(scope="session")
def shelf(shop: Live) -> Shelf:
    with shop.store():
        made = shelves.fill()
        for thing in (made.mug, made.bowl):  # enough for everybody who buys at the same time
            stock.set_sellable(thing, None, 500, actor=shelves.BOSS)
        with transaction():
            stock.refresh([made.mug, made.bowl])
            tenants.row().languages = ["en", "pt"]
            tenants.touch_catalog()
    return made


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chrome(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(**chromium())
    yield browser
    browser.close()


class Complaints(list[str]):
    """What the browser's console complains of. Refusals that a test provokes are named in `expected`."""

    def __init__(self) -> None:
        super().__init__()
        self.expected = ["the server responded with a status of 4"]

    def unexpected(self) -> list[str]:
        return [text for text in self if not any(part in text for part in self.expected)]


def _visit(
    chrome: Browser, shop: Live, complaints: Complaints, *, scripts: bool
) -> tuple[BrowserContext, Page]:
    context = chrome.new_context(
        base_url=shop.url(),
        java_script_enabled=scripts,
        viewport={"width": 1280, "height": 900},
        locale="en-GB",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return context, page


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(chrome: Browser, shop: Live, shelf: Shelf, complaints: Complaints) -> Iterator[Page]:
    """A new visitor with JavaScript. At the end the console must have stayed silent, but for refused requests."""
    context, page = _visit(chrome, shop, complaints, scripts=True)
    yield page
    context.close()
    assert complaints.unexpected() == []


@pytest.fixture
def plain(chrome: Browser, shop: Live, shelf: Shelf, complaints: Complaints) -> Iterator[Page]:
    """A new visitor without JavaScript."""
    context, page = _visit(chrome, shop, complaints, scripts=False)
    yield page
    context.close()
