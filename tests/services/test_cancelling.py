"""Units that will not be sent: free for others or lost, off the bill, and never those that were sent or packed. And
parcels that are packed before they leave."""

import pytest
from sqlalchemy import select

from kit.db import db
from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from models.fulfilment import ParcelStatus
from models.orders import FulfillmentStatus, Order, OrderStatus, PaymentMethod, PaymentStatus
from models.outbox import OutboxMessage
from models.stock import StockItem
from services import fulfilment, stock, tenants
from services.fulfilment import NEXT, ParcelDraft
from services.orders import reading, status, timeline
from services.orders.cancelling import UnitsDraft, cancel_units
from services.orders.units import UnitsLine
from services.payments import attempts, refunds
from services.payments.refunds import RefundDraft, refund_order
from tests import make, till
from tests.cast import ALICE, MIA, RIVAL, STAN
from tests.make import Line

S = OrderStatus


def three_mugs(**fields) -> Order:
    return make.paid_order(Line(make.product(stock=10), quantity=3, price=1001), shipping=490, **fields)


def units(order: Order, quantity: int, **more) -> UnitsDraft:
    return UnitsDraft(items=[{"order_item_id": order.items[0].id, "quantity": quantity}], **more)


def part(order: Order, quantity: int) -> ParcelDraft:
    return ParcelDraft(items=[UnitsLine(order_item_id=order.items[0].id, quantity=quantity)])


def counts(order: Order) -> tuple[int, int]:
    db.session.expire_all()
    row = db.session.get_one(StockItem, order.items[0].stock_item_id)
    return row.on_hand, row.allocated


def test_a_part_is_cancelled_and_its_refund_proposed_to_the_cent(roast):
    order = three_mugs()
    after = cancel_units(order.id, units(order, 1, reason="Broken", notify=True), actor=MIA.actor)
    assert (after.status, after.payment_status) == (S.CONFIRMED, PaymentStatus.OVERPAID)
    assert counts(order) == (10, 2)
    event = timeline.list_events(order.id)[-1]
    assert (event.type, event.message, event.data["units"]) == ("order.units_cancelled", "Broken", 1)
    told = db.session.scalar(select(OutboxMessage).where(OutboxMessage.topic == "order.units_cancelled"))
    assert told.payload["notify"] is True
    wanted = {"items": [{"order_item_id": str(order.items[0].id), "quantity": 1}]}
    made = refund_order(order.id, read(RefundDraft, wanted), actor=ALICE.actor)
    assert made.amount == 1001 and counts(order) == (10, 2)
    after = till.fresh(order)
    assert after.payment_status is PaymentStatus.PARTIALLY_REFUNDED
    fulfilment.fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    assert till.fresh(order).fulfillment_status is FulfillmentStatus.FULFILLED
    assert refunds.refundable(till.fresh(order)) == order.total - 1001
    assert stock.ledger_mismatches() == []


def test_the_last_unit_cancels_an_order_of_which_nothing_was_sent(roast):
    order = three_mugs()
    cancel_units(order.id, units(order, 2), actor=MIA.actor)
    after = cancel_units(order.id, units(order, 1), actor=MIA.actor)
    assert (after.status, after.display_status) == (S.CANCELLED, "cancelled")
    assert counts(order) == (10, 0)


def test_the_last_unit_of_a_partly_sent_order_leaves_it_sent(roast):
    order = three_mugs()
    fulfilment.fulfil_order(order.id, part(order, 2), actor=STAN.actor)
    after = cancel_units(order.id, units(order, 1), actor=MIA.actor)
    assert (after.status, after.fulfillment_status) == (S.PROCESSING, FulfillmentStatus.FULFILLED)
    assert counts(order) == (8, 0)


def test_what_is_lost_leaves_the_stock_too(roast):
    order = three_mugs()
    cancel_units(order.id, units(order, 1, restock=False), actor=MIA.actor)
    assert counts(order) == (9, 2)
    status.cancel_order(order.id, actor=MIA.actor, restock=False)
    assert counts(order) == (7, 0)
    assert stock.ledger_mismatches() == []


def test_an_unpaid_order_owes_less(roast):
    order = make.order(
        Line(make.product(stock=10), quantity=3, price=1000), payment_method=PaymentMethod.BANK_TRANSFER
    )
    after = cancel_units(order.id, units(order, 1), actor=STAN.actor)
    assert (after.status, after.payment_status) == (S.PENDING, PaymentStatus.UNPAID)
    assert attempts.check_payable(till.fresh(order)) == 2000
    paid = status.change_status(order.id, status.StatusDraft(status="confirmed"), actor=MIA.actor)
    assert (paid.captured_total, paid.payment_status) == (2000, PaymentStatus.PAID)


def test_staff_cancel_nothing_that_is_paid(roast, everything):
    order = three_mugs()
    before = everything()
    with pytest.raises(Forbidden):
        cancel_units(order.id, units(order, 1), actor=STAN.actor)
    assert everything() == before


@pytest.mark.parametrize("now", [S.DRAFT, S.CANCELLED, S.EXPIRED, S.COMPLETED])
def test_of_what_is_over_nothing_is_cancelled(roast, everything, now):
    order = make.order(status=now)
    before = everything()
    with pytest.raises(Conflict) as refused:
        cancel_units(order.id, units(order, 1), actor=MIA.actor)
    assert (refused.value.code, refused.value.extra["status"]) == ("not-cancellable", now)
    assert everything() == before


