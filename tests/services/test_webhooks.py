"""What Stripe tells: believed only when signed, kept once, and with one outcome however often and in whatever order."""

import json
import random
import time

import pytest
from sqlalchemy import func, select

from kit.db import db, transaction
from kit.errors import Unreadable
from kit.tenancy import every_tenant
from models.orders import Order, OrderEvent, OrderStatus, PaymentStatus
from models.outbox import OutboxMessage
from models.payments import AttemptStatus, Dispute, OrphanPayment, PaymentAttempt, Refund, WebhookEvent
from models.stock import StockItem
from services import tenants
from services.orders import effects, expiry
from services.orders.status import StatusDraft, change_status
from services.payments import connect, settlement, webhooks
from services.payments.refunds import RefundDraft, refund_order
from services.payments.settlement import later
from tests import make, till
from tests.cast import ALICE, MIA, RIVAL, ROAST
from tests.make import Line

A = AttemptStatus


@pytest.fixture
def account(roast, sandbox) -> str:
    return till.open_till(sandbox)


def outcome() -> dict:
    """What a person could see of it, without ids and times."""
    db.session.expire_all()
    return {
        "orders": db.session.execute(
            select(Order.status, Order.payment_status, Order.captured_total, Order.refunded_total, Order.is_oversold)
        ).all(),
        "attempts": db.session.execute(select(PaymentAttempt.status, PaymentAttempt.captured_amount)).all(),
        "refunds": db.session.execute(select(Refund.status, Refund.amount).order_by(Refund.amount)).all(),
        "disputes": db.session.execute(select(Dispute.status, Dispute.amount)).all(),
        "orphans": db.session.execute(select(OrphanPayment.amount, OrphanPayment.why)).all(),
        "stock": db.session.execute(select(StockItem.on_hand, StockItem.allocated)).all(),
        "told": sorted(db.session.scalars(select(OrderEvent.type))),
        "posted": sorted(
            topic for topic in db.session.scalars(select(OutboxMessage.topic)) if topic != "webhook.received"
        ),
    }  # fmt: skip


# --- the signature and the inbox ------------------------------------------------------------------------------------


def test_an_event_is_kept_once_and_handed_to_the_worker(account, sandbox):
    till.pay(sandbox, make.order())
    event = till.events(sandbox, "payment_intent.succeeded")[0]
    assert [till.receive(event) for _ in range(10)] == [True] + [False] * 9
    with every_tenant():
        kept = db.session.scalars(select(WebhookEvent)).one()
        assert (kept.account_id, kept.tenant_id, kept.status) == (account, ROAST, "received")
        posted = select(OutboxMessage).where(OutboxMessage.topic == "webhook.received")
        assert db.session.scalars(posted).one().payload == {"event_id": str(kept.id)}


@pytest.mark.parametrize("spoil", ["secret", "body", "old", "missing", "garbage", "bytes"])
def test_a_bad_signature_changes_nothing(account, sandbox, everything, spoil):
    till.pay(sandbox, make.order())
    event = till.events(sandbox, "payment_intent.succeeded")[0]
    raw, signature = till.signed(event)
    if spoil == "secret":
        raw, signature = till.signed(event, secret="whsec_other")
    elif spoil == "body":
        raw = raw.replace(b"1000", b"9000")
    elif spoil == "old":
        raw, signature = till.signed(event, at=time.time() - 301)
    elif spoil == "missing":
        signature = ""
    elif spoil == "garbage":
        signature = "t=abc,v1=ü"
    else:
        raw = b"\xff\xfe"
    before = everything()
    with pytest.raises(Unreadable) as refused:
        webhooks.receive(raw, signature)
    assert refused.value.code == "bad-signature"
    assert everything() == before


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"id": "evt_1", "type": "x", "data": []}', b"not json"])
def test_a_signed_body_that_is_no_event_is_refused(account, everything, body):
    from sandbox.stripe.webhooks import sign
    from tests.stripe_sandbox import SECRET

    before = everything()
    with pytest.raises(Unreadable):
        webhooks.receive(body, sign(body, SECRET, int(time.time())))
    assert everything() == before


