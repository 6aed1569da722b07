"""The same command for many products: looked at first, done by the worker, undone exactly."""

from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import func, select

from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import uuid7
from models.audit import AuditEntry
from models.batches import BatchRow, BatchStatus, RowState, Verdict
from models.catalog import PriceChange, Product, Variant
from services import batches, search, stock, tenants
from services.catalog import bulk, categories, products, tags
from services.catalog.bulk.drafts import Rounding
from services.catalog.bulk.plans import rounded
from tests import cast, make
from tests.queries import count_queries

MIA, ALICE = cast.MIA.actor, cast.ALICE.actor


class Thing(NamedTuple):
    """What outlives the session that made it: the worker begins a new one."""

    id: UUID
    name: str


def product(name="Mug", **fields):
    return Thing(make.product(name, **fields).id, name)


def variant(of, value="M", **fields):
    return make.variant(fresh(of), value, **fields).id


def look(name, things, **sent):
    """The dry run, through."""
    ident = bulk.prepare(name, sent, [tuple(one) for one in things], actor=MIA).id
    batches.run(str(ident))
    return batches.get_batch(ident)


def do(name, things, **sent):
    ident = look(name, things, **sent).id
    batches.start_prepared(ident, actor=MIA)
    batches.run(str(ident))
    return batches.get_batch(ident)


def undo(batch):
    ident = batch if isinstance(batch, UUID) else batch.id
    batches.undo(ident, actor=MIA)
    batches.run(str(ident))
    return batches.get_batch(ident)


def rows(batch):
    return batches.list_rows(batch, page_size=100).items


def fresh(product):
    return products.get_product(product.id)


def catalogue():
    """What the products, their variants and what hangs on them say; versions and dates move on."""
    skip = {"version", "updated_at"}
    return [
        sorted(repr({c.name: v for c, v in zip(kind.__table__.c, row, strict=True) if c.name not in skip})
               for row in db.session.execute(select(*kind.__table__.c)))
        for kind in (Product, Variant)
    ] + [sorted((p.name, sorted(c.name for c in p.categories), sorted(t.name for t in p.tags))
                for p in db.session.scalars(select(Product)))]  # fmt: skip


# --- prices -----------------------------------------------------------------------------------------------------------


def test_prices_move_by_percent_amount_and_to_one_price(roast):
    mug = product("Mug", price=1000)
    for sent, price in (
        ({"how": "percent", "percent": "-10"}, 900), ({"how": "percent", "percent": "12.5"}, 1013),
        ({"how": "amount", "amount": "-0.13"}, 1000), ({"how": "set", "price": "20.00"}, 2000),
        ({"how": "percent", "percent": "-33.33", "rounding": "ninety_nine"}, 1299),
    ):  # fmt: skip
        batch = do("price", [mug], **sent)
        assert (batch.status, batch.changed, fresh(mug).price, fresh(mug).price_from) == (
            "done",
            1,
            price,
            price,
        ), sent
    assert [row.price for row in db.session.scalars(select(PriceChange).order_by(PriceChange.at))] == [
        900, 1013, 1000, 2000, 1299]  # fmt: skip


def test_rounding_goes_to_the_nearest_price_that_ends_so(roast):
    for how, pairs in {
        Rounding.EXACT: {1234: 1234}, Rounding.FIVE: {1232: 1230, 1233: 1235}, Rounding.WHOLE: {1249: 1200, 1250: 1300},
        Rounding.NINETY_NINE: {1234: 1199, 1260: 1299, 10: 99}, Rounding.NINETY: {1234: 1190, 1250: 1290, 0: 90},
    }.items():  # fmt: skip
        for price, wanted in pairs.items():
            assert rounded(price, how) == wanted, (how, price)


def test_variants_with_a_price_of_their_own_move_too(roast):
    tee = product("Tee", price=2000)
    own, inherits = variant(tee, "S", price=1800), variant(tee, "M")
    batch = do("price", [tee], how="percent", percent="50")
    now = {v.id: v.price for v in fresh(tee).variants}
    assert (fresh(tee).price, now[own], now[inherits]) == (3000, 2700, None)
    assert (fresh(tee).price_from, fresh(tee).price_to) == (2700, 3000)
    undo(batch)
    assert {v.id: v.price for v in fresh(tee).variants} == {own: 1800, inherits: None}


