"""Products, variants, categories, tags: what may be made, what is refused, and what follows."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from models.audit import AuditEntry
from models.catalog import PriceChange, Product, SlugRedirect, StockStatus
from models.orders import OrderItem
from services import stock, tenants
from services.catalog import addresses, archive, attributes, categories, products, tags, variants
from tests import cast
from tests.cast import CARLA, MIA, RITA

MANAGER = MIA.actor


def product_of(**fields) -> Product:
    draft = read(products.ProductDraft, {"name": "Café Mug", "price": "12.90", **fields})
    return products.create_product(draft, actor=MANAGER)


def change(product: Product, version: int | None = None, **fields) -> Product:
    current = products.ProductDraft.of(products.get_product(product.id))
    draft = read(products.ProductDraft, {**current, **fields})
    return products.update_product(product.id, draft, actor=MANAGER, version=version)


def attribute_of(name: str, *values: str):
    draft = read(attributes.AttributeDraft, {"name": name, "values": list(values)})
    return attributes.create_attribute(draft, actor=MANAGER)


def variant_of(product: Product, *values, **fields):
    draft = read(variants.VariantDraft, {"attribute_value_ids": [str(v.id) for v in values], **fields})
    return variants.create_variant(product.id, draft, actor=MANAGER)


def category_of(name: str, parent=None, **fields):
    data = {"name": name, "parent_id": str(parent.id) if parent else None, **fields}
    return categories.create_category(read(categories.CategoryDraft, data), actor=MANAGER)


def recategorise(row, **fields):
    draft = read(categories.CategoryDraft, {**categories.CategoryDraft.of(row), **fields})
    return categories.update_category(row.id, draft, actor=MANAGER)


# --- products


def test_a_product_gets_an_address_a_stock_row_a_price_history_and_an_audit_line(roast):
    mug = product_of(stock_quantity=7, description="<p onclick='x()'>Nice<script>alert(1)</script></p>")
    assert mug.slug == "cafe-mug"
    assert mug.description == "<p>Nice</p>"
    assert (mug.stock_quantity, mug.stock_status, mug.price_from) == (7, StockStatus.IN_STOCK, 1290)
    assert stock.ledger_mismatches() == []
    assert [row.price for row in db.session.scalars(select(PriceChange))] == [1290]
    assert db.session.scalars(select(AuditEntry.action)).all() == ["create"]


def test_addresses_are_made_unique_and_a_wished_one_is_taken_or_refused(roast, everything):
    assert [product_of().slug, product_of().slug] == ["cafe-mug", "cafe-mug-2"]
    before = everything()
    with pytest.raises(Conflict) as refused:
        product_of(slug="cafe-mug")
    assert refused.value.code == "slug-taken"
    assert everything() == before


def test_a_former_address_leads_to_todays_in_one_hop_and_a_new_product_may_have_it(roast):
    mug = product_of(slug="one")
    change(mug, slug="two")
    change(mug, slug="three")
    assert addresses.find_moved("product", "one") == "three"
    assert addresses.find_moved("product", "two") == "three"

    change(mug, slug="two")
    assert addresses.find_moved("product", "two") is None, "it answers there itself"
    product_of(slug="one")
    assert addresses.find_moved("product", "one") is None
    assert [row.slug for row in db.session.scalars(select(SlugRedirect))] == ["three"]


def test_a_sku_is_one_things_only_be_it_a_product_or_a_variant(roast, everything):
    size = attribute_of("Size", "S", "M")
    mug = product_of(sku="MUG-1")
    shirt = product_of(name="Shirt")
    variant_of(shirt, size.values[0], sku="SH-S")
    before = everything()
    for wrong in (
        lambda: product_of(sku="mug-1"),
        lambda: product_of(sku="SH-S"),
        lambda: variant_of(shirt, size.values[1], sku="MUG-1"),
        lambda: change(mug, sku="sh-s"),
    ):
        with pytest.raises(Conflict) as refused:
            wrong()
        assert refused.value.code == "sku-taken"
    assert everything() == before


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"sale_price": "12.90"}, "sale_price"),
        ({"price": "-1"}, "price"),
        ({"price": "1.999"}, "price"),
        ({"price": 12.9}, "price"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"stock_quantity": -1}, "stock_quantity"),
        ({"slug": "No Slug"}, "slug"),
        ({"tax_class": "gold"}, "tax_class"),
        ({"sale_starts_at": "2026-01-02T00:00:00Z", "sale_ends_at": "2026-01-01T00:00:00Z"}, "sale_ends_at"),
        ({"category_ids": ["018f0000-0000-7000-8000-00000000dead"]}, "category_ids.0"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_wrong_input_names_its_field_and_changes_nothing(roast, everything, fields, field):
    before = everything()
    with pytest.raises(Invalid) as refused:
        product_of(**fields)
    assert [error.field for error in refused.value.errors] == [field]
    assert everything() == before


def test_another_stores_category_is_unknown_here(roast, everything):
    with tenants.in_store(cast.RIVAL):
        theirs = categories.create_category(
            read(categories.CategoryDraft, {"name": "Theirs"}), actor=RITA.actor
        )
        before = everything()
    with pytest.raises(Invalid) as refused:
        product_of(category_ids=[str(theirs.id)])
    assert refused.value.errors[0].field == "category_ids.0"
    assert everything() == before


def test_the_other_store_can_neither_read_change_nor_delete_it(roast, everything):
    mug = product_of()
    draft = read(products.ProductDraft, {"name": "Mine now", "price": "1.00"})
    before = everything()
    with tenants.in_store(cast.RIVAL):
        for attempt in (
            lambda: products.get_product(mug.id),
            lambda: products.update_product(mug.id, draft, actor=RITA.actor),
            lambda: products.delete_product(mug.id, actor=RITA.actor),
        ):
            with pytest.raises(NotFound):
                attempt()
    assert everything() == before


def test_an_old_version_is_refused_and_an_unchanged_save_is_none(roast, everything):
    mug = product_of()
    assert change(mug, name="Mug two", version=1).version == 2
    before = everything()
    with pytest.raises(Conflict) as refused:
        change(mug, name="Mug three", version=1)
    assert refused.value.code == "stale-version"
    assert everything() == before
    assert change(mug).version == 2


def test_a_change_of_the_text_does_not_write_back_an_old_stock(roast):
    mug = product_of(stock_quantity=5)
    patch = {**products.ProductDraft.of(mug), "name": "Renamed"}
    stock.allocate([stock.Line(mug.id, None, 2)])
    products.update_product(mug.id, read(products.ProductDraft, patch), actor=MANAGER)
    assert db.session.get_one(Product, mug.id, populate_existing=True).stock_quantity == 3


def test_a_product_that_was_ordered_is_archived_and_its_names_are_free(roast):
    mug = product_of(sku="MUG")
    make_order_of(mug)
    products.delete_product(mug.id, actor=MANAGER)
    assert db.session.get_one(Product, mug.id).archived_at is not None
    with pytest.raises(NotFound):
        products.get_product(mug.id)
    assert product_of(sku="MUG").slug == "cafe-mug"


def test_a_product_nobody_ordered_can_be_gone_for_good(roast):
    size = attribute_of("Size", "S")
    mug = product_of(category_ids=[str(category_of("Mugs").id)])
    variant_of(mug, size.values[0])
    products.delete_product(mug.id, actor=MANAGER)
    archive.purge_product(mug.id, actor=MANAGER)
    assert db.session.scalars(select(Product)).all() == []


@transaction()
def make_order_of(product: Product) -> None:
    from models.orders import Order, PaymentMethod

    order = Order(order_number="R-1", email="a@b.test", email_key="a@b.test", currency="EUR", prices_include_tax=True,
                  subtotal=0, total=0, payment_method=PaymentMethod.NONE)  # fmt: skip
    db.session.add(order)
    db.session.flush()
    db.session.add(
        OrderItem(order_id=order.id, position=0, product_id=product.id, name=product.name, unit_price=0, quantity=1,
                  line_total=0, tax_class="standard", tax_rate=0, tax_amount=0)
    )  # fmt: skip


# --- prices


def test_the_lowest_price_is_that_of_the_30_days_before_the_reduction(roast):
    start = clock.now()

    def day(n: int):
        return clock.at(start + timedelta(days=n))

    with day(0):
        mug = product_of(price="10.00")
    with day(5):
        change(mug, price="8.00")
    with day(10):
        change(mug, price="12.00")
    with day(30):
        change(mug, sale_price="9.00")
        assert mug.prior_price == 800, "the reduced price itself does not count"
    with day(32):
        change(mug, sale_price="7.00")
        assert mug.prior_price == 800, "a deeper cut is the same reduction"
    with day(40):
        change(mug, sale_price=None)
        assert mug.prior_price is None
    with day(50):
        change(mug, sale_price="11.00")
        assert mug.prior_price == 700, "the last sale was charged, too"
    with day(90):
        change(mug, sale_price=None)
        change(mug, price="20.00")
    with day(130):
        change(mug, sale_price="15.00")
        assert mug.prior_price == 2000, "in force when the window opened"


def test_a_planned_sale_starts_and_ends_by_the_clock(roast):
    now = clock.now()
    mug = product_of(
        sale_price="9.00",
        sale_starts_at=(now + timedelta(days=1)).isoformat(),
        sale_ends_at=(now + timedelta(days=2)).isoformat(),
    )
    assert (mug.current_price, mug.prior_price) == (1290, 1290)
    with clock.at(now + timedelta(days=1, hours=1)):
        assert mug.current_price == 900
    with clock.at(now + timedelta(days=2)):
        assert mug.current_price == 1290


# --- variants


def test_variants_make_the_product_a_range_of_prices_and_a_sum_of_stocks(roast):
    size = attribute_of("Size", "S", "M", "L")
    shirt = product_of(price="20.00", stock_quantity=99)
    small = variant_of(shirt, size.values[0], stock_quantity=2)
    variant_of(shirt, size.values[1], price="25.00", sale_price="18.00", stock_quantity=10)
    variant_of(shirt, size.values[2], price="5.00", stock_quantity=50, is_active=False)
    assert (shirt.price_from, shirt.price_to, shirt.sale_price_from, shirt.variant_count) == (
        2000,
        2500,
        1800,
        2,
    )
    assert (shirt.stock_quantity, shirt.stock_status) == (12, StockStatus.IN_STOCK)
    assert small.stock_status is StockStatus.LOW_STOCK

    variants.update_variant(
        shirt.id, small.id, read(variants.VariantDraft, {**variants.VariantDraft.of(small), "stock_quantity": 0}),
        actor=MANAGER,
    )  # fmt: skip
    assert (shirt.stock_quantity, small.stock_status) == (10, StockStatus.OUT_OF_STOCK)


def test_without_its_last_variant_a_product_is_bought_as_it_is(roast):
    size = attribute_of("Size", "S")
    shirt = product_of(price="20.00", stock_quantity=3)
    small = variant_of(shirt, size.values[0], price="25.00", stock_quantity=8)
    variants.delete_variant(shirt.id, small.id, actor=MANAGER)
    assert (shirt.price_from, shirt.variant_count, shirt.stock_quantity) == (2000, 0, 3)


def test_impossible_variants_are_refused(roast, everything):
    size, color = attribute_of("Size", "S", "M"), attribute_of("Colour", "Red")
    shirt, other = product_of(), product_of(name="Other")
    small = variant_of(shirt, size.values[0], color.values[0])
    before = everything()

    with pytest.raises(Conflict) as refused:
        variant_of(shirt, color.values[0], size.values[0])
    assert refused.value.code == "duplicate-combination"
    for values, field in (
        ((size.values[0], size.values[1]), "attribute_value_ids.1"),
        ((shirt,), "attribute_value_ids.0"),
        ((), "attribute_value_ids"),
    ):
        with pytest.raises(Invalid) as wrong:
            variant_of(shirt, *values)
        assert wrong.value.errors[0].field == field
    with pytest.raises(NotFound):
        variants.delete_variant(other.id, small.id, actor=MANAGER)
    assert everything() == before


def test_only_missing_combinations_are_made(roast):
    size, color = attribute_of("Size", "S", "M"), attribute_of("Colour", "Red", "Blue")
    shirt = product_of()
    variant_of(shirt, size.values[0], color.values[0])
    made = variants.create_missing(
        shirt.id, [[v.id for v in size.values], [v.id for v in color.values]], actor=MANAGER
    )
    assert (len(made), shirt.variant_count) == (3, 4)


def test_an_attribute_in_use_stays(roast, everything):
    size = attribute_of("Size", "S", "M")
    variant_of(product_of(), size.values[0])
    before = everything()
    with pytest.raises(Conflict) as refused:
        attributes.delete_attribute(size.id, actor=MANAGER)
    assert refused.value.code == "attribute-in-use"
    with pytest.raises(Conflict):
        attributes.delete_value(size.id, size.values[0].id, actor=MANAGER)
    assert everything() == before
    attributes.delete_value(size.id, size.values[1].id, actor=MANAGER)
    assert [v.value for v in attributes.get_attribute(size.id).values] == ["S"]


# --- categories and tags


def test_a_category_cannot_stand_below_itself_nor_too_deep(roast, everything):
    a = category_of("A")
    b = category_of("B", a)
    c = category_of("C", b)
    d = category_of("D", c)
    category_of("E", d)
    other = category_of("Other", category_of("Top"))
    before = everything()
    for row, parent, code in ((a, c, "cycle"), (a, a, "cycle"), (other, d, None), (a, other, "too_deep")):
        if code is None:
            continue
        with pytest.raises(Invalid) as refused:
            recategorise(row, parent_id=str(parent.id))
        assert (refused.value.errors[0].field, refused.value.errors[0].code) == ("parent_id", code)
    assert everything() == before


def test_counts_cover_the_subtree_and_each_product_once(roast):
    a = category_of("A")
    b = category_of("B", a)
    product_of(category_ids=[str(a.id), str(b.id)])
    product_of(category_ids=[str(b.id)])
    product_of(category_ids=[str(b.id)], is_active=False)
    counts = {node.slug: node.product_count for node in categories.flat(categories.counted_tree())}
    assert counts == {"a": 2, "b": 2}


def test_a_hidden_category_hides_what_hangs_below_it(roast):
    a = category_of("A")
    category_of("B", a)
    recategorise(a, is_active=False)
    assert categories.tree() == ()
    assert len(categories.flat(categories.tree(include_inactive=True))) == 2
    with pytest.raises(NotFound):
        categories.get_node("b", actor=CARLA.actor)
    assert categories.get_node("b", actor=MANAGER).depth == 1


def test_children_of_a_deleted_category_move_up(roast):
    a = category_of("A")
    b = category_of("B", a)
    category_of("C", b)
    mug = product_of(category_ids=[str(b.id)])
    categories.delete_category(b.id, actor=MANAGER)
    (root,) = categories.tree()
    assert [child.slug for child in root.children] == ["c"]
    assert products.get_product(mug.id).categories == []


def test_tags_are_one_whatever_the_case_and_merge(roast, everything):
    eco = tags.create_tag(tags.TagDraft(name="Eco"), actor=MANAGER)
    bio = tags.create_tag(tags.TagDraft(name="Bio"), actor=MANAGER)
    both, one = product_of(tag_ids=[str(eco.id), str(bio.id)]), product_of(tag_ids=[str(bio.id)])
    before = everything()
    with pytest.raises(Conflict) as refused:
        tags.create_tag(tags.TagDraft(name="ECO"), actor=MANAGER)
    assert refused.value.code == "tag-exists"
    assert everything() == before

    tags.merge_tags(bio.id, eco.id, actor=MANAGER)
    assert [(tag.name, tag.product_count) for tag in tags.list_tags()] == [("Eco", 2)]
    tags.delete_tag(eco.id, actor=MANAGER)
    assert products.get_product(both.id).tags == products.get_product(one.id).tags == []
