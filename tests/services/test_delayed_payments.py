"""Multibanco, MB WAY, SEPA: the shopper is done, the money comes days later or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from models.orders import OrderStatus, PaymentStatus
from models.outbox import OutboxMessage
from models.payments import AttemptStatus, PaymentAttempt
from models.stock import StockItem
from services.orders import expiry
from tests import make, till
from tests.make import Line

METHODS = ("multibanco", "mb_way", "sepa_debit")


@pytest.fixture
def account(roast, sandbox) -> str:
    return till.open_till(sandbox)


@pytest.fixture(params=METHODS)
def method(request) -> str:
    return request.param


@pytest.fixture
def waiting(account, sandbox, method):
    """An order whose money is on its way."""
    order = make.order(Line(make.product(stock=3), quantity=2))
    till.pay(sandbox, order, method=method, email="carla@roast.test", phone="+351912345678")
    till.deliver_all(sandbox)
    return till.fresh(order)


def intent(sandbox) -> str:
    return sandbox.get("state?kind=payment_intents")["payment_intents"][-1]["id"]


def overdue(order) -> None:
    with transaction():
        till.fresh(order).payment_due_at = clock.now() - timedelta(minutes=1)


def topics(name: str) -> int:
    return len(db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.topic == name)).all())


def test_meanwhile_the_order_waits_with_its_units(waiting):
    assert (waiting.status, waiting.payment_status) == (OrderStatus.PENDING, PaymentStatus.PENDING)
    assert waiting.payment_due_at > clock.now() + timedelta(days=2)
    assert db.session.get_one(StockItem, waiting.items[0].stock_item_id).allocated == 2
    assert topics("order.confirmed") == topics("payment.failed") == 0


def test_days_later_the_money_is_there(waiting, sandbox):
    sandbox.control("complete_payment", payment_intent=intent(sandbox))
    till.deliver_all(sandbox)
    order = till.fresh(waiting)
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert order.payment_due_at is None and topics("order.confirmed") == 1


def test_money_that_did_not_come_is_told_and_another_way_can_be_taken(waiting, sandbox):
    sandbox.control("fail_payment", payment_intent=intent(sandbox))
    till.deliver_all(sandbox)
    order = till.fresh(waiting)
    assert (order.status, order.payment_status) == (OrderStatus.PENDING, PaymentStatus.FAILED)
    assert topics("payment.failed") == 1
    assert till.paid(sandbox, order).status is OrderStatus.CONFIRMED


def test_at_its_end_the_clock_asks_stripe_first(waiting, sandbox, method):
    """What waits for the shopper is withdrawn and the order expires; a debit that the bank has already can't be called
    back, and is waited for."""
    overdue(waiting)
    expiry.expire_order(waiting.id)
    order = till.fresh(waiting)
    if method != "sepa_debit":
        assert order.status is OrderStatus.EXPIRED
        assert db.session.scalars(select(PaymentAttempt.status)).one() is AttemptStatus.CANCELLED
        assert db.session.get_one(StockItem, order.items[0].stock_item_id).allocated == 0
    else:
        assert order.status is OrderStatus.PENDING and order.payment_due_at > clock.now()
        sandbox.control("complete_payment", payment_intent=intent(sandbox))
        till.deliver_all(sandbox)
        assert till.fresh(order).status is OrderStatus.CONFIRMED
