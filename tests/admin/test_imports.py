"""Files in and out of the back office, and jobs: without scripts, by role, from the other store."""

import io
import re

import pytest

from models.batches import BatchStatus
from services import batches, tenants
from services.catalog import importing
from services.stock import count_import
from tests import cast, make
from tests.importing import MIA, by_sku, done, tried, upload, work

CSV = "sku,name,price,stock_quantity,is_active,Shelf\nMUG,Mug,12.50,7,1,a\nBAD,Vase,lots,1,1,b\n"


@pytest.fixture
def mia(roast, browser):
    return browser.as_(cast.MIA)


def send(face, path: str, content: str, name: str = "goods.csv", **more):
    return face.post(path, data={"file": (io.BytesIO(content.encode()), name), **more})


def batch_of(answer) -> str:
    found = re.search(r"/admin/(?:imports|batches)/([0-9a-f-]{36})", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return found[1]


def test_a_file_goes_all_the_way_in_and_out_again_without_scripts(mia):
    ident = batch_of(send(mia, "/admin/products/import", CSV))
    mapping = mia.get(f"/admin/imports/{ident}").text
    assert re.search(r'name="column-1">.*?<option value="name" selected>Name', mapping, re.S)
    assert '<option value="" selected' not in mapping and "1 column is left out" in mapping
    chosen = {"column-0": "sku", "column-1": "name", "column-2": "price", "column-3": "stock_quantity"}
    assert mia.post(f"/admin/imports/{ident}/columns", data=chosen).status_code == 303
    moving = mia.get(f"/admin/imports/{ident}").text
    assert 'hx-trigger="every 1s"' in moving and "Look again" in moving and "Import 1 row" not in moving
    assert mia.post(f"/admin/imports/{ident}/start").status_code == 409
    work(ident)
    found = mia.get(f"/admin/imports/{ident}").text
    assert "Import 1 row" in found and "Price: Must be a number" in found and "1 row can’t be taken" in found
    only_bad = mia.get(f"/admin/imports/{ident}?verdict=bad").text
    assert "Vase" not in only_bad and "BAD" in only_bad and ">MUG<" not in only_bad
    assert "BAD,Vase,lots" in mia.get(f"/admin/imports/{ident}/errors").text
    started = mia.post(f"/admin/imports/{ident}/start")
    assert started.headers["Location"].endswith(f"/admin/batches/{ident}")
    assert mia.post(f"/admin/imports/{ident}/start").status_code == 303  # pressed twice
    assert mia.get(f"/admin/imports/{ident}").status_code == 303
    work(ident)
    assert by_sku("MUG").stock_quantity == 7
    report = mia.get(f"/admin/batches/{ident}").text
    assert "Refused lines" in report and "Undo…" in report and 'hx-trigger="every 1s"' not in report
    assert "MUG" not in mia.get(f"/admin/batches/{ident}?state=failed").text
    assert "MUG,done" in mia.get(f"/admin/batches/{ident}/report").text
    assert "Undo it all?" in mia.get(f"/admin/batches/{ident}/undo").text
    mia.post(f"/admin/batches/{ident}/undo")
    work(ident)
    assert "Undone" in mia.get(f"/admin/batches/{ident}").text
    with pytest.raises(AssertionError):
        by_sku("MUG")


def test_progress_is_a_piece_for_htmx_and_ends_in_the_whole_page(mia):
    batch = batches.start(
        importing.KIND, {"clear": False, "file": "x"}, [batches.RowInput("x", input={"bad": "no"})], actor=MIA
    )
    ident = str(batch.id)
    with_htmx = mia.htmx()
    piece = with_htmx.get(f"/admin/batches/{ident}")
    assert "<html" not in piece.text and "0 of 1 rows" in piece.text
    batches.stop(batch.id, actor=MIA)
    assert with_htmx.get(f"/admin/batches/{ident}").headers["HX-Redirect"] == f"/admin/batches/{ident}"


@pytest.mark.parametrize("content", ["", "\x00\x01", "a,b\n"], ids=["empty", "binary", "heading"])
@pytest.mark.parametrize("path", ["/admin/products/import", "/admin/inventory/count"])
def test_what_is_no_table_is_refused_on_the_page(mia, everything, path, content):
    before = everything()
    answer = send(mia, path, content)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert mia.post(path).status_code == 422
    assert everything() == before


def test_a_mapping_that_can_not_be_comes_back_as_it_was_chosen(mia):
    ident = batch_of(send(mia, "/admin/products/import", CSV))
    answer = mia.post(
        f"/admin/imports/{ident}/columns", data={"column-0": "sku", "column-1": "sku", "column-x": "sku"}
    )
    assert answer.status_code == 422 and "Two columns can’t both be: SKU" in answer.text.replace("&#39;", "’")
    assert batches.get_batch(ident).status is BatchStatus.DRAFT


def test_jobs_and_imports_of_the_other_store_are_not_there(mia, browser, everything):
    mine = done(CSV, columns={0: "sku", 1: "name", 2: "price"})
    waiting = upload(CSV)
    idents = [str(mine.id), str(waiting.id)]
    rita, before = browser.as_(cast.RITA), everything()
    for ident in idents:
        for path in (f"/admin/batches/{ident}", f"/admin/batches/{ident}/report", f"/admin/batches/{ident}/undo",
                     f"/admin/imports/{ident}", f"/admin/imports/{ident}/errors"):  # fmt: skip
            assert rita.get(path).status_code == 404, path
        for path in (f"/admin/batches/{ident}/stop", f"/admin/batches/{ident}/resume", f"/admin/batches/{ident}/undo",
                     f"/admin/imports/{ident}/columns", f"/admin/imports/{ident}/start"):  # fmt: skip
            assert rita.post(path, data={"column-0": "sku"}).status_code == 404, path
    assert everything() == before


def test_staff_may_not_import_nor_undo(roast, browser, everything):
    ident = tried(CSV, columns={0: "sku", 1: "name", 2: "price"}).id
    stan, before = browser.as_(cast.STAN), everything()
    for path in ("/admin/products/import", f"/admin/imports/{ident}", f"/admin/batches/{ident}",
                 "/admin/products/export", "/admin/inventory/count", "/admin/products/import/example"):  # fmt: skip
        assert stan.get(path).status_code == 403, path
    for path in (f"/admin/imports/{ident}/start", f"/admin/batches/{ident}/undo", "/admin/products/import"):
        assert stan.post(path).status_code == 403, path
    assert everything() == before


def test_the_export_is_what_the_list_shows(mia):
    make.product("Mug", sku="A1")
    make.product("=Lamp", sku="B2", is_active=False)
    answer = mia.get("/admin/products/export?view=draft")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "B2,'=Lamp" in answer.text and "Mug" not in answer.text
    assert "MUG,Mug" in mia.get("/admin/products/import/example").text


def test_each_page_keeps_to_the_policy(mia):
    idents = [upload(CSV).id, tried(CSV, columns={0: "sku", 1: "name", 2: "price"}).id]
    finished = done(CSV, columns={0: "sku", 1: "name", 2: "price"}).id
    paths = [
        *(f"/admin/imports/{ident}" for ident in idents),
        f"/admin/batches/{finished}",
        f"/admin/batches/{finished}/undo",
        f"/admin/imports/{idents[1]}?step=columns",
        "/admin/products/import",
    ]
    for path in paths:
        answer = mia.get(path)
        html = answer.text
        assert answer.status_code == 200, path
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", html), path
        assert html.count("<h1") == 1, path
        found = re.findall(r'\sid="([^"]+)"', html)
        assert len(found) == len(set(found)), path


def test_a_count_comes_in_and_out(mia):
    make.product("Mug", sku="MUG", stock=5)
    ident = batch_of(send(mia, "/admin/inventory/count", "SKU;Counted\nMUG;9\nNONE;1\n"))
    work(ident)
    found = mia.get(f"/admin/imports/{ident}").text
    assert "Import 1 row" in found and "There is no product with this SKU." in found
    mia.post(f"/admin/imports/{ident}/start")
    work(ident)
    assert by_sku("MUG").stock_quantity == 9
    mia.post(f"/admin/batches/{ident}/undo")
    work(ident)
    assert by_sku("MUG").stock_quantity == 5
    with tenants.in_store(cast.RIVAL):
        assert batches.list_batches(kinds=(count_import.KIND.name,)).total == 0
