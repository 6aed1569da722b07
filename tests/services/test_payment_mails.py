"""Who is told by mail when money does not come, comes twice, or goes back."""

import pytest

from kit.db import db, transaction
from models.orders import OrderStatus
from models.payments import OrphanPayment, Refund
from services import fulfilment, notifications, tenants
from services.fulfilment import ParcelDraft
from services.payments.refunds import RefundDraft, refund_order
from tests import make, till
from tests.cast import ALICE, MIA, RIVAL
from tests.services.test_mail import only, text_of


def test_who_waits_for_a_payment_that_failed_is_told_how_to_go_on(mailbox):
    order = make.order(email="carla@roast.test")
    notifications.send_payment_failed(order_id=str(order.id))
    message = only(mailbox)
    assert order.order_number in message["Subject"] and message["To"].endswith("<carla@roast.test>")
    assert "No money was taken" in text_of(message) and "/orders/" in text_of(message)


def test_nobody_is_bothered_whose_order_is_paid_or_over(mailbox):
    for order in (
        make.paid_order(),
        make.order(status=OrderStatus.CANCELLED),
        make.order(status=OrderStatus.EXPIRED),
    ):
        notifications.send_payment_failed(order_id=str(order.id))
    with tenants.in_store(RIVAL):
        notifications.send_payment_failed(order_id=str(order.id))
    assert mailbox.messages == []


def test_an_arrival_is_told_with_what_was_in_the_parcel(mailbox):
    order = make.paid_order(make.Line(make.product("Blue mug"), quantity=3), email="carla@roast.test")
    item = order.items[0]
    some = ParcelDraft.model_validate(
        {"items": [{"order_item_id": str(item.id), "quantity": 2}], "notify": True}
    )
    parcel = fulfilment.fulfil_order(order.id, some, actor=MIA.actor)
    fulfilment.deliver_parcel(parcel.id, actor=MIA.actor)
    notifications.send_order_delivered(order_id=str(order.id), parcel_id=str(parcel.id))
    text = text_of(only(mailbox))
    assert "2 × Blue mug" in text and "The rest of your order comes in another parcel." in text


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_staff_hear_how_a_dispute_ended(mailbox, outcome):
    order = make.paid_order()
    notifications.send_dispute_closed(order_id=str(order.id), outcome=outcome)
    message = only(mailbox)
    assert outcome in message["Subject"] and mailbox.recipients == [["orders@roast.test"]]


def test_staff_hear_of_a_refund_that_failed(mailbox, sandbox):
    till.open_till(sandbox)
    order = make.order()
    till.pay(sandbox, order, card="4000000000007726")
    till.deliver_all(sandbox)
    refund = refund_order(order.id, RefundDraft(amount="3.00"), actor=ALICE.actor)
    sandbox.control("fail_refund", refund=refund.provider_id)
    till.deliver_all(sandbox)
    assert str(db.session.get_one(Refund, refund.id, populate_existing=True).status) == "failed"
    notifications.send_refund_failed(order_id=str(order.id), refund_id=str(refund.id))
    assert "€3.00" in only(mailbox)["Subject"]


def test_staff_hear_what_the_comparison_found(mailbox):
    notifications.send_differences_found(mended=2, open=1)
    text = text_of(only(mailbox))
    assert "2 differences were put right by themselves." in text and "1 difference needs somebody." in text
    assert "/admin/payments/checks" in text


def test_staff_hear_of_money_without_an_order(mailbox):
    with transaction():
        row = OrphanPayment(charge_id="ch_1", amount=1234, currency="EUR", why="unknown-order")
        db.session.add(row)
        db.session.flush()
        ident = str(row.id)
    notifications.send_payment_orphaned(orphan_id=ident)
    assert "€12.34" in only(mailbox)["Subject"] and "/admin/payments/unexpected" in text_of(only(mailbox))
