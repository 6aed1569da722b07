"""Searching in the shop: the page, what is offered while one types, and what the store learns of what was not found."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from kit.db import db
from kit.drafts import read
from models.search import SearchMiss
from services import tenants
from services.catalog import categories
from services.search import misses, synonyms
from services.search.synonyms import SynonymDraft
from tests.cast import CARLA, RIVAL
from tests.queries import count_queries
from tests.shop.shelf import BOSS, product
from tests.shop.test_catalog import names


@pytest.fixture(autouse=True)
def nothing_noted():
    misses.clear()


def test_search_finds_by_word_beginning_and_sku(shelf, browser):
    for q in ("mug", "BLU", "mug-1", "stoneware"):
        assert names(browser.get("/search", query_string={"q": q}).text) == ["Blue mug"], q
    html = browser.get("/search?q=mug").text
    assert "Results for “mug”" in html
    assert 'value="mug"' in html
    assert 'name="robots" content="noindex,follow"' in html


def test_a_slip_is_put_right_and_said(shelf, browser):
    html = browser.get("/search?q=shrit").text
    assert names(html) == ["Linen shirt"]
    assert "Nothing found for “shrit”." in html
    assert '<a href="/search?q=shirt">shirt</a>' in html
    assert 'value="shrit"' in html


def test_nothing_found_leads_on(shelf, browser):
    html = browser.get("/search?q=zeppelin").text
    assert names(html) == ["Linen shirt", "Gold bowl", "Blue mug"]
    assert "Nothing found for “zeppelin”" in html
    assert "Often bought" in html
    assert f'class="chip" href="/categories/{shelf.home}"' in html


def test_a_search_within_a_category_and_out_of_it(shelf, browser):
    html = browser.get(f"/categories/{shelf.kitchen}?q=blue").text
    assert names(html) == ["Blue mug"]
    assert "Results for “blue” in Kitchen" in html
    assert f'class="chip" href="/categories/{shelf.kitchen}"' in html
    assert "noindex" in html
    empty = browser.get(f"/categories/{shelf.kitchen}?q=shirt").text
    assert 'href="/search?q=shirt">Search in the whole shop' in empty
    assert f'<a href="/categories/{shelf.kitchen}">Without “shirt”: 2 products</a>' in empty


def test_a_synonym_is_known_at_once(shelf, browser):
    assert names(browser.get("/search?q=beaker&in_stock=1").text) == []
    synonyms.create_synonym(read(SynonymDraft, {"words": ["beaker"], "means": ["mug"]}), actor=BOSS)
    assert names(browser.get("/search?q=beaker&in_stock=1").text) == ["Blue mug"]


# --- while one types ----------------------------------------------------------------------------------------------


def offered(browser, q: str, **headers: str) -> str:
    answer = browser.htmx(**{"HX-Target": "div#q-list", **headers}).get(
        "/search/suggest", query_string={"q": q}
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return answer.text


def rows(html: str) -> list[tuple[str, str]]:
    found = re.findall(r'role="option"[^>]*href="([^"]*)">(.*?)</a>', html, re.DOTALL)
    return [(url, " ".join(re.sub(r"<[^>]+>", " ", text).split())) for url, text in found]


def test_words_categories_and_products_are_offered(shelf, browser):
    product("Blue bowl", "9.00")
    html = offered(browser, "bl")
    assert re.findall(r'role="group" aria-label="(\w+)"', html) == ["Searches", "Products"]
    assert ("/search?q=blue", "bl ue") in rows(html)
    assert ("/products/blue-mug", "Bl ue mug €12.50") in rows(html)
    assert "3 suggestions" in html
    kitchen = offered(browser, "table")
    assert (f"/categories/{shelf.kitchen}", "Kitchen &amp; Table") in rows(kitchen)


def test_a_category_with_several_hits_is_offered_as_a_place_to_search_in(shelf, browser):
    for n in range(2):
        product(f"Teapot {n}", "9.00", category_ids=[str(id_of(shelf.kitchen))])
    assert (f"/categories/{shelf.kitchen}?q=teap", "teap in Kitchen &amp; Table") in rows(
        offered(browser, "teap")
    )


def id_of(slug: str) -> UUID:
    node = categories.find_node(slug)
    assert node is not None
    return node.id


def test_a_slip_and_what_is_sold_out(shelf, browser):
    product("Whistle", "5.00", stock_quantity=0)
    assert [url for url, _text in rows(offered(browser, "wistle"))] == ["/products/whistle"]
    assert "Sold out" in offered(browser, "whistle")


@pytest.mark.parametrize("q", ["", "   ", "!!!", "zeppelin", "<script>", "x" * 300, "'\"*:()"])
def test_nothing_to_offer_is_no_error(shelf, browser, q):
    assert rows(offered(browser, q)) == []


def test_at_most_ten_rows(shelf, browser):
    for n in range(15):
        product(f"Mugshot frame{n} mug{n}", "5.00", category_ids=[str(id_of(shelf.kitchen))])
    assert 5 <= len(rows(offered(browser, "mug"))) <= 10


def test_without_htmx_the_address_is_the_search(shelf, browser):
    answer = browser.get("/search/suggest?q=mug")
    assert (answer.status_code, answer.location) == (302, "/search?q=mug")


def test_the_form_works_by_itself(shelf, browser):
    html = browser.get("/").text
    form = re.search(
        r'<form class="search" role="search" method="get" action="/search">.*?</form>', html, re.DOTALL
    )
    assert form is not None
    assert 'name="q"' in form[0] and 'type="submit"' in form[0]
    assert 'role="listbox"' in form[0] and "combobox" not in re.sub("data-combobox", "", form[0])


def test_offers_are_kept_and_are_the_stores_own(shelf, browser):
    offered(browser, "mu")
    browser.get("/robots.txt")
    with count_queries() as cold:
        offered(browser, "mug")
    with count_queries() as warm:
        offered(browser, "mug")
    assert len(cold) <= 5, cold
    assert len(warm) <= 1, warm
    assert rows(offered(browser.at("rival.localhost"), "mug")) == []
    carla = browser.as_(CARLA)
    assert rows(offered(carla, "mug")) == rows(offered(browser, "mug"))
    product("Mug of gold", "5.00")
    assert "Mug of gold" in re.sub(r"</?b>", "", offered(browser, "mug"))


# --- what was not found -------------------------------------------------------------------------------------------


def noted() -> dict[str, int]:
    misses.flush()
    return {row.query: row.count for row in db.session.scalars(select(SearchMiss))}


def test_what_is_not_found_is_counted_each_time_and_only_then(shelf, browser):
    for q in ("Zeppelin!", "zeppelin", "ZÉPPELIN", "mug", "shrit", ""):
        browser.get("/search", query_string={"q": q})
    browser.get("/search?q=mug&min_price=900")  # the filter leaves nothing, not the search
    browser.as_(CARLA).get("/search?q=zeppelin")
    browser.htmx(**{"HX-Target": "section#results"}).get("/search?q=zeppelin")
    assert noted() == {"zeppelin": 4}
    browser.get("/search?q=zeppelin")
    assert noted() == {"zeppelin": 5}


def test_the_other_store_counts_its_own(shelf, browser):
    browser.at("rival.localhost").get("/search?q=mug")
    assert noted() == {}
    with tenants.in_store(RIVAL):
        assert noted() == {"mug": 1}


@pytest.mark.parametrize("q", ["ana@example.com", "912 345 678", "4111111111111111", "x" * 61, "…"])
def test_what_may_be_somebodys_own_is_not_kept(shelf, browser, q):
    browser.get("/search", query_string={"q": q})
    assert noted() == {}


def test_the_report_stays_short(shelf, monkeypatch):
    monkeypatch.setattr(misses, "PER_STORE", 3)
    for n in range(1, 6):
        for _time in range(n):
            misses.note(f"thing{n}")
    assert noted() == {"thing3": 3, "thing4": 4, "thing5": 5}
