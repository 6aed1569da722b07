"""Products as staff look for them."""

from datetime import timedelta

import pytest

from kit import clock
from kit.db import transaction
from models.catalog import StockStatus
from services import search, tenants
from services.catalog import categories, products, staff_list, tags
from services.catalog.staff_list import SORTS, Shown, StaffFilter
from tests import cast, make
from tests.queries import count_queries

MIA = cast.MIA.actor


def names(wanted=None, **kw):
    kw = {"sort": "name", "descending": False} | kw
    return [product.name for product in staff_list.list_for_staff(wanted or StaffFilter(), **kw).items]


def put_into(product, *, category=None, tag=None):
    with transaction():
        row = products.lock_product(product.id)
        if category:
            row.categories = [*row.categories, categories.get_category(category.id)]
        if tag:
            row.tags = [*row.tags, tags.get_tag(tag.id)]
        products.changed(row)


@pytest.fixture
def shelf(roast):
    mug = make.product("Mug", price=1000, sku="M-1", brand="Vista")
    bowl = make.product("bowl", price=2000, stock=0, is_featured=True)
    make.product("Late", price=3000, is_active=False, publish_at=clock.now() + timedelta(days=3))
    make.product("Cut", price=4000, is_active=False)
    gone = make.product("Gone")
    products.delete_product(gone.id, actor=MIA)
    search.rebuild()
    return {"mug": mug, "bowl": bowl}


def test_each_filter_finds_its_own(shelf):
    for wanted, found in (
        (StaffFilter(), ["bowl", "Cut", "Late", "Mug"]),
        (StaffFilter(status=Shown.ACTIVE), ["bowl", "Mug"]),
        (StaffFilter(status=Shown.DRAFT), ["Cut"]),
        (StaffFilter(status=Shown.SCHEDULED), ["Late"]),
        (StaffFilter(status=Shown.ARCHIVED), ["Gone"]),
        (StaffFilter(stock=StockStatus.OUT_OF_STOCK), ["bowl"]),
        (StaffFilter(brand="Vista"), ["Mug"]),
        (StaffFilter(price_min=2000, price_max=3000), ["bowl", "Late"]),
        (StaffFilter(featured=True), ["bowl"]),
        (StaffFilter(search="m-1"), ["Mug"]),
        (StaffFilter(search="BOW"), ["bowl"]),
        (StaffFilter(search="nothing"), []),
    ):
        assert names(wanted) == found, wanted
        assert staff_list.count(wanted) == len(found), wanted
        assert len(staff_list.list_chosen(wanted)) == len(found), wanted
    assert staff_list.counts() == {"all": 4, "active": 2, "draft": 2, "sold_out": 1, "archived": 1}
    assert staff_list.brands() == ["Vista"]


def test_a_category_means_its_whole_branch_and_sorts_by_name(shelf):
    top = categories.create_category(categories.CategoryDraft(name="Table"), actor=MIA)
    below = categories.create_category(categories.CategoryDraft(name="Bowls", parent_id=top.id), actor=MIA)
    tag = tags.create_tag(tags.TagDraft(name="new"), actor=MIA)
    put_into(shelf["mug"], category=top), put_into(shelf["bowl"], category=below, tag=tag)
    assert names(StaffFilter(category_id=top.id)) == ["bowl", "Mug"]
    assert names(StaffFilter(category_id=below.id)) == names(StaffFilter(tag_id=tag.id)) == ["bowl"]
    assert names(sort="category", descending=True)[:2] == ["Mug", "bowl"]
    assert staff_list.tag_names() == [(tag.id, "new")]


def test_every_column_sorts_both_ways_and_pages_meet(shelf):
    for sort in SORTS:
        up, down = names(sort=sort), names(sort=sort, descending=True)
        assert sorted(up) == sorted(down) and len(up) == 4, sort
        pages = names(sort=sort, page=1, page_size=3) + names(sort=sort, page=2, page_size=3)
        assert pages == up, sort
    assert names(sort="price") == ["Mug", "bowl", "Late", "Cut"]
    assert names(StaffFilter(search="mug"), sort="relevance") == ["Mug"]


def test_counts_are_made_anew_when_the_catalogue_changes(shelf):
    assert staff_list.count(StaffFilter(status=Shown.ACTIVE)) == 2
    products.delete_product(shelf["mug"].id, actor=MIA)
    tenants.forget()
    assert staff_list.count(StaffFilter(status=Shown.ACTIVE)) == 1


def test_many_rows_cost_no_more_queries_than_few(roast):
    def cost():
        tenants.current()
        with count_queries() as queries:
            found = staff_list.list_for_staff(StaffFilter(), page_size=100)
            assert all(product.images == [] and product.categories == [] for product in found.items)
        return len(queries)

    make.product("One")
    few = cost()
    for n in range(12):
        make.variant(make.product(f"More {n}"))
    tenants.touch_catalog()
    assert cost() == few <= 5
    assert cost() == few - 1, "the number is known"


def test_another_stores_products_are_not_found(app):
    with tenants.in_store(cast.ROAST):
        product = make.product("Ours")
        search.rebuild()
    with tenants.in_store(cast.RIVAL):
        assert names() == [] and names(StaffFilter(search="ours")) == []
        assert staff_list.one_for_staff(product.id) is None
        assert staff_list.list_by_ids([product.id]) == staff_list.list_chosen(StaffFilter()) == []
