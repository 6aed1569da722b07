"""Stock: nothing is sold twice, every move leaves a line, and what shoppers read follows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, end_reading, transaction
from kit.errors import Conflict, Invalid, NotFound
from kit.tenancy import every_tenant
from models.carts import Cart
from models.catalog import Product, StockStatus
from models.outbox import OutboxMessage
from models.stock import StockItem, StockMovement, StockReservation
from services import stock, tenants
from services.stock.adjusting import is_overtaken
from tests import cast, make
from tests.cast import MIA

Line = stock.Line


@transaction()
def make_cart() -> Cart:
    cart = Cart(token_hash=None)
    db.session.add(cart)
    return cart


def item_of(product: Product) -> StockItem:
    item = stock.find_item(product.id)
    assert item is not None
    return item


def line(product: Product, quantity: int) -> Line:
    return Line(product.id, None, quantity)


def fresh(product: Product) -> Product:
    return db.session.get_one(Product, product.id, populate_existing=True)


def version() -> int:
    return tenants.row().catalog_version


def test_an_order_takes_ships_and_returns_what_it_said(roast):
    mug = make.product(stock=10)

    taken = stock.allocate([line(mug, 3)])
    item_id = taken[mug.id, None]
    assert (item_of(mug).on_hand, item_of(mug).allocated, fresh(mug).stock_quantity) == (10, 3, 7)

    stock.ship([(item_id, 2)], actor=MIA.actor, reference="R-1001")
    assert (item_of(mug).on_hand, item_of(mug).allocated, fresh(mug).stock_quantity) == (8, 1, 7)

    stock.unship([(item_id, 1)], actor=MIA.actor, reference="R-1001")
    stock.release([(item_id, 1)])
    stock.restock([(item_id, 1)], actor=MIA.actor, reference="R-1001")
    assert (item_of(mug).on_hand, item_of(mug).allocated, fresh(mug).stock_quantity) == (10, 1, 9)

    kinds = [m.kind for m in db.session.scalars(select(StockMovement).order_by(StockMovement.id))]
    assert kinds == ["initial", "shipped", "unshipped", "returned"]
    assert stock.ledger_mismatches() == []


def test_lines_of_one_thing_are_summed_before_they_are_checked(roast, everything):
    mug = make.product(stock=3)
    before = everything()

    with pytest.raises(Conflict) as refused:
        stock.allocate([line(mug, 2), line(mug, 2)])

    assert refused.value.code == "out-of-stock"
    assert refused.value.extra["available"] == 3
    assert everything() == before


def test_one_short_line_stops_all_of_them_and_each_is_named(roast, everything):
    mug, cup, pot = make.product("Mug", stock=3), make.product("Cup", stock=0), make.product("Pot", stock=1)
    before = everything()

    with pytest.raises(Conflict) as refused:
        stock.allocate([line(mug, 1), line(cup, 1), line(pot, 2)])

    assert [(row["name"], row["available"]) for row in refused.value.extra["lines"]] == [
        ("Cup", 0),
        ("Pot", 1),
    ]
    assert everything() == before


def test_a_hold_keeps_others_out_until_it_ends(roast):
    mug, mine, other = make.product(stock=2), make_cart(), make_cart()
    stock.reserve(mine.id, [line(mug, 2)], 15)

    assert stock.available(mug.id, except_cart=mine.id) == 2
    assert stock.available(mug.id, except_cart=other.id) == 0
    with pytest.raises(Conflict):
        stock.reserve(other.id, [line(mug, 1)], 15)

    with clock.at(clock.now() + timedelta(minutes=16)):
        stock.reserve(other.id, [line(mug, 1)], 15)
        assert stock.available(mug.id, except_cart=mine.id) == 1
        assert stock.sweep_expired() == 1

    assert [r.cart_id for r in db.session.scalars(select(StockReservation))] == [other.id]


def test_a_hold_is_extended_for_an_hour_at_most(roast):
    mug, cart = make.product(stock=2), make_cart()
    start = clock.now()
    for minutes in (0, 14, 28, 42, 55):
        with clock.at(start + timedelta(minutes=minutes)):
            stock.reserve(cart.id, [line(mug, 1)], 15)

    hold = db.session.scalars(select(StockReservation)).one()
    assert hold.expires_at - hold.first_held_at == timedelta(minutes=60)


def test_an_order_uses_up_its_own_hold_and_not_the_holds_of_others(roast):
    mug, mine, other = make.product(stock=3), make_cart(), make_cart()
    stock.reserve(mine.id, [line(mug, 2)], 15)
    stock.reserve(other.id, [line(mug, 1)], 15)

    stock.allocate([line(mug, 2)], cart_id=mine.id)

    assert [r.cart_id for r in db.session.scalars(select(StockReservation))] == [other.id]
    with pytest.raises(Conflict):
        stock.allocate([line(mug, 1)])


def test_a_line_that_left_the_cart_is_let_go(roast):
    mug, cup, cart = make.product(stock=1), make.product("Cup", stock=1), make_cart()
    stock.reserve(cart.id, [line(mug, 1), line(cup, 1)], 15)
    stock.reserve(cart.id, [line(cup, 1)], 15)
    assert stock.available(mug.id) == 1
    stock.drop_holds(cart.id)
    assert stock.available(cup.id) == 1


def test_what_is_not_counted_is_never_out(roast):
    pdf = make.product("PDF", stock=0, track_stock=False)
    assert stock.available(pdf.id) is None
    assert stock.allocate([line(pdf, 500)]) == {(pdf.id, None): None}
    assert item_of(pdf).allocated == 0


def test_backorders_are_promised_beyond_what_is_there(roast):
    mug = make.product(stock=1, allow_backorder=True)
    stock.allocate([line(mug, 4)])
    assert (item_of(mug).allocated, fresh(mug).stock_quantity) == (4, 0)
    assert fresh(mug).stock_status is StockStatus.ON_BACKORDER


def test_late_money_is_served_even_when_nothing_is_left(roast):
    mug = make.product(stock=0)
    stock.allocate([line(mug, 1)], force=True)
    assert item_of(mug).allocated == 1


def test_a_count_sets_the_shelf_and_says_why(roast):
    mug = make.product(stock=10)
    stock.allocate([line(mug, 4)])
    stock.set_on_hand(mug.id, None, 9, actor=MIA.actor, reason="one broke")
    assert fresh(mug).stock_quantity == 5
    assert fresh(mug).stock_status is StockStatus.LOW_STOCK
    last = stock.list_movements(mug.id).items[0]
    assert (last.kind, last.quantity, last.before, last.after, last.reason) == (
        "count",
        -1,
        10,
        9,
        "one broke",
    )
    assert last.actor_name == "mia"


def test_the_number_that_is_shown_can_be_written_back(roast):
    mug = make.product(stock=10)
    stock.allocate([line(mug, 4)])
    stock.set_sellable(mug.id, None, 6, actor=MIA.actor)
    assert item_of(mug).on_hand == 10
    stock.set_sellable(mug.id, None, 8, actor=MIA.actor)
    assert (item_of(mug).on_hand, fresh(mug).stock_quantity) == (12, 8)


@pytest.mark.parametrize("number", [-1, 10**9])
def test_an_impossible_count_is_refused(roast, everything, number):
    mug = make.product(stock=10)
    before = everything()
    with pytest.raises(Invalid):
        stock.set_on_hand(mug.id, None, number, actor=MIA.actor)
    assert everything() == before


def test_pages_are_made_anew_only_when_shoppers_see_a_difference(roast):
    mug = make.product(stock=20)
    start = version()
    stock.allocate([line(mug, 1)])
    assert version() == start, "lists stay as they are"
    assert tenants.row().stock_version == 2, "the shown number changed"
    end_reading()

    with transaction():
        tenants.row().show_stock = False
        tenants.forget()
    stock.allocate([line(mug, 1)])
    assert (version(), tenants.row().stock_version) == (start, 2), (
        "numbers are not shown, and the status is the same"
    )
    stock.allocate([line(mug, 14)])
    assert version() == start + 1, "now it is nearly gone"
    assert [m.topic for m in db.session.scalars(select(OutboxMessage))] == ["stock.low"]


def test_the_other_store_neither_sees_nor_moves_it(roast, everything):
    mug = make.product(stock=5)
    item_id = item_of(mug).id
    before = everything()
    with tenants.in_store(cast.RIVAL):
        assert stock.find_item(mug.id) is None
        assert stock.available(mug.id) == 0 or stock.availabilities([(mug.id, None)]) == {
            (mug.id, None): None
        }
        stock.release([(item_id, 1)])
        stock.restock([(item_id, 1)], actor=cast.RITA.actor)
        with pytest.raises(NotFound):
            stock.set_on_hand(mug.id, None, 99, actor=cast.RITA.actor)
        with pytest.raises(Conflict):
            stock.allocate([line(mug, 1)])
    assert everything() == before


def test_holds_of_every_store_are_swept(roast):
    mug, cart = make.product(stock=1), make_cart()
    stock.reserve(cart.id, [line(mug, 1)], 5)
    with clock.at(clock.now() + timedelta(minutes=6)), every_tenant():
        assert stock.sweep_expired() == 1


def test_many_at_once_and_one_unit_make_one_order(roast, app):
    mug = make.product(stock=1)
    db.session.remove()

    def buy(_n: int) -> bool:
        with app.app_context(), tenants.in_store(cast.ROAST):
            try:
                stock.allocate([line(mug, 1)])
                return True
            except Conflict:
                return False
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(buy, range(40)))

    assert won.count(True) == 1
    assert item_of(mug).allocated == 1


def test_two_orders_of_the_same_things_in_opposite_order_do_not_lock_each_other_out(roast, app):
    mug, cup = make.product(stock=100), make.product("Cup", stock=100)
    db.session.remove()

    def buy(n: int) -> None:
        lines = [line(mug, 1), line(cup, 1)]
        with app.app_context(), tenants.in_store(cast.ROAST):
            stock.allocate(lines if n % 2 else lines[::-1])
            db.session.remove()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(buy, range(30)))

    assert (item_of(mug).allocated, item_of(cup).allocated) == (30, 30)


@pytest.mark.parametrize(
    ("seen", "wanted", "now", "overtaken"),
    [
        (5, 7, 5, False),
        (5, 7, 3, True),
        (5, 5, 3, False),
        (5, 3, 3, False),
        (None, 7, 3, False),
        (5, None, 3, False),
    ],
)
def test_a_number_typed_over_one_that_moved_is_overtaken(seen, wanted, now, overtaken):
    assert is_overtaken(seen, wanted, now) is overtaken
