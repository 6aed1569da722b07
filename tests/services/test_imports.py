"""A file becomes products: mapped, tried, done, and taken back to the last byte."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound, PlanLimit, TooLarge
from kit.slugs import fold
from models.batches import BatchStatus, RowState, Verdict
from models.catalog import Category, Product, SlugRedirect, Variant
from services import batches, plans, stock, tenants
from services.batches import kinds, running
from services.catalog import importing, products
from services.catalog.importing import fields
from services.catalog.product_draft import ProductDraft
from tests import cast, make
from tests.importing import (
    FOREIGN,
    MIA,
    by_sku,
    done,
    existing_shelf,
    rows,
    tried,
    undo,
    undone,
    upload,
    work,
)
from tests.queries import count_queries
from tests.whole_catalogue import catalogue

PLAIN = """\
sku,name,price,sale_price,stock_quantity,categories,tags,is_active,description
MUG-1,Mug,12.50,,7,"Kitchen > Cups, Gifts","new, blue",1,<p>A mug</p>
TEE-1,Tee,20,18.00,,Clothing,,0,
"""


# --- the mapping ----------------------------------------------------------------------------------------------------


def test_columns_are_guessed_by_their_headings_and_the_store_remembers_its_choice(roast):
    batch = upload("SKU,Regular price,Nome,Colour of the box\nA,1,Mug,red\n")
    up = importing.get_upload(batch.id)
    assert up.guesses == {0: "sku", 1: "price", 2: "name"}
    assert up.samples == [["A", "1", "Mug", "red"]] and up.rows == 1
    importing.choose_columns(batch.id, {0: "sku", 2: "name", 3: "brand"}, clear=False, actor=MIA)
    again = importing.get_upload(upload("colour of the BOX,SKU,regular price,nome\nred,A,1,Mug\n").id)
    assert again.guesses == {0: "brand", 1: "sku", 3: "name"}
    with tenants.in_store(cast.RIVAL):
        other = importing.upload(b"Colour of the box,SKU\nred,A\n", "x.csv", actor=cast.RITA.actor)
        assert importing.get_upload(other.id).guesses == {1: "sku"}


def test_the_other_shops_headings_mean_something_here():
    header = FOREIGN.lstrip("\ufeff").splitlines()[0].split(";")
    found = {header[column]: field for column, field in fields.guess(header, {}).items()}
    assert found == {
        "ID": "source_id", "Type": "type", "SKU": "sku", "Name": "name", "Published": "is_active",
        "Is featured?": "is_featured", "Short description": "short_description", "Tax class": "tax_class",
        "In stock?": "in_stock", "Stock": "stock_quantity", "Backorders allowed?": "allow_backorder",
        "Weight (lbs)": "weight_lb", "Sale price": "sale_price", "Regular price": "price", "Categories": "categories",
        "Tags": "tags", "Images": "images", "Parent": "parent", "Attribute 1 name": "option1_name",
        "Attribute 1 value(s)": "option1_value", "Attribute 2 name": "option2_name",
        "Attribute 2 value(s)": "option2_value",
    }  # fmt: skip
    assert fields.guess(["Attribute 1 Name", "Attribute 1 Value(s)", "BUTTON TEXT"], {}) == {
        0: "option1_name",
        1: "option1_value",
    }
    assert all(fold(word) == word for words in fields._KNOWN.values() for word in words)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", Invalid),
        ("\x89PNG\x00\x00", Invalid),
        ("only,a,heading\n", Invalid),
        ("x" * (importing.BYTES_MAX + 1), TooLarge),
    ],
    ids=["empty", "binary", "heading", "large"],
)
def test_what_is_no_table_is_refused_and_nothing_is_kept(roast, everything, content, error):
    before = everything()
    with pytest.raises(error):
        upload(content)
    assert everything() == before


@pytest.mark.parametrize("columns", [{}, {0: "nothing"}, {9: "sku"}, {0: "sku", 1: "sku"}, {2: "price"}])
def test_a_mapping_that_can_not_be_is_refused(roast, everything, columns):
    batch = upload(PLAIN)
    before = everything()
    with pytest.raises(Invalid):
        importing.choose_columns(batch.id, columns, clear=False, actor=MIA)
    assert everything() == before


def test_another_stores_import_is_not_there(roast):
    batch = upload(PLAIN)
    with tenants.in_store(cast.RIVAL):
        with pytest.raises(NotFound):
            importing.get_upload(batch.id)
        with pytest.raises(NotFound):
            importing.choose_columns(batch.id, {0: "sku"}, clear=False, actor=cast.RITA.actor)


# --- dry run and import ---------------------------------------------------------------------------------------------


def test_the_dry_run_says_for_each_row_what_would_happen_and_changes_nothing(roast):
    existing_shelf()
    before = catalogue()
    batch = tried(PLAIN + "LAMP,Lamp,40,,1,,,1,\nBAD,Vase,a lot,,1,,,1,\n")
    assert batch.status is BatchStatus.CHECKED
    assert batches.counts_of_rows(batch) == {"new": 1, "changed": 1, "unchanged": 1, "bad": 1}
    assert [(line, what) for line, what, _m in rows(batch)] == [
        (2, "new"),
        (3, "changed"),
        (4, "unchanged"),
        (5, "bad"),
    ]
    assert rows(batch)[3][2].startswith("Price: Must be a number")
    shown = importing.KIND.show(batches.list_rows(batch).items)
    assert {(c.label, c.old, c.new) for c in shown[1]} == {
        ("Price", "€25.00", "€20.00"), ("Sale price", "", "€18.00"), ("Active", "Yes", "No")}  # fmt: skip
    assert ("Categories", "", "Gifts, Kitchen > Cups") in {(c.label, c.old, c.new) for c in shown[0]}
    assert catalogue() == before


def test_the_good_rows_are_in_and_the_bad_ones_are_named(roast):
    existing_shelf()
    batch = done(PLAIN + "BAD,Vase,a lot,,1,,,1,\n,,5,,,,,,\nMUG-1,Twice,1,,,,,,\n")
    assert (batch.changed, batch.failed, batch.status) == (2, 3, BatchStatus.DONE)
    assert [(line, what) for line, what, _m in rows(batch)[2:]] == [
        (4, "failed"),
        (5, "failed"),
        (6, "failed"),
    ]
    assert "line 2" in rows(batch)[4][2].lower()
    mug = by_sku("MUG-1")
    assert (mug.name, mug.price, mug.stock_quantity, mug.is_active) == ("Mug", 1250, 7, True)
    assert {row.name for row in mug.categories} == {"Cups", "Gifts"} and {row.name for row in mug.tags} == {
        "new",
        "blue",
    }
    tee = by_sku("TEE-1")
    assert (tee.price, tee.sale_price, tee.is_active, tee.stock_quantity, tee.description) == (
        2000,
        1800,
        False,
        3,
        "<p>Old</p>",
    )
    shown = {
        (c.label, ", ".join(sorted(c.new.split(", "))))
        for c in importing.KIND.show(batches.list_rows(batch).items)[0]
    }
    assert shown >= {
        ("Categories", "Cups, Gifts"),
        ("Tags", "blue, new"),
        ("Price", "€12.50"),
        ("On hand", "7"),
    }, shown
    bad = "".join(importing.bad_lines(batch))
    assert bad.splitlines()[1].startswith('BAD,Vase,a lot,,1,,,1,,"Price: Must be') and "Mug,12.50" not in bad


def test_imported_twice_it_changes_nothing_twice(roast):
    existing_shelf()
    done(PLAIN)
    before = catalogue()
    again = done(PLAIN)
    assert (again.changed, again.unchanged) == (0, 2)
    assert catalogue() == before


def test_undo_restores_every_byte_of_the_catalogue(roast):
    existing_shelf()
    before = catalogue()
    batch = undone(done(PLAIN + "LAMP,Floor lamp,45,,9,New room,new,1,<p>Tall</p>\n"))
    assert (batch.status, batch.undone, batch.kept) == (BatchStatus.UNDONE, 3, 0)
    assert catalogue() == before
    assert stock.ledger_mismatches() == []


def test_a_changed_address_leaves_no_redirect_once_it_is_undone(roast):
    existing_shelf()
    before = catalogue()
    batch = done("sku,slug\nLAMP,floor-lamp\n")
    assert by_sku("LAMP").slug == "floor-lamp" and db.session.scalar(select(SlugRedirect.slug)) == "lamp"
    undone(batch)
    assert catalogue() == before


def test_undo_leaves_what_was_changed_or_ordered_since(roast):
    existing_shelf()
    batch = done(PLAIN + "CUP,Cup,3,,5,,,1,\n")
    tee = by_sku("TEE-1")
    with transaction():
        tee.price = 2222
    make.order(make.Line(by_sku("CUP")))
    batch = undone(batch)
    assert (batch.undone, batch.kept) == (1, 2)
    kept = {row.reference: row.message for row in batches.list_rows(batch, state=RowState.KEPT).items}
    assert kept == {"TEE-1": "Changed since: Price.", "CUP": "It was ordered since."}
    assert by_sku("TEE-1").price == 2222 and by_sku("TEE-1").sale_price == 1800
    with pytest.raises(AssertionError):
        by_sku("MUG-1")


# Found by its SKU, its address, its name: that they are one product nobody knows before.
TWICE = """\
sku,name,price,stock_quantity,categories,tags,slug,parent,option1_name,option1_value
LAMP,Floor lamp,41,4,New room,,,,,
N-1,Novelty,5,2,Shelf > First,one,novelty,,,
,Tall lamp,42,6,"Attic, New room",high,lamp,,,
,Rarity,6,3,Shelf > Second,two,novelty,,,
,Tall lamp,43,,,,,,,
V-1,,8,1,,,,TEE-1,Size,S
,,9,4,,,,TEE-1,Size,S
"""


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_several_rows_did_to_one_product_is_undone_to_the_last_byte(roast, monkeypatch, size):
    """In one slice or in several: each row says what it found and what it left."""
    monkeypatch.setitem(kinds._kinds, importing.NAME, replace(importing.KIND, slice=size))
    existing_shelf()
    before = catalogue()
    batch = done(TWICE)
    assert (batch.changed, batch.failed) == (7, 0)
    lamp, tee = by_sku("LAMP"), by_sku("TEE-1")
    assert (lamp.name, lamp.price, lamp.stock_quantity) == ("Tall lamp", 4300, 6)
    assert [(v.price, v.stock_quantity) for v in tee.variants] == [(900, 4)]
    found = {row.line: (row.before, row.after) for row in batches.list_rows(batch).items}
    assert [found[line][0].get("price") for line in (2, 4, 6)] == [4000, 4100, 4200]
    assert found[3][0] == {} and found[3][1]["price"] == 500 and found[5][0]["name"] == "Novelty"
    batch = undone(batch)
    assert (batch.undone, batch.kept) == (7, 0), rows(batch)
    assert catalogue() == before
    assert stock.ledger_mismatches() == []


@pytest.mark.parametrize("size", [1, 100])
def test_of_two_rows_about_one_product_those_stay_that_somebody_changed_since(roast, monkeypatch, size):
    monkeypatch.setitem(kinds._kinds, importing.NAME, replace(importing.KIND, slice=size))
    existing_shelf()
    batch = done("sku,slug,name,price\nLAMP,,Floor lamp,\n,lamp,,42\nTEE-1,,Shirt,\n,tee,,26\n")
    with transaction():
        by_sku("LAMP").name = "Mine"  # as the first row left it, not the second
        by_sku("TEE-1").price = 2700
    batch = undone(batch)
    said = [(what, message) for _line, what, message in rows(batch)]
    assert said == [
        ("kept", "Changed since: Name."),
        ("undone", ""),
        ("undone", ""),
        ("kept", "Changed since: Price."),
    ]
    lamp, tee = by_sku("LAMP"), by_sku("TEE-1")
    assert (lamp.name, lamp.price, tee.name, tee.price) == ("Mine", 4000, "Tee", 2700)


def things(mark: str, count: int) -> str:
    lines = "".join(f"{mark}-{n},{mark} thing {n},{n}.00,{n},New\n" for n in range(1, count + 1))
    return "sku,name,price,stock_quantity,tags\n" + lines


def insist_on_slices(cost: Callable[[str, int], int]) -> None:
    """`cost` in queries of so many things; the mark is that of their SKUs."""
    cost("A", 1)  # what is kept is there
    few = cost("B", 5)
    assert cost("C", 60) <= few + 2, "one by one"


def test_undoing_more_rows_costs_no_more_queries(roast):
    def cost(mark: str, count: int) -> int:
        batch = done(things(mark, count))
        batches.undo(batch.id, actor=MIA)
        with count_queries() as seen:
            assert work(batch.id).undone == count
        return len(seen)

    insist_on_slices(cost)


def test_empty_cells_say_nothing_unless_they_are_to_empty(roast):
    existing_shelf()
    content = "sku,description,categories,price,stock_quantity\nTEE-1,,,,\n"
    assert done(content).unchanged == 1
    cleared = done(content, clear=True)
    tee = by_sku("TEE-1")
    assert cleared.changed == 1
    assert (tee.description, tee.categories, tee.price, tee.stock_quantity) == ("", [], 2500, 3)


def test_a_product_without_sku_is_found_by_its_address_or_its_name(roast):
    products.create_product(ProductDraft(name="Vase", price="5.00"), actor=MIA)
    assert done("slug,price\nvase,6\n").changed == 1
    assert done("name,price\nVase,7\nJar,1\n").changed == 2
    assert db.session.scalars(select(Product.price).order_by(Product.id)).all() == [700, 100]
    products.create_product(ProductDraft(name="Vase", price="5.00"), actor=MIA)
    twice = done("name,price\nVase,8\n")
    assert twice.failed == 1 and "2 products of this name" in rows(twice)[0][2]


def test_two_rows_that_name_one_new_product_in_other_ways_are_done_in_one_slice(roast, monkeypatch):
    monkeypatch.setattr(running, "_one_by_one", lambda ident: pytest.fail("the slice as a whole failed"))
    batch = done("sku,slug,name,price,stock_quantity\nA1,vase,Vase,8,3\n,vase,Vase,9,5\n")
    assert [what for _line, what, _m in rows(batch)] == ["done", "done"]
    vase = by_sku("A1")
    assert (vase.price, vase.price_from, vase.stock_quantity, vase.version) == (900, 900, 5, 2)
    assert stock.ledger_mismatches() == []


# --- variants, and the other shop's export --------------------------------------------------------------------------


def test_a_file_of_the_other_shop_comes_in_with_its_variants(roast):
    before = catalogue()
    batch = done(FOREIGN)
    assert [(line, what) for line, what, _m in rows(batch)] == [
        (2, "done"), (3, "done"), (4, "done"), (5, "done"), (6, "failed")]  # fmt: skip
    assert "grouped" in rows(batch)[4][2]
    scarf = by_sku("SCARF")
    assert (scarf.price, scarf.weight, scarf.is_featured, scarf.track_stock) == (1890, 227, True, False)
    assert scarf.short_description == "Warm\nand soft"
    assert {row.name for row in scarf.categories} == {"Scarves", "Winter"}
    found = {
        v.sku: (v.price, v.sale_price, v.stock_quantity, sorted(x.value for x in v.values))
        for v in scarf.variants
    }
    assert found == {"SCARF-RED": (1990, None, 4, ["Red"]), "SCARF-BLUE-L": (1890, 1590, 2, ["Blue", "L"])}
    song = by_sku("SONG")
    assert (song.is_digital, song.is_active, str(song.tax_class), song.allow_backorder) == (
        True,
        False,
        "reduced",
        True,
    )
    ident = batch.id
    again = done(FOREIGN)
    assert (again.changed, again.unchanged, again.failed) == (1, 3, 1), "its picture has not come yet"
    undo(again.id)
    undo(ident)
    assert catalogue() == before


def test_variants_come_to_products_that_are_there_and_go_again(roast):
    existing_shelf()
    done("sku,parent,option1_name,option1_value,price,stock_quantity\nTEE-S,TEE-1,Size,S,21,4\n")
    before = catalogue()
    content = "sku,parent,option1_name,option1_value,price,stock_quantity\n"
    batch = done(
        content + "TEE-S,TEE-1,size,s,22,6\nTEE-M,tee,Size,M,23,1\nX,NOBODY,Size,M,1,1\nTEE-L,TEE-1,,,1,1\n"
    )
    assert (batch.changed, batch.failed) == (2, 2)
    assert "NOBODY" in rows(batch)[2][2] and "option" in rows(batch)[3][2]
    tee = by_sku("TEE-1")
    assert {v.sku: (v.price, v.stock_quantity) for v in tee.variants} == {
        "TEE-S": (2200, 6),
        "TEE-M": (2300, 1),
    }
    assert (tee.price_from, tee.stock_quantity) == (2200, 7)
    undone(batch)
    assert catalogue() == before


def test_a_variant_of_a_row_that_failed_is_refused_and_says_so(roast):
    batch = done("sku,name,parent,option1_name,option1_value,price\nA,A,,,,no\nA-S,,A,Size,S,1\n")
    assert batch.failed == 2 and "line 2" in rows(batch)[1][2]
    assert (
        db.session.scalars(select(Variant)).all() == [] and db.session.scalars(select(Category)).all() == []
    )


def test_started_it_can_not_be_mapped_again(roast):
    batch = done(PLAIN)
    with pytest.raises(Conflict):
        importing.get_upload(batch.id)
    with pytest.raises(Conflict):
        importing.choose_columns(batch.id, {0: "sku"}, clear=False, actor=MIA)


def test_rows_that_are_unlike_each_other_name_their_fault(roast):
    content = "sku,name,price,is_active,sale_starts_at,weight,tax_class,categories,barcode\n"
    bad = [
        "A1,A,1,maybe,,,,,", "A2,A,1,,yesterday,,,,", "A3,A,1,,,heavy,,,", "A4,A,1,,,,luxury,,",
        "A5,A,1,,,,,a>b>c>d>e>f,", "A6,A,1,,,,,,12345", f"A7,{'x' * 201},1,,,,,,", "A8,,1,,,,,,", "A9,A,1.234,,,,,,",
    ]  # fmt: skip
    batch = tried(content + "\n".join(bad))
    assert batches.counts_of_rows(batch) == {"bad": len(bad)}
    said = [message.partition(":")[0] for _line, _what, message in rows(batch)]
    assert said == ["Active", "Sale starts", "Weight", "Tax class", "Categories, as “Clothing > Shirts, Sale”",
                    "Barcode", "Name", "Name", "Price"]  # fmt: skip
    assert batches.list_rows(batch).items[0].verdict == Verdict.BAD


def test_more_rows_of_a_slice_cost_no_more_queries(roast):
    def cost(mark: str, count: int) -> int:
        batch = tried(things(mark, count))
        batches.start_prepared(batch.id, actor=MIA)
        with count_queries() as seen:
            assert work(batch.id).changed == count
        return len(seen)

    insist_on_slices(cost)


def test_a_row_finds_what_the_row_before_it_renamed_or_made(roast):
    existing_shelf()
    batch = done(
        "sku,slug,name,price\n"
        ",tee,Shirt,\n"  # by its address; its name is another now
        ",,Shirt,26.00\n"  # by that name
        "NEW-1,fresh,Fresh,5.00\n"
        ",,Fresh,6.00\n"
        ",lamp,,\n"
        "NEW-2,,Lamp,7.00\n"  # the address of that name is taken
    )
    assert {row[1] for row in rows(batch)} <= {"done", "unchanged"}
    tee, fresh = by_sku("TEE-1"), by_sku("NEW-1")
    assert (tee.name, tee.price, tee.slug) == ("Shirt", 2600, "tee")
    assert (fresh.price, fresh.slug) == (600, "fresh")
    assert by_sku("NEW-2").slug == "lamp-2"


def test_an_import_stops_at_the_room_of_the_plan(roast, monkeypatch):
    monkeypatch.setattr(plans, "room", lambda what: 2)
    refused = PlanLimit("No room.")

    def refuse(what: str) -> None:
        raise refused

    monkeypatch.setattr(plans, "check_room", refuse)
    batch = done("sku,name,price\nA,One,1.00\nB,Two,1.00\nC,Three,1.00\n")
    assert (batch.changed, batch.failed) == (2, 1)
    assert rows(batch)[2] == (4, "failed", "No room.")
