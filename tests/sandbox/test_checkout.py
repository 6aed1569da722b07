"""From the session to the money: cards, declines, confirmations, delayed methods, expiry."""

import time
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import Shop, wait_for
from tests.stripe_sandbox import Refused, StripeSandbox


def test_paid_by_card(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session(payment_intent_data={"application_fee_amount": 100, "metadata": {"order": "1"}})
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert session.url == f"{stripe_sandbox.url}/pay/{session.id}"

    paid = stripe_sandbox.pay(session.id, email="carla@example.com")

    assert paid["redirect"] == f"https://roast.example/done?s={session.id}"
    after = shop.v1.checkout.sessions.retrieve(
        session.id,
        {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]},
        shop.options,
    )
    assert (after.status, after.payment_status) == ("complete", "paid")
    assert after.customer_details and after.customer_details.email == "carla@example.com"
    intent: Any = after.payment_intent
    assert intent.status == "succeeded" and intent.metadata["order"] == "1"
    assert intent.amount_received == 2500
    charge = intent.latest_charge
    assert charge.balance_transaction.fee == 63 + 100  # 1.5 % + 25, and the platform's part
    assert after.line_items and after.line_items.data[0].description == "Mug"
    assert shop.available() == 2500 - 163
    assert shop.v1.application_fees.list().data[0].charge == charge.id


