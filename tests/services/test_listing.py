"""Lists: what a filter lets through, what its counts say, and how few queries it takes."""

from datetime import timedelta

import pytest

from kit import clock
from kit.actor import GUEST
from kit.db import db
from kit.drafts import read
from kit.errors import NotFound
from models.catalog import Product, StockStatus
from services import reviews, tenants
from services.catalog import (
    attributes,
    categories,
    facets,
    listing,
    ordering,
    product_page,
    products,
    variants,
    views,
)
from services.catalog.listing import Filters
from tests import cast
from tests.cast import ALICE, CARL, CARLA, MIA
from tests.queries import count_queries

MANAGER = MIA.actor


def product_of(name: str, price: str, **fields) -> Product:
    return products.create_product(
        read(products.ProductDraft, {"name": name, "price": price, "stock_quantity": 10, **fields}),
        actor=MANAGER,
    )


def category_of(name: str, parent=None):
    draft = read(categories.CategoryDraft, {"name": name, "parent_id": parent and str(parent.id)})
    return categories.create_category(draft, actor=MANAGER)


def names(**filters) -> list[str]:
    page = listing.list_cards(Filters(**filters))
    assert page.total == len(page.items)
    return [card.name for card in page.items]


@pytest.fixture
def shop(roast):
    """Mugs (10, on sale at 8; 30, featured), a shirt in red S and blue M (20, 25), a hidden one, one that is gone."""
    views.clear()
    top = category_of("All")
    mugs, shirts = category_of("Mugs", top), category_of("Shirts", top)
    product_of("Blue mug", "10.00", sale_price="8.00", category_ids=[str(mugs.id)])
    product_of("Gold mug", "30.00", is_featured=True, category_ids=[str(mugs.id)], stock_quantity=0)
    shirt = product_of("Shirt", "20.00", category_ids=[str(shirts.id)])
    product_of("Hidden", "1.00", is_active=False)
    gone = product_of("Gone", "1.00")
    products.delete_product(gone.id, actor=MANAGER)
    color = attributes.create_attribute(
        read(attributes.AttributeDraft, {"name": "Colour", "values": ["Red", "Blue"]}), actor=MANAGER
    )
    size = attributes.create_attribute(
        read(attributes.AttributeDraft, {"name": "Size", "values": ["S", "M"]}), actor=MANAGER
    )
    for tint, cut, price in ((0, 0, None), (1, 1, "25.00")):
        ids = [str(color.values[tint].id), str(size.values[cut].id)]
        draft = read(variants.VariantDraft, {"attribute_value_ids": ids, "price": price, "stock_quantity": 4})
        variants.create_variant(shirt.id, draft, actor=MANAGER)
    return {"top": top, "mugs": mugs, "shirts": shirts, "shirt": shirt}


def test_filters_let_through_what_they_say(shop):
    assert names() == ["Shirt", "Gold mug", "Blue mug"]
    assert names(category_id=shop["top"].id, sort_by="name") == ["Blue mug", "Gold mug", "Shirt"]
    assert names(category_id=shop["mugs"].id, sort_by="price") == ["Blue mug", "Gold mug"]
    assert names(min_price=800, max_price=900) == ["Blue mug"]
    assert names(in_stock=True, sort_by="price", descending=True) == ["Shirt", "Blue mug"]
    assert names(featured=True) == ["Gold mug"]
    assert names(stock_status=StockStatus.LOW_STOCK) == ["Shirt"]
    assert names(search="mug", sort_by="price") == ["Blue mug", "Gold mug"]
    assert (
        names(options=("colour:red",)) == names(options=("colour:red", "colour:blue", "size:m")) == ["Shirt"]
    )
    assert names(options=("colour:green",)) == []
    assert names(is_active=False) == ["Hidden"]


def test_a_sale_that_ends_by_the_clock_ends_in_lists_too(roast):
    now = clock.now()
    product_of("Mug", "10.00", sale_price="8.00", sale_ends_at=(now + timedelta(hours=1)).isoformat())
    (card,) = listing.read_cards(Filters())
    assert (card.price, card.compare_price) == (800, 1000)
    assert names(max_price=900) == ["Mug"]
    with clock.at(now + timedelta(hours=2)):
        (card,) = listing.read_cards(Filters())
        assert (card.price, card.compare_price) == (1000, None)
        assert names(max_price=900) == []


