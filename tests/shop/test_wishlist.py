"""The wishlist in the shop, without scripts: a guest's, a customer's, and the one that is shown."""

import re

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from kit.ids import uuid7
from models.wishlists import WishlistItem
from services import tenants, wishlists
from tests import cast, make
from tests.cast import CARLA, PASSWORD
from tests.services.test_wishlists import switch_on


@pytest.fixture
def wishing(roast):
    switch_on()
    return make.product("Blue mug", slug="blue-mug")


def add(face, product, **kw):
    return face.post("/wishlist/items", data={"product_id": str(product.id)}, **kw)


def wished() -> list:
    return list(db.session.scalars(select(WishlistItem.product_id).order_by(WishlistItem.id)))


def test_a_guest_keeps_it_in_the_browser_and_brings_it_along(wishing, browser):
    other = make.product("Red pot")
    assert "Save to the wishlist" in browser.get("/products/blue-mug").text
    back = {"Referer": "http://roast.localhost/products/blue-mug"}
    answer = add(browser, wishing, headers=back)
    assert (answer.status_code, answer.location) == (303, "/products/blue-mug")
    assert "It is on your wishlist." in browser.get("/products/blue-mug").text
    assert add(browser, other, headers={"Referer": "http://[roast.localhost/"}).location == "/wishlist"
    add(browser, wishing)
    html = browser.get("/wishlist").text
    assert html.index("Blue mug") < html.index("Red pot"), "the latest first"
    assert html.count("Remove<span") == 2 and "Sign in to keep it" in html
    assert wished() == []

    assert browser.post("/login", data={"email": CARLA.email, "password": PASSWORD}).status_code == 303
    assert set(wished()) == {wishing.id, other.id}
    html = browser.get("/wishlist").text
    assert html.index("Blue mug") < html.index("Red pot")
    browser.post("/logout")
    assert "Nothing saved yet" in browser.get("/wishlist").text


def test_a_customer_adds_removes_and_buys_from_it(wishing, browser):
    carla = browser.as_(CARLA)
    add(carla, wishing)
    add(carla, wishing)
    assert wished() == [wishing.id]
    assert "/wishlist" in carla.get("/account").text
    assert carla.post("/cart/items", data={"product_id": str(wishing.id), "quantity": "1"}).status_code == 303
    with transaction():
        row = db.session.get(type(wishing), wishing.id)
        row.price_from = row.price_to = row.price = 500
    assert "Cheaper than when you saved it" in carla.get("/wishlist").text
    assert carla.post(f"/wishlist/items/{wishing.id}/remove").status_code == 303
    assert carla.post(f"/wishlist/items/{wishing.id}/remove").status_code == 404
    assert wished() == []


def test_it_is_shown_by_a_link_that_says_nothing_of_the_person(wishing, browser):
    carla = browser.as_(CARLA)
    add(carla, wishing)
    assert carla.post("/wishlist/share").status_code == 303
    url = re.search(r'value="http[^"]*(/wishlist/shared/[^"]+)"', carla.get("/wishlist").text).group(1)
    page = browser.get(url)
    assert page.status_code == 200 and "Blue mug" in page.text and 'content="noindex"' in page.text
    assert "Carla" not in page.text and CARLA.email not in page.text
    assert browser.at("rival.localhost").get(url).status_code in (403, 404)
    carla.post("/wishlist/share/stop")
    assert browser.get(url).status_code == 404


def test_what_is_no_product_here_is_refused(wishing, browser, everything):
    with tenants.in_store(cast.RIVAL):
        foreign = make.product("Foreign")
    hidden = make.product("Hidden", is_active=False)
    carla, ids = browser.as_(CARLA), (str(foreign.id), str(hidden.id), str(uuid7()), "nonsense", "")
    before = everything()
    for face in (browser, carla):
        for bad in ids:
            assert face.post("/wishlist/items", data={"product_id": bad}).status_code == 404
    assert carla.post(f"/wishlist/items/{ids[0]}/remove").status_code == 404
    assert browser.post("/wishlist/share").status_code == 401
    assert everything() == before
    assert "Nothing saved yet" in browser.get("/wishlist").text


def test_a_guests_list_has_an_end(wishing, browser, monkeypatch):
    monkeypatch.setattr(wishlists, "GUEST_MAX", 1)
    add(browser, wishing)
    add(browser, make.product("Red pot"))
    assert "The wishlist is full" in browser.get("/wishlist").text
    add(browser, wishing)
    assert "It is on your wishlist." in browser.get("/wishlist").text


def test_htmx_gets_a_word_and_stays_where_it_is(wishing, browser):
    answer = add(browser.htmx(), wishing)
    assert (
        answer.status_code == 200 and "It is on your wishlist." in answer.text and "<html" not in answer.text
    )


def test_without_the_addon_nothing_of_it_is_seen(roast, browser, everything):
    mug = make.product("Blue mug", slug="blue-mug")
    product_id, carla = mug.id, browser.as_(CARLA)
    before = everything()
    for path in ("/products/blue-mug", "/account", "/products"):
        assert "wishlist" not in carla.get(path).text.lower(), path
    assert carla.get("/wishlist").status_code == 403
    assert carla.post("/wishlist/items", data={"product_id": str(product_id)}).status_code == 403
    assert browser.get("/wishlist/shared/" + "x" * 43).status_code == 403
    assert everything() == before
