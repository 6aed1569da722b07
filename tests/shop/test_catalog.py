"""Lists and search: what they show, under which address, and how few queries they take."""

import json
import re

import pytest

from kit.db import db, transaction
from models.catalog import Product
from services import tenants
from services.catalog import categories
from services.catalog.categories import CategoryDraft
from tests.cast import ALICE, CARLA
from tests.queries import count_queries
from tests.shop.shelf import BOSS, category, product


def data_of(html: str) -> list[dict]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return [json.loads(text) for text in found]


def names(html: str) -> list[str]:
    return re.findall(r'card__link" href="[^"]*">([^<]*)<', html)


def test_all_products(shelf, browser):
    answer = browser.get("/products")
    assert answer.status_code == 200
    assert names(answer.text) == ["Linen shirt", "Gold bowl", "Blue mug"]
    assert "3 products" in answer.text
    assert "<h1>All products</h1>" in answer.text


def describe(shelf) -> None:
    """The mug has a brand and four stars, the bowl another brand."""
    with transaction():
        mug, bowl = db.session.get(Product, shelf.mug), db.session.get(Product, shelf.bowl)
        mug.brand, bowl.brand, mug.rating_sum, mug.review_count = "Tejo", "Douro", 9, 2
        tenants.touch_catalog()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=price", ["Blue mug", "Gold bowl", "Linen shirt"]),
        ("?sort=name-desc", ["Linen shirt", "Gold bowl", "Blue mug"]),
        ("?min_price=20&max_price=35,00", ["Gold bowl"]),
        ("?featured=1", ["Blue mug"]),
        ("?option=colour:red", ["Linen shirt"]),
        ("?option=colour:red&option=colour:blue&option=size:m", ["Linen shirt"]),
        ("?option=colour:green", []),
        ("?on_sale=1", ["Gold bowl"]),
        ("?brand=Tejo", ["Blue mug"]),
        ("?brand=Tejo&brand=Douro", ["Gold bowl", "Blue mug"]),
        ("?rating=4", ["Blue mug"]),
        ("?rating=3&on_sale=1", []),
        ("?rating=9", ["Linen shirt", "Gold bowl", "Blue mug"]),
        ("?min_price=abc&sort=nonsense&page=x", ["Linen shirt", "Gold bowl", "Blue mug"]),
    ],
)
def test_filters_are_in_the_address(shelf, browser, query, expected):
    describe(shelf)
    assert names(browser.get(f"/products{query}").text) == expected


def test_chips_take_one_filter_away(shelf, browser):
    html = browser.get("/products?option=colour:red&max_price=70&sort=price").text
    chips = re.findall(r'class="chip" href="([^"]*)"', html)
    assert chips == [
        "/products?max_price=70&amp;sort=price",
        "/products?option=colour%3Ared&amp;sort=price",
    ]
    assert 'href="/products">Clear all' in html


def test_every_filter_says_how_many_it_leaves(shelf, browser):
    describe(shelf)
    html = browser.get("/products").text
    for label, count in (("Red", 1), ("Tejo", 1), ("Douro", 1), ("4 stars and more", 1), ("Reduced", 1)):
        row = html.split(f"<span>{label}</span>")[1]
        assert re.match(rf'<span class="check__count">(<span class="vh">\(</span>)?{count}<', row), label
    assert 'name="featured" id="f-featured" value="1">' in html
    assert 'value="1" disabled' in browser.get("/products?brand=Douro").text.split('name="featured"')[1][:60]
    kept = browser.get("/products?brand=Douro&on_sale=1&rating=4").text
    chips = re.findall(r'class="chip" href="([^"]*)"', kept)
    assert chips == ["/products?on_sale=1&amp;rating=4", "/products?brand=Douro&amp;rating=4",
                     "/products?brand=Douro&amp;on_sale=1"]  # fmt: skip


def test_filters_without_a_result_show_ways_back(shelf, browser):
    html = browser.get("/products?min_price=500&option=colour:red").text
    assert "No products match these filters" in html
    assert "Remove filter </span>Colour: Red<" in html
    assert "Clear all filters" in html
    assert '<a href="/products?option=colour%3Ared">Without from €500.00: 1 product</a>' in html
    assert "Without Colour: Red" not in html  # would still leave nothing
    assert "Nothing here" not in html


def test_an_empty_category_leads_on(shelf, browser):
    category("Empty")
    html = browser.get("/categories/empty").text
    assert "There is nothing here yet" in html
    assert "Often bought" in html and f'class="chip" href="/categories/{shelf.home}"' in html


