"""robots.txt, sitemaps, the store's own colours, and the doors of a closed store."""

import re
from xml.etree import ElementTree

import pytest

from kit.db import transaction
from kit.drafts import read
from models.tenants import TenantStatus
from services import pages, tenants
from services.pages import PageDraft
from shop.branding import stylesheet
from tests.cast import CARLA, STAN
from tests.shop.shelf import BOSS

NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(xml: str) -> list[str]:
    return [loc.text or "" for loc in ElementTree.fromstring(xml).iter(f"{NS}loc")]


def robots_of(browser) -> list[str]:
    lines = browser.get("/robots.txt").text.splitlines()
    return [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]


def test_robots_names_the_sitemap_and_the_private_rooms(roast, browser):
    assert "Sitemap: http://roast.localhost:8000/sitemap.xml" in browser.get("/robots.txt").text
    assert robots_of(browser) == ["/admin", "/api/", "/orders", "/search"]


OPEN = {
    "/cart": "Your cart at Roast: what you have chosen, and what it costs.",
    "/checkout": "Order at Roast: address, delivery and payment on one page.",
    "/login": "Sign in at Roast to see your orders and addresses.",
    "/register": "Create an account at Roast: see your orders and keep your addresses.",
    "/password/forgot": "Get a link to choose a new password for your account at Roast.",
    "/newsletter": "News and offers of Roast by e-mail, until you unsubscribe.",
    "/wishlist": "What you like at Roast, kept for later.",
    "/account": "Your account at Roast: orders, addresses and details.",
    "/account/orders": "What you have ordered at Roast, and how far each order is.",
    "/account/addresses": "The addresses that Roast knows for your orders.",
    "/account/addresses/new": "Your account at Roast: orders, addresses and details.",
    "/account/details": "Your name, e-mail address and password at Roast.",
    "/account/preferences": "Which messages you get from Roast, and what it keeps about you.",
    "/account/sessions": "The devices on which you are signed in at Roast.",
}


@pytest.mark.parametrize(("path", "description"), OPEN.items())
def test_search_engines_may_look_at_cart_checkout_and_account(shelf, browser, path, description):
    with transaction():
        tenants.row().addons = ["wishlist"]
    browser.post("/cart/items", data={"product_id": str(shelf.mug)})
    visitor = browser.as_(CARLA) if path.startswith("/account") else browser
    answer = visitor.get(f"{path}?next=/products")
    assert answer.status_code == 200
    head = answer.text.partition("</head>")[0]
    assert 'name="robots"' not in head and "X-Robots-Tag" not in answer.headers
    assert re.findall(r'<meta name="description" content="([^"]*)">', head) == [description]
    assert re.findall(r'<link rel="canonical" href="([^"]*)">', head) == [
        f"http://roast.localhost:8000{path}"
    ]
    assert not [start for start in robots_of(browser) if path.startswith(start)]


def test_no_page_is_without_a_description(shelf, browser):
    head = browser.get("/").text.partition("</head>")[0]
    assert '<meta name="description" content="Roast">' in head


def test_the_sitemap_leads_to_every_public_page(shelf, browser):
    pages.create_page(read(PageDraft, {"title": "Terms & more"}), actor=BOSS)
    files = addresses(browser.get("/sitemap.xml").text)
    found = [
        url
        for file in files
        for url in addresses(browser.get(file.removeprefix("http://roast.localhost:8000")).text)
    ]
    paths = [url.removeprefix("http://roast.localhost:8000") for url in found]
    assert set(paths) == {"/", "/products", "/categories/home", f"/categories/{shelf.kitchen}", "/pages/terms-and-more",
                          "/products/blue-mug", "/products/gold-bowl", "/products/linen-shirt"}  # fmt: skip
    for path in paths:
        assert browser.get(path).status_code == 200
    assert browser.get("/sitemap-products-2.xml").status_code == 404
    assert addresses(browser.at("rival.localhost").get("/sitemap-products-1.xml").text) == []


def test_a_content_page(shelf, browser):
    text = {"title": "Delivery", "content": "<h2>When</h2><p>Soon.</p><script>alert(1)</script>"}
    page = pages.create_page(read(PageDraft, text), actor=BOSS)
    answer = browser.get("/pages/delivery")
    assert answer.status_code == 200
    assert "<h2>When</h2>" in answer.text
    assert "alert(1)" not in answer.text
    assert 'href="/pages/delivery"' in browser.get("/products").text  # in the footer
    pages.update_page(page.id, read(PageDraft, {**PageDraft.of(page), "slug": "sending"}), actor=BOSS)
    moved = browser.get("/pages/delivery")
    assert (moved.status_code, moved.location) == (301, "/pages/sending")
    assert browser.at("rival.localhost").get("/pages/sending").status_code == 404


