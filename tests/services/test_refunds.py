"""Giving back: by amount, by items, all; to the cent, never more than was taken, whoever asks at the same moment."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from gateways import stripe
from gateways.stripe import StripeRefused
from kit.db import db
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus, PaymentStatus
from models.outbox import OutboxMessage
from models.payments import Refund, RefundStatus
from models.stock import StockItem
from services import fulfilment, stock, tenants
from services.fulfilment import ParcelDraft
from services.orders import reading
from services.orders.status import StatusDraft, change_status
from services.orders.units import UnitsLine
from services.payments import refunds, returned
from services.payments.refunds import RefundDraft, refund_order
from tests import make, till
from tests.cast import ALICE, MIA, RIVAL, STAN
from tests.make import Line


def refund(order: Order, **wanted) -> Refund:
    return refund_order(order.id, read(RefundDraft, wanted), actor=ALICE.actor)


def units(order: Order, *quantities: int) -> list[dict]:
    return [
        {"order_item_id": str(item.id), "quantity": n}
        for item, n in zip(order.items, quantities, strict=True)
        if n
    ]


def counts(order: Order) -> tuple[int, int]:
    db.session.expire_all()
    item = db.session.get_one(StockItem, order.items[0].stock_item_id)
    return item.on_hand, item.allocated


def books() -> Order:
    """The worked example's books: three for 34.32, 1.94 of it tax; one by one 11.44 each."""
    line = Line(make.product("Book", stock=10), quantity=3, price=1299, discount=465, tax=194)
    return make.paid_order(line, shipping=490, shipping_tax=92)


def test_units_given_back_one_by_one_add_up_to_the_cent(roast):
    order = books()
    found = [refund(order, items=units(order, 1)) for _ in range(3)]
    assert [(r.amount, r.tax_amount) for r in found] == [(1144, 65), (1144, 64), (1144, 65)]
    order = till.fresh(order)
    assert (order.refunded_total, order.payment_status) == (3432, PaymentStatus.PARTIALLY_REFUNDED)
    last = refund(order)
    assert (last.amount, last.shipping_amount) == (490, 490)
    assert till.fresh(order).payment_status is PaymentStatus.REFUNDED


@given(
    paid=st.integers(1, 100_000),
    tax=st.integers(0, 10_000),
    steps=st.lists(st.integers(1, 5), min_size=1, max_size=6),
)
def test_any_way_of_giving_a_line_back_adds_up(paid, tax, steps):
    from services.payments import amounts

    tax = min(tax, paid)
    item = OrderItem(
        quantity=sum(steps), line_total=paid, discount_amount=0, tax_amount=tax, refunded_quantity=0
    )
    order = Order(prices_include_tax=True)
    given_back = given_tax = 0
    for step in steps:
        part = amounts.part_of(order, item, step, given_back, given_tax)
        assert part.amount >= 0 <= part.tax
        given_back, given_tax = given_back + part.amount, given_tax + part.tax
        item.refunded_quantity += step
    assert (given_back, given_tax) == (paid, tax)


def test_shipping_comes_back_when_asked_for_and_once(roast):
    order = books()
    first = refund(order, items=units(order, 1), refund_shipping=True)
    assert (first.amount, first.shipping_amount, first.tax_amount) == (1144 + 490, 490, 65 + 92)
    assert refund(order, items=units(order, 1), refund_shipping=True).shipping_amount == 0
    with pytest.raises(Conflict) as refused:
        refund(order, refund_shipping=True)
    assert refused.value.code == "nothing-to-refund"


def test_prices_without_tax_give_the_tax_back_too(roast):
    line = Line(make.product(stock=9), quantity=2, price=1000, tax=460)
    order = make.paid_order(line, prices_include_tax=False, total=2000 + 460)
    assert [(r.amount, r.tax_amount) for r in (refund(order, items=units(order, 1)), refund(order))] == [
        (1230, 230),
        (1230, 230),
    ]


def test_a_full_refund_after_goodwill_gives_what_is_left(roast):
    order = books()
    refund(order, amount="5.00")
    last = refund(order)
    assert last.amount == order.total - 500
    assert sum(i.amount for i in last.items) + last.shipping_amount == last.amount
    order = till.fresh(order)
    assert order.payment_status is PaymentStatus.REFUNDED
    assert order.display_status == "refunded"
    taxes = db.session.scalars(select(Refund.tax_amount)).all()
    assert sum(taxes) == order.tax_total