def test_counts_say_what_each_filter_would_leave(shop):
    counts = facets.count_facets(Filters())
    assert (counts.total, counts.in_stock, counts.featured) == (3, 2, 1)
    assert (counts.price_low, counts.price_high) == (800, 3000)
    found = [(f.label, [(v.label, v.count) for v in f.values]) for f in counts.facets]
    assert found == [("Colour", [("Red", 1), ("Blue", 1)]), ("Size", [("S", 1), ("M", 1)])]

    counts = facets.count_facets(Filters(category_id=shop["mugs"].id, in_stock=True))
    assert (counts.total, counts.in_stock, counts.featured, counts.facets) == (1, 1, 0, ())
    counts = facets.count_facets(Filters(options=("colour:red",), max_price=900))
    assert (counts.total, counts.price_low) == (0, 2000)
    assert counts.facets == ()


def test_a_page_of_cards_with_facets_takes_three_queries_and_then_one(shop):
    db.session.expire_all()
    tenants.current()
    filters = Filters(category_id=shop["top"].id, min_price=100)
    with count_queries() as cold:
        facets.count_facets(filters), listing.read_cards(filters)
    with count_queries() as warm:
        facets.count_facets(filters), listing.read_cards(filters)
    assert (len(cold), len(warm)) == (3, 1), cold


def test_a_change_is_counted_at_once(shop):
    assert facets.count_facets(Filters()).total == 3
    product_of("New", "5.00")
    assert facets.count_facets(Filters()).total == 4


def test_pages_never_overlap_when_all_are_alike(roast):
    moment = clock.now()
    with clock.at(moment):
        for _n in range(7):
            product_of("Same", "5.00")
    for sort_by in ordering.SORTS:
        seen = [
            card.id
            for page in range(1, 5)
            for card in listing.list_cards(Filters(sort_by=sort_by), page=page, page_size=2).items
        ]
        assert len(seen) == len(set(seen)) == 7, sort_by


def test_a_product_page_is_read_in_five_queries(shop):
    for who, stars in ((CARLA, 5), (CARL, 2), (ALICE, 4)):
        review = reviews.submit_review(shop["shirt"].id, reviews.ReviewDraft(rating=stars), actor=who.actor)
        if who is not ALICE:
            reviews.approve_review(review.id, actor=MANAGER)
    db.session.expire_all()
    db.session.expunge_all()
    tenants.current()
    with count_queries() as queries:
        page = product_page.read_page("shirt", actor=GUEST)
    assert len(queries) <= 5, queries
    assert [node.slug for node in page.path] == ["all", "shirts"]
    assert [v.current_price for v in page.variants] == [2000, 2500]
    assert [[value.value for value in v.values] for v in page.variants] == [["Red", "S"], ["Blue", "M"]]
    assert (page.rating.average, page.rating.count) == (3.5, 2)
    assert page.rating.distribution == {"5": 1, "4": 0, "3": 0, "2": 1, "1": 0}
    assert [r.rating for r in page.reviews] == [2, 5]


def test_related_ones_share_the_category(shop):
    page = product_page.read_page("blue-mug", actor=GUEST)
    assert [card.name for card in page.related] == ["Gold mug"]


def test_hidden_products_have_a_page_for_staff_only(shop):
    with pytest.raises(NotFound):
        product_page.read_page("hidden", actor=CARLA.actor)
    assert product_page.read_page("hidden", actor=MANAGER).product.name == "Hidden"


def test_the_other_store_sees_none_of_it(shop):
    with tenants.in_store(cast.RIVAL):
        assert facets.count_facets(Filters()).total == 0
        assert listing.read_cards(Filters(search="mug")) == []
        assert categories.tree() == ()
        with pytest.raises(NotFound):
            product_page.read_page("shirt", actor=GUEST)


def test_views_are_counted_without_a_write_and_written_later(shop):
    shirt = shop["shirt"]
    before = shirt.updated_at
    with count_queries() as queries:
        views.count(shirt.id)
        views.count(shirt.id)
    assert queries == []
    assert views.flush() == 2
    row = db.session.get_one(Product, shirt.id, populate_existing=True)
    assert (row.view_count, row.updated_at) == (2, before)
    assert views.flush() == 0