# --- colours ------------------------------------------------------------------------------------------------------


def test_the_stores_colours_come_as_a_stylesheet(roast, browser):
    assert "/branding.css" not in browser.get("/").text
    with transaction():
        row = tenants.row()
        row.branding = {"primary_color": "#ffe000", "font": "serif"}
        row.version += 1
        tenants.touch_catalog()
    link = re.search(r'href="(/branding.css\?v=\d+)"', browser.get("/").text)
    assert link
    answer = browser.get(link[1])
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "--on-brand:light-dark(#000000," in answer.text


@pytest.mark.parametrize("value", ["red;}body{display:none", "", None])
def test_only_colours_and_known_fonts_get_into_the_stylesheet(value):
    assert stylesheet({"font": value}) == ""


# --- doors --------------------------------------------------------------------------------------------------------


@pytest.fixture
def suspended(shelf):
    with transaction():
        tenants.row().status = TenantStatus.SUSPENDED
    return shelf


@pytest.mark.parametrize(
    "path", ["/", "/products", "/products/blue-mug", "/cart", "/checkout", "/search?q=mug"]
)
def test_a_suspended_store_shows_nothing_of_its_goods(suspended, browser, path):
    answer = browser.get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "3600"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Roast" in answer.text
    assert "Blue mug" not in answer.text
    assert "mailto:hello@roast.test" in answer.text


def test_staff_still_see_a_suspended_store(suspended, app):
    from tests.browser_client import Browser

    browser = Browser(app)
    assert (
        browser.post("/admin/login", data={"email": STAN.email, "password": "Demo-Pass-1"}).status_code == 303
    )
    assert browser.get("/products").status_code == 200


def test_maintenance_closes_the_shop_to_shoppers_only(shelf, browser):
    carla, stan = browser.as_(CARLA), browser.as_(STAN)
    with transaction():
        tenants.row().maintenance_mode = True
    for shopper in (browser, carla):
        answer = shopper.get("/products")
        assert answer.status_code == 503
        assert "We are back soon" in answer.text
    assert stan.get("/products").status_code == 200


def test_a_host_without_a_store_names_no_store(browser):
    answer = browser.at("nobody.localhost").get("/")
    assert answer.status_code == 404
    assert "Roast" not in answer.text
    assert "Rival" not in answer.text


def test_an_empty_store_opens_soon(roast, browser):
    assert "Roast opens soon" in browser.get("/").text


def test_the_first_page_shows_breadth(shelf, browser):
    html = browser.get("/").text
    for text in ("Blue mug", "Gold bowl", "Linen shirt", "Home", "Our favourites", "Just in"):
        assert text in html
    assert html.count("<h1") == 1
    assert '"@type": "WebSite"' in html or '"@type":"WebSite"' in html


# --- languages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def bilingual(shelf):
    with transaction():
        tenants.row().languages = ["en", "pt"]
        tenants.touch_catalog()
    return shelf


def test_the_language_is_the_visitors_choice(bilingual, browser):
    assert 'lang="en"' in browser.get("/products").text
    answer = browser.post("/language", data={"language": "pt", "next": "/products"})
    assert (answer.status_code, answer.location) == (303, "/products")
    assert '<html lang="pt">' in browser.get("/products").text
    assert browser.post("/language", data={"language": "xx", "next": "//evil.test"}).location == "/"
    for face, header in ((browser, "Location"), (browser.htmx(), "HX-Redirect")):
        answer = face.post("/language", data={"language": "xx", "next": "/search?q=→"})
        assert answer.headers[header] == "/search?q=%E2%86%92"


def test_every_language_has_its_own_address(bilingual, browser):
    html = browser.get("/products?lang=pt").text
    assert '<link rel="canonical" href="http://roast.localhost:8000/products?lang=pt">' in html
    assert '<link rel="alternate" hreflang="en" href="http://roast.localhost:8000/products">' in html
    assert 'hreflang="x-default" href="http://roast.localhost:8000/products"' in html
    assert (
        '<html lang="en">' in browser.at("roast.localhost").get("/products?lang=de").text
    )  # not a language of this store