def test_full_without_shipping(roast):
    order = books()
    assert refund(order, refund_shipping=False).amount == 3432


@pytest.mark.parametrize("amount", ["39.23", "1000.00"])
def test_more_than_was_paid_is_refused(roast, everything, amount):
    order = books()
    before = everything()
    with pytest.raises(Conflict) as refused:
        refund(order, amount=amount)
    assert (refused.value.code, refused.value.extra["refundable"]) == ("refund-too-large", "39.22")
    assert everything() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "1.00", "items": [{"order_item_id": str(MIA.id), "quantity": 1}]}, "amount"),
        ({"items": []}, "items"),
        ({"items": [{"order_item_id": str(MIA.id), "quantity": 1}]}, "items.0.order_item_id"),
        ({"restock": "yes"}, "restock"),
    ],
)
def test_a_wrong_wish_names_its_field(roast, everything, body, field):
    order = books()
    before = everything()
    with pytest.raises(Invalid) as refused:
        refund(order, **body)
    assert [e.field for e in refused.value.errors] == [field]
    assert everything() == before


def test_more_units_than_there_are_is_refused(roast, everything):
    order = books()
    refund(order, items=units(order, 2))
    before = everything()
    with pytest.raises(Invalid) as refused:
        refund(order, items=units(order, 1) + units(order, 1))
    assert refused.value.errors[0].field == "items.1.quantity"
    assert everything() == before


def test_what_is_not_paid_is_not_refunded(roast, everything):
    order = make.order()
    before = everything()
    with pytest.raises(Conflict) as refused:
        refund(order)
    assert refused.value.code == "nothing-to-refund"
    assert everything() == before


# --- units ----------------------------------------------------------------------------------------------------------


def test_what_was_never_sent_is_free_for_others(roast):
    order = books()
    assert counts(order) == (10, 3)
    refund(order, items=units(order, 2))
    assert counts(order) == (10, 1)
    parcel = fulfilment.fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    assert [i.quantity for i in parcel.items] == [1]


def test_what_was_sent_comes_back_on_the_shelf(roast):
    order = books()
    fulfilment.fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    assert counts(order) == (7, 0)
    refund(order, items=units(order, 1))
    assert till.fresh(order).fulfillment_status is FulfillmentStatus.PARTIALLY_RETURNED
    refund(order, items=units(order, 2))
    assert till.fresh(order).fulfillment_status is FulfillmentStatus.RETURNED
    assert counts(order) == (10, 0)
    assert stock.ledger_mismatches() == []


def test_without_restock_no_unit_moves(roast):
    order = books()
    refund(order, items=units(order, 2), restock=False)
    assert counts(order) == (10, 3)
    assert till.fresh(order).items[0].refunded_quantity == 2


def test_units_cancelled_before_are_not_put_back_a_second_time(roast):
    order = books()
    line = UnitsLine(order_item_id=order.items[0].id, quantity=1)
    fulfilment.fulfil_order(order.id, ParcelDraft(items=[line]), actor=STAN.actor)
    change_status(order.id, StatusDraft(status="cancelled"), actor=MIA.actor)
    assert counts(order) == (9, 0)
    refund(order, items=units(order, 2))
    assert counts(order) == (9, 0)
    assert till.fresh(order).payment_status is PaymentStatus.PARTIALLY_REFUNDED
    refund(order, items=units(order, 1))
    assert counts(order) == (10, 0)


@given(st.data())
def test_units_that_go_back_are_never_more_than_there_are(data):
    quantity = data.draw(st.integers(1, 9))
    sent = data.draw(st.integers(0, quantity))
    cancelled = data.draw(st.integers(0, quantity - sent))
    back = data.draw(st.integers(0, sent))
    before = data.draw(st.integers(0, quantity))
    k = data.draw(st.integers(0, quantity - before))
    item = OrderItem(quantity=quantity, fulfilled_quantity=sent, cancelled_quantity=cancelled,
                     returned_quantity=back, refunded_quantity=before + k)  # fmt: skip
    unsent, returned_now = returned.split(item, k)
    assert 0 <= unsent <= quantity - sent - cancelled
    assert 0 <= returned_now <= sent - back
    assert unsent + returned_now <= k


# --- at Stripe ------------------------------------------------------------------------------------------------------


