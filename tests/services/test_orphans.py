"""Money that no order was waiting for: kept in sight until somebody decides, and decided once."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from gateways import stripe
from kit.db import db, transaction
from kit.errors import Conflict, NotFound, Unavailable
from models.orders import PaymentStatus
from models.payments import OrphanPayment
from services import tenants
from services.orders import effects
from services.payments import orphans
from services.payments.refunds import RefundDraft, refund_order
from tests import make, till
from tests.cast import ALICE, MIA, RIVAL


@pytest.fixture
def account(roast, sandbox) -> str:
    return till.open_till(sandbox)


def only() -> OrphanPayment:
    return db.session.scalars(select(OrphanPayment)).one()


def test_money_for_a_cancelled_order_is_given_back_once(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    with transaction():
        effects.cancel(effects.lock_order(order.id), actor=MIA.actor)
    till.deliver_all(sandbox)
    orphan = only()
    assert orphans.list_orphans().total == 1
    assert orphans.give_back(orphan.id, actor=ALICE.actor).resolved_as == "refunded"
    with pytest.raises(Conflict):
        orphans.give_back(orphan.id, actor=ALICE.actor)
    assert [r["amount"] for r in sandbox.get("state?kind=refunds")["refunds"]] == [1000]
    assert till.fresh(order).payment_status is PaymentStatus.REFUNDED
    assert (orphans.list_orphans().total, orphans.list_orphans(open_only=False).total) == (0, 1)


def test_money_of_nobodys_order_is_given_back_at_stripe(account, sandbox):
    sandbox.control("unknown_charge", account=account, amount=1999)
    till.deliver_all(sandbox)
    orphans.give_back(only().id, actor=ALICE.actor)
    assert [r["amount"] for r in sandbox.get("state?kind=refunds")["refunds"]] == [1999]
    till.deliver_all(sandbox)
    assert orphans.list_orphans(open_only=False).total == 1


def test_what_can_not_be_given_back_now_stays_open(account, sandbox, config):
    sandbox.control("unknown_charge", account=account, amount=1999)
    till.deliver_all(sandbox)
    orphan_id = only().id
    stripe.configure(replace(config, stripe_api_base="http://127.0.0.1:9"))
    with pytest.raises(Unavailable):
        orphans.give_back(orphan_id, actor=ALICE.actor)
    assert orphans.list_orphans().total == 1


def test_money_is_kept_when_staff_say_so(account, sandbox):
    sandbox.control("unknown_charge", account=account, amount=1999)
    till.deliver_all(sandbox)
    orphan = only()
    assert orphans.accept(orphan.id, actor=ALICE.actor).resolved_as == "accepted"
    with pytest.raises(Conflict):
        orphans.accept(orphan.id, actor=ALICE.actor)
    assert sandbox.get("state?kind=refunds")["refunds"] == []


def test_the_other_store_decides_nothing(account, sandbox, everything):
    sandbox.control("unknown_charge", account=account, amount=1999)
    till.deliver_all(sandbox)
    ident = only().id
    before = everything()
    with tenants.in_store(RIVAL):
        assert orphans.list_orphans().total == 0
        for decide in (orphans.accept, orphans.give_back):
            with pytest.raises(NotFound):
                decide(ident, actor=ALICE.actor)
    assert everything() == before


# --- given back elsewhere -------------------------------------------------------------------------------------------


def test_given_back_from_the_order_it_is_no_longer_to_be_decided(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    with transaction():
        effects.cancel(effects.lock_order(order.id), actor=MIA.actor)
    till.deliver_all(sandbox)
    refund_order(order.id, RefundDraft(amount="4.00"), actor=ALICE.actor)
    orphans.close_given_back(order_id=str(order.id))
    assert orphans.list_orphans().total == 1  # a part is still too much
    refund_order(order.id, RefundDraft(), actor=ALICE.actor)
    orphans.close_given_back(order_id=str(order.id))
    assert orphans.list_orphans().total == 0 and only().resolved_as == "refunded"


def test_given_back_at_stripe_it_is_dealt_with(account, sandbox):
    sandbox.control("unknown_charge", account=account, amount=1999)
    till.deliver_all(sandbox)
    [charge] = sandbox.get("state?kind=charges")["charges"]
    sandbox.control("refund", charge=charge["id"], amount=999)
    till.deliver_all(sandbox)
    assert only().resolved_as is None
    sandbox.control("refund", charge=charge["id"], amount=1000)
    till.deliver_all(sandbox)
    assert orphans.list_orphans().total == 0


def test_a_refund_of_a_decided_order_decides_nothing_about_others(account, sandbox):
    sandbox.control("unknown_charge", account=account, amount=1999)
    order = till.paid(sandbox, make.order())
    refund_order(order.id, RefundDraft(), actor=ALICE.actor)
    orphans.close_given_back(order_id=str(order.id))
    till.deliver_all(sandbox)
    assert orphans.list_orphans().total == 1


def test_a_refund_of_an_order_says_nothing_of_money_that_it_never_counted(account, sandbox):
    order = till.paid(sandbox, make.order())
    sandbox.control("unknown_charge", account=account, amount=1999, metadata={"order_id": str(order.id)})
    till.deliver_all(sandbox)
    [stranger] = orphans.list_orphans().items
    assert (stranger.order_id, stranger.why) == (order.id, "unknown-attempt")
    refund_order(order.id, RefundDraft(), actor=ALICE.actor)
    orphans.close_given_back(order_id=str(order.id))
    assert orphans.list_orphans().total == 1