@pytest.mark.parametrize(("sent", "packed", "asked"), [(0, 0, 4), (2, 0, 2), (0, 2, 2), (1, 1, 2)])
def test_more_than_is_left_is_named(roast, everything, sent, packed, asked):
    order = three_mugs()
    if sent:
        fulfilment.fulfil_order(order.id, part(order, sent), actor=STAN.actor)
    if packed:
        fulfilment.pack_order(order.id, part(order, packed), actor=STAN.actor)
    before = everything()
    with pytest.raises(Invalid) as refused:
        cancel_units(order.id, units(order, asked), actor=MIA.actor)
    assert (refused.value.errors[0].field, refused.value.errors[0].code) == ("items.0.quantity", "too_many")
    with pytest.raises(Invalid):
        cancel_units(order.id, UnitsDraft(items=[{"order_item_id": MIA.id, "quantity": 1}]), actor=MIA.actor)
    assert everything() == before


# --- packed parcels -------------------------------------------------------------------------------------------------


def test_a_parcel_is_packed_first_and_leaves_later(roast):
    order = three_mugs()
    parcel = fulfilment.pack_order(order.id, part(order, 2), actor=STAN.actor)
    packed = till.fresh(order)
    assert (packed.status, packed.fulfillment_status) == (S.PROCESSING, FulfillmentStatus.UNFULFILLED)
    assert counts(order) == (10, 3)
    with pytest.raises(Invalid):
        fulfilment.fulfil_order(order.id, part(order, 2), actor=STAN.actor)
    assert fulfilment.ship_parcel(parcel.id, actor=STAN.actor).shipped_at is not None
    fulfilment.ship_parcel(parcel.id, actor=STAN.actor)
    assert counts(order) == (8, 1)
    assert till.fresh(order).items[0].packed_quantity == 0
    assert till.fresh(order).fulfillment_status is FulfillmentStatus.PARTIAL
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "order.shipped")).all()
    assert [m.payload["parcel_id"] for m in told] == [str(parcel.id)]


def test_sending_all_takes_packed_parcels_along(roast):
    order = three_mugs()
    fulfilment.pack_order(order.id, part(order, 2), actor=STAN.actor)
    after = status.change_status(order.id, status.StatusDraft(status="shipped"), actor=MIA.actor)
    assert after.fulfillment_status is FulfillmentStatus.FULFILLED
    assert [p.items[0].quantity for p in fulfilment.list_parcels(order.id)] == [2, 1]


def test_cancelling_the_order_opens_packed_parcels(roast):
    order = three_mugs()
    parcel = fulfilment.pack_order(order.id, ParcelDraft(), actor=STAN.actor)
    after = status.cancel_order(order.id, actor=MIA.actor)
    assert (after.status, after.items[0].packed_quantity) == (S.CANCELLED, 0)
    assert counts(order) == (10, 0)
    db.session.refresh(parcel)
    assert parcel.status is ParcelStatus.CANCELLED


def in_state(state: ParcelStatus):
    order = make.paid_order(Line(make.product(stock=10), quantity=3))
    parcel = fulfilment.pack_order(order.id, part(order, 1), actor=STAN.actor)
    if state in (ParcelStatus.SHIPPED, ParcelStatus.DELIVERED):
        fulfilment.ship_parcel(parcel.id, actor=STAN.actor)
    if state is ParcelStatus.DELIVERED:
        fulfilment.deliver_parcel(parcel.id, actor=STAN.actor)
    if state is ParcelStatus.CANCELLED:
        fulfilment.cancel_parcel(parcel.id, actor=STAN.actor)
    return order, parcel


MOVES = {
    ParcelStatus.SHIPPED: fulfilment.ship_parcel,
    ParcelStatus.DELIVERED: fulfilment.deliver_parcel,
    ParcelStatus.CANCELLED: fulfilment.cancel_parcel,
}


@pytest.mark.parametrize("now", list(ParcelStatus))
@pytest.mark.parametrize("wanted", list(MOVES))
def test_every_move_of_a_parcel_is_made_or_refused_with_the_legal_ones(roast, everything, now, wanted):
    order, parcel = in_state(now)
    before = everything()
    if wanted in NEXT[now]:
        assert MOVES[wanted](parcel.id, actor=MIA.actor).status is wanted
        assert stock.ledger_mismatches() == []
        return
    if now is wanted and wanted is not ParcelStatus.CANCELLED:  # what is so already stays so
        assert MOVES[wanted](parcel.id, actor=MIA.actor).status is wanted
    else:
        with pytest.raises(Conflict) as refused:
            MOVES[wanted](parcel.id, actor=MIA.actor)
        assert refused.value.code == "illegal-transition"
        assert refused.value.extra["allowed"] == [str(s) for s in NEXT[now]]
    assert everything() == before
    assert reading.get_order(order.id).items[0].packed_quantity == (1 if now is ParcelStatus.PENDING else 0)


def test_staff_open_a_packed_parcel_and_not_a_sent_one(roast, everything):
    _order, packed = in_state(ParcelStatus.PENDING)
    assert fulfilment.cancel_parcel(packed.id, actor=STAN.actor).status is ParcelStatus.CANCELLED
    _order, sent = in_state(ParcelStatus.SHIPPED)
    before = everything()
    with pytest.raises(Forbidden):
        fulfilment.cancel_parcel(sent.id, actor=STAN.actor)
    assert everything() == before


def test_the_other_store_cancels_and_packs_nothing(roast, everything):
    order = three_mugs()
    parcel = fulfilment.pack_order(order.id, part(order, 1), actor=STAN.actor)
    before = everything()
    with tenants.in_store(RIVAL):
        for act in (
            lambda: cancel_units(order.id, units(order, 1), actor=MIA.actor),
            lambda: fulfilment.pack_order(order.id, ParcelDraft(), actor=MIA.actor),
            lambda: fulfilment.ship_parcel(parcel.id, actor=MIA.actor),
        ):
            with pytest.raises(NotFound):
                act()
    assert everything() == before
