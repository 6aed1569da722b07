"""The first page in every theme, its sections, and the look that only staff see while it is tried on."""

import re

import pytest

from kit.db import transaction
from kit.drafts import read
from models.catalog import Product
from models.reviews import Review
from services import home_sections, looks, tenants
from services.catalog import images
from services.home_sections import HomeDraft
from services.themes import THEMES, ThemeDraft
from tests import queries
from tests.cast import ALICE, CARLA, STAN
from tests.services.test_images import picture
from tests.shop.shelf import category, product

BOSS = ALICE.actor


def arrange(*sections: dict) -> None:
    home_sections.set_sections(read(HomeDraft, {"sections": list(sections)}), actor=BOSS)


def wear(theme: str) -> None:
    with transaction():
        row = tenants.row()
        row.theme, row.version = theme, row.version + 1
    tenants.forget()


def parts_of(html: str) -> list[str]:
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.findall(r"<h[12][^>]*>(.*?)</h[12]>", main)


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("path", ["/", "/products", "/products/blue-mug", "/cart", "/search?q=mug"])
def test_every_page_stands_in_every_theme(shelf, browser, theme, path):
    wear(theme)
    answer = browser.get(path)
    assert answer.status_code == 200
    html = answer.text
    assert re.search(rf'href="/static/shop-{theme}\.[0-9a-f]+\.css"', html)
    assert html.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*(\bsrc=|ld\+json))|\sstyle=|\son[a-z]+=", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert 'name="theme-color"' in html and "Blue mug" in html or path == "/cart"


def test_sections_stand_in_the_stores_order_with_its_words(shelf, browser):
    assert parts_of(browser.get("/").text)[1:] == [
        "Shop by category",
        "Our favourites",
        "What you can count on",
        "Just in",
    ]
    arrange({"kind": "newest", "title": "Fresh <b>things</b>"}, {"kind": "featured", "is_on": False},
            {"kind": "text", "title": "Who we are", "text": "Line one.\n\nLine <i>two</i>.", "link": "/pages/us",
             "label": "Our story"}, {"kind": "sale"})  # fmt: skip
    html = browser.get("/").text
    assert parts_of(html) == ["Roast", "Fresh &lt;b&gt;things&lt;/b&gt;", "Who we are", "Reduced"]
    assert "<p>Line one.</p><p>Line &lt;i&gt;two&lt;/i&gt;.</p>" in html
    assert 'href="/pages/us">Our story' in html and "Gold bowl" in html
    assert '<h1 class="vh">Roast</h1>' in html


def test_what_has_nothing_to_show_is_left_out(shelf, browser):
    arrange({"kind": "hero"}, {"kind": "reviews"}, {"kind": "text"}, {"kind": "picture"})
    assert len(parts_of(browser.get("/").text)) == 1


def test_the_newsletters_section_leads_to_its_page(shelf, browser):
    arrange({"kind": "newsletter", "title": "Post from us", "label": "Yes, please"})
    html = browser.get("/").text
    assert parts_of(html)[-1] == "Post from us" and re.search(
        r'href="/newsletter">.*?Yes, please', html, re.S
    )


def test_voices_lead_to_their_product(shelf, browser):
    with transaction() as session:
        session.add(Review(product_id=shelf.mug, user_id=CARLA.id, rating=5, title="So blue", body="Every morning.",
                           author_name="Carla T.", is_approved=True))  # fmt: skip
    arrange({"kind": "reviews", "title": "They say"})
    html = browser.get("/").text
    assert "Every morning." in html and 'Carla T., <a href="/products/blue-mug">Blue mug</a>' in html


def test_the_first_page_asks_little(shelf, browser, app):
    arrange(
        *(
            {"kind": kind}
            for kind in ("hero", "categories", "featured", "newest", "sale", "promises", "reviews")
        )
    )
    with queries.count_queries() as seen:
        browser.get("/")
    assert len(seen) <= 20, seen


def test_pictures_of_categories_take_one_query_however_many_there_are(shelf, browser):
    arrange({"kind": "categories"})
    shelves = [str(category(f"Shelf {number}")) for number in range(4)]
    cups = [product(f"Cup {number}", "1.00", category_ids=shelves) for number in range(3)]
    for cup, colour in zip(cups, ("red", "blue"), strict=False):
        images.add_image(cup, picture(color=colour), images.ImageDraft(), actor=BOSS)
    with transaction() as session:
        for sold, cup in enumerate(cups):  # the one without a picture is sought most
            session.get_one(Product, cup).sold_count = sold
        keys = {cup: session.get_one(Product, cup).images[0].key for cup in cups[:2]}
    with queries.count_queries() as seen:
        html = browser.get("/").text
    assert html.count(f'src="/media/{keys[cups[1]]}"') == 4 and keys[cups[0]] not in html
    assert sum("product_categories" in one and "JOIN product_images" in one for one in seen) == 1, seen