def test_a_sale_begins_with_dates_and_ends(roast):
    mug, tee = product("Mug", price=1000), product("Tee", price=2000)
    variant(tee, "S", price=1500)
    batch = do(
        "sale",
        [mug, tee],
        how="percent",
        percent="20",
        starts_at="2026-12-01T00:00",
        ends_at="2026-12-24T18:00",
    ).id
    assert (fresh(mug).sale_price, fresh(tee).sale_price, fresh(tee).variants[0].sale_price) == (
        800,
        1600,
        1200,
    )
    assert fresh(mug).sale_ends_at.isoformat() == "2026-12-24T18:00:00+00:00"
    do("sale", [mug], how="end")
    assert fresh(mug).sale_price is fresh(mug).sale_price_from is fresh(mug).sale_ends_at is None
    undone = undo(batch)
    assert (undone.undone, undone.kept) == (1, 1) and fresh(mug).sale_price is None, (
        "the mug was changed since"
    )
    assert fresh(tee).sale_price is fresh(tee).sale_price_from is None


def test_the_preview_says_what_will_be_and_what_is_refused_and_changes_nothing(roast):
    cheap, dear, same = (product(name, price=price) for name, price in (("A", 300), ("B", 1000), ("C", 2000)))
    reduced = product("D", price=1500, sale_price=900)
    ghost = product("E")
    products.delete_product(ghost.id, actor=MIA)
    catalog = catalogue()
    batch = look("price", [cheap, dear, same, reduced, ghost], how="amount", amount="-6.00")
    ident = batch.id
    assert batch.status is BatchStatus.CHECKED and catalogue() == catalog
    verdicts = {row.reference: row.verdict for row in rows(batch)}
    assert verdicts == {
        "A": Verdict.BAD,
        "B": Verdict.CHANGED,
        "C": Verdict.CHANGED,
        "D": Verdict.BAD,
        "E": Verdict.BAD,
    }
    messages = {row.reference: row.message for row in rows(batch) if row.message}
    assert messages["A"] == "The price would fall below nothing."
    assert messages["D"] == "The sale price would not be below the price."
    (change,) = bulk.show([row for row in rows(batch) if row.reference == "B"])[0]
    assert (change.label, change.old, change.new) == ("Price", "€10.00", "€4.00")
    batches.start_prepared(ident, actor=MIA)
    batches.run(str(ident))
    done = batches.get_batch(ident)
    assert (done.changed, done.failed, done.unchanged) == (2, 3, 0)
    with pytest.raises(Conflict):
        batches.start_prepared(ident, actor=MIA)


def test_what_is_not_as_it_was_looked_at_is_refused(roast):
    one, two = product("One", price=1000), product("Two", price=1000)
    ident = look("price", [one, two], how="percent", percent="10").id
    draft = products.ProductDraft.model_validate({**products.ProductDraft.of(fresh(one)), "price": "50.00"})
    products.update_product(one.id, draft, actor=ALICE)
    batches.start_prepared(ident, actor=MIA)
    batches.run(str(ident))
    done = batches.get_batch(ident)
    assert (done.changed, done.failed, fresh(one).price, fresh(two).price) == (1, 1, 5000, 1100)
    assert [row.message for row in rows(done)] == ["Somebody has changed it since the preview.", ""]


# --- the others -------------------------------------------------------------------------------------------------------


def test_every_command_does_and_undoes(roast):
    category = categories.create_category(categories.CategoryDraft(name="Cups"), actor=MIA).id
    tag = tags.create_tag(tags.TagDraft(name="new"), actor=MIA).id
    one, two = (
        product("One", is_active=False),
        product("Two", is_featured=True, brand="Old", price=1000),
    )
    search.rebuild()
    for name, sent, check in (
        ("status", {"status": "active"}, lambda: fresh(one).is_active),
        ("status", {"status": "draft"}, lambda: not fresh(two).is_active),
        ("featured", {"featured": True}, lambda: fresh(one).is_featured),
        ("featured", {"featured": False}, lambda: not fresh(two).is_featured),
        ("brand", {"brand": "Vista"}, lambda: fresh(two).brand == "Vista"),
        ("categories", {"add": [str(category)]}, lambda: fresh(two).categories[0].name == "Cups"),
        ("tags", {"add": [str(tag)]}, lambda: fresh(one).tags[0].name == "new"),
        ("price", {"how": "percent", "percent": "10", "with_sale": True}, lambda: fresh(two).price == 1100),
    ):  # fmt: skip
        before = catalogue()
        batch = do(name, [one, two], **sent)
        ident, changed = batch.id, batch.changed
        assert changed and check(), (name, sent)
        assert bulk.describe(batch), name
        again = do(name, [one, two], **sent) if name != "price" else None
        assert again is None or (again.changed, again.unchanged) == (0, 2), name
        undone = undo(ident)
        assert (undone.undone, undone.kept) == (changed, 0) and catalogue() == before, name


