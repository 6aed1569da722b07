"""Thousands of rows in one go are the rows that the ORM would have written, and of one store."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from kit import clock
from kit.db import db, transaction
from kit.ids import uuid7
from kit.many import insert_many, update_many
from models.batches import BatchRow, RowState, Verdict
from models.catalog import PriceChange, Product
from services import batches, tenants
from services.batches import Kind, RowInput
from tests import cast, make

KIND = Kind("test.many", "Many", apply=lambda *_: None)
HISTORY = ("id", "product_id", "variant_id", "price", "sale_starts_at", "at")
AWKWARD = "“Café” \\ % ? ' \" :name {} \n%s"


@transaction()
def insert(rows) -> None:
    insert_many(PriceChange, HISTORY, rows)


@transaction()
def update(kind, names, rows) -> None:
    update_many(kind, names, rows)


def test_new_rows_have_what_was_said_and_nothing_where_nothing_was(roast):
    product, now = make.product("Mug"), clock.now()
    wanted = [(uuid7(), product.id, None, n, None if n % 2 else now + timedelta(days=n), now)
              for n in range(4_500)]  # fmt: skip
    insert(wanted)
    ids = [row[0] for row in wanted]
    read = select(*(getattr(PriceChange, name) for name in HISTORY)).where(PriceChange.price < 4_500)
    found = db.session.execute(read.order_by(PriceChange.id)).all()
    assert [tuple(row) for row in found if row.id in set(ids)] == sorted(wanted)
    insert([])


def test_the_databases_bytes_are_those_that_the_orm_would_have_written(roast):
    """Moments are compared as text on SQLite."""
    product, moment = make.product("Mug"), datetime(2026, 3, 10, 12, tzinfo=UTC)
    ids = [uuid7(), uuid7()]
    insert([(ids[0], product.id, None, 1, moment, moment)])
    with transaction():
        db.session.add(
            PriceChange(id=ids[1], product_id=product.id, price=1, sale_starts_at=moment, at=moment)
        )
    read = db.session.execute(text("SELECT * FROM price_changes WHERE price = 1")).mappings().all()
    plain, orm = ({k: v for k, v in row.items() if k != "id"} for row in read)
    assert plain == orm and len(read) == 2

    batch = batches.prepare(KIND, {}, [RowInput("a"), RowInput("b")], actor=cast.MIA.actor)
    one, other = db.session.scalars(select(BatchRow).where(BatchRow.batch_id == batch.id)).all()
    said = {"name": AWKWARD, "list": [1, None]}
    update(BatchRow, ("id", "state", "verdict", "message", "before", "after"), [
        (one.id, RowState.DONE, Verdict.NEW, AWKWARD, said, {}),
    ])  # fmt: skip
    with transaction():
        other.verdict = Verdict.NEW
        other.done(said, {})
        other.message = AWKWARD
    done, changed = db.session.execute(
        text("SELECT state, verdict, message, before, after FROM batch_rows")
    ).all()
    assert done == changed


def test_rows_are_changed_by_their_ids_and_objects_that_were_read_before_are_not(roast):
    batch = batches.prepare(KIND, {}, [RowInput(f"{n}") for n in range(3)], actor=cast.MIA.actor)
    first, second, third = db.session.scalars(
        select(BatchRow).where(BatchRow.batch_id == batch.id).order_by(BatchRow.position)
    ).all()
    said = {"name": AWKWARD, "list": [1, None, {"a": True}]}
    update(BatchRow, ("id", "state", "verdict", "message", "before", "after"), [
        (first.id, RowState.DONE, Verdict.NEW, AWKWARD, said, {}),
        (second.id, RowState.FAILED, None, "", None, None),
    ])  # fmt: skip
    db.session.expire_all()
    assert (first.state, first.verdict, first.message, first.before, first.after) == (
        RowState.DONE, Verdict.NEW, AWKWARD, said, {},
    )  # fmt: skip
    assert (second.state, second.verdict, second.before) == (RowState.FAILED, None, None)
    assert third.state is RowState.PENDING
    unset = text("SELECT count(*) FROM batch_rows WHERE before IS NULL AND state = 'failed'")
    assert db.session.scalar(unset) == 1


def test_another_stores_rows_are_out_of_reach(everything):
    with tenants.in_store(cast.ROAST):
        theirs = make.product("Mug")
        ident, price, version = theirs.id, theirs.price, theirs.version
    with tenants.in_store(cast.RIVAL):
        update(Product, ("id", "price", "version"), [(ident, 1, 99)])
    with tenants.in_store(cast.ROAST):
        row = db.session.execute(select(Product.price, Product.version).where(Product.id == ident)).one()
        assert tuple(row) == (price, version)


def test_what_no_column_can_hold_is_refused(roast):
    product = make.product("Mug")
    row = (uuid7(), product.id, None, 1, None)
    with pytest.raises((TypeError, ValueError)):
        insert([(*row, datetime(2026, 1, 1))])  # noqa: DTZ001 (without a zone)
    with pytest.raises(ValueError, match="which row"):
        update_many(Product, ("price", "id"), [(1, product.id)])
    assert db.session.scalar(select(PriceChange.id).where(PriceChange.id == row[0])) is None