def test_a_recent_signature_is_good_for_five_minutes(account, sandbox):
    till.pay(sandbox, make.order())
    event = till.events(sandbox, "payment_intent.succeeded")[0]
    assert webhooks.receive(*till.signed(event, at=time.time() - 290))


def test_unknown_types_and_unknown_accounts_are_kept_and_left_alone(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    known = till.events(sandbox, "payment_intent.succeeded")[0]
    assert till.deliver({**known, "id": "evt_type", "type": "brand.new.thing"}) == "ignored"
    assert till.deliver({**known, "id": "evt_account", "account": "acct_nobody"}) == "ignored"
    assert (
        till.deliver({key: v for key, v in known.items() if key != "account"} | {"id": "evt_platform"})
        == "ignored"
    )
    assert till.fresh(order).status is OrderStatus.PENDING


def test_what_an_event_says_of_its_object_is_not_believed(account, sandbox):
    """Rightly signed, wrong in what it says: only the object at Stripe counts."""
    order = make.order()
    attempt = till.hosted_page(order)
    fake = {"id": "evt_lie", "type": "checkout.session.completed", "account": account,
            "data": {"object": {"id": attempt.session_id, "payment_status": "paid", "status": "complete"}}}  # fmt: skip
    till.deliver(fake)
    assert till.fresh(order).status is OrderStatus.PENDING


def test_an_event_under_another_stores_account_moves_nothing(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    event = till.events(sandbox, "payment_intent.succeeded")[0]
    with tenants.in_store(RIVAL):
        other = till.open_till(sandbox)
    assert other != account
    till.deliver({**event, "id": "evt_foreign", "account": other})
    order = till.fresh(order)
    assert (order.status, order.captured_total) == (OrderStatus.PENDING, 0)
    with tenants.in_store(RIVAL):
        assert db.session.scalars(select(OrphanPayment)).all() == []


def test_money_whose_metadata_names_another_stores_order_is_an_orphan_here(account, sandbox):
    with tenants.in_store(RIVAL):
        foreign_id = make.order().id
    sandbox.control("unknown_charge", account=account, amount=1999, metadata={"order_id": str(foreign_id)})
    till.deliver_all(sandbox)
    orphan = db.session.scalars(select(OrphanPayment)).one()
    assert (orphan.order_id, orphan.why, orphan.amount) == (None, "unknown-order", 1999)
    with tenants.in_store(RIVAL):
        assert db.session.get_one(Order, foreign_id).captured_total == 0


def test_a_failure_is_kept_and_tried_again(account, sandbox, monkeypatch):
    order = make.order()
    till.pay(sandbox, order)
    event = till.events(sandbox, "payment_intent.succeeded")[0]
    till.receive(event)
    with monkeypatch.context() as broken:
        broken.setattr(settlement, "note_intent", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            till.process(event)
    with every_tenant():
        kept = db.session.scalars(select(WebhookEvent)).one()
        assert (kept.status, kept.attempts, "ZeroDivision" in kept.error) == ("failed", 1, True)
    assert till.process(event) == "processed"
    assert till.fresh(order).status is OrderStatus.CONFIRMED


def test_staff_see_and_replay_their_own_events(account, sandbox):
    till.paid(sandbox, make.order())
    page = webhooks.list_events()
    assert page.total == len(till.events(sandbox))
    webhooks.replay(page.items[0].id, actor=ALICE.actor)
    with tenants.in_store(RIVAL):
        assert webhooks.list_events().total == 0


# --- one outcome ----------------------------------------------------------------------------------------------------


def card(sandbox) -> None:
    till.pay(sandbox, make.order())


def declined_then_paid(sandbox) -> None:
    attempt = till.pay(sandbox, make.order(), card="4000000000000002")
    sandbox.pay(attempt.session_id)


def refunded_in_parts(sandbox) -> None:
    order = make.order()
    till.pay(sandbox, order)
    till.deliver(till.events(sandbox, "payment_intent.succeeded")[0])
    refund_order(order.id, RefundDraft(amount="3.00"), actor=ALICE.actor)
    [charge] = sandbox.get("state?kind=charges")["charges"]
    sandbox.control("refund", charge=charge["id"], amount=200)


def dispute_lost(sandbox) -> None:
    till.pay(sandbox, make.order())
    [charge] = sandbox.get("state?kind=charges")["charges"]
    sandbox.control("dispute", charge=charge["id"])
    [case] = sandbox.get("state?kind=disputes")["disputes"]
    sandbox.control("lose_dispute", dispute=case["id"])


def late_money(sandbox) -> None:
    order = make.order()
    till.pay(sandbox, order)
    with transaction():
        effects.expire(effects.lock_order(order.id), actor=MIA.actor)


STORIES = [card, declined_then_paid, refunded_in_parts, dispute_lost, late_money]
EXPECTED = {
    card: ("confirmed", "paid"),
    declined_then_paid: ("confirmed", "paid"),
    refunded_in_parts: ("confirmed", "partially_refunded"),
    dispute_lost: ("confirmed", "refunded"),
    late_money: ("confirmed", "paid"),
}


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ten_times_in_any_order_there_is_one_outcome(account, sandbox, story, seed):
    story(sandbox)
    events = till.events(sandbox)
    for event in events:
        till.receive(event)
    first = events if seed == 0 else events[::-1]
    for event in first:
        till.process(event)
    seen = outcome()
    assert tuple(map(str, seen["orders"][0][:2])) == EXPECTED[story]
    again = [event for event in events for _ in range(10)]
    random.Random(seed).shuffle(again)
    with every_tenant(), transaction():
        for row in db.session.scalars(select(WebhookEvent)):
            row.status = "received"
    for event in again:
        assert till.receive(event) is False
        till.process(event)
    with tenants.in_store(ROAST):
        assert outcome() == seen


def test_lost_and_told_later_it_is_the_same(account, sandbox):
    """Nothing arrived for a day; then all of it is replayed, newest first."""
    order = make.order()
    till.pay(sandbox, order)
    for event in reversed(till.events(sandbox)):
        till.deliver(event)
    order = till.fresh(order)
    assert (order.status, order.payment_status, order.captured_total) == (
        OrderStatus.CONFIRMED,
        PaymentStatus.PAID,
        1000,
    )


@pytest.mark.parametrize("current", list(A))
@pytest.mark.parametrize("incoming", list(A))
def test_captured_is_final_and_what_is_over_comes_back_only_with_money(current, incoming):
    result = later(current, incoming)
    if A.CAPTURED in (current, incoming):
        assert result is A.CAPTURED
    elif current in (A.CANCELLED, A.EXPIRED):
        assert result is current
    elif incoming in (A.CREATED, A.REQUIRES_ACTION, A.PROCESSING) and current is not A.FAILED:
        assert list(A).index(result) >= list(A).index(current)


# --- late money -----------------------------------------------------------------------------------------------------


def expired(sandbox, order: Order) -> None:
    """It was paid, nobody heard of it, and the order was let go."""
    till.pay(sandbox, order)
    with transaction():
        effects.expire(effects.lock_order(order.id), actor=MIA.actor)


def test_late_money_brings_an_expired_order_back_with_its_units(account, sandbox):
    order = make.order(Line(make.product(stock=3), quantity=2))
    expired(sandbox, order)
    till.deliver_all(sandbox)
    order = till.fresh(order)
    assert (order.status, order.is_oversold, order.payment_status) == (
        OrderStatus.CONFIRMED,
        False,
        PaymentStatus.PAID,
    )
    assert db.session.get_one(StockItem, order.items[0].stock_item_id).allocated == 2
    assert db.session.scalars(select(OrphanPayment)).all() == []


def test_late_money_for_units_that_are_gone_is_kept_and_flagged(account, sandbox):
    product = make.product(stock=2)
    order = make.order(Line(product, quantity=2))
    expired(sandbox, order)
    make.order(Line(product, quantity=2))
    till.deliver_all(sandbox)
    order = till.fresh(order)
    assert (order.status, order.is_oversold) == (OrderStatus.CONFIRMED, True)
    topics = list(db.session.scalars(select(OutboxMessage.topic)))
    assert topics.count("order.oversold") == 1
    assert order.captured_total == order.total


def test_late_money_on_a_cancelled_order_is_put_where_staff_see_it(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    with transaction():
        effects.cancel(effects.lock_order(order.id), actor=MIA.actor)
    for _ in range(3):
        till.deliver_all(sandbox)
    order = till.fresh(order)
    assert (order.status, order.captured_total, order.payment_status) == (
        OrderStatus.CANCELLED, 1000, PaymentStatus.OVERPAID)  # fmt: skip
    orphan = db.session.scalars(select(OrphanPayment)).one()
    assert (orphan.order_id, orphan.why, orphan.amount) == (order.id, "order-cancelled", 1000)
    assert refund_order(order.id, RefundDraft(), actor=ALICE.actor).amount == 1000
    assert till.fresh(order).payment_status is PaymentStatus.REFUNDED


def test_paid_twice_the_second_money_is_put_where_staff_see_it(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    with transaction():
        from services.payments import offline

        offline.record_payment(effects.lock_order(order.id), actor=MIA.actor)
    till.deliver_all(sandbox)
    order = till.fresh(order)
    assert (order.captured_total, order.payment_status) == (2000, PaymentStatus.OVERPAID)
    assert db.session.scalars(select(OrphanPayment.why)).one() == "paid-already"


def test_money_that_nobody_asked_for_is_put_where_staff_see_it(account, sandbox):
    sandbox.control("unknown_charge", account=account, amount=1999)
    for _ in range(3):
        till.deliver_all(sandbox)
    orphan = db.session.scalars(select(OrphanPayment)).one()
    assert (orphan.why, orphan.amount, orphan.currency) == ("unknown-order", 1999, "EUR")
    topics = list(db.session.scalars(select(OutboxMessage.topic)))
    assert topics.count("payment.orphaned") == 1


# --- disputes and the account ---------------------------------------------------------------------------------------


def test_a_dispute_shows_until_it_is_won(account, sandbox):
    order = till.paid(sandbox, make.order())
    [charge] = sandbox.get("state?kind=charges")["charges"]
    sandbox.control("dispute", charge=charge["id"])
    till.deliver_all(sandbox)
    order = till.fresh(order)
    assert order.payment_status is PaymentStatus.DISPUTED
    case = db.session.scalars(select(Dispute)).one()
    assert (case.status, case.evidence_due_at is not None) == ("open", True)
    with pytest.raises(Exception) as refused:
        change_status(order.id, StatusDraft(status="completed"), actor=MIA.actor)
    assert refused.value.code == "illegal-transition"
    sandbox.control("win_dispute", dispute=case.provider_id)
    till.deliver_all(sandbox)
    assert till.fresh(order).payment_status is PaymentStatus.PAID


def test_a_lost_dispute_is_a_refund_without_restock(account, sandbox):
    order = till.paid(sandbox, make.order())
    [charge] = sandbox.get("state?kind=charges")["charges"]
    sandbox.control("dispute", charge=charge["id"])
    [case] = sandbox.get("state?kind=disputes")["disputes"]
    sandbox.control("lose_dispute", dispute=case["id"])
    till.deliver_all(sandbox)
    order = till.fresh(order)
    assert (order.payment_status, order.refunded_total) == (PaymentStatus.REFUNDED, 1000)
    assert db.session.get_one(StockItem, order.items[0].stock_item_id).allocated == 1


def test_the_account_is_known_as_stripe_has_it(account, sandbox):
    sandbox.control("onboard", account=account, restrict=True)
    till.deliver_all(sandbox)
    found = connect.find_account()
    assert (found.charges_enabled, bool(found.requirements)) == (False, True)
    assert not connect.is_ready()


def test_expiry_and_webhook_of_the_same_moment_agree(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    till.deliver_all(sandbox)
    assert expiry.expire_order(order.id) is False
    assert till.fresh(order).status is OrderStatus.CONFIRMED


def test_the_payload_is_kept_as_it_came(account, sandbox):
    till.pay(sandbox, make.order())
    event = till.events(sandbox)[0]
    till.receive(event)
    with every_tenant():
        assert db.session.scalars(select(WebhookEvent.payload)).one() == json.loads(json.dumps(event))
        assert db.session.scalar(select(func.count()).select_from(WebhookEvent)) == 1
