"""Deliveries: signed, repeated, late, out of order, spoiled, lost."""

import time

import pytest
import stripe

from tests.sandbox.conftest import Receiver, Shop, wait_for
from tests.stripe_sandbox import SECRET, StripeSandbox


def test_signed_and_named_after_the_account(
    shop: Shop, receiver: Receiver, stripe_sandbox: StripeSandbox
) -> None:
    stripe_sandbox.pay(shop.session().id)
    events = receiver.wait(4)
    assert {event.type for event in events} == {
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    }
    assert all(event.account == shop.account for event in events)
    assert all(event.api_version == "2026-10-28.endive" for event in events)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(receiver.got[0][1], receiver.got[0][0], "whsec_other")


def test_the_platforms_own_events_name_no_account(client: stripe.StripeClient, receiver: Receiver) -> None:
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, {"idempotency_key": "mine"})
    event = receiver.wait(1)[0]
    assert "account" not in event
    assert event.request and event.request.idempotency_key == "mine"
    assert event.data.object["id"] == intent.id


def test_tried_again_until_taken(shop: Shop, receiver: Receiver, stripe_sandbox: StripeSandbox) -> None:
    receiver.status = 500
    shop.v1.payment_intents.create({"amount": 500, "currency": "eur"}, shop.options)
    wait_for(lambda: len(receiver.got) >= 1)
    receiver.status = 200
    wait_for(lambda: stripe_sandbox.get("deliveries")["deliveries"][0]["status"] == "delivered")
    assert len({event.id for event in receiver.events()}) == 1
    assert stripe_sandbox.get("deliveries")["deliveries"][0]["attempt"] >= 2


def test_given_up_after_the_last_delay(shop: Shop, receiver: Receiver, stripe_sandbox: StripeSandbox) -> None:
    receiver.status = 500
    shop.v1.payment_intents.create({"amount": 500, "currency": "eur"}, shop.options)
    wait_for(lambda: stripe_sandbox.get("deliveries")["deliveries"][0]["status"] == "failed")
    assert len(receiver.got) == 3


def test_lost_deliveries_can_be_sent_later(
    shop: Shop, receiver: Receiver, stripe_sandbox: StripeSandbox
) -> None:
    stripe_sandbox.control("settings", deliver=False)
    shop.v1.payment_intents.create({"amount": 500, "currency": "eur"}, shop.options)
    event = stripe_sandbox.get("events")["events"][-1]
    assert stripe_sandbox.get("deliveries")["deliveries"][0]["status"] == "lost"
    time.sleep(0.3)
    assert receiver.got == []
    stripe_sandbox.control("resend", event=event["id"], copies=2)
    assert [found.id for found in receiver.wait(2)] == [event["id"]] * 2


@pytest.mark.parametrize("spoil", ["signature", "body", "old"])
def test_spoiled(shop: Shop, receiver: Receiver, stripe_sandbox: StripeSandbox, spoil: str) -> None:
    shop.v1.payment_intents.create({"amount": 500, "currency": "eur"}, shop.options)
    event = receiver.wait(1)[0]
    stripe_sandbox.control("resend", event=event.id, spoil=spoil)
    wait_for(lambda: len(receiver.got) == 2)
    signature, body = receiver.got[1]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, SECRET)


def test_held_back_and_sent_in_reverse(shop: Shop, receiver: Receiver, stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.control("settings", hold=True)
    stripe_sandbox.pay(shop.session().id)
    happened = [event["id"] for event in stripe_sandbox.get("events")["events"]][-4:]
    stripe_sandbox.control("settings", hold=False)
    assert stripe_sandbox.control("release", order="reversed")["queued"] == 4
    assert [event.id for event in receiver.wait(4)] == happened[::-1]
    receiver.got.clear()
    stripe_sandbox.control("resend", event=happened[-1], reversed=3)
    assert [event.id for event in receiver.wait(3)] == happened[:0:-1]


def test_endpoints_made_by_the_api(
    shop: Shop, client: stripe.StripeClient, receiver: Receiver, stripe_sandbox: StripeSandbox
) -> None:
    stripe_sandbox.control("settings", webhook_url="")
    made = client.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["checkout.session.completed"], "connect": True}
    )
    assert made.secret and made.secret.startswith("whsec_")
    stripe_sandbox.pay(shop.session().id)
    wait_for(lambda: len(receiver.got) == 1)
    signature, body = receiver.got[0]
    event = stripe.Webhook.construct_event(body, signature, made.secret)
    assert event.type == "checkout.session.completed"
    assert client.v1.webhook_endpoints.delete(made.id).deleted is True