def test_deleting_is_undone_with_the_shop_as_it_was(roast):
    one, two = product("One", sku="S-1"), product("Two", is_active=False)
    slug = fresh(one).slug
    batch = do("delete", [one, two])
    assert batch.changed == 2
    with pytest.raises(NotFound):
        fresh(one)
    undo(batch)
    assert (fresh(one).is_active, fresh(one).slug, fresh(two).is_active) == (True, slug, False)
    again = do("delete", [one])
    product("Thief", sku="S-1")
    kept = undo(again)
    assert (kept.undone, kept.kept) == (0, 1) and "S-1" in rows(kept)[0].message


def test_deleted_ones_come_back_as_drafts_and_go_again(roast):
    one, two, living = product("One"), product("Two"), product("Three")
    do("delete", [one, two])
    batch = do("restore", [one, two, living])
    ident = batch.id
    assert (batch.changed, batch.failed) == (2, 1)
    assert not fresh(one).is_active and not fresh(two).is_active
    do("status", [two], status="active")
    undone = undo(ident)
    assert (undone.undone, undone.kept) == (1, 1) and fresh(two).is_active
    with pytest.raises(NotFound):
        fresh(one)


def test_what_somebody_changed_since_is_not_undone(roast):
    one, two = product("One", price=1000), product("Two", price=1000)
    batch = do("price", [one, two], how="percent", percent="10")
    draft = products.ProductDraft.model_validate({**products.ProductDraft.of(fresh(one)), "price": "50.00"})
    products.update_product(one.id, draft, actor=ALICE)
    undone = undo(batch)
    assert (fresh(one).price, fresh(two).price) == (5000, 1000)
    assert (undone.undone, undone.kept) == (1, 1)
    kept = next(row for row in rows(undone) if row.state is RowState.KEPT)
    assert kept.reference == "One" and kept.message


def test_a_brand_and_a_tag_are_found_by_the_search_afterwards(roast):
    mug = product("Mug")
    tag = tags.create_tag(tags.TagDraft(name="stoneware"), actor=MIA).id
    do("tags", [mug], add=[str(tag)])
    with transaction():
        hits = search.matches("stoneware")
        assert db.session.scalars(select(hits.c.product_id)).all() == [mug.id]


