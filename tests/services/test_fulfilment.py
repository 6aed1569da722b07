"""Parcels: a part or all of an order, never more than was ordered, and stock that follows."""

import pytest
from sqlalchemy import select

from kit.db import db
from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from models.fulfilment import ParcelStatus
from models.orders import FulfillmentStatus, OrderStatus, PaymentMethod, PaymentStatus
from models.outbox import OutboxMessage
from models.stock import StockItem
from services import fulfilment, stock, tenants
from services.fulfilment import (
    ParcelDraft,
    TrackingDraft,
    cancel_parcel,
    deliver_parcel,
    fulfil_order,
)
from services.orders import reading
from services.orders.units import UnitsLine
from tests import make
from tests.cast import MIA, RIVAL, STAN
from tests.make import Line


def counts(order) -> tuple[int, int]:
    """(on hand, allocated) of the first line's stock."""
    db.session.expire_all()
    item = db.session.get_one(StockItem, order.items[0].stock_item_id)
    return item.on_hand, item.allocated


def part(order, quantity: int, **more) -> ParcelDraft:
    return ParcelDraft(items=[UnitsLine(order_item_id=order.items[0].id, quantity=quantity)], **more)


def test_an_order_goes_out_in_two_parcels(roast):
    order = make.paid_order(Line(make.product(stock=10), quantity=3))
    assert counts(order) == (10, 3)
    first = fulfil_order(order.id, part(order, 1, carrier="CTT", tracking_number="X1"), actor=STAN.actor)
    order = reading.get_order(order.id)
    assert (order.status, order.fulfillment_status) == (OrderStatus.PROCESSING, FulfillmentStatus.PARTIAL)
    assert counts(order) == (9, 2)
    second = fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    order = reading.get_order(order.id)
    assert order.fulfillment_status is FulfillmentStatus.FULFILLED
    assert counts(order) == (7, 0)
    assert [i.quantity for p in (first, second) for i in p.items] == [1, 2]
    shipped = db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "order.shipped")).all()
    assert [m.payload["parcel_id"] for m in shipped] == [str(first.id), str(second.id)]
    assert stock.ledger_mismatches() == []


def test_the_last_parcel_that_arrives_completes_a_paid_order(roast):
    order = make.paid_order(Line(make.product(stock=10), quantity=2))
    first = fulfil_order(order.id, part(order, 1), actor=STAN.actor)
    second = fulfil_order(order.id, part(order, 1), actor=STAN.actor)
    deliver_parcel(first.id, actor=STAN.actor)
    assert reading.get_order(order.id).status is OrderStatus.PROCESSING
    deliver_parcel(second.id, actor=STAN.actor)
    deliver_parcel(second.id, actor=STAN.actor)
    order = reading.get_order(order.id)
    assert (order.status, order.fulfillment_status) == (OrderStatus.COMPLETED, FulfillmentStatus.DELIVERED)
    done = select(OutboxMessage).where(OutboxMessage.topic == "order.completed")
    assert len(db.session.scalars(done).all()) == 1


def test_a_cancelled_parcel_is_still_owed(roast):
    order = make.paid_order(Line(make.product(stock=10), quantity=2))
    parcel = fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    with pytest.raises(Forbidden):
        cancel_parcel(parcel.id, actor=STAN.actor)
    cancel_parcel(parcel.id, actor=MIA.actor)
    order = reading.get_order(order.id)
    assert order.fulfillment_status is FulfillmentStatus.UNFULFILLED
    assert counts(order) == (10, 2)
    with pytest.raises(Conflict):
        cancel_parcel(parcel.id, actor=MIA.actor)
    with pytest.raises(Conflict):
        deliver_parcel(parcel.id, actor=MIA.actor)
    assert fulfil_order(order.id, ParcelDraft(), actor=STAN.actor).status is ParcelStatus.SHIPPED
    assert stock.ledger_mismatches() == []


