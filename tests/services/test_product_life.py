"""A product's life: shown on a date, taken out, deleted, brought back; what it is called elsewhere and goes with."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from kit import clock
from kit.barcodes import is_gtin
from kit.db import db
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import speaking
from models.audit import AuditEntry
from models.catalog import Product, StockStatus
from services import stock, tenants
from services.catalog import archive, matrix, products, publishing, related, texts, variants
from services.stock.levels import levels_of
from tests import cast, make
from tests.cast import RITA
from tests.queries import count_queries
from tests.services.test_products import MANAGER, attribute_of, change, product_of, variant_of

# --- dates


def test_a_product_is_shown_on_its_date_and_taken_out_again(roast):
    start = clock.now() + timedelta(hours=1)
    mug = product_of(publish_at=start, unpublish_at=start + timedelta(days=1), is_active=True)
    assert mug.is_active is False, "a date to come keeps it a draft"
    assert publishing.publish_due() == 0
    with clock.at(start + timedelta(seconds=1)):
        publishing.publish_due()
        shown = products.get_product(mug.id)
        assert (shown.is_active, shown.publish_at, shown.version) == (True, None, 2)
        assert publishing.publish(mug.id) is False, "twice is once"
    with clock.at(start + timedelta(days=1)):
        publishing.publish_due()
        assert products.get_product(mug.id).is_active is False
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert entry.actor_kind == "system" and entry.changes["is_active"] == [True, False]


def test_dates_of_another_store_are_kept_there(roast):
    with tenants.in_store(cast.RIVAL):
        theirs = products.create_product(
            read(
                products.ProductDraft,
                {"name": "X", "price": "1", "publish_at": clock.now() + timedelta(hours=1)},
            ),
            actor=RITA.actor,
        )
    with clock.at(clock.now() + timedelta(hours=2)):
        assert publishing.publish_due() == 1
        with pytest.raises(NotFound):
            products.get_product(theirs.id)
        with tenants.in_store(cast.RIVAL):
            assert products.get_product(theirs.id).is_active


def test_a_date_that_has_passed_shows_it_at_once_and_the_end_comes_after_the_start(roast, everything):
    now = clock.now()
    mug = product_of(publish_at=now - timedelta(minutes=1))
    assert (mug.is_active, mug.publish_at) == (True, None)
    before = everything()
    with pytest.raises(Invalid) as refused:
        change(mug, publish_at=now + timedelta(days=2), unpublish_at=now + timedelta(days=1))
    assert refused.value.errors[0].field == "unpublish_at" and everything() == before


# --- the archive


def test_a_deleted_product_comes_back_as_a_draft_at_its_old_address(roast):
    mug = product_of(sku="MUG", stock_quantity=4)
    products.delete_product(mug.id, actor=MANAGER)
    with pytest.raises(NotFound):
        products.get_product(mug.id)
    archive.restore_product(mug.id, actor=MANAGER)
    back = products.get_product(mug.id)
    assert (back.slug, back.sku, back.is_active, back.stock_quantity) == ("cafe-mug", "MUG", False, 4)
    with pytest.raises(Conflict) as refused:
        archive.restore_product(mug.id, actor=MANAGER)
    assert refused.value.code == "not-archived"


def test_an_address_that_is_taken_meanwhile_gets_a_number_and_a_taken_sku_is_a_refusal(roast, everything):
    mug = product_of(sku="MUG")
    products.delete_product(mug.id, actor=MANAGER)
    other = product_of(sku="mug")
    before = everything()
    with pytest.raises(Conflict) as refused:
        archive.restore_product(mug.id, actor=MANAGER)
    assert refused.value.code == "sku-taken" and everything() == before
    change(other, sku="OTHER")
    assert archive.restore_product(mug.id, actor=MANAGER).slug == "cafe-mug-2"


def test_what_orders_refer_to_is_never_gone_for_good(roast, everything):
    mug = make.product("Mug")
    make.order(make.Line(mug))
    products.delete_product(mug.id, actor=MANAGER)
    before = everything()
    with pytest.raises(Conflict) as refused:
        archive.purge_product(mug.id, actor=MANAGER)
    assert refused.value.code == "in-orders" and everything() == before


def test_the_other_store_can_neither_restore_nor_purge(roast, everything):
    mug = product_of()
    products.delete_product(mug.id, actor=MANAGER)
    before = everything()
    with tenants.in_store(cast.RIVAL):
        for act in (archive.restore_product, archive.purge_product):
            with pytest.raises(NotFound):
                act(mug.id, actor=RITA.actor)
    assert everything() == before


# --- details


@pytest.mark.parametrize(
    ("number", "good"),
    [("4006381333931", True), ("96385074", True), ("036000291452", True), ("00012345600012", True),
     ("4006381333932", False), ("123", False), ("400638133393a", False), ("", False)],
)  # fmt: skip
def test_a_barcode_fits_its_last_digit(number, good):
    assert is_gtin(number) is good


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"barcode": "4006381333932"}, "barcode"),
        ({"measure": "0.750"}, "measure_unit"),
        ({"measure_unit": "l"}, "measure"),
        ({"measure": "0", "measure_unit": "l"}, "measure"),
        ({"min_quantity": 0}, "min_quantity"),
        ({"min_quantity": 5, "max_quantity": 4}, "max_quantity"),
        ({"origin_country": "XX"}, "origin_country"),
        ({"translations": {"en": {"name": "x"}}}, "translations"),
        ({"translations": {"xx": {}}}, "translations"),
        ({"translations": {"pt": {"nom": "x"}}}, "translations.pt.nom"),
        ({"related_ids": ["018f0000-0000-7000-8000-00000000aaaa"]}, "related_ids.0"),
    ],
)
def test_wrong_details_are_named_and_change_nothing(roast, everything, fields, field):
    mug = product_of()
    before = everything()
    with pytest.raises(Invalid) as refused:
        change(mug, **fields)
    assert refused.value.errors[0].field == field
    assert everything() == before


def test_prices_are_compared_by_the_litre(roast):
    wine = product_of(price="9.99", measure="0.750", measure_unit="l")
    assert wine.unit_price == 1332
    size = attribute_of("Size", "S", "L")
    small = variant_of(wine, size.values[0])
    large = variant_of(wine, size.values[1], price="18.00", measure="1.500")
    assert (small.unit_price, large.unit_price) == (1332, 1200)
    assert product_of().unit_price is None


def test_texts_in_other_languages_fill_their_gaps_and_are_replaced_as_a_whole(roast):
    mug = product_of(
        description="<p>Fine</p>",
        translations={
            "pt": {"name": "Caneca", "description": "<p>Boa<script>x</script></p>"},
            "de": {"name": "Becher"},
        },
    )
    with speaking("pt"):
        said = texts.spoken(mug)
    assert (said.name, said.description, said.meta_title) == ("Caneca", "<p>Boa</p>", "")
    with speaking("de"):
        assert texts.spoken(mug).description == "<p>Fine</p>"
        assert texts.names_of([mug.id]) == {mug.id: "Becher"}
    with count_queries() as asked:
        assert texts.spoken(mug).name == "Café Mug" and texts.names_of([mug.id]) == {}
    assert not asked, "in the store's own language nothing is asked"
    change(mug, translations={"pt": {"name": "Chávena"}})
    assert list(texts.translations_of(mug.id)) == ["pt"]
    assert products.get_product(mug.id).version == 2


def test_related_products_keep_their_order_and_no_foreign_or_own_one_is_taken(roast, everything):
    one, two, mug = product_of(), product_of(), product_of()
    change(mug, related_ids=[str(two.id), str(one.id)])
    assert related.ids_of(mug.id) == [two.id, one.id]
    with tenants.in_store(cast.RIVAL):
        theirs = products.create_product(
            read(products.ProductDraft, {"name": "X", "price": "1"}), actor=RITA.actor
        )
    before = everything()
    for wrong in (mug.id, theirs.id):
        with pytest.raises(Invalid) as refused:
            change(mug, related_ids=[str(wrong)])
        assert refused.value.errors[0].field == "related_ids.0"
    assert everything() == before
    products.delete_product(two.id, actor=MANAGER)
    assert related.ids_of(mug.id) == [one.id]


def test_the_copy_has_the_texts_the_related_ones_and_the_variants(roast):
    from services.catalog import copying

    other, size = product_of(), attribute_of("Size", "S", "M")
    mug = product_of(brand="Norte", barcode="4006381333931", translations={"pt": {"name": "Caneca"}},
                     related_ids=[str(other.id)])  # fmt: skip
    variant_of(mug, size.values[0], sku="S-1", price="5.00")
    variant_of(mug, size.values[1])
    copy = products.get_product(copying.duplicate_product(mug.id, actor=MANAGER).id)
    assert (copy.brand, copy.barcode, copy.is_active) == ("Norte", None, False)
    assert texts.translations_of(copy.id)["pt"]["name"] == "Caneca"
    assert related.ids_of(copy.id) == [other.id]
    assert [(v.sku, v.price) for v in copy.variants] == [(None, 500), (None, None)]


# --- the matrix


def matrix_of(product, sizes: int, colours: int) -> list[UUID]:
    size = attribute_of("Size", *(f"s{n}" for n in range(sizes)))
    colour = attribute_of("Colour", *(f"c{n}" for n in range(colours)))
    groups = [[v.id for v in size.values], [v.id for v in colour.values]]
    variants.create_missing(product.id, groups, actor=MANAGER)
    return [*groups[0], *groups[1]]


def queries_of(work) -> int:
    db.session.expunge_all()
    with count_queries() as asked:
        work()
    return len(asked)


def test_making_and_saving_variants_takes_as_many_queries_for_a_hundred_as_for_four(roast):
    counts = []
    for sizes, colours in ((2, 2), (10, 10)):
        mug = product_of()
        size = attribute_of(f"Size {sizes}", *(f"s{n}" for n in range(sizes)))
        colour = attribute_of(f"Colour {sizes}", *(f"c{n}" for n in range(colours)))
        groups = [[v.id for v in size.values], [v.id for v in colour.values]]
        made = queries_of(lambda m=mug, g=groups: variants.create_missing(m.id, g, actor=MANAGER))
        rows = {
            v.id: read(variants.VariantDraft, {**variants.VariantDraft.of(v), "sku": f"{v.id}", "price": "3.00",
                                               "stock_quantity": 7})
            for v in products.get_product(mug.id).variants
        }  # fmt: skip
        saved = queries_of(lambda m=mug, r=rows: matrix.save_rows(m.id, r, actor=MANAGER))
        counts.append((made, saved))
        whole = products.get_product(mug.id)
        assert {(v.price, v.stock_quantity) for v in whole.variants} == {(300, 7)}
        assert whole.stock_quantity == 7 * sizes * colours and stock.ledger_mismatches() == []
    assert counts[0] == counts[1]


def test_rows_may_swap_their_skus_but_not_share_one(roast, everything):
    mug = product_of()
    size = attribute_of("Size", "S", "M")
    small, medium = variant_of(mug, size.values[0], sku="A"), variant_of(mug, size.values[1], sku="B")

    def rows(first, second):
        return {v.id: read(variants.VariantDraft, {**variants.VariantDraft.of(v), "sku": sku})
                for v, sku in ((small, first), (medium, second))}  # fmt: skip

    matrix.save_rows(mug.id, rows("B", "A"), actor=MANAGER)
    assert [v.sku for v in products.get_product(mug.id).variants] == ["B", "A"]
    before = everything()
    with pytest.raises(Invalid) as refused:
        matrix.save_rows(mug.id, rows("C", "c"), actor=MANAGER)
    assert refused.value.errors[0].field == f"{medium.id}.sku" and everything() == before


def test_a_value_is_taken_out_with_its_variants_and_the_last_one_without(roast, everything):
    mug = product_of()
    small, large, blue = matrix_of(mug, 2, 1)
    kept = next(
        v.id for v in products.get_product(mug.id).variants if large in {value.id for value in v.values}
    )
    assert matrix.remove_value(mug.id, small, actor=MANAGER) == 1
    assert [v.id for v in products.get_product(mug.id).variants] == [kept]
    assert matrix.remove_value(mug.id, large, actor=MANAGER) == 0, "the only one of its option"
    left = products.get_product(mug.id).variants
    assert [(v.id, [value.value for value in v.values]) for v in left] == [(kept, ["c0"])]
    before = everything()
    with pytest.raises(Conflict) as refused:
        matrix.remove_value(mug.id, blue, actor=MANAGER)
    assert refused.value.code == "last-option"
    with pytest.raises(NotFound):
        matrix.remove_value(mug.id, small, actor=MANAGER)
    assert everything() == before


# --- where the units are


def test_units_are_on_the_shelf_promised_held_or_free(roast):
    mug = make.product("Mug", stock=12)
    stock.allocate([stock.Line(mug.id, None, 3)])
    level = levels_of(mug.id)[None]
    assert (level.on_hand, level.allocated, level.held, level.held_until, level.sellable) == (
        12,
        3,
        0,
        None,
        9,
    )
    with tenants.in_store(cast.RIVAL):
        assert levels_of(mug.id) == {}
    assert db.session.scalar(select(func.count(Product.id))) == 1


def test_beyond_what_there_is_only_so_many_are_promised(roast, everything):
    mug = make.product("Mug", stock=2, allow_backorder=True, backorder_limit=3)
    assert stock.available(mug.id) == 5
    stock.allocate([stock.Line(mug.id, None, 4)])
    assert (stock.available(mug.id), mug.stock_status, mug.stock_quantity) == (1, StockStatus.ON_BACKORDER, 0)
    ident = mug.id
    before = everything()
    with pytest.raises(Conflict) as refused:
        stock.allocate([stock.Line(ident, None, 2)])
    assert refused.value.extra["available"] == 1 and everything() == before
    stock.allocate([stock.Line(ident, None, 1)])
    assert products.get_product(ident).stock_status is StockStatus.OUT_OF_STOCK