@pytest.fixture
def card_order(roast, sandbox) -> Order:
    till.open_till(sandbox)
    line = Line(make.product(stock=10), quantity=3, price=1000)
    return till.paid(sandbox, make.order(line))


def test_stripe_gives_back_what_we_say_with_the_fee_in_proportion(card_order, sandbox):
    found = refund(card_order, amount="12.00", reason="Scratched")
    assert (found.status, bool(found.provider_id)) == (RefundStatus.SUCCEEDED, True)
    state = sandbox.get("state")
    assert [(r["amount"], r["metadata"]["order_id"]) for r in state["refunds"]] == [
        (1200, str(card_order.id))
    ]
    assert state["application_fees"][0]["amount_refunded"] == 24
    till.deliver_all(sandbox)
    order = till.fresh(card_order)
    assert (order.refunded_total, order.payment_status) == (1200, PaymentStatus.PARTIALLY_REFUNDED)
    assert len(refunds.list_refunds(order.id)) == 1


def test_stripe_away_leaves_it_pending_and_the_worker_ends_it_once(
    card_order, sandbox, config, running_sandbox
):
    stripe.configure(replace(config, stripe_api_base="http://127.0.0.1:9"))
    found = refund(card_order, items=units(card_order, 1))
    assert found.status is RefundStatus.PENDING
    with pytest.raises(Conflict) as refused:
        refund(card_order, amount="20.01")
    assert refused.value.extra["refundable"] == "20.00"
    stripe.configure(replace(config, stripe_api_base=running_sandbox.url))
    [message] = db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "refund.requested"))
    for _ in range(3):
        refunds.finish_refund(**message.payload)
    assert len(sandbox.get("state?kind=refunds")["refunds"]) == 1
    assert till.fresh(card_order).refunded_total == 1000


def test_a_refund_that_fails_later_opens_its_money_again(roast, sandbox):
    till.open_till(sandbox)
    sandbox.control("settings", refund_after=3600)
    try:
        order = till.paid(sandbox, make.order(Line(make.product(stock=10), quantity=3)))
        found = refund(order, items=units(order, 3))
        assert found.status is RefundStatus.PENDING
        assert till.fresh(order).refunded_total == 0
        with pytest.raises(Conflict):
            refund(order, amount="0.01")
        sandbox.control("fail_refund", refund=found.provider_id)
        till.deliver_all(sandbox)
        order = till.fresh(order)
        assert (order.refunded_total, order.items[0].refunded_quantity) == (0, 0)
        assert counts(order) == (10, 0)
        assert order.payment_status is PaymentStatus.OVERPAID
        refund(order, items=units(order, 3))
        assert counts(order) == (10, 0)
    finally:
        sandbox.control("settings", refund_after=None)


def test_what_stripe_refuses_reserves_nothing(card_order, sandbox):
    """Given back in Stripe's dashboard, and we have not heard of it yet."""
    [charge] = sandbox.get("state?kind=charges")["charges"]
    sandbox.control("refund", charge=charge["id"])
    with pytest.raises(StripeRefused) as refused:
        refund(card_order, items=units(card_order, 1))
    assert refused.value.reason == "charge_already_refunded"
    order = till.fresh(card_order)
    assert (order.refunded_total, order.items[0].refunded_quantity) == (0, 0)
    assert counts(order) == (10, 3)
    till.deliver_all(sandbox)
    assert till.fresh(order).payment_status is PaymentStatus.REFUNDED


def test_a_refund_made_at_stripe_is_taken_over_once(card_order, sandbox):
    [charge] = sandbox.get("state?kind=charges")["charges"]
    sandbox.control("refund", charge=charge["id"], amount=700)
    sandbox.control("refund", charge=charge["id"], amount=300)
    for _ in range(3):
        for event in reversed(till.events(sandbox)):
            till.deliver(event)
    assert till.fresh(card_order).refunded_total == 1000
    assert sorted(r.amount for r in refunds.list_refunds(card_order.id)) == [300, 700]
    assert refund(card_order).amount == 2000


def test_the_other_store_refunds_nothing(card_order, everything):
    before = everything()
    with tenants.in_store(RIVAL), pytest.raises(NotFound):
        refund(card_order)
    assert everything() == before


def test_a_refund_leaves_the_order_where_it_is(card_order):
    refund(card_order)
    order = reading.get_order(card_order.id)
    assert (order.status, order.display_status) == (OrderStatus.CONFIRMED, "refunded")