def test_bad_commands_are_refused_by_name(roast, everything):
    mug = product("Mug")
    before = everything()
    for name, sent, field in (
        ("price", {"how": "percent"}, "percent"), ("price", {"how": "percent", "percent": "-100"}, "percent"),
        ("price", {"how": "percent", "percent": "much"}, "percent"), ("price", {"how": "set", "price": "-1"}, "price"),
        ("price", {"how": "somehow"}, "how"), ("price", {"how": "set", "price": "1", "rounding": "up"}, "rounding"),
        ("sale", {"how": "percent", "percent": "100"}, "percent"), ("sale", {"how": "set"}, "price"),
        ("sale", {"how": "end", "starts_at": "2026-12-02T00:00", "ends_at": "2026-12-01T00:00"}, "ends_at"),
        ("status", {"status": "archived"}, "status"), ("categories", {}, "add"),
        ("categories", {"add": [str(uuid7())]}, "add"), ("tags", {"remove": [str(uuid7())]}, "remove"),
        ("tags", {"add": ["nonsense"]}, "add"), ("brand", {"brand": "x" * 101}, "brand"),
        ("price", {"how": "set", "price": "1", "more": "1"}, "more"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            bulk.prepare(name, sent, [(mug.id, mug.name)], actor=MIA)
        assert [e.field.partition(".")[0] for e in refused.value.errors] == [field], (name, sent)
    with pytest.raises(Invalid) as refused:
        bulk.prepare("delete", {}, [], actor=MIA)
    assert refused.value.code == "no-rows" and everything() == before


def test_each_product_has_its_line_in_the_audit_log(roast):
    things = [product(f"P {n}") for n in range(3)]
    do("price", things, how="percent", percent="10")
    lines = db.session.scalars(select(AuditEntry).where(AuditEntry.resource_type == "product")).all()
    assert {line.resource_id for line in lines} == {str(one.id) for one in things}
    assert all(line.changes["price"] == [1000, 1100] and line.actor_id == cast.MIA.id for line in lines)


def test_more_rows_of_a_slice_cost_no_more_queries(roast):
    def cost(things):
        ident = look("price", things, how="percent", percent="10").id
        batches.start_prepared(ident, actor=MIA)
        with count_queries() as queries:
            batches.run(str(ident))
        return len(queries)

    few = cost([product("A"), product("B")])
    many = [product(f"P {n}") for n in range(20)]
    variant(many[0])
    assert cost(many) <= few + 3
    assert db.session.scalar(select(func.count()).select_from(BatchRow)) == 22


def test_products_of_another_store_are_refused_and_stay(app):
    with tenants.in_store(cast.RIVAL):
        foreign = product("Foreign", price=1000)
    with tenants.in_store(cast.ROAST):
        batch = do("price", [foreign], how="percent", percent="10")
        ident = batch.id
        assert (batch.changed, batch.failed) == (0, 1)
    with tenants.in_store(cast.RIVAL):
        assert fresh(foreign).price == 1000
        with pytest.raises(NotFound):
            batches.start_prepared(ident, actor=cast.RITA.actor)


# --- stock ------------------------------------------------------------------------------------------------------------


def shelf(thing, variant_id=None):
    db.session.commit()
    return stock.find_item(thing.id, variant_id).on_hand


def test_stock_is_added_and_set_with_its_reason_and_goes_back_by_the_ledger(roast):
    mug, cup = product("Mug", stock=5), product("Cup", stock=0)
    size = variant(cup, "M", stock=2)
    batch = do("stock", [mug, cup], how="add", quantity="10", reason="Delivery 12")
    assert (batch.changed, shelf(mug), shelf(cup, size)) == (2, 15, 12)
    assert (fresh(mug).stock_quantity, fresh(cup).stock_quantity) == (15, 12)
    newest = stock.list_movements(mug.id).items[0]
    assert (newest.kind, newest.quantity, newest.reason) == ("count", 10, "Delivery 12")
    assert bulk.show(batches.list_rows(batches.get_batch(batch.id)).items)
    ident = batch.id
    second = do("stock", [mug, cup], how="set", quantity="12", reason="Counted")
    assert (second.changed, second.unchanged, shelf(mug)) == (1, 1, 12)
    assert (undo(second).undone, shelf(mug)) == (1, 15)
    assert undo(ident).undone == 2
    assert (shelf(mug), shelf(cup, size)) == (5, 2)
    assert stock.list_movements(mug.id).items[0].reason == "Undone: Delivery 12"
    assert stock.ledger_mismatches() == []


def test_a_shelf_that_moved_since_is_neither_set_nor_undone(roast):
    mug, cup = product("Mug", stock=5), product("Cup", stock=5)
    ident = look("stock", [mug, cup], how="set", quantity="9", reason="Counted").id
    stock.set_on_hand(mug.id, None, 4, actor=MIA)
    batches.start_prepared(ident, actor=MIA)
    batches.run(str(ident))
    batch = batches.get_batch(ident)
    assert (batch.changed, batch.failed, shelf(mug), shelf(cup)) == (1, 1, 4, 9)
    stock.set_on_hand(cup.id, None, 8, actor=MIA)
    assert (undo(ident).kept, shelf(cup)) == (1, 8)


def test_what_came_is_added_whatever_was_sold_since_the_preview(roast):
    mug = product("Mug", stock=5)
    ident = look("stock", [mug], how="add", quantity="10", reason="Delivery").id
    stock.set_on_hand(mug.id, None, 4, actor=MIA)
    batches.start_prepared(ident, actor=MIA)
    batches.run(str(ident))
    assert (batches.get_batch(ident).changed, shelf(mug)) == (1, 14)
    assert (undo(ident).undone, shelf(mug)) == (1, 4)


def test_shelves_that_can_not_be_are_refused_by_name(roast):
    mug, song = product("Mug", stock=5), product("Song", stock=0)
    with transaction():
        fresh(song).track_stock = False
    batch = do("stock", [mug, song], how="add", quantity="-6", reason="Lost")
    assert (batch.changed, batch.failed, shelf(mug)) == (0, 2, 5)
    said = {row.reference: row.message for row in batches.list_rows(batch).items}
    assert said == {"Mug": "The shelf can't hold -1.", "Song": "Its stock is not counted."}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"how": "set", "quantity": "-1", "reason": "x"}, "quantity"),
        ({"how": "add", "quantity": "1.5", "reason": "x"}, "quantity"),
        ({"how": "add", "quantity": "1", "reason": " "}, "reason"),
        ({"how": "double", "quantity": "1", "reason": "x"}, "how"),
        ({"how": "add", "reason": "x"}, "quantity"),
    ],
)
def test_a_change_of_stock_says_how_many_and_why(roast, everything, sent, field):
    thing = product("Mug", stock=5)
    before = everything()
    with pytest.raises(Invalid) as error:
        bulk.prepare("stock", sent, [tuple(thing)], actor=MIA)
    assert [one.field for one in error.value.errors] == [field] and everything() == before
