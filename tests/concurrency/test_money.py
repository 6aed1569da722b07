"""Money asked for and given back by many at once, in real processes: never twice, never more than there is."""

import json
import subprocess
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from config import ROOT
from kit.db import db
from kit.tenancy import every_tenant
from models.orders import OrderStatus, PaymentStatus
from models.outbox import OutboxMessage
from models.payments import PaymentAttempt, Refund, RefundStatus, WebhookEvent
from models.stock import StockItem
from services import stock, tenants
from tests import make, till
from tests.cast import ROAST
from tests.make import Line

PROCESSES = 2


@pytest.fixture(scope="module")
def tills(database, config, running_sandbox):
    """The processes, started once: starting is what takes time."""
    settings = {"database_url": database.url, "instance": str(config.instance), "stripe": running_sandbox.url}
    started = []
    for _ in range(PROCESSES):
        process = subprocess.Popen([sys.executable, "-m", "tests.concurrency.tills"], cwd=ROOT, text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
        process.stdin.write(json.dumps(settings) + "\n")
        process.stdin.flush()
        started.append(process)
    for process in started:
        assert process.stdout.readline().strip() == "ready"
    yield started
    for process in started:
        process.communicate(timeout=30)


@pytest.fixture
def at_once(tills, sandbox):
    """Do these errands at the same moment, spread over the processes; what each came to."""

    def run(errands: list[dict]) -> list[str]:
        db.session.rollback()
        start = time.time() + 0.3
        for i, process in enumerate(tills):
            process.stdin.write(json.dumps({"start": start, "errands": errands[i::PROCESSES]}) + "\n")
            process.stdin.flush()
        found = [answer for process in tills for answer in json.loads(process.stdout.readline())]
        db.session.rollback()
        return found

    return run


@pytest.fixture
def paid(roast, sandbox):
    till.open_till(sandbox)
    order = till.paid(sandbox, make.order(Line(make.product(stock=20), quantity=10, price=1000)))
    db.session.expunge_all()
    return order


def test_refunds_of_one_order_never_exceed_what_was_paid(paid, sandbox, at_once):
    found = Counter(
        at_once([{"do": "refund", "order_id": str(paid.id), "amount": "15.00"} for _ in range(12)])
    )
    assert found == {"succeeded": 6, "refund-too-large": 6}
    assert sum(refund["amount"] for refund in sandbox.get("state?kind=refunds")["refunds"]) == 9000
    assert till.fresh(paid).refunded_total == 9000
    given = db.session.scalar(select(func.sum(Refund.amount)).where(Refund.status == RefundStatus.SUCCEEDED))
    assert given == 9000


def test_two_tabs_that_refund_all_give_it_back_once(paid, sandbox, at_once):
    found = Counter(at_once([{"do": "refund", "order_id": str(paid.id)} for _ in range(2)]))
    assert found == {"succeeded": 1, "nothing-to-refund": 1}
    assert till.fresh(paid).payment_status is PaymentStatus.REFUNDED
    assert till.fresh(paid).items[0].refunded_quantity == 10


def test_the_same_units_go_back_once(paid, at_once):
    items = [{"order_item_id": str(paid.items[0].id), "quantity": 6}]
    found = Counter(at_once([{"do": "refund", "order_id": str(paid.id), "items": items} for _ in range(4)]))
    assert found == {"succeeded": 1, "invalid": 3}


def test_many_who_start_to_pay_share_one_page(roast, sandbox, at_once):
    till.open_till(sandbox)
    order = make.order()
    found = at_once([{"do": "page", "order_id": str(order.id)} for _ in range(8)])
    assert len(set(found)) == 1, found
    assert len(sandbox.get("state?kind=sessions")["sessions"]) == 1
    assert db.session.scalar(select(func.count()).select_from(PaymentAttempt)) == 1


def test_all_workers_at_once_on_the_same_events_settle_an_order_once(roast, sandbox, at_once):
    """Each event five times, all at the same moment."""
    till.open_till(sandbox)
    order = make.order()
    till.pay(sandbox, order)
    for event in till.events(sandbox):
        till.receive(event)
    with every_tenant():
        ids = [str(ident) for ident in db.session.scalars(select(WebhookEvent.id))]
    at_once([{"do": "event", "event_id": ident} for ident in ids for _ in range(5)])
    with tenants.in_store(ROAST):
        order = till.fresh(order)
        assert (order.status, order.captured_total) == (OrderStatus.CONFIRMED, order.total)
        topics = Counter(db.session.scalars(select(OutboxMessage.topic)))
    assert (topics["order.confirmed"], topics["order.paid"], topics["payment.orphaned"]) == (1, 1, 0)


def test_what_is_sent_is_not_cancelled_at_the_same_moment(roast, at_once):
    """Each unit goes one way, whoever comes first; stock agrees with it."""
    for rival in ("cancel", "drop"):
        order = make.paid_order(Line(make.product(stock=20), quantity=3, price=1000))
        more = {"item_id": str(order.items[0].id)} if rival == "drop" else {}
        errands = [
            {"do": "ship", "order_id": str(order.id)},
            {"do": rival, "order_id": str(order.id), **more},
        ]
        found = at_once([dict(errands[i % 2]) for i in range(6)])
        order = till.fresh(order)
        item = order.items[0]
        assert item.fulfilled_quantity + item.cancelled_quantity == 3, (rival, found)
        assert item.fulfilled_quantity in ((0, 3) if rival == "cancel" else (0, 1, 2, 3))
        shelf = db.session.get_one(StockItem, item.stock_item_id)
        assert (shelf.on_hand, shelf.allocated) == (20 - item.fulfilled_quantity, 0), (rival, found)
        assert stock.ledger_mismatches() == []