@pytest.mark.parametrize("quantities", [[4], [2, 2]])
def test_more_than_is_left_is_refused(roast, everything, quantities):
    order = make.paid_order(Line(make.product(stock=10), quantity=3))
    lines = [UnitsLine(order_item_id=order.items[0].id, quantity=n) for n in quantities]
    before = everything()
    with pytest.raises(Invalid) as refused:
        fulfil_order(order.id, ParcelDraft(items=lines), actor=STAN.actor)
    assert [(e.field, e.code) for e in refused.value.errors] == [
        (f"items.{len(lines) - 1}.quantity", "too_many")
    ]
    assert everything() == before


def test_a_line_of_another_order_is_refused(roast, everything):
    order, other = make.paid_order(), make.paid_order()
    before = everything()
    with pytest.raises(Invalid) as refused:
        fulfil_order(order.id, part(other, 1), actor=STAN.actor)
    assert refused.value.errors[0].code == "unknown_id"
    assert everything() == before


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.CANCELLED, OrderStatus.EXPIRED])
def test_only_a_confirmed_order_is_sent(roast, everything, status):
    order = make.order(status=status, payment_method=PaymentMethod.BANK_TRANSFER)
    before = everything()
    with pytest.raises(Conflict) as refused:
        fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    assert refused.value.code == "not-fulfillable"
    assert everything() == before


def test_digital_lines_send_themselves_and_complete_the_order(roast):
    order = make.paid_order(Line(make.product("E-book", stock=10), quantity=2, digital=True))
    assert (order.status, order.fulfillment_status) == (OrderStatus.COMPLETED, FulfillmentStatus.NOT_REQUIRED)
    assert order.items[0].fulfilled_quantity == 2
    assert counts(order) == (8, 0)


def test_a_mixed_order_waits_for_what_must_be_carried(roast):
    book = Line(make.product("E-book", stock=10), digital=True)
    order = make.paid_order(book, Line(make.product(stock=10), quantity=2))
    assert (order.status, order.fulfillment_status) == (OrderStatus.CONFIRMED, FulfillmentStatus.UNFULFILLED)
    parcel = fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    assert [(i.order_item_id, i.quantity) for i in parcel.items] == [(order.items[1].id, 2)]


def test_tracking_is_corrected_and_told_when_asked(roast):
    order = make.paid_order()
    parcel = fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    draft = TrackingDraft(tracking_number="X2", tracking_url="https://ctt.pt/X2", notify=True)
    assert fulfilment.update_tracking(parcel.id, draft, actor=STAN.actor).tracking_number == "X2"
    told = select(OutboxMessage).where(OutboxMessage.topic == "order.shipped")
    assert len(db.session.scalars(told).all()) == 2


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/relative", "ftp://x.test/1"])
def test_a_tracking_address_must_be_one_of_the_web(url):
    with pytest.raises(Invalid):
        read(ParcelDraft, {"tracking_url": url})


def test_what_was_accepted_for_cash_may_go_out_unpaid(roast):
    order = make.order(status=OrderStatus.CONFIRMED, payment_method=PaymentMethod.CASH_ON_DELIVERY)
    assert order.payment_status is PaymentStatus.UNPAID
    assert fulfil_order(order.id, ParcelDraft(), actor=STAN.actor).status is ParcelStatus.SHIPPED


def test_the_other_store_finds_no_parcel(roast, everything):
    order = make.paid_order()
    parcel = fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    before = everything()
    with tenants.in_store(RIVAL):
        for act in (
            lambda: fulfil_order(order.id, ParcelDraft(), actor=MIA.actor),
            lambda: deliver_parcel(parcel.id, actor=MIA.actor),
            lambda: cancel_parcel(parcel.id, actor=MIA.actor),
            lambda: fulfilment.update_tracking(parcel.id, TrackingDraft(), actor=MIA.actor),
        ):
            with pytest.raises(NotFound):
                act()
    assert everything() == before
