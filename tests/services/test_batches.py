"""A batch does each row once, whatever happens to its worker, and takes it all back."""

from contextlib import contextmanager

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound
from models.batches import Batch, BatchRow, BatchStatus, RowState, Verdict
from models.catalog import Product
from services import batches, tenants
from services.batches import Kind, RowInput, kinds
from tests import cast, make

MIA = cast.MIA.actor


@contextmanager
def registered(kind: Kind):
    batches.register(kind)
    try:
        yield kind
    finally:
        del kinds._kinds[kind.name]


def _rename(batch, rows, actor):
    def act(row):
        product = db.session.get(Product, row.target_id)
        if product is None:
            raise NotFound("There is no such product.")
        if "/" in product.name:
            raise RuntimeError("a bug that only this row meets")
        before, after = product.name, product.name + batch.params["suffix"]
        if before == after:
            return row.same()
        product.name = after
        return row.done({"name": before}, {"name": after})

    batches.each(rows, act)


def _rename_back(batch, rows, actor):
    for row in rows:
        product = db.session.get(Product, row.target_id)
        if product.name != row.after["name"]:
            row.keep("The name was changed since.")
        else:
            product.name = row.before["name"]
            row.undone()


RENAME = Kind("test.rename", "Renaming", apply=_rename, undo=_rename_back, slice=4)


@pytest.fixture(autouse=True)
def renaming():
    with registered(RENAME):
        yield


def shelf(*names: str) -> list[RowInput]:
    return [RowInput(name, target_id=make.product(name).id) for name in names]


def start(rows, suffix="!", kind=RENAME) -> Batch:
    return batches.start(kind, {"suffix": suffix}, rows, actor=MIA)


def work(batch: Batch) -> Batch:
    ident = batch.id
    batches.run(str(ident))
    return batches.get_batch(ident)


def names() -> list[str]:
    return list(db.session.scalars(select(Product.name).order_by(Product.id)))


def test_the_worker_does_all_rows_and_the_counts_say_how_it_went(roast):
    rows = [*shelf(*"abcdefghij"), RowInput("Gone", target_id=cast.ROAST)]
    batch = work(start(rows))
    assert names() == [f"{name}!" for name in "abcdefghij"]
    assert (batch.status, batch.total, batch.changed, batch.failed) == (BatchStatus.DONE, 11, 10, 1)
    [bad] = batches.list_rows(batch, state=RowState.FAILED).items
    assert (bad.reference, bad.message) == ("Gone", "There is no such product.")
    assert batch.finished_at and batch.actor_name == cast.MIA.actor.name


def test_undo_puts_everything_back_except_what_was_changed_since(roast):
    batch = work(start(shelf(*"abcdefghij")))
    with transaction():
        db.session.scalars(select(Product).where(Product.name == "c!")).one().name = "Mine"
    batches.undo(batch.id, actor=MIA)
    batch = work(batch)
    assert names() == ["a", "b", "Mine", *"defghij"]
    assert (batch.status, batch.undone, batch.kept) == (BatchStatus.UNDONE, 9, 1)
    [kept] = batches.list_rows(batch, state=RowState.KEPT).items
    assert (kept.reference, kept.message) == ("c", "The name was changed since.")
    with pytest.raises(Conflict):
        batches.undo(batch.id, actor=MIA)


def test_a_row_that_breaks_the_kind_stops_no_other(roast):
    batch = work(start(shelf("a", "b", "b/c", "d", "e", "f", "g")))
    assert names() == ["a!", "b!", "b/c", "d!", "e!", "f!", "g!"]
    assert (batch.changed, batch.failed, batch.status) == (6, 1, BatchStatus.DONE)
    [bad] = batches.list_rows(batch, state=RowState.FAILED).items
    assert bad.reference == "b/c" and "did not foresee" in bad.message


