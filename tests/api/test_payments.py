"""Payments over the API: who may pay, what is answered, and webhooks at either address."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from gateways import stripe
from kit.db import db, transaction
from kit.tenancy import every_tenant
from models.orders import Order, OrderStatus, PaymentStatus
from models.outbox import OutboxMessage
from models.payments import WebhookEvent
from models.tenants import Tenant, TenantStatus
from services.orders import access
from services.payments import webhooks
from tests import make, till
from tests.cast import ALICE, CARL, CARLA, MIA, RITA, ROAST

HOME = "http://roast.localhost"


@pytest.fixture
def order(roast, sandbox) -> Order:
    """As it was made, apart from the session: what happens later does not show here."""
    till.open_till(sandbox)
    made = make.order(customer_id=CARLA.id)
    db.session.expunge_all()
    return made


def problem(answer) -> str:
    return answer.json["type"].rpartition("/")[2]


def work() -> None:
    """What the worker does with what came in."""
    with every_tenant():
        waiting = list(db.session.scalars(select(WebhookEvent.id).where(WebhookEvent.status == "received")))
    for event_id in waiting:
        webhooks.process(event_id)


def test_from_order_to_paid(api, order, sandbox):
    body = {"order_id": str(order.id), "success_url": HOME + "/ok", "cancel_url": HOME + "/no"}
    answer = api.as_(CARLA).post("/api/checkout/create-session", json=body)
    assert answer.status_code == 200
    assert set(answer.json) == {"session_id", "url", "expires_at"}
    sandbox.pay(answer.json["session_id"])
    for event in till.events(sandbox):
        raw, signature = till.signed(event)
        came = api.post("/api/webhooks/stripe", data=raw, headers={"Stripe-Signature": signature})
        assert (came.status_code, came.json) == (200, {"received": True})
    work()
    assert till.fresh(order).status is OrderStatus.CONFIRMED


def test_without_return_addresses_the_stores_own_pages_serve(api, order, sandbox):
    answer = api.with_token(access.issue_token(order)).post(
        "/api/checkout/create-session", json={"order_id": str(order.id)}
    )
    assert answer.status_code == 200, answer.text
    [session] = sandbox.get("state?kind=sessions")["sessions"]
    assert session["success_url"].startswith(HOME + "/orders/")


def test_an_intent_for_another_front_end(api, order):
    token = access.issue_token(order)
    body = {"order_id": str(order.id)}
    first = api.with_token(token).post("/api/payments/create-intent", json=body).json
    again = api.as_(CARLA).post("/api/payments/create-intent", json=body).json
    assert first == again
    assert (first["amount"], first["currency"]) == ("10.00", "EUR")
    assert first["client_secret"].startswith(first["payment_intent_id"])


@pytest.mark.parametrize("path", ["/api/checkout/create-session", "/api/payments/create-intent"])
def test_who_may_not_pay(api, order, everything, path):
    other = make.order()
    other_token = access.issue_token(other)
    carl, rita = api.as_(CARL), api.as_(RITA)
    body = {"order_id": str(order.id)}
    urls = {"success_url": HOME + "/ok", "cancel_url": HOME} if "session" in path else {}
    before = everything()
    assert api.post(path, json=body | urls).status_code == 401
    assert carl.post(path, json=body | urls).status_code == 422
    foreign = dict.fromkeys(urls, "http://rival.localhost/")
    assert rita.post(path, json=body | foreign).status_code == 422
    assert api.with_token(other_token).post(path, json=body | urls).status_code == 403
    assert carl.post(path, json=body | {"nots": 1}).status_code == 422
    assert everything() == before


def test_refunds_are_the_admins(api, order, sandbox, everything):
    till.paid(sandbox, order)
    order = till.fresh(order)
    alice, mia, rita = api.as_(ALICE), api.as_(MIA), api.as_(RITA)
    body = {"order_id": str(order.id), "amount": "4.00", "reason": "Late"}
    before = everything()
    assert mia.post("/api/payments/refund", json=body).status_code == 403
    assert rita.post("/api/payments/refund", json=body).status_code == 422
    assert alice.post("/api/payments/refund", json=body | {"amount": "10.01"}).status_code == 409
    assert everything() == before
    for _ in range(2):
        answer = alice.post("/api/payments/refund", json=body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201
        assert (answer.json["amount"], answer.json["status"], answer.json["order_id"]) == (
            "4.00", "succeeded", str(order.id))  # fmt: skip
        assert answer.headers["Location"] == f"/api/orders/{order.id}"
    rest = alice.post("/api/payments/refund", json={"order_id": str(order.id)})
    assert rest.json["amount"] == "6.00"
    assert till.fresh(order).payment_status is PaymentStatus.REFUNDED


def test_connecting_over_the_api(roast, sandbox, api):
    alice = api.as_(ALICE)
    assert alice.get("/api/payments/connect/status").json["connected"] is False
    assert problem(alice.get("/api/payments/connect/balance")) == "stripe-not-connected"
    link = alice.post("/api/payments/connect/onboard")
    assert (link.status_code, set(link.json)) == (200, {"url", "expires_at"})
    status = alice.get("/api/payments/connect/status").json
    assert (status["connected"], status["charges_enabled"]) == (True, False)
    sandbox.control("onboard", account=status["account_id"])
    assert alice.get("/api/payments/connect/status").json["charges_enabled"] is True
    evil = alice.post("/api/payments/connect/onboard", json={"return_url": "https://evil.test/"})
    assert evil.status_code == 422
    assert api.as_(RITA).get("/api/payments/connect/status").json["connected"] is False


def test_balance_and_lists_over_the_api(api, order, sandbox):
    till.paid(sandbox, order)
    alice = api.as_(ALICE)
    assert alice.get("/api/payments/connect/balance").json["available"] == [
        {"amount": "9.40", "currency": "EUR"}
    ]
    payout = alice.post("/api/payments/connect/payout", json={"amount": "1.00"})
    assert (payout.status_code, payout.json["amount"]) == (201, "1.00")
    first = alice.get("/api/payments/connect/transactions?limit=1").json
    assert (len(first["items"]), first["has_more"]) == (1, True)
    second = alice.get(f"/api/payments/connect/transactions?limit=1&cursor={first['next_cursor']}").json
    assert second["items"][0]["id"] != first["items"][0]["id"]
    assert [p["id"] for p in alice.get("/api/payments/connect/payouts").json["items"]] == [payout.json["id"]]
    assert alice.get("/api/payments/connect/payouts?cursor=a/b").status_code == 422


def test_not_configured_is_503_and_status_still_answers(api, order, config):
    alice = api.as_(ALICE)
    stripe.configure(replace(config, stripe_secret_key="", stripe_webhook_secrets=()))
    answer = alice.post("/api/payments/create-intent", json={"order_id": str(order.id)})
    assert (answer.status_code, problem(answer)) == (503, "integration-not-configured")
    assert alice.get("/api/payments/connect/status").status_code == 200
    assert api.post("/api/webhooks/stripe", data=b"{}").status_code == 503


# --- webhooks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/webhooks/stripe", "/api/payments/webhook"])
@pytest.mark.parametrize("host", ["roast.localhost", "rival.localhost", "localhost"])
def test_events_come_in_at_both_addresses_on_any_host_once(api, order, sandbox, path, host):
    till.pay(sandbox, order)
    raw, signature = till.signed(till.events(sandbox, "payment_intent.succeeded")[0])
    for _ in range(5):
        answer = api.post(f"http://{host}{path}", data=raw, headers={"Stripe-Signature": signature})
        assert answer.status_code == 200, answer.text
    with every_tenant():
        assert db.session.scalars(select(WebhookEvent.tenant_id)).all() == [ROAST]
        posted = select(OutboxMessage).where(OutboxMessage.topic == "webhook.received")
        assert len(db.session.scalars(posted).all()) == 1
    work()
    assert till.fresh(order).status is OrderStatus.CONFIRMED


def test_a_bad_signature_is_a_400_and_keeps_nothing(api, order, sandbox, everything):
    till.pay(sandbox, order)
    raw, signature = till.signed(till.events(sandbox, "payment_intent.succeeded")[0])
    before = everything()
    for data, header in ((raw + b" ", signature), (raw, "t=1,v1=x"), (b"", signature), (raw, "")):
        answer = api.post("/api/webhooks/stripe", data=data, headers={"Stripe-Signature": header})
        assert (answer.status_code, problem(answer)) == (400, "bad-signature")
    assert everything() == before


def test_a_huge_body_is_refused_unread(api, order, everything):
    before = everything()
    assert api.post("/api/webhooks/stripe", data=b"x" * 600_000).status_code == 413
    assert everything() == before


def test_a_suspended_store_still_takes_events_in(api, order, sandbox):
    till.pay(sandbox, order)
    with transaction():
        db.session.get_one(Tenant, ROAST).status = TenantStatus.SUSPENDED
    raw, signature = till.signed(till.events(sandbox, "payment_intent.succeeded")[0])
    assert (
        api.post("/api/webhooks/stripe", data=raw, headers={"Stripe-Signature": signature}).status_code == 200
    )
    work()
    assert till.fresh(order).payment_status is PaymentStatus.PAID
