"""Pictures of an import: fetched once the rows are in, named where they can't be had, gone again with the import."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from gateways import pictures
from gateways.pictures import NotFetched
from kit.db import db, transaction
from models.batches import BatchRow
from models.catalog import ProductImage
from models.outbox import OutboxMessage
from services import tenants
from services.catalog import images, importing
from services.catalog.images import ImageDraft
from tests import cast
from tests.importing import MIA, by_sku, done, existing_shelf, rows, tried, undo
from tests.whole_catalogue import catalogue

FILE = (
    "sku,name,price,images\n"
    'MUG,Mug,5.00,"https://pics.test/mug.png, https://pics.test/gone.png"\n'
    "TEE-1,,,https://pics.test/tee.png\n"
    "CUP,Cup,5.00,\n"
)


def png(color: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), color).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def web(monkeypatch):
    """The net: what is at which address, and what was asked for."""
    asked = []
    there = {"https://pics.test/mug.png": png("red"), "https://pics.test/tee.png": png("blue")}

    def fetch(url: str, *, limit: int) -> bytes:
        asked.append(url)
        if url not in there:
            raise NotFetched("missing")
        return there[url]

    monkeypatch.setattr(pictures, "fetch", fetch)
    return asked


def fetched() -> None:
    """What the worker does with the messages of imports."""
    wanted = db.session.scalars(
        select(OutboxMessage.payload).where(OutboxMessage.topic == "import.pictures_wanted")
    ).all()
    for payload in wanted:
        importing.fetch_pictures(**payload)


def let_go() -> list[str]:
    """The files of which the worker is told that nothing shows them."""
    unused = select(OutboxMessage.payload).where(OutboxMessage.topic == "image.unused")
    return [key for payload in db.session.scalars(unused) for key in payload["keys"]]


def test_pictures_come_and_a_failed_one_is_a_word_and_no_failed_row(roast, web):
    existing_shelf()
    batch = done(FILE)
    assert (batch.changed, batch.failed) == (3, 0)
    assert not by_sku("MUG").images, "rows do not wait for pictures"
    fetched()
    assert [image.source for image in by_sku("MUG").images] == ["https://pics.test/mug.png"]
    assert [image.source for image in by_sku("TEE-1").images] == ["https://pics.test/tee.png"]
    found = {line: (state, message) for line, state, message in rows(batch)}
    assert found[2] == (
        "done",
        "Picture https://pics.test/gone.png: There is no picture at this address.",
    )
    assert found[3] == ("done", "") and found[4] == ("done", "")


def test_told_twice_or_imported_twice_no_picture_comes_twice(roast, web):
    existing_shelf()
    done(FILE)
    fetched()
    fetched()
    second = done(FILE)
    assert (second.unchanged, second.failed) == (2, 0), "the picture that was missing is asked for again"
    fetched()
    assert len(by_sku("MUG").images) == len(by_sku("TEE-1").images) == 1
    assert web.count("https://pics.test/mug.png") == 1


def test_undo_takes_the_pictures_away(roast, web):
    existing_shelf()
    before = catalogue()
    ident = done(FILE).id
    fetched()
    assert undo(ident).undone == 3
    assert catalogue() == before
    fetched()
    assert catalogue() == before, "nothing comes to what is undone"


def test_a_picture_added_by_hand_keeps_the_product(roast, web):
    ident = done(FILE.replace("TEE-1,,,", "TEE-1,Tee,1.00,")).id
    fetched()
    images.add_image(by_sku("CUP").id, png("green"), ImageDraft(), actor=MIA)
    batch = undo(ident)
    assert (batch.undone, batch.kept) == (2, 1)
    assert len(by_sku("CUP").images) == 1


def test_an_existing_product_of_which_only_the_picture_was_new_is_not_erased(roast, web):
    existing_shelf()
    ident = done("sku,images\nTEE-1,https://pics.test/tee.png\n").id
    fetched()
    assert len(by_sku("TEE-1").images) == 1
    assert undo(ident).undone == 1
    tee = by_sku("TEE-1")
    assert (tee.name, tee.images) == ("Tee", [])


def test_a_picture_too_many_is_said_of_the_row_and_its_file_is_let_go(roast, web, monkeypatch):
    batch = done("sku,name,price,images\nMUG,Mug,5.00,https://pics.test/mug.png\n")
    monkeypatch.setattr(images, "PER_PRODUCT", 0)
    fetched()
    assert rows(batch)[0][1] == "done" and "0 pictures at most" in rows(batch)[0][2]
    assert len(let_go()) == 1


def test_a_picture_that_comes_to_an_undone_row_is_let_go(roast, web, monkeypatch):
    ident = done("sku,name,price,images\nMUG,Mug,5.00,https://pics.test/mug.png\n").id
    keep = images.keep

    def keep_slowly(data):
        kept = keep(data)
        undo(ident)
        return kept

    monkeypatch.setattr(images, "keep", keep_slowly)
    fetched()
    assert len(let_go()) == 1


def test_what_is_no_picture_is_said_in_words(roast, monkeypatch):
    monkeypatch.setattr(pictures, "fetch", lambda url, *, limit: b"<html>")
    batch = done("sku,name,price,images\nMUG,Mug,5.00,https://pics.test/page\n")
    fetched()
    assert "Picture https://pics.test/page:" in rows(batch)[0][2]
    assert not by_sku("MUG").images and db.session.scalar(select(ProductImage.id)) is None


def test_another_stores_row_is_not_found(roast, web):
    batch = done(FILE)
    row = db.session.scalars(select(BatchRow).where(BatchRow.batch_id == batch.id)).first()
    ident, row_id = str(batch.id), str(row.id)
    with tenants.in_store(cast.RIVAL):
        importing.fetch_pictures(ident, row_id, ["https://pics.test/mug.png"])
    assert web == []


def test_nothing_is_fetched_inside_a_transaction(roast):
    with transaction(), pytest.raises(RuntimeError):
        pictures.fetch("https://pics.test/mug.png", limit=10)


def test_an_address_that_is_too_long_to_keep_is_said_before_anything_is_done(roast, web):
    batch = tried(f"sku,name,price,images\nMUG,Mug,5.00,https://pics.test/{'x' * ProductImage.SOURCE_MAX}\n")
    [(_line, verdict, message)] = rows(batch)
    assert verdict == "bad" and "At most 2000 characters." in message and not web
