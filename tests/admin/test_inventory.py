"""The shelves in the back office."""

import re

import pytest
from sqlalchemy import select

from kit.db import db
from models.stock import StockItem, StockMovement
from services import tenants
from tests import cast, make
from tests.queries import count_queries


def item_of(product, variant=None) -> StockItem:
    ident = variant.id if variant else None
    found = db.session.scalars(select(StockItem).where(StockItem.product_id == product.id)).all()
    return next(item for item in found if item.variant_id == ident)


@pytest.fixture
def mia(roast, browser):
    return browser.as_(cast.MIA)


def test_it_shows_what_is_on_hand_promised_and_free(mia):
    mug = make.product("Mug", stock=12, sku="MUG")
    make.order(make.Line(mug, quantity=3))
    tee = make.product("Tee", stock=0)
    make.variant(tee, "M", stock=4, sku="TEE-M")
    html = mia.get("/admin/inventory").text
    cells = re.findall(r'<td class="num[^"]*">(?:<a[^>]*>)?(\d+)', html)
    assert cells == ["12", "3", "0", "9", "4", "0", "0", "4"]
    assert html.count('<tr id="stock-') == 2 and "M · TEE-M" in html
    assert mia.get("/admin/inventory?q=tee").text.count('<tr id="stock-') in (
        0,
        1,
    )  # the index is not made by `make`


def test_running_out_is_a_view(mia):
    make.product("Mug", stock=50)
    low = make.product("Lamp", stock=2)
    html = mia.get("/admin/inventory?view=low").text
    assert f"stock-{item_of(low).id}" in html and html.count('<tr id="stock-') == 1


def test_a_number_is_set_or_corrected_with_a_reason_that_stands_in_the_ledger(mia):
    mug = make.product("Mug", stock=12)
    path = f"/admin/inventory/{item_of(mug).id}"
    assert (
        mia.post(path, data={"mode": "set", "quantity": "9", "reason": "Damaged", "seen": "12"}).status_code
        == 303
    )
    assert (
        mia.post(
            path, data={"mode": "adjust", "quantity": "-2", "reason": "x", "other": "A gift"}
        ).status_code
        == 303
    )
    assert item_of(mug).on_hand == 7
    moves = db.session.scalars(select(StockMovement).order_by(StockMovement.id)).all()
    assert [(move.quantity, move.after, move.reason) for move in moves[1:]] == [
        (-3, 9, "Damaged"),
        (-2, 7, "A gift"),
    ]
    ledger = mia.get(path).text
    assert "Damaged" in ledger and "A gift" in ledger and "−2" in ledger and cast.MIA.actor.name in ledger


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"quantity": "many"}, 422), ({"quantity": "-1"}, 422), ({"quantity": "5", "reason": ""}, 422),
        ({"mode": "adjust", "quantity": "-99"}, 422), ({"quantity": "5", "seen": "11"}, 409), ({}, 422),
        ({"mode": "double", "quantity": "5"}, 422), ({"quantity": "99999999999"}, 422),
    ],
)  # fmt: skip
def test_a_number_that_can_not_be_changes_nothing(mia, everything, sent, status):
    mug = make.product("Mug", stock=12)
    ident, before = item_of(mug).id, everything()
    for face in (mia, mia.htmx()):
        answer = face.post(
            f"/admin/inventory/{ident}", data={"mode": "set", "reason": "Counted", "seen": "12", **sent}
        )
        assert answer.status_code == status and "field__error" in answer.text
    assert everything() == before


def test_htmx_gets_the_row(mia):
    mug = make.product("Mug", stock=12)
    answer = mia.htmx().post(
        f"/admin/inventory/{item_of(mug).id}", data={"quantity": "3", "reason": "Counted"}
    )
    assert answer.text.lstrip().startswith("<tr id=") and ">3<" in answer.text


def test_the_other_stores_shelves_are_not_here(mia, everything):
    with tenants.in_store(cast.RIVAL):
        ident = item_of(make.product("Foreign")).id
    before = everything()
    assert mia.get(f"/admin/inventory/{ident}").status_code == 404
    assert mia.post(f"/admin/inventory/{ident}", data={"quantity": "1", "reason": "x"}).status_code == 404
    assert "Foreign" not in mia.get("/admin/inventory").text
    assert everything() == before


def test_staff_look_and_do_not_touch(roast, browser, everything):
    mug = make.product("Mug", stock=12)
    ident, stan = item_of(mug).id, browser.as_(cast.STAN)
    before = everything()
    assert "Correct" not in stan.get("/admin/inventory").text
    assert stan.get(f"/admin/inventory/{ident}").status_code == 200
    assert stan.post(f"/admin/inventory/{ident}", data={"quantity": "1", "reason": "x"}).status_code == 403
    assert everything() == before


def test_more_things_make_no_more_queries(mia):
    make.product("A")
    with count_queries() as few:
        mia.get("/admin/inventory")
    tee = make.product("Tee", stock=0)
    for size in "SML":
        make.variant(tee, size)
    for n in range(5):
        make.product(f"P{n}")
    with count_queries() as many:
        mia.get("/admin/inventory")
    assert len(many) <= len(few) + 1, many
