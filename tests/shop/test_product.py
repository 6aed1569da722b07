"""A product's page: choosing a variant, what is said of price and stock, where it moved, how few queries it takes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from models.reviews import Review
from services import reviews, tenants
from services.catalog import products
from services.catalog.products import ProductDraft
from tests.cast import CARL, CARLA, MIA
from tests.queries import count_queries
from tests.shop.shelf import BOSS, product
from tests.shop.test_catalog import data_of


def test_the_page_says_what_it_is_and_costs(shelf, browser):
    answer = browser.get(f"/products/{shelf.mug_slug}")
    assert answer.status_code == 200
    assert "<h1>Blue mug</h1>" in answer.text
    assert "€12.50" in answer.text
    assert "VAT included" in answer.text
    assert "Holds <em>300 ml</em>." in answer.text
    assert "In stock" in answer.text
    assert "Delivery €4.90, free from €50.00" in answer.text
    assert '<meta property="og:type" content="product">' in answer.text


def test_structured_data_agree_with_the_page(shelf, browser):
    data = {d["@type"]: d for d in data_of(browser.get(f"/products/{shelf.mug_slug}").text)}
    assert data["Product"]["name"] == "Blue mug"
    assert data["Product"]["sku"] == "MUG-1"
    offer = data["Product"]["offers"]
    assert (offer["@type"], offer["price"], offer["priceCurrency"]) == ("Offer", "12.50", "EUR")
    assert offer["availability"] == "https://schema.org/InStock"
    assert [c["position"] for c in data["BreadcrumbList"]["itemListElement"]] == [1, 2, 3, 4]
    shirt = {d["@type"]: d for d in data_of(browser.get(f"/products/{shelf.shirt_slug}").text)}["Product"]
    assert (shirt["offers"]["lowPrice"], shirt["offers"]["highPrice"]) == ("60.00", "65.00")
    assert "aggregateRating" not in shirt


def test_a_sale_shows_both_prices_and_ends_by_the_clock(shelf, browser):
    now = clock.now()
    ends = (now + timedelta(hours=1)).isoformat()
    product("Lamp", "50.00", sale_price="40.00", sale_ends_at=ends)
    html = browser.get("/products/lamp").text
    assert "€40.00" in html
    assert "<s>€50.00</s>" in html
    assert "Lowest price in the 30 days before" in html or "€50.00" in html
    with clock.at(now + timedelta(hours=2)):
        later = browser.get("/products/lamp").text
    assert "€40.00" not in later


def test_values_in_the_address_choose_the_variant(shelf, browser):
    start = browser.get(f"/products/{shelf.shirt_slug}").text
    assert "from <span" in start
    assert "checked" not in start.split('id="options"')[1].split("buy__row")[0]
    chosen = browser.get(f"/products/{shelf.shirt_slug}?o1=red&o2=m").text
    assert "€65.00" in chosen
    by_id = browser.get(f"/products/{shelf.shirt_slug}?variant={shelf.red_s}").text
    assert "€60.00" in by_id
    assert 'value="red" checked' in by_id


def test_a_sold_out_combination_can_be_looked_at_and_not_bought(shelf, browser):
    html = browser.get(f"/products/{shelf.shirt_slug}?o1=blue&o2=m").text
    assert "Sold out" in html
    assert "Add to cart" not in html
    assert "> sold out<" in browser.get(f"/products/{shelf.shirt_slug}?o1=blue").text


def test_a_combination_that_does_not_exist_says_so(shelf, browser):
    html = browser.get(f"/products/{shelf.shirt_slug}?o1=blue&o2=s").text
    assert "There is no such combination" in html
    assert "> not available<" in html
    assert "Tell me when it is back" not in html


def test_choosing_by_htmx_swaps_the_buy_box_and_the_pictures(shelf, browser):
    answer = browser.htmx(**{"HX-Target": "div#buy"}).get(f"/products/{shelf.shirt_slug}?o1=red&o2=s")
    assert answer.text.lstrip().startswith('<div class="buy" id="buy">')
    assert '<hx-partial hx-target="#gallery"' in answer.text
    assert "<html" not in answer.text


def test_canonical_leaves_the_choice_out(shelf, browser):
    html = browser.get(f"/products/{shelf.shirt_slug}?o1=red&o2=s").text
    assert f'<link rel="canonical" href="http://roast.localhost:8000/products/{shelf.shirt_slug}">' in html


def test_a_product_that_moved_is_found_in_one_hop(shelf, browser):
    row = products.get_product(shelf.mug)
    draft = read(ProductDraft, {**ProductDraft.of(row), "slug": "new-mug"})
    products.update_product(shelf.mug, draft, actor=BOSS)
    answer = browser.get(f"/products/{shelf.mug_slug}")
    assert (answer.status_code, answer.location) == (301, "/products/new-mug")


def test_inactive_products_are_not_there_not_even_for_staff_in_the_shop(shelf, browser):
    row = products.get_product(shelf.mug)
    products.update_product(
        shelf.mug, read(ProductDraft, {**ProductDraft.of(row), "is_active": False}), actor=BOSS
    )
    assert browser.get(f"/products/{shelf.mug_slug}").status_code == 404
    assert browser.as_(MIA).get(f"/products/{shelf.mug_slug}").status_code == 404


def test_numbers_are_told_only_where_the_store_tells_them(shelf, browser):
    few = product("Few", "5.00", stock_quantity=3)
    assert "Only 3 left" in browser.get("/products/few").text
    with transaction():
        tenants.row().show_stock = False
        tenants.touch_catalog()
    html = browser.get("/products/few").text
    assert "Only a few left" in html
    assert 'max="3"' not in html
    assert few


def test_a_product_takes_five_queries_and_one_when_it_is_kept(shelf, browser):
    reviews.submit_review(shelf.shirt, read(reviews.ReviewDraft, {"rating": 4}), actor=CARLA.actor)
    reviews.approve_review(db.session.scalars(select(Review.id)).one(), actor=BOSS)
    browser.get("/products?sort=name")  # menu, footer and shipping zones are made
    browser.get(f"/products/{shelf.mug_slug}")
    path = f"/products/{shelf.shirt_slug}"
    with count_queries() as cold:
        assert browser.get(path).status_code == 200
    assert len(cold) <= 5, cold
    with count_queries() as warm:
        assert browser.get(path).status_code == 200
    assert len(warm) <= 1, warm


# --- reviews ------------------------------------------------------------------------------------------------------


def test_a_review_needs_an_account_and_waits_for_the_shop(shelf, browser):
    path = f"/products/{shelf.mug_slug}/review"
    assert browser.get(path).location == f"/login?next={path}"
    carla = browser.as_(CARLA)
    assert carla.get(path).status_code == 200
    answer = carla.post(path, data={"rating": "5", "title": "Lovely", "body": "Keeps warm."})
    assert (answer.status_code, answer.location) == (303, f"/products/{shelf.mug_slug}")
    assert "Lovely" not in browser.get(f"/products/{shelf.mug_slug}").text
    review = db.session.scalars(select(Review)).one()
    reviews.approve_review(review.id, actor=BOSS)
    html = browser.get(f"/products/{shelf.mug_slug}").text
    assert "Lovely" in html
    assert data_of(html)[0]["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": 5.0,
        "reviewCount": 1,
    }
    assert "Lovely" in browser.get(f"/products/{shelf.mug_slug}/reviews").text


def test_one_review_a_customer(shelf, browser, everything):
    path = f"/products/{shelf.mug_slug}/review"
    carla = browser.as_(CARLA)
    assert carla.post(path, data={"rating": "5"}).status_code == 303
    before = everything()
    again = carla.post(path, data={"rating": "1", "body": "Changed my mind"})
    assert again.status_code == 409
    assert "Changed my mind" in again.text
    assert everything() == before


@pytest.mark.parametrize("stars", ["", "0", "6", "five"])
def test_a_review_needs_stars_from_one_to_five(shelf, browser, everything, stars):
    carl = browser.as_(CARL)
    before = everything()
    answer = carl.post(f"/products/{shelf.mug_slug}/review", data={"rating": stars, "body": "Hm"})
    assert answer.status_code == 422
    assert 'href="#rating"' in answer.text
    assert everything() == before