def test_what_is_killed_in_a_slice_is_as_if_it_had_not_begun(roast):
    batch = start(shelf(*"abcdefgh"))

    class Killed(BaseException):
        pass

    def dies_in_the_second_slice(batch, rows, actor):
        _rename(batch, rows, actor)
        db.session.flush()
        if rows[0].position > 4:
            raise Killed

    with (
        registered(Kind("test.rename", "Renaming", apply=dies_in_the_second_slice, slice=4)),
        pytest.raises(Killed),
    ):
        batches.run(str(batch.id))
    batches.register(RENAME)
    db.session.remove()
    assert names() == [*"a! b! c! d!".split(), *"efgh"]
    seen = batches.get_batch(batch.id)
    assert (seen.changed, seen.status) == (4, BatchStatus.RUNNING)
    work(batch)
    work(batch)  # a message that comes twice
    assert names() == [f"{name}!" for name in "abcdefgh"]
    assert batches.get_batch(batch.id).changed == 8


def test_stopped_it_does_no_more_and_may_go_on_or_be_undone(roast):
    batch = start(shelf(*"abcdefgh"))
    from services.batches import running

    running.work_slice(str(batch.id))
    batches.stop(batch.id, actor=MIA)
    work(batch)
    assert batches.get_batch(batch.id).changed == 4
    batches.resume(batch.id, actor=MIA)
    assert work(batch).changed == 8
    with pytest.raises(Conflict):
        batches.stop(batch.id, actor=MIA)


def test_the_dry_run_comes_first_and_changes_nothing(roast, everything):
    def check(batch, rows, actor):
        for row in rows:
            row.verdict = Verdict.CHANGED

    with registered(Kind("test.checked", "Checked", apply=_rename, check=check, slice=3)) as kind:
        batch = batches.prepare(kind, {}, shelf(*"abcd"), actor=MIA)
        with pytest.raises(Conflict):
            batches.start_prepared(batch.id, actor=MIA)
        batches.check(batch.id, {"suffix": "?"}, actor=MIA)
        assert work(batch).status is BatchStatus.CHECKED
        assert names() == list("abcd") and batches.counts_of_rows(batch) == {"changed": 4}
        batches.start_prepared(batch.id, actor=MIA)
        assert work(batch).changed == 4
        assert names() == ["a?", "b?", "c?", "d?"]
        with pytest.raises(Conflict):
            batches.undo(batch.id, actor=MIA)  # this kind has none


def test_nothing_to_do_is_refused(roast, everything):
    before = everything()
    with pytest.raises(Invalid):
        start([])
    assert everything() == before


def test_another_store_has_no_such_batch(roast):
    batch = start(shelf("a"))
    with tenants.in_store(cast.RIVAL):
        for act in (batches.stop, batches.resume, batches.undo):
            with pytest.raises(NotFound):
                act(batch.id, actor=cast.RITA.actor)
        with pytest.raises(NotFound):
            batches.get_batch(batch.id)
        batches.run(str(batch.id))
    assert names() == ["a"]


def test_the_report_is_a_csv_that_no_spreadsheet_runs(roast):
    batch = work(start([*shelf("=1+1", "b"), RowInput("Gone", target_id=cast.ROAST, line=7)]))
    text = "".join(batches.export_rows(batch))
    assert "'=1+1,done," in text and "name: b → b!" in text
    only = "".join(batches.export_rows(batch, state=RowState.FAILED))
    assert "7,Gone,failed,There is no such product.," in only and "b!" not in only


def test_rows_of_a_page_are_read_in_one_query(roast):
    from tests.queries import count_queries

    batch = work(start(shelf(*"abcdefghij")))
    with count_queries() as seen:
        batches.list_rows(batches.get_batch(batch.id))
    assert len(seen) <= 3, seen


def test_rows_belong_to_the_store(roast):
    start(shelf("a"))
    assert db.session.scalar(select(BatchRow)).tenant_id == cast.ROAST


def test_a_slice_moves_the_stores_version_once_and_a_failed_one_does_not(roast):
    version = tenants.current().catalog_version

    def touch(batch, rows, actor):
        for row in rows:
            tenants.touch_catalog()
            row.same()

    with registered(Kind("test.touch", "Touching", apply=touch, slice=4)) as kind:
        batch = batches.start(kind, {}, [RowInput("a"), RowInput("b"), RowInput("c")], actor=MIA)
        work(batch)
    tenants.forget()
    assert tenants.current().catalog_version == version + 1
    with pytest.raises(RuntimeError), transaction(), tenants.touching_once():
        tenants.touch_catalog()
        raise RuntimeError
    tenants.forget()
    assert tenants.current().catalog_version == version + 1
