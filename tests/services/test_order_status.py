"""The life of an order: each legal move is made with what follows from it, any other is refused with the legal ones."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.actor import GUEST, Actor
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound
from models.orders import Order, OrderEvent, OrderStatus, PaymentMethod, PaymentStatus
from models.outbox import OutboxMessage
from models.promotions import Coupon, CouponUse
from models.stock import StockItem
from services import fulfilment, tenants
from services.fulfilment import ParcelDraft
from services.orders import effects, expiry, reading, status
from services.orders.status import StatusDraft, WantedStatus, change_status, legal_moves
from services.orders.units import UnitsLine
from services.payments import offline
from tests import make
from tests.cast import ALICE, CARL, CARLA, MIA, RIVAL, STAN
from tests.make import Line

S = OrderStatus
LEGAL = {
    S.DRAFT: [],
    S.PENDING: [S.CONFIRMED, S.CANCELLED],
    S.CONFIRMED: [S.PROCESSING, S.COMPLETED, S.CANCELLED],
    S.PROCESSING: [S.CONFIRMED, S.COMPLETED, S.CANCELLED],
    S.COMPLETED: [S.PROCESSING],
    S.CANCELLED: [],
    S.EXPIRED: [],
}


def in_status(wanted: OrderStatus) -> Order:
    if wanted in (S.DRAFT, S.PENDING, S.CANCELLED, S.EXPIRED):
        return make.order(status=wanted, payment_method=PaymentMethod.BANK_TRANSFER)
    order = make.paid_order()
    if wanted is not S.CONFIRMED:
        change_status(order.id, StatusDraft(status=str(wanted)), actor=MIA.actor)
    return reading.get_order(order.id)


def ask(order: Order, wanted: str, *, actor: Actor = MIA.actor, note: str = "because") -> Order:
    return change_status(order.id, StatusDraft(status=wanted, note=note), actor=actor)


def topics() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id)))


def timeline_of(order: Order) -> list[str]:
    query = select(OrderEvent.type).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id)
    return list(db.session.scalars(query))


def allocated(order: Order) -> int:
    db.session.expire_all()
    return db.session.get_one(StockItem, order.items[0].stock_item_id).allocated


@pytest.mark.parametrize(("now", "wanted"), [(now, to) for now, moves in LEGAL.items() for to in moves])
def test_a_legal_move_is_made_and_told(roast, now, wanted):
    order = in_status(now)
    moved = ask(order, wanted)
    assert moved.status is wanted
    told = timeline_of(order)
    assert told[-1] == ("order.reopened" if now is S.COMPLETED else f"order.{wanted}")


@pytest.mark.parametrize(
    ("now", "wanted"),
    [(now, to) for now in LEGAL for to in OrderStatus if to not in LEGAL[now]],
)
def test_any_other_move_is_refused_with_the_legal_ones(roast, everything, now, wanted):
    order = in_status(now)
    before = everything()
    with pytest.raises(Conflict) as refused:
        ask(order, wanted)
    assert refused.value.code == "illegal-transition"
    assert refused.value.extra["allowed"] == LEGAL[now]
    assert everything() == before


@pytest.mark.parametrize("now", list(OrderStatus))
def test_refunded_is_refused_with_a_pointer(roast, everything, now):
    order = in_status(now)
    before = everything()
    with pytest.raises(Conflict) as refused:
        ask(order, "refunded")
    assert refused.value.code == "illegal-transition"
    assert "refund" in refused.value.extra["use"]
    assert everything() == before


# Who may make which move at all, of all pairs there are; the system's own (expiry, late money, sending a draft) and
# those that nobody makes are told apart from what is asked for.
BY_ROLE = {
    (S.PENDING, S.CONFIRMED): {"manager", "admin"}, (S.PENDING, S.CANCELLED): {"staff", "manager", "admin"},
    (S.CONFIRMED, S.PROCESSING): {"staff", "manager", "admin"}, (S.CONFIRMED, S.COMPLETED): {"manager", "admin"},
    (S.CONFIRMED, S.CANCELLED): {"manager", "admin"}, (S.PROCESSING, S.CONFIRMED): {"staff", "manager", "admin"},
    (S.PROCESSING, S.COMPLETED): {"manager", "admin"}, (S.PROCESSING, S.CANCELLED): {"manager", "admin"},
    (S.COMPLETED, S.PROCESSING): {"manager", "admin"},
}  # fmt: skip
OF_THE_SYSTEM = {(S.DRAFT, S.PENDING), (S.PENDING, S.EXPIRED), (S.EXPIRED, S.CONFIRMED)}


def test_every_pair_is_somebodys_or_nobodys():
    for now in S:
        for to in S:
            assert now.may_become(to) == ((now, to) in BY_ROLE or (now, to) in OF_THE_SYSTEM), (now, to)


@pytest.mark.parametrize("now", list(S))
@pytest.mark.parametrize("who", [STAN, MIA, ALICE, CARLA])
def test_each_role_makes_its_moves_and_no_other(roast, now, who):
    order = in_status(now)
    may = {to for to in S if status.may_move(order, to, actor=who.actor)}
    assert may == {to for to in S if str(who.role) in BY_ROLE.get((now, to), ())}


def test_only_the_system_makes_the_moves_that_are_its_own(roast, everything):
    """Nobody can ask for them; expiry, late money and sending a draft make them, and are tried beside their rules."""
    for now, to in OF_THE_SYSTEM:
        order = in_status(now)
        before = everything()
        for actor in (ALICE.actor, STAN.actor):
            with pytest.raises(Conflict) as refused:
                ask(order, to, actor=actor)
            assert refused.value.extra["allowed"] == [str(s) for s in legal_moves(order, actor=actor)]
        assert everything() == before


def test_staff_may_pack_and_cancel_what_is_unpaid_but_no_more(roast):
    assert legal_moves(in_status(S.PENDING), actor=STAN.actor) == [S.CANCELLED]
    assert legal_moves(in_status(S.CONFIRMED), actor=STAN.actor) == [S.PROCESSING]
    assert legal_moves(in_status(S.PROCESSING), actor=STAN.actor) == [S.CONFIRMED]
    assert legal_moves(in_status(S.COMPLETED), actor=STAN.actor) == []


def test_confirming_a_bank_transfer_records_the_money(roast):
    order = ask(in_status(S.PENDING), "confirmed")
    assert order.payment_status is PaymentStatus.PAID
    assert order.captured_total == order.total
    assert order.paid_at is not None
    assert order.payment_due_at is None
    assert topics().count("order.confirmed") == 1
    assert timeline_of(order) == ["payment.recorded", "order.confirmed"]


def test_cash_on_delivery_is_accepted_unpaid_and_paid_when_completed(roast):
    order = make.order(payment_method=PaymentMethod.CASH_ON_DELIVERY)
    assert ask(order, "confirmed").payment_status is PaymentStatus.UNPAID
    fulfilment.fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    done = ask(order, "completed")
    assert (done.status, done.payment_status, done.captured_total) == (
        S.COMPLETED,
        PaymentStatus.PAID,
        order.total,
    )


def test_cash_on_delivery_that_has_arrived_waits_for_its_money(roast):
    order = make.order(payment_method=PaymentMethod.CASH_ON_DELIVERY)
    ask(order, "confirmed")
    assert ask(order, "delivered").status is S.PROCESSING
    assert ask(order, "completed").status is S.COMPLETED
    assert timeline_of(order).count("order.completed") == 1


def test_an_order_that_costs_nothing_is_confirmed_without_a_payment(roast):
    order = make.order(
        Line(make.product(stock=9), price=1000, discount=1000), payment_method=PaymentMethod.NONE
    )
    confirmed = ask(order, "confirmed")
    assert (confirmed.status, confirmed.payment_status) == (S.CONFIRMED, PaymentStatus.PAID)


def test_opening_a_completed_order_again_needs_a_reason(roast, everything):
    order = in_status(S.COMPLETED)
    before = everything()
    with pytest.raises(Invalid):
        ask(order, "processing", note="")
    assert everything() == before


def test_shipped_from_an_older_client_sends_all_that_is_left(roast):
    order = make.paid_order(Line(make.product(stock=9), quantity=3))
    sent = ask(order, "shipped")
    assert (sent.status, sent.display_status) == (S.PROCESSING, "shipped")
    assert [item.fulfilled_quantity for item in sent.items] == [3]
    with pytest.raises(Conflict) as refused:
        ask(order, "shipped")
    assert refused.value.code == "illegal-transition"


def test_delivered_sends_what_is_left_and_completes(roast):
    order = make.paid_order(Line(make.product(stock=9), quantity=3))
    line = UnitsLine(order_item_id=order.items[0].id, quantity=1)
    fulfilment.fulfil_order(order.id, ParcelDraft(items=[line]), actor=STAN.actor)
    done = ask(order, "delivered")
    assert (done.status, done.display_status) == (S.COMPLETED, "delivered")
    assert len(fulfilment.list_parcels(order.id)) == 2


def test_shipped_does_not_send_what_is_unpaid(roast, everything):
    order = make.order(payment_method=PaymentMethod.BANK_TRANSFER)
    before = everything()
    with pytest.raises(Conflict):
        ask(order, "shipped")
    assert everything() == before


def test_an_order_on_hold_is_neither_packed_nor_expired(roast, everything):
    order = in_status(S.CONFIRMED)
    with transaction():
        effects.lock_order(order.id).is_on_hold = True
    before = everything()
    with pytest.raises(Conflict):
        ask(order, "processing")
    with pytest.raises(Conflict):
        fulfilment.fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    assert everything() == before


# --- cancelling -----------------------------------------------------------------------------------------------------


def test_cancelling_frees_the_units_and_the_coupon_once(roast):
    coupon = make.coupon()
    order = make.order(coupon_code=coupon.code, payment_method=PaymentMethod.BANK_TRANSFER)
    with transaction():
        db.session.get(Coupon, coupon.id).usage_count = 1
        db.session.add(
            CouponUse(coupon_id=coupon.id, order_id=order.id, email_key="x", created_at=clock.now())
        )
    assert allocated(order) == 1
    cancelled = ask(order, "cancelled")
    assert cancelled.payment_status is PaymentStatus.VOIDED
    assert cancelled.display_status == "cancelled"
    assert allocated(order) == 0
    db.session.refresh(coupon)
    assert coupon.usage_count == 0
    assert topics().count("order.cancelled") == 1
    with pytest.raises(Conflict):
        ask(order, "cancelled")
    assert allocated(order) == 0


def test_a_cancelled_paid_order_proposes_its_refund(roast):
    order = ask(in_status(S.CONFIRMED), "cancelled")
    assert order.status is S.CANCELLED
    assert order.payment_status is PaymentStatus.OVERPAID
    assert allocated(order) == 0


def test_of_a_partly_shipped_order_only_the_rest_is_cancelled(roast):
    order = make.paid_order(Line(make.product(stock=9), quantity=3))
    line = UnitsLine(order_item_id=order.items[0].id, quantity=1)
    fulfilment.fulfil_order(order.id, ParcelDraft(items=[line]), actor=STAN.actor)
    kept = ask(order, "cancelled")
    assert kept.status is S.PROCESSING
    assert [(i.fulfilled_quantity, i.cancelled_quantity) for i in kept.items] == [(1, 2)]
    assert kept.display_status == "shipped"
    assert kept.payment_status is PaymentStatus.OVERPAID
    assert allocated(order) == 0
    with pytest.raises(Conflict):
        ask(order, "cancelled")


def test_a_shopper_may_cancel_an_own_unpaid_order_and_no_other(roast, everything):
    own = make.order(payment_method=PaymentMethod.BANK_TRANSFER, customer_id=CARLA.id)
    before = everything()
    for actor in (CARL.actor, GUEST, Actor("order", order_id=MIA.id)):
        with pytest.raises(NotFound):
            status.cancel_order(own.id, actor=actor)
    assert everything() == before
    assert status.cancel_order(own.id, actor=CARLA.actor).status is S.CANCELLED


def test_a_shopper_may_not_cancel_what_is_confirmed(roast, everything):
    order = make.paid_order(customer_id=CARLA.id)
    before = everything()
    with pytest.raises(Conflict) as refused:
        status.cancel_order(order.id, actor=CARLA.actor)
    assert refused.value.extra["allowed"] == []
    assert everything() == before


def test_the_holder_of_the_link_may_cancel_too(roast):
    order = make.order(payment_method=PaymentMethod.BANK_TRANSFER)
    assert status.cancel_order(order.id, actor=Actor("order", order_id=order.id)).status is S.CANCELLED


# --- the clock ------------------------------------------------------------------------------------------------------


def test_unpaid_orders_expire_when_due_and_not_before(roast):
    due = clock.now() + timedelta(hours=1)
    order = make.order(payment_method=PaymentMethod.BANK_TRANSFER, payment_due_at=due)
    expiry.expire_due()
    assert reading.get_order(order.id).status is S.PENDING
    with clock.at(due + timedelta(minutes=1)):
        expiry.expire_due()
        expiry.expire_due()
    assert reading.get_order(order.id).status is S.EXPIRED
    assert allocated(order) == 0
    assert topics().count("order.expired") == 1
    with pytest.raises(Conflict):
        offline.mark_paid(order.id, actor=ALICE.actor)


def test_paid_and_sent_orders_are_completed_after_two_weeks(roast):
    order = make.paid_order()
    ask(order, "shipped")
    with clock.at(clock.now() + timedelta(days=13)):
        expiry.complete_due()
    assert reading.get_order(order.id).status is S.PROCESSING
    with clock.at(clock.now() + timedelta(days=15)):
        expiry.complete_due()
    assert reading.get_order(order.id).status is S.COMPLETED


# --- the other store ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", list(WantedStatus))
def test_the_other_store_can_do_nothing(roast, everything, wanted):
    order = in_status(S.CONFIRMED)
    before = everything()
    with tenants.in_store(RIVAL), pytest.raises(NotFound):
        ask(order, wanted)
    assert everything() == before