def test_a_filter_change_by_htmx_gets_the_results_alone(shelf, browser):
    answer = browser.htmx(**{"HX-Target": "section#results"}).get("/products?max_price=20")
    assert names(answer.text) == ["Blue mug"]
    assert "<html" not in answer.text
    assert '<hx-partial hx-target="#filters"' in answer.text


def test_a_category_shows_what_is_in_it_and_below(shelf, browser):
    top = browser.get(f"/categories/{shelf.home}")
    assert names(top.text) == ["Linen shirt", "Gold bowl", "Blue mug"]
    assert f'href="/categories/{shelf.kitchen}"' in top.text
    below = browser.get(f"/categories/{shelf.kitchen}")
    assert names(below.text) == ["Gold bowl", "Blue mug"]
    assert "For the table." in below.text
    crumbs = next(d for d in data_of(below.text) if d["@type"] == "BreadcrumbList")
    assert [c["name"] for c in crumbs["itemListElement"]] == ["Home", "Home", "Kitchen & Table"]
    assert crumbs["itemListElement"][2]["item"] == f"http://roast.localhost:8000/categories/{shelf.kitchen}"


def test_a_category_that_moved_is_found_in_one_hop(shelf, browser):
    for slug in ("cooking", "table"):
        node = categories.find_node(shelf.kitchen if slug == "cooking" else "cooking")
        assert node is not None
        row = categories.get_category(node.id)
        categories.update_category(
            row.id, CategoryDraft(**{**CategoryDraft.of(row), "slug": slug}), actor=BOSS
        )
        tenants.forget()
    for old in (shelf.kitchen, "cooking"):
        answer = browser.get(f"/categories/{old}")
        assert (answer.status_code, answer.location) == (301, "/categories/table")
    assert browser.get("/categories/table").status_code == 200


@pytest.mark.parametrize(
    "path", ["/categories/nothing", "/products/nothing", "/pages/nothing", "/products?page=9", "/no"]
)
def test_what_is_not_there_says_so_and_offers_the_search(shelf, browser, path):
    answer = browser.get(path)
    assert answer.status_code == 404
    assert 'role="search"' in answer.text
    assert "This page is not here" in answer.text
    assert "noindex" in answer.text
    assert f'href="/categories/{shelf.home}"' in answer.text  # the store's own menu


def test_the_other_stores_things_are_not_there(shelf, browser):
    rival = browser.at("rival.localhost")
    for path in (f"/products/{shelf.mug_slug}", f"/categories/{shelf.home}", f"/products/{shelf.mug}"):
        assert rival.get(path).status_code == 404
    assert names(rival.get("/products").text) == []
    assert names(rival.get("/search?q=mug").text) == []


def test_search_text_can_not_become_html(shelf, browser):
    html = browser.get("/search", query_string={"q": '<script>alert(1)</script>"x'}).text
    assert "<script>alert" not in html


def test_pages_have_their_own_address_and_filters_have_not(roast, browser):
    for n in range(30):
        product(f"Thing {n:02}", "5.00")
    first, second = browser.get("/products").text, browser.get("/products?page=2&sort=price").text
    assert len(names(first)) == 24
    assert len(names(second)) == 6
    assert '<link rel="canonical" href="http://roast.localhost:8000/products">' in first
    assert '<link rel="canonical" href="http://roast.localhost:8000/products?page=2">' in second
    assert "noindex" not in first
    assert "noindex,follow" in second
    assert 'rel="next" href="/products?page=2"' in first
    assert 'rel="prev" href="/products?sort=price"' in second


def test_a_listing_takes_four_queries_and_one_when_it_is_kept(shelf, browser):
    browser.get("/search?q=nothing")  # menu and footer are made
    browser.get("/robots.txt")  # the store itself is known by now
    with count_queries() as cold:
        assert browser.get("/products?sort=price").status_code == 200
    assert len(cold) <= 4, cold
    with count_queries() as warm:
        assert browser.get("/products?sort=price").status_code == 200
    assert len(warm) <= 1, warm


def test_the_whole_answer_is_for_everybody_and_can_be_asked_again(shelf, browser):
    answer = browser.get("/products")
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" in answer.headers["Vary"]
    again = browser.get("/products", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_changed_product_is_seen_at_once(shelf, browser):
    assert "Red pot" not in browser.get("/products").text
    product("Red pot", "9.00")
    assert "Red pot" in browser.get("/products").text


def test_a_visitor_sees_her_own_header_in_the_kept_page(shelf, browser):
    browser.get("/products")
    answer = browser.as_(CARLA).get("/products")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert 'href="/account"' in answer.text
    assert 'href="/account"' not in browser.get("/products").text
    again = browser.as_(ALICE).get("/products")
    assert names(again.text) == names(answer.text)
