"""What goes out as a file comes back in as it was."""

from kit.drafts import read
from services import batches, tenants
from services.catalog import categories, exporting, importing, products, tags
from services.catalog.product_draft import ProductDraft
from services.catalog.staff_list import StaffFilter
from tests import cast, make
from tests.importing import FOREIGN, MIA, by_sku, done, existing_shelf, rows, work
from tests.queries import count_queries
from tests.whole_catalogue import catalogue

EVERYTHING = StaffFilter()


def exported(wanted: StaffFilter = EVERYTHING) -> str:
    return "".join(exporting.export_products(wanted, actor=MIA))


def test_what_is_exported_comes_back_in_and_changes_nothing(roast):
    done(FOREIGN)
    row = categories.create_category(categories.CategoryDraft(name="Odds, ends > more"), actor=MIA)
    tag = tags.create_tag(tags.TagDraft(name='a,b\\c "d"'), actor=MIA)
    odd = {
        "name": "'=1+1", "description": "<p>one</p>\n\n<p>“two”, three; 'four'</p>", "brand": "=cmd|' /C calc'!A0",
        "sku": "@home", "price": "0.10", "weight": "0.001", "measure": "0.75", "measure_unit": "l",
        "barcode": "4006381333931", "sale_price": "0.05", "sale_starts_at": "2026-01-01T10:00:00Z",
        "tax_class": "super_reduced", "origin_country": "PT",
        "category_ids": [row.id], "tag_ids": [tag.id], "max_quantity": 9, "stock_quantity": 3, "safety_text": "-5 °C",
        "manufacturer": "+351 Ltd\nPorto", "publish_at": "2999-01-01T00:00:00Z", "low_stock_threshold": 0,
    }  # fmt: skip
    products.create_product(read(ProductDraft, odd), actor=MIA)
    products.create_product(
        ProductDraft(name="No SKU", price="1.00", is_active=False, track_stock=False), actor=MIA
    )
    before, text = catalogue(), exported()
    assert "\n=" not in text and ",=" not in text and ",@" not in text
    for clear in (False, True):
        batch = done(text, clear=clear)
        assert (batch.changed, batch.failed, rows(batch)[0][1]) == (0, 0, "unchanged"), rows(batch)
        assert batch.unchanged == 6
        assert catalogue() == before


def test_an_export_builds_the_same_catalogue_in_another_store(roast):
    done(FOREIGN)
    text = exported()
    with tenants.in_store(cast.RIVAL):
        batch = importing.upload(text.encode(), "p.csv", actor=cast.RITA.actor)
        ident = batch.id
        importing.choose_columns(
            ident, importing.get_upload(ident).guesses, clear=False, actor=cast.RITA.actor
        )
        work(ident)
        batches.start_prepared(ident, actor=cast.RITA.actor)
        assert work(ident).failed == 0
        assert exported() == text


def test_the_export_has_what_the_filter_lets_through(roast):
    existing_shelf()
    assert exported(StaffFilter(search="lamp")).count("\r\n") == 2
    assert "Tee" in exported() and "Tee" not in exported(StaffFilter(search="lamp"))


def test_the_example_can_be_imported(roast):
    batch = done("".join(exporting.example()))
    assert (batch.changed, batch.failed) == (3, 0)
    assert by_sku("TEE").variants[0].sku == "TEE-S"


def test_an_export_reads_by_the_page(roast, monkeypatch):
    monkeypatch.setattr(exporting, "AT_A_TIME", 2)
    for n in range(5):
        make.product(f"P{n}")
    assert exported().count("\r\n") == 6
    monkeypatch.setattr(exporting, "AT_A_TIME", 200)
    with count_queries() as few:
        exported(StaffFilter(search="p1"))
    with count_queries() as many:
        exported()
    assert len(many) <= len(few) + 2, many