def test_products_are_counted_where_the_theme_says_how_many_there_are(shelf, browser):
    arrange({"kind": "hero"})
    for theme, counted in (("market", 0), ("circuit", 1)):
        wear(theme)
        with queries.count_queries() as seen:
            html = browser.get("/").text
        assert sum("SELECT count(products.id)" in one for one in seen) == counted, seen
        assert ("hero__facts" in html) is bool(counted)


def test_staff_see_what_is_tried_on_and_nobody_else_does(shelf, browser):
    alice, carla = browser.as_(ALICE), browser.as_(CARLA)
    plain = browser.get("/")
    assert alice.post("/admin/settings/appearance/try", data={"theme": "confetti"}).headers["Location"] == "/"
    tried = alice.get("/")
    assert "shop-confetti." in tried.text and "Preview: Confetti" in tried.text
    assert tried.headers["Cache-Control"] == "private, no-store" and "ETag" not in tried.headers
    for path in ("/products", "/products/blue-mug", "/cart"):
        assert "shop-confetti." in alice.get(path).text
    for face in (browser, carla, browser.as_(STAN)):
        page = face.get("/")
        assert "shop-confetti." not in page.text and "Preview:" not in page.text
    again = browser.get("/")
    assert again.text == plain.text and again.headers["ETag"] == plain.headers["ETag"]
    assert browser.get("/", headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


def test_a_page_made_in_a_preview_is_kept_for_nobody(shelf, browser):
    """The preview comes first, on a cold cache; colours, words and parts of it must not come out for others."""
    alice = browser.as_(ALICE)
    alice.post("/admin/settings/appearance/try", data={"theme": "circuit"})
    alice.post("/admin/settings/appearance/try-colours", data={"primary_color": "#123456", "tagline": "Hush"})
    looks.try_sections(read(HomeDraft, {"sections": [{"kind": "hero", "title": "Secret plans"}]}))
    html = alice.get("/").text
    assert "Secret plans" in html and "Hush" in html
    url = re.search(r'href="(/branding\.css\?v=[^"]+)"', html)[1]
    css = alice.get(url)
    assert "#123456" in css.text and css.headers["Cache-Control"] == "private, no-store"
    assert "#123456" not in browser.get(url).text
    for _time in range(2):
        for path in ("/", "/products"):
            page = browser.get(path).text
            assert not any(word in page for word in ("Secret plans", "Hush", "branding.css", "shop-circuit."))


def test_the_preview_ends_and_publishing_makes_it_everybodys(shelf, browser):
    alice = browser.as_(ALICE)
    alice.post("/admin/settings/appearance/try", data={"theme": "circuit"})
    alice.post("/admin/settings/appearance/end")
    assert "shop-market." in alice.get("/").text and looks.draft() == {"theme": "circuit"}
    alice.post("/admin/settings/appearance/publish")
    assert "shop-circuit." in browser.get("/").text and "Preview:" not in alice.get("/").text


def test_who_is_no_longer_staff_sees_no_preview(shelf, browser):
    alice = browser.as_(ALICE)
    alice.post("/admin/settings/appearance/try", data={"theme": "circuit"})
    alice.post("/logout")
    assert "shop-market." in alice.get("/").text
    assert alice.post("/login", data={"email": CARLA.email, "password": "Demo-Pass-1"}).status_code == 303
    assert "shop-market." in alice.get("/").text


def test_a_frame_of_the_back_office_shows_it_without_the_banner(shelf, browser):
    looks.try_theme(ThemeDraft(template_slug="circuit"))
    framed = {"Sec-Fetch-Dest": "iframe"}
    page = browser.as_(ALICE).get("/", headers=framed)
    assert "shop-circuit." in page.text and "Preview:" not in page.text
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    for face in (browser, browser.as_(CARLA)):
        page = face.get("/", headers=framed)
        assert (
            "shop-market." in page.text
            and "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        )


def test_the_other_stores_look_stays_its_own(shelf, browser):
    alice = browser.as_(ALICE)
    alice.post("/admin/settings/appearance/try", data={"theme": "circuit"})
    assert "shop-circuit." not in browser.at("rival.localhost").get("/").text
