"""How a long list is cut into pages: the same order near and far, whatever it is sorted by and narrowed to."""

from datetime import timedelta

import pytest

from kit import clock
from kit.db import db, transaction
from models.catalog import Product
from services import tenants
from services.catalog import facets, listing, ordering
from services.catalog.listing import Filters
from tests import cast
from tests.queries import count_queries
from tests.services.test_listing import category_of, product_of

SALES = (None, "1.00", "14.00")  # the second begins tomorrow


@pytest.fixture
def shelf(roast):
    """Twelve things of two categories, in prices, sales, ratings and numbers sold that cross each other; one hidden."""
    mugs, shirts = category_of("Mugs"), category_of("Shirts")
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    for n in range(12):
        sale = SALES[n % 3]
        more = {"sale_starts_at": tomorrow} if sale == "1.00" else {}
        product_of(f"Thing {n * 5 % 12:02}", f"{10 + n % 4 * 3}.50", sale_price=sale if n % 4 > 1 else None,
                   category_ids=[str((mugs if n % 2 else shirts).id)], **more)  # fmt: skip
    product_of("Hidden", "9.00", is_active=False)
    with transaction():
        for n, row in enumerate(db.session.query(Product).order_by(Product.id)):
            row.sold_count, row.view_count, row.rating_sum, row.review_count = n % 4, n % 3, n % 5 * 2, n % 5
            row.stock_quantity = n * 7 % 5
    return {"mugs": mugs.id}


def key_of(row: Product, sort_by: str) -> tuple:
    rating = row.rating_sum / row.review_count if row.review_count else 0
    return {
        "name": (row.name.lower(),),
        "price": (row.current_price,),
        "created_at": (row.created_at,),
        "popularity": (row.sold_count, row.view_count),
        "rating": (rating,),
        "stock_quantity": (row.stock_quantity,),
    }[sort_by] + (row.id.bytes,)


def expected(sort_by: str, descending: bool, category=None) -> list:
    rows = [row for row in db.session.query(Product) if row.is_active]
    rows = [row for row in rows if category is None or category in {c.id for c in row.categories}]
    return [row.id for row in sorted(rows, key=lambda row: key_of(row, sort_by), reverse=descending)]


@pytest.mark.parametrize("far", [200, 0], ids=["near", "far"])
@pytest.mark.parametrize("sort_by", ordering.SORTS)
def test_pages_follow_each_other(shelf, monkeypatch, sort_by, far):
    monkeypatch.setattr(ordering, "FAR", far)
    for descending in (False, True):
        for category in (None, shelf["mugs"]):
            filters = Filters(sort_by=sort_by, descending=descending, category_id=category)
            wanted = expected(sort_by, descending, category)
            assert len(wanted) == (12 if category is None else 6)
            pages = range(1, len(wanted) // 5 + 2)
            cards = [listing.list_cards(filters, page=n, page_size=5) for n in pages]
            assert {page.total for page in cards} == {len(wanted)}
            assert [card.id for page in cards for card in page.items] == wanted
            ids = [listing.list_ids(filters, page=n, page_size=5).items for n in pages]
            whole = [listing.list_products(filters, page=n, page_size=5).items for n in pages]
            assert [one for page in ids for one in page] == wanted
            assert [row.id for page in whole for row in page] == wanted


def test_a_sale_that_begins_by_the_clock_moves_its_product(shelf):
    tomorrow = clock.now() + timedelta(days=1, minutes=1)
    before = listing.list_ids(Filters(sort_by="price"), page_size=12).items
    with clock.at(tomorrow):
        after = listing.list_ids(Filters(sort_by="price"), page_size=12).items
        assert list(after) == expected("price", False)
    assert list(before) == expected("price", False) and before[0] != after[0]


def test_another_store_stands_in_no_order_and_in_no_count(shelf):
    for sort_by in ordering.SORTS:
        for category in (None, shelf["mugs"]):
            filters = Filters(sort_by=sort_by, category_id=category)
            with tenants.in_store(cast.RIVAL):
                assert listing.read_cards(filters, page_size=50) == []
                assert facets.count_facets(filters).total == 0


@pytest.mark.parametrize("many", [1, 30])
@pytest.mark.parametrize(
    "asked",
    [{}, {"sort_by": "price"}, {"sort_by": "rating"}, {"search": "thing"}, {"options": ("colour:red",)},
     {"in_stock": True}],
    ids=str,
)  # fmt: skip
def test_a_page_takes_as_many_queries_in_a_large_store_as_in_a_small_one(roast, many, asked):
    for n in range(many):
        product_of(f"Thing {n}", "5.00")
    filters = Filters(**asked)
    db.session.expire_all()
    tenants.current()
    with count_queries() as cold:
        listing.list_cards(filters), facets.count_facets(filters)
    with count_queries() as warm:
        listing.list_cards(filters), facets.count_facets(filters)
    more = {"search": 3, "options": 1}.get(next(iter(asked), ""), 0)
    assert len(cold) == 3 + more, cold
    assert len(warm) == 1, warm
