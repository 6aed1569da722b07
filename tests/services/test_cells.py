"""Cells changed in a list or a grid: what was seen decides, and a row is changed whole or not at all."""

import pytest

from kit.errors import Conflict, Invalid, NotFound
from kit.ids import uuid7
from services import tenants
from services.catalog import cells, products
from services.catalog.cells import Cell, RowChange
from tests import cast, make
from tests.queries import count_queries

MIA, ALICE = cast.MIA.actor, cast.ALICE.actor


def change(product, variant=None, actor=MIA, **wanted):
    """`price=("10.00", "12.00")`: what was seen, and what is wanted."""
    row = RowChange(product.id, variant and variant.id, {name: Cell(*pair) for name, pair in wanted.items()})
    return cells.change_row(row, actor=actor)


def fresh(product):
    return products.get_product(product.id)


def test_price_and_stock_are_changed_and_say_what_they_were(roast):
    mug = make.product("Mug", price=1000, stock=5)
    done = change(mug, price=("10.00", "12.50"), stock_quantity=("5", "8"))
    assert done.before == {"price": "10.00", "stock_quantity": "5"}
    now = fresh(mug)
    assert (now.price, now.price_from, now.stock_quantity, now.version) == (1250, 1250, 8, 2)
    assert not change(mug, price=("12.50", "12.50"), stock_quantity=("8", "8")).is_changed
    assert fresh(mug).version == 2


def test_what_somebody_else_changed_is_not_written_over(roast, everything):
    mug = make.product("Mug", price=1000, stock=5)
    change(mug, price=("10.00", "11.00"), actor=ALICE)
    before = everything()
    with pytest.raises(Conflict) as refused:
        change(mug, price=("10.00", "12.00"), stock_quantity=("5", "9"))
    assert refused.value.code == "stale-cells" and refused.value.extra["now"] == {"price": "11.00"}
    assert everything() == before
    assert change(mug, stock_quantity=("5", "9")).is_changed, "another cell is another matter"
    assert not change(mug, price=("10.00", "11.00")).is_changed, "both wanted the same"


def test_stock_that_was_sold_meanwhile_is_not_written_back(roast, everything):
    mug = make.product("Mug", stock=5)
    make.paid_order(make.Line(mug, quantity=2))
    before = everything()
    with pytest.raises(Conflict) as refused:
        change(mug, stock_quantity=("5", "6"))
    assert refused.value.extra["now"] == {"stock_quantity": "3"} and everything() == before


def test_every_cell_can_be_changed(roast):
    mug = make.product("Mug", price=1000)
    wanted = {"name": "Cup", "sku": "C-1", "barcode": "4006381333931", "brand": "Vista", "sale_price": "9.00",
              "cost_price": "4.00", "weight": "0.250", "is_active": "", "is_featured": "1"}  # fmt: skip
    standing = cells.cells_of(mug)
    assert set(change(mug, **{name: (standing[name], text) for name, text in wanted.items()}).before) == set(
        wanted
    )
    assert {name: cells.cells_of(fresh(mug))[name] for name in wanted} == wanted


def test_a_variant_has_cells_of_its_own(roast):
    tee = make.product("Tee", price=2000)
    small = make.variant(tee, "S", stock=3)
    change(tee, small, sku=("", "T-S"), price=("", "18.00"), stock_quantity=("3", "4"))
    now = fresh(tee).variants[0]
    assert (now.sku, now.price, now.stock_quantity, fresh(tee).price_from) == ("T-S", 1800, 4, 1800)
    assert "stock_quantity" not in cells.cells_of(fresh(tee))


def test_what_is_refused_names_the_cell_and_changes_nothing(roast, everything):
    mug, other = make.product("Mug", price=1000, sku="MINE"), make.product("Other", sku="TAKEN")
    tee = make.product("Tee")
    make.variant(tee, "S")
    before = everything()
    for product, wanted, cell in (
        (mug, {"price": ("10.00", "dear")}, "price"), (mug, {"price": ("10.00", "")}, "price"),
        (mug, {"name": ("Mug", "")}, "name"), (mug, {"sale_price": ("", "10.00")}, "sale_price"),
        (mug, {"stock_quantity": ("5", "-1")}, "stock_quantity"),
        (mug, {"stock_quantity": ("5", "")}, "stock_quantity"),
        (mug, {"barcode": ("", "123")}, "barcode"), (mug, {"weight": ("", "heavy")}, "weight"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            change(product, **wanted)
        assert [e.field for e in refused.value.errors] == [cell], wanted
    (result,) = cells.change_rows([RowChange(mug.id, None, {"sku": Cell("MINE", "TAKEN")})], actor=MIA)
    assert list(result.errors) == ["sku"] and other.sku == "TAKEN"
    assert not change(tee, stock_quantity=("5", "9")).is_changed, "its variants are counted"
    for row in (RowChange(uuid7(), None, {}), RowChange(mug.id, uuid7(), {"sku": Cell("", "X")})):
        with pytest.raises(NotFound):
            cells.change_row(row, actor=MIA)
    assert everything() == before


def test_good_rows_are_saved_beside_bad_ones(roast):
    one, two, three = (make.product(name, price=1000) for name in "ABC")
    change(three, price=("10.00", "30.00"), actor=ALICE)
    results = cells.change_rows([
        RowChange(one.id, None, {"price": Cell("10.00", "11.00")}),
        RowChange(two.id, None, {"price": Cell("10.00", "x"), "name": Cell("B", "Bee")}),
        RowChange(three.id, None, {"price": Cell("10.00", "12.00")}),
    ], actor=MIA)  # fmt: skip
    assert [(one.is_changed, sorted(one.errors), one.now) for one in results] == [
        (True, [], {}), (False, ["price"], {}), (False, ["price"], {"price": "30.00"})]  # fmt: skip
    assert [fresh(p).price for p in (one, two, three)] == [1100, 1000, 3000] and fresh(two).name == "B"
    with pytest.raises(Invalid):
        cells.change_rows([RowChange(one.id, None, {})] * 501, actor=MIA)


def test_a_grid_is_read_in_four_queries(roast):
    ids = []
    for n in range(6):
        ids.append(make.product(f"P {n}").id)
    for ident in ids[:3]:
        make.variant(products.get_product(ident), "S")
    with count_queries() as queries:
        found = cells.list_grid(ids)
        for product in found:
            cells.cells_of(product)
            for variant in product.variants:
                cells.cells_of(variant), [value.attribute.name for value in variant.values]
    assert [product.id for product in found] == ids and len(queries) <= 4, queries


def test_rows_of_another_store_are_not_there(app, everything):
    with tenants.in_store(cast.ROAST):
        mug = make.product("Mug", price=1000)
    before = everything()
    with tenants.in_store(cast.RIVAL), pytest.raises(NotFound):
        change(mug, price=("10.00", "1.00"), actor=cast.RITA.actor)
    assert everything() == before
