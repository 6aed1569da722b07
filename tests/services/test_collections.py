"""Collections: the rule decides who is in, the worker keeps it so, and lists read it like any category."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from models.catalog import Product, collection_products
from services import tenants
from services.catalog import attributes, categories, collections, facets, listing, products, tags, variants
from services.catalog.collections import CollectionDraft, RuleDraft
from services.catalog.listing import Filters
from tests.cast import MIA, RITA, RIVAL
from tests.queries import count_queries

ACTOR = MIA.actor


def product_of(name: str, price: str = "10.00", actor=ACTOR, **fields) -> Product:
    values = {"name": name, "price": price, "stock_quantity": 10, **fields}
    return products.create_product(read(products.ProductDraft, values), actor=actor)


def collect(name: str = "Picked", actor=ACTOR, **rule) -> UUID:
    return collections.create_collection(read(CollectionDraft, {"name": name, **rule}), actor=actor).id


def inside(category_id: UUID) -> list[str]:
    tenants.forget()
    return sorted(card.name for card in listing.read_cards(Filters(category_id=category_id), page_size=99))


@pytest.fixture
def shop(roast):
    """A cheap mug with a tag, a dear one of Tejo, a reduced bowl, a shirt in red; a hidden one."""
    tag = tags.create_tag(tags.TagDraft(name="Gift"), actor=ACTOR)
    product_of("Mug", "8.00", tag_ids=[str(tag.id)])
    dear = product_of("Dear mug", "80.00", stock_quantity=0)
    with transaction():
        db.session.get(Product, dear.id).brand = "Tejo"
    product_of("Bowl", "30.00", sale_price="15.00", is_featured=True)
    shirt = product_of("Shirt", "50.00")
    draft = read(attributes.AttributeDraft, {"name": "Colour", "values": ["Red", "Blue"]})
    red = attributes.create_attribute(draft, actor=ACTOR).values[0]
    made = read(variants.VariantDraft, {"attribute_value_ids": [str(red.id)], "stock_quantity": 4})
    variants.create_variant(shirt.id, made, actor=ACTOR)
    product_of("Hidden", "1.00", is_active=False)
    return tag


def test_each_condition_lets_in_what_it_says(shop):
    for rule, names in (
        ({"max_price": "15.00"}, ["Bowl", "Mug"]), ({"min_price": "40"}, ["Dear mug", "Shirt"]),
        ({"min_price": "10", "max_price": "60", "in_stock": True}, ["Bowl", "Shirt"]),
        ({"tag_ids": [str(shop.id)]}, ["Mug"]), ({"brands": ["tejo", "other"]}, ["Dear mug"]),
        ({"on_sale": True}, ["Bowl"]), ({"featured": True}, ["Bowl"]), ({"options": ["colour:red"]}, ["Shirt"]),
        ({"options": ["colour:red", "colour:blue"]}, ["Shirt"]), ({"options": ["colour:blue"]}, []),
        ({"new_days": 3}, ["Bowl", "Dear mug", "Mug", "Shirt"]), ({"on_sale": True, "max_price": "5"}, []),
    ):  # fmt: skip
        assert collections.count_matching(read(RuleDraft, rule)) == len(names), rule
        row = collect(**rule)
        assert inside(row) == names, rule
        node = categories.find_node(row, counted=True)
        assert (node.is_collection, node.product_count) == (True, len(names))
        assert facets.count_facets(Filters(category_id=row)).total == len(names)


def test_the_catalogue_changes_and_the_worker_follows(shop):
    row = collect(max_price="15.00")
    cup = product_of("Cup", "3.00").id
    (mug,) = db.session.scalars(select(Product.id).where(Product.name == "Mug"))
    current = products.ProductDraft.of(products.get_product(mug))
    products.update_product(mug, read(products.ProductDraft, {**current, "price": "99.00"}), actor=ACTOR)
    assert collections.refresh_due() == 2
    assert inside(row) == ["Bowl", "Cup"]
    version = tenants.current().catalog_version
    assert collections.refresh_due() == 0
    tenants.forget()
    assert tenants.current().catalog_version == version
    products.delete_product(cup, actor=ACTOR)
    collections.refresh_due()
    assert inside(row) == ["Bowl"]


def test_sales_and_newness_go_by_the_clock(roast):
    now = clock.now()
    product_of("Bowl", "30.00", sale_price="15.00", sale_starts_at=(now + timedelta(minutes=10)).isoformat(),
               sale_ends_at=(now + timedelta(minutes=20)).isoformat())  # fmt: skip
    reduced, new = collect("Reduced", on_sale=True), collect("New", new_days=2)
    assert (inside(reduced), inside(new)) == ([], ["Bowl"])
    for minutes, names in ((11, ["Bowl"]), (21, [])):
        with clock.at(now + timedelta(minutes=minutes)):
            collections.refresh_due()
            assert inside(reduced) == names
    with clock.at(now + timedelta(days=3)):
        collections.refresh_due()
        assert inside(new) == []


def test_what_was_put_in_by_hand_stays_and_below_counts(shop):
    row = collect("Reduced", on_sale=True)
    parent = categories.create_category(categories.CategoryDraft(name="All"), actor=ACTOR).id
    draft = {
        **categories.CategoryDraft.of(categories.get_category(row)),
        "parent_id": str(parent),
        "name": "Sale!",
    }
    categories.update_category(row, read(categories.CategoryDraft, draft), actor=ACTOR)
    product_of("By hand", "70.00", category_ids=[str(row)])
    collections.refresh_due()
    assert inside(row) == inside(parent) == ["Bowl", "By hand"]
    assert categories.find_node(parent, counted=True).product_count == 2
    collections.clear_rule(row, actor=ACTOR)
    assert inside(row) == ["By hand"]
    assert collections.list_collections() == []
    collections.set_rule(row, read(RuleDraft, {"max_price": "9"}), actor=ACTOR)
    assert inside(row) == ["By hand", "Mug"]


@pytest.mark.parametrize(
    ("rule", "field"),
    [({}, ""), ({"min_price": "9", "max_price": "8"}, "max_price"), ({"new_days": 0}, "new_days"),
     ({"new_days": 999}, "new_days"), ({"max_price": "-1"}, "max_price"), ({"options": ["red"]}, "options"),
     ({"tag_ids": ["x"]}, "tag_ids.0"), ({"tag_ids": ["018f0000-0000-7000-8000-00000000dead"]}, "tag_ids"),
     ({"on_sale": False}, "")],
)  # fmt: skip
def test_rules_that_say_nothing_or_nonsense_are_refused(roast, everything, rule, field):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        collect(**rule)
    assert refusal.value.errors[0].field == field
    assert everything() == before


def test_two_who_edit_one_rule(shop):
    row = collect(on_sale=True)
    seen = categories.get_category(row).version
    collections.set_rule(row, read(RuleDraft, {"featured": True}), actor=ACTOR, version=seen)
    with pytest.raises(Conflict):
        collections.set_rule(row, read(RuleDraft, {"in_stock": True}), actor=ACTOR, version=seen)
    assert categories.get_category(row).rule == {"featured": True}


def test_the_other_store_has_its_own(shop):
    row = collect(max_price="1000")
    with tenants.in_store(RIVAL):
        theirs = collect("Theirs", actor=RITA.actor, max_price="1000")
        product_of("Foreign", actor=RITA.actor)
        for act in (lambda: collections.set_rule(row, read(RuleDraft, {"on_sale": True}), actor=RITA.actor),
                    lambda: collections.clear_rule(row, actor=RITA.actor)):  # fmt: skip
            with pytest.raises(NotFound):
                act()
        with pytest.raises(Invalid):
            collect("X", actor=RITA.actor, tag_ids=[str(shop.id)])
    collections.refresh_due()
    assert inside(row) == ["Bowl", "Dear mug", "Mug", "Shirt"]
    with tenants.in_store(RIVAL):
        assert inside(theirs) == ["Foreign"]


def test_a_list_of_a_collection_takes_no_more_queries_than_any(shop):
    row = collect(max_price="1000")
    tenants.forget()
    filters = Filters(category_id=row)
    categories.tree()
    with count_queries() as queries:
        listing.list_cards(filters), facets.count_facets(filters)
    assert len(queries) <= 4, queries
    assert db.session.scalar(select(collection_products.c.product_id).limit(1)) is not None
