"""Paying by Stripe, with the real SDK against the sandbox: one live attempt, reused, closed, never lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from gateways import stripe
from gateways.stripe import StripeRefused
from kit import clock
from kit.actor import GUEST, Actor
from kit.db import db, transaction
from kit.errors import Conflict, Forbidden, Invalid, ShopError, Unavailable
from models.orders import Order, OrderStatus, PaymentMethod, PaymentStatus
from models.payments import AttemptStatus, OrphanPayment, PaymentAttempt, StripeAccount
from models.tenants import Tenant
from services import tenants
from services.orders import expiry, reading, status
from services.payments import attempts, connect, offline, sessions
from services.payments.intents import IntentDraft, create_intent
from services.payments.sessions import SessionDraft, create_session
from tests import make, till
from tests.cast import ALICE, CARL, CARLA, MIA, RIVAL
from tests.make import Line

HOME = "http://roast.localhost"


def draft(order: Order, **more) -> SessionDraft:
    return SessionDraft(
        **{"order_id": order.id, "success_url": HOME + "/ok", "cancel_url": HOME + "/no", **more}
    )


def only_attempt() -> PaymentAttempt:
    db.session.expire_all()
    return db.session.scalars(select(PaymentAttempt)).one()


@pytest.fixture
def account(roast, sandbox) -> str:
    return till.open_till(sandbox)


# --- the door -------------------------------------------------------------------------------------------------------


def test_stripe_is_never_called_inside_a_transaction(account):
    order = make.order()
    calls = (
        lambda: stripe.get_account(account),
        lambda: stripe.get_session("cs_x", account=account),
        lambda: stripe.get_intent("pi_x", account=account),
        lambda: stripe.get_balance(account=account),
        lambda: create_session(draft(order), actor=MIA.actor),
    )
    for call in calls:
        with pytest.raises(RuntimeError, match="inside a transaction"), transaction():
            call()


def test_without_credentials_nothing_is_asked(account, config, everything):
    order = make.order()
    stripe.configure(replace(config, stripe_secret_key=""))
    before = everything()
    for ask in (
        lambda: create_session(draft(order), actor=MIA.actor),
        lambda: create_intent(IntentDraft(order_id=order.id), actor=MIA.actor),
        lambda: connect.start_onboarding(connect.OnboardingDraft(return_url=HOME), actor=ALICE.actor),
    ):
        with pytest.raises(Unavailable) as refused:
            ask()
        assert refused.value.code == "integration-not-configured"
    assert connect.get_status().connected  # as it was last known
    assert not connect.is_ready()
    assert everything() == before


def test_a_store_that_has_not_connected_takes_no_cards(roast, sandbox, everything):
    order = make.order()
    before = everything()
    with pytest.raises(Conflict) as refused:
        create_session(draft(order), actor=MIA.actor)
    assert refused.value.code == "stripe-not-connected"
    assert everything() == before


def test_stripe_down_is_said_so_and_the_next_try_goes_on(account, config, running_sandbox):
    order = make.order()
    stripe.configure(replace(config, stripe_api_base="http://127.0.0.1:9"))
    with pytest.raises(Unavailable) as refused:
        create_session(draft(order), actor=MIA.actor)
    assert refused.value.code == "stripe-unavailable"
    stripe.configure(replace(config, stripe_api_base=running_sandbox.url))
    attempt = create_session(draft(order), actor=MIA.actor)
    assert (attempt.number, bool(attempt.session_url)) == (1, True)


# --- hosted page ----------------------------------------------------------------------------------------------------


def test_a_page_says_whose_order_it_is_and_takes_the_platforms_fee(account, sandbox):
    order = make.order(shipping=490)
    attempt = create_session(draft(order), actor=MIA.actor)
    [session] = sandbox.get("state?kind=sessions")["sessions"]
    assert session["client_reference_id"] == session["metadata"]["order_id"] == str(order.id)
    assert session["amount_total"] == order.total == 1490
    assert session["_account"] == account
    sandbox.pay(attempt.session_id)
    [intent] = sandbox.get("state?kind=payment_intents")["payment_intents"]
    assert intent["metadata"]["order_id"] == str(order.id)
    assert intent["application_fee_amount"] == 30  # 2 % of the starter plan, half up


def test_asked_again_it_is_the_same_page(account):
    order = make.order()
    first = create_session(draft(order), actor=MIA.actor)
    again = create_session(draft(order, success_url=HOME + "/other"), actor=MIA.actor)
    assert (again.id, again.session_url) == (first.id, first.session_url)
    assert only_attempt().live_key == str(order.id)


def test_a_lost_call_is_repeated_with_its_own_key(account, sandbox):
    """The row was reserved and the answer got lost: the second call finds the page that the first one made."""
    order = make.order()
    first = create_session(draft(order), actor=MIA.actor)
    url = first.session_url
    with transaction():
        lost = db.session.get_one(PaymentAttempt, first.id)
        lost.session_id, lost.session_url = None, ""
    again = create_session(draft(order), actor=MIA.actor)
    assert (again.number, again.session_url) == (1, url)
    with transaction():
        lost = db.session.get_one(PaymentAttempt, first.id)
        lost.session_id, lost.session_url = None, ""
    other = create_session(draft(order, success_url=HOME + "/elsewhere"), actor=MIA.actor)
    assert other.number == 2
    assert other.session_url != url


def test_a_paid_page_confirms_when_the_shopper_comes_back(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    sessions.came_back(order.id)
    order = till.fresh(order)
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert only_attempt().live_key is None
    with pytest.raises(Conflict) as refused:
        create_session(draft(order), actor=MIA.actor)
    assert refused.value.code == "already-paid"


def test_paid_behind_our_back_it_is_not_asked_for_again(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    with pytest.raises(Conflict) as refused:
        create_session(draft(order), actor=MIA.actor)
    assert refused.value.code == "already-paid"
    assert till.fresh(order).status is OrderStatus.CONFIRMED


def test_a_declined_card_leaves_the_page_open_for_another(account, sandbox):
    order = make.order()
    attempt = till.pay(sandbox, order, card="4000000000000002")
    sessions.came_back(order.id)
    assert till.fresh(order).payment_status is PaymentStatus.FAILED
    assert create_session(draft(order), actor=MIA.actor).id == attempt.id
    sandbox.pay(attempt.session_id)
    sessions.came_back(order.id)
    order = till.fresh(order)
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)


def test_a_voucher_keeps_the_order_until_it_is_paid_or_runs_out(account, sandbox):
    order = make.order(payment_due_at=clock.now() + timedelta(hours=1))
    till.pay(sandbox, order, method="multibanco")
    sessions.came_back(order.id)
    order = till.fresh(order)
    assert (order.status, order.payment_status) == (OrderStatus.PENDING, PaymentStatus.PENDING)
    assert order.payment_due_at > clock.now() + timedelta(days=6)
    with pytest.raises(Conflict) as refused:
        create_session(draft(order), actor=MIA.actor)
    assert refused.value.code == "payment-in-progress"
    [intent] = sandbox.get("state?kind=payment_intents")["payment_intents"]
    sandbox.control("complete_payment", payment_intent=intent["id"])
    till.deliver_all(sandbox)
    assert till.fresh(order).status is OrderStatus.CONFIRMED


def test_a_voucher_that_failed_makes_room_for_a_new_page(account, sandbox):
    order = make.order()
    first = till.pay(sandbox, order, method="multibanco")
    sessions.came_back(order.id)
    [intent] = sandbox.get("state?kind=payment_intents")["payment_intents"]
    sandbox.control("fail_payment", payment_intent=intent["id"])
    till.deliver_all(sandbox)
    assert till.fresh(order).payment_status is PaymentStatus.FAILED
    second = create_session(draft(order), actor=MIA.actor)
    assert second.number == first.number + 1


@pytest.mark.parametrize(
    "url", ["https://evil.test/", "http://rival.localhost/", "javascript:alert(1)", "//evil.test", "", "/ok",
            "http://roast.localhost@evil.test/", "https://[roast.localhost/", "otherapp://x"],
)  # fmt: skip
def test_only_the_stores_own_addresses_are_returned_to(account, everything, url):
    order = make.order()
    before = everything()
    with pytest.raises(Invalid) as refused:
        create_session(draft(order, success_url=url), actor=MIA.actor)
    assert refused.value.errors[0].field == "success_url"
    assert everything() == before


def test_a_listed_app_scheme_is_returned_to(account):
    with transaction():
        db.session.get_one(Tenant, tenants.current().id).cors_origins = ["roastapp://", "https://app.test"]
    tenants.forget()
    connect.check_return_url("success_url", "roastapp://orders/done")
    with pytest.raises(Invalid):
        connect.check_return_url("success_url", "https://app.test/done")


# --- who may pay ----------------------------------------------------------------------------------------------------


def test_an_order_is_paid_by_its_owner_its_link_or_staff(account, everything):
    order = make.order(customer_id=CARLA.id)
    before = everything()
    for actor, kind in (
        (CARL.actor, Invalid),
        (GUEST, Invalid),
        (Actor("order", order_id=MIA.id), Forbidden),
    ):
        with pytest.raises(kind):
            create_session(draft(order), actor=actor)
    assert everything() == before
    for actor in (CARLA.actor, Actor("order", order_id=order.id), MIA.actor):
        assert create_session(draft(order), actor=actor).session_url


@pytest.mark.parametrize("state", [OrderStatus.CANCELLED, OrderStatus.EXPIRED])
def test_what_is_over_is_not_paid_for(account, everything, state):
    order = make.order(status=state)
    before = everything()
    with pytest.raises(Conflict) as refused:
        create_session(draft(order), actor=MIA.actor)
    assert refused.value.code == "order-not-payable"
    assert everything() == before


def test_the_other_stores_order_is_unknown(account, everything):
    order = make.order()
    before = everything()
    with tenants.in_store(RIVAL), pytest.raises(Invalid):
        create_intent(IntentDraft(order_id=order.id), actor=ALICE.actor)
    assert everything() == before


# --- intents --------------------------------------------------------------------------------------------------------


def test_an_intent_is_the_same_until_it_is_paid(account, sandbox):
    order = make.order()
    first = create_intent(IntentDraft(order_id=order.id), actor=MIA.actor)
    assert create_intent(IntentDraft(order_id=order.id), actor=MIA.actor) == first
    assert (first.amount, first.currency, first.account_id) == (order.total, "EUR", account)
    assert first.publishable_key
    sandbox.control("pay", payment_intent=first.payment_intent_id)
    till.deliver_all(sandbox)
    assert till.fresh(order).status is OrderStatus.CONFIRMED


def test_of_page_and_intent_only_the_later_one_can_be_paid(account, sandbox):
    order = make.order()
    page = create_session(draft(order), actor=MIA.actor)
    intent = create_intent(IntentDraft(order_id=order.id), actor=MIA.actor)
    with pytest.raises(Exception, match="expired|open"):
        sandbox.pay(page.session_id)
    create_session(draft(order), actor=MIA.actor)
    with pytest.raises(Exception, match="canceled|status"):
        sandbox.control("pay", payment_intent=intent.payment_intent_id)
    live = db.session.scalars(select(PaymentAttempt).where(PaymentAttempt.live_key.is_not(None))).one()
    assert (live.kind, live.number) == ("session", 3)


# --- leaving the page, and time -------------------------------------------------------------------------------------


def test_an_unpaid_page_is_closed_before_the_order_expires(account, sandbox):
    order = make.order(payment_due_at=clock.now() + timedelta(hours=1))
    page = till.hosted_page(order)
    with clock.at(clock.now() + timedelta(hours=2)):
        expiry.expire_due()
    assert till.fresh(order).status is OrderStatus.EXPIRED
    assert only_attempt().status is AttemptStatus.EXPIRED
    with pytest.raises(Exception, match="expired|open"):
        sandbox.pay(page.session_id)


def test_what_was_paid_in_the_last_second_does_not_expire(account, sandbox):
    order = make.order(payment_due_at=clock.now() + timedelta(hours=1))
    till.pay(sandbox, order)
    with clock.at(clock.now() + timedelta(hours=2)):
        expiry.expire_due()
    order = till.fresh(order)
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)


def test_with_stripe_away_nothing_expires_until_no_page_can_be_open(account, config):
    due = clock.now() + timedelta(hours=1)
    order = make.order(payment_due_at=due)
    till.hosted_page(order)
    stripe.configure(replace(config, stripe_api_base="http://127.0.0.1:9"))
    with clock.at(due + timedelta(hours=1)):
        expiry.expire_due()
    assert till.fresh(order).status is OrderStatus.PENDING
    with clock.at(due + timedelta(days=3)):
        expiry.expire_due()
    assert till.fresh(order).status is OrderStatus.EXPIRED


def test_what_turns_out_to_be_paid_is_not_cancelled(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    with pytest.raises(Conflict) as refused:
        status.cancel_order(order.id, actor=MIA.actor)
    assert refused.value.code == "illegal-transition"
    assert till.fresh(order).status is OrderStatus.CONFIRMED


def test_a_shopper_does_not_cancel_under_a_voucher_but_staff_withdraw_it(account, sandbox):
    order = make.order(customer_id=CARLA.id)
    till.pay(sandbox, order, method="multibanco")
    with pytest.raises(Conflict) as refused:
        status.cancel_order(order.id, actor=CARLA.actor)
    assert refused.value.code == "payment-in-progress"
    assert status.cancel_order(order.id, actor=MIA.actor).status is OrderStatus.CANCELLED
    [intent] = sandbox.get("state?kind=payment_intents")["payment_intents"]
    assert intent["status"] == "canceled"


def test_marked_as_paid_by_hand_its_page_is_closed(account, sandbox):
    order = make.order()
    page = till.hosted_page(order)
    paid = offline.mark_paid(order.id, actor=MIA.actor, note="cash")
    assert (paid.status, paid.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    with pytest.raises(Exception, match="expired|open"):
        sandbox.pay(page.session_id)
    with pytest.raises(Conflict) as refused:
        offline.mark_paid(order.id, actor=MIA.actor)
    assert refused.value.code == "already-paid"


def test_marked_as_paid_by_hand_when_stripe_has_the_money_it_counts_once(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    paid = offline.mark_paid(order.id, actor=MIA.actor)
    assert (paid.captured_total, paid.payment_status) == (order.total, PaymentStatus.PAID)
    assert db.session.scalars(select(OrphanPayment)).all() == []


def test_bank_transfers_never_ask_stripe(roast, config):
    stripe.configure(replace(config, stripe_secret_key=""))
    order = make.order(payment_method=PaymentMethod.BANK_TRANSFER, payment_due_at=clock.now())
    other = make.order(payment_method=PaymentMethod.BANK_TRANSFER)
    try:
        with clock.at(clock.now() + timedelta(days=1)):
            expiry.expire_due()
        offline.mark_paid(other.id, actor=MIA.actor)
    finally:
        stripe.configure(config)
    assert reading.get_order(order.id).status is OrderStatus.EXPIRED
    assert reading.get_order(other.id).status is OrderStatus.CONFIRMED


# --- the account ----------------------------------------------------------------------------------------------------


def test_onboarding_opens_one_account(roast, sandbox):
    draft_ = connect.OnboardingDraft(return_url=HOME + "/admin")
    first = connect.start_onboarding(draft_, actor=ALICE.actor)
    connect.start_onboarding(draft_, actor=ALICE.actor)
    assert first.expires_at > clock.now()
    assert len(sandbox.get("state?kind=accounts")["accounts"]) == 1
    found = connect.get_status()
    assert (found.connected, found.charges_enabled) == (True, False)
    assert found.requirements
    assert not connect.is_ready()
    sandbox.control("onboard", account=found.account_id)
    assert connect.get_status().charges_enabled
    assert connect.is_ready()
    with tenants.in_store(RIVAL):
        assert connect.get_status() == connect.ConnectStatus(connected=False)


def test_balance_payout_and_lists(account, sandbox):
    till.paid(sandbox, make.order())
    balance = connect.get_balance()
    assert [currency for _amount, currency in balance.available] == ["EUR"]
    payout = connect.create_payout(connect.PayoutDraft(amount="1.00"), actor=ALICE.actor)
    assert (payout.amount, payout.currency) == (100, "EUR")
    with pytest.raises(ShopError):
        connect.create_payout(connect.PayoutDraft(amount="1000000.00"), actor=ALICE.actor)
    first = connect.list_movements(1)
    assert first.has_more
    assert connect.list_movements(1, first.next_cursor).items[0].id != first.items[0].id
    assert [p.id for p in connect.list_payouts(10).items] == [payout.id]


def test_an_account_is_one_stores_only(account):
    with tenants.in_store(RIVAL):
        assert db.session.scalars(select(StripeAccount)).all() == []
    assert attempts.find_live(MIA.id) is None


def test_a_refusal_that_people_meet_is_said_in_our_words(account):
    """Less than Stripe takes: the order stays, and another way can be chosen."""
    order = make.order(Line(make.product("Sticker", price=30), price=30))
    with pytest.raises(StripeRefused) as refused:
        till.hosted_page(order)
    assert refused.value.message == "This amount is too small to be paid by card."
    assert refused.value.reason == "amount_too_small"
    assert till.fresh(order).status is OrderStatus.PENDING