def test_declined_then_paid_with_the_same_intent(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session()
    declined = stripe_sandbox.pay(session.id, card="4000000000009995")
    assert declined["status"] == "open"
    assert declined["error"]["decline_code"] == "insufficient_funds"
    paid = stripe_sandbox.pay(session.id)
    assert paid["payment_status"] == "paid"
    assert paid["payment_intent"]["id"] == declined["payment_intent"]["id"]
    charges = shop.v1.charges.list({"payment_intent": paid["payment_intent"]["id"]}, shop.options).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_a_session_is_paid_once(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session()
    stripe_sandbox.pay(session.id)
    with pytest.raises(Refused):
        stripe_sandbox.pay(session.id)
    assert len(shop.v1.charges.list({}, shop.options).data) == 1


def test_confirmation_at_the_bank(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session()
    asked = stripe_sandbox.pay(session.id, card="4000002500003155")
    assert asked["next_action"]["type"] == "redirect_to_url"
    intent = asked["payment_intent"]["id"]
    assert shop.intent(intent).status == "requires_action"
    refused = stripe_sandbox.control("authenticate", payment_intent=intent, succeeds=False)
    assert refused["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert shop.look(session).status == "open"
    again = stripe_sandbox.pay(session.id, card="4000002500003155", authenticate=True)
    assert again["payment_status"] == "paid"
    other = stripe_sandbox.pay(shop.session().id, card="4000008400001629", authenticate=True)
    assert other["error"]["code"] == "card_declined"


@pytest.mark.parametrize("method", ["multibanco", "mb_way", "sepa_debit"])
def test_delayed_methods(shop: Shop, stripe_sandbox: StripeSandbox, method: str) -> None:
    good, bad = shop.session(), shop.session()
    for session in (good, bad):
        waiting = stripe_sandbox.pay(session.id, method=method)
        assert (waiting["status"], waiting["payment_status"]) == ("complete", "unpaid")
    stripe_sandbox.control("complete_payment", payment_intent=str(shop.look(good).payment_intent))
    stripe_sandbox.control("fail_payment", payment_intent=str(shop.look(bad).payment_intent))
    assert shop.look(good).payment_status == "paid"
    assert shop.intent(shop.look(good).payment_intent).status == "succeeded"
    assert shop.look(bad).payment_status == "unpaid"
    assert shop.intent(shop.look(bad).payment_intent).status == "requires_payment_method"
    types = [event["type"] for event in stripe_sandbox.get("events")["events"]]
    assert types.count("checkout.session.completed") == 2
    assert types.count("checkout.session.async_payment_succeeded") == 1
    assert types.count("checkout.session.async_payment_failed") == 1


def test_delayed_method_by_the_clock(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.control("settings", delayed_after=0)
    session = shop.session()
    assert stripe_sandbox.pay(session.id, method="multibanco")["payment_status"] == "unpaid"
    # By the background thread, without anyone asking.
    wait_for(
        lambda: bool(stripe_sandbox.get("events?type=checkout.session.async_payment_succeeded")["events"])
    )
    assert shop.look(session).payment_status == "paid"


def test_voucher_cancelled_by_the_shop(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session()
    intent = stripe_sandbox.pay(session.id, method="multibanco")["payment_intent"]["id"]
    assert shop.v1.payment_intents.cancel(intent, {}, shop.options).status == "canceled"
    with pytest.raises(Refused):
        stripe_sandbox.control("complete_payment", payment_intent=intent)
    assert shop.look(session).payment_status == "unpaid"


def test_expired_by_the_shop(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session()
    intent = stripe_sandbox.pay(session.id, card="4000000000000002")["payment_intent"]["id"]
    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        shop.v1.payment_intents.cancel(intent, {}, shop.options)
    assert shop.v1.checkout.sessions.expire(session.id, {}, shop.options).status == "expired"
    assert shop.intent(intent).status == "canceled"
    with pytest.raises(Refused):
        stripe_sandbox.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        shop.v1.checkout.sessions.expire(session.id, {}, shop.options)


def test_expires_at_its_time(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    past = int(time.time()) - 5
    stripe_sandbox.control(
        "import",
        sessions=[
            {
                "id": "cs_test_old",
                "account": shop.account,
                "amount_total": 900,
                "status": "open",
                "created": past - 1800,
                "expires_at": past,
            }
        ],
    )
    assert shop.v1.checkout.sessions.retrieve("cs_test_old", {}, shop.options).status == "expired"
    assert len(stripe_sandbox.get("events?type=checkout.session.expired")["events"]) == 1


def test_nothing_to_pay(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session(amount=0)
    paid = stripe_sandbox.pay(session.id)
    assert (paid["payment_status"], paid["payment_intent"]) == ("no_payment_required", None)


def test_reserved_then_captured(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session(payment_intent_data={"capture_method": "manual"})
    intent = stripe_sandbox.pay(session.id)["payment_intent"]
    assert (intent["status"], intent["amount_capturable"]) == ("requires_capture", 2500)
    assert shop.look(session).payment_status == "unpaid"
    captured = shop.v1.payment_intents.capture(intent["id"], {"amount_to_capture": 2000}, shop.options)
    assert (captured.status, captured.amount_received) == ("succeeded", 2000)
    assert shop.look(session).payment_status == "paid"
    types = [event["type"] for event in stripe_sandbox.get("events")["events"]]
    assert "payment_intent.amount_capturable_updated" in types


def test_intent_confirmed_by_the_api(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1500, "currency": "eur"}, shop.options)
    assert intent.status == "requires_payment_method" and intent.client_secret
    changed = shop.v1.payment_intents.update(
        intent.id, {"amount": 1600, "metadata": {"order": "2"}}, shop.options
    )
    assert (changed.amount, changed.metadata["order"]) == (1600, "2")
    with pytest.raises(stripe.CardError) as declined:
        shop.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"}, shop.options)
    assert declined.value.code == "card_declined"
    assert declined.value.http_status == 402
    # The failed try stays.
    assert shop.intent(intent.id).last_payment_error is not None
    done = shop.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}, shop.options)
    assert done.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as again:
        shop.v1.payment_intents.cancel(intent.id, {}, shop.options)
    assert again.value.code == "payment_intent_unexpected_state"


def test_a_debit_is_not_called_back(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    session = shop.session()
    intent = stripe_sandbox.pay(session.id, method="sepa_debit", email="a@example.com")["payment_intent"][
        "id"
    ]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.cancel(intent, {}, shop.options)
    assert refused.value.code == "payment_intent_unexpected_state"
    stripe_sandbox.control("complete_payment", payment_intent=intent)
    assert shop.look(session).payment_status == "paid"
