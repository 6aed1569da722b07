"""A count from a file: looked at, done, undone."""

import pytest

from kit.errors import Invalid
from models.batches import BatchStatus, RowState
from services import batches, stock
from services.stock import count_import
from tests import make
from tests.importing import MIA, by_sku, rows, work


def counted(content: str):
    batch = count_import.upload(content.encode(), "count.csv", actor=MIA)
    return work(batch.id)


def finish(batch):
    ident = batch.id
    batches.start_prepared(ident, actor=MIA)
    return work(ident)


def test_each_line_is_looked_at_and_the_good_ones_count(roast):
    make.product("Mug", sku="MUG", stock=5)
    make.product("Lamp", sku="LAMP", stock=3)
    tee = make.product("Tee", sku="TEE", stock=0)
    make.variant(tee, "M", sku="TEE-M", stock=4)
    batch = counted("Stock,SKU\n7,mug\n3,LAMP\n1,TEE-M\n5,TEE\n2,NONE\nx,LAMP\n-1,\n")
    assert batches.counts_of_rows(batch) == {"changed": 2, "unchanged": 1, "bad": 4}
    assert by_sku("MUG").stock_quantity == 5
    batch = finish(batch)
    assert (batch.changed, batch.unchanged, batch.failed) == (2, 1, 4)
    assert [line for line, what, _m in rows(batch) if what == "failed"] == [5, 6, 7, 8]
    assert by_sku("MUG").stock_quantity == 7 and by_sku("TEE").stock_quantity == 1
    last = stock.list_movements(by_sku("MUG").id).items[0]
    assert (last.quantity, last.reason) == (2, "Count “count.csv”")
    assert stock.ledger_mismatches() == []


def test_undo_leaves_what_has_moved_since(roast):
    make.product("Mug", sku="MUG", stock=5)
    make.product("Lamp", sku="LAMP", stock=3)
    batch = finish(counted("sku,counted\nMUG,7\nLAMP,8\n"))
    ident = batch.id
    stock.set_on_hand(by_sku("MUG").id, None, 6, actor=MIA)
    batches.undo(ident, actor=MIA)
    batch = work(ident)
    assert (batch.status, batch.undone, batch.kept) == (BatchStatus.UNDONE, 1, 1)
    assert by_sku("MUG").stock_quantity == 6 and by_sku("LAMP").stock_quantity == 3
    [kept] = batches.list_rows(batch, state=RowState.KEPT).items
    assert "there are 6 now" in kept.message
    assert stock.ledger_mismatches() == []


@pytest.mark.parametrize("content", ["name,counted\nA,1\n", "sku,price\nA,1\n", "sku,counted\n"])
def test_a_file_without_the_two_columns_is_refused(roast, everything, content):
    before = everything()
    with pytest.raises(Invalid):
        counted(content)
    assert everything() == before
