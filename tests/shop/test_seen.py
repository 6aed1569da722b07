"""Recently seen: the browser's own list; the shop only draws the cards it is asked for."""

from tests.cast import CARLA
from tests.queries import count_queries
from tests.shop.shelf import product
from tests.shop.test_catalog import names


def asked(browser, *ids) -> list[str]:
    answer = browser.htmx().get("/seen", query_string={"id": [str(one) for one in ids]})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"].startswith("private")
    return names(answer.text)


def test_cards_come_in_the_order_of_the_list_and_only_what_is_there(shelf, browser):
    gone = product("Hidden", "5.00", is_active=False)
    assert asked(browser, shelf.shirt, gone, shelf.mug, "nonsense", shelf.shirt) == [
        "Linen shirt",
        "Blue mug",
    ]
    assert asked(browser) == asked(browser, "x", "") == []
    assert asked(browser, *[shelf.bowl] * 500) == ["Gold bowl"]


def test_the_other_stores_are_not_shown(shelf, browser):
    assert asked(browser.at("rival.localhost"), shelf.mug) == []


def test_it_takes_one_query(shelf, browser):
    asked(browser, shelf.mug)
    with count_queries() as queries:
        asked(browser, shelf.mug, shelf.bowl)
    assert len(queries) <= 2, queries


def test_a_kept_page_knows_nothing_of_it(shelf, browser):
    html = browser.get(f"/products/{shelf.mug_slug}").text
    section = html.split("data-seen=")[1].split("</section>")[0]
    assert f'data-seen-id="{shelf.mug}" hidden>' in section and "card" not in section
    assert browser.as_(CARLA).get(f"/products/{shelf.mug_slug}").text.count("data-seen=") == 1


def test_without_scripts_the_address_leads_to_the_shop(shelf, browser):
    assert browser.get("/seen").location == "/products"
