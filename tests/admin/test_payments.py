"""The back office's payments: who sees and does what, what stands there, and what a refusal leaves as it was."""

import re

import pytest
from sqlalchemy import select

from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.ids import uuid7
from kit.tenancy import every_tenant
from models.audit import AuditEntry
from models.orders import OrderStatus
from models.outbox import OutboxMessage
from models.payments import (
    Dispute,
    OrphanPayment,
    PaymentAttempt,
    PaymentCheck,
    PaymentFinding,
    StripeAccount,
    WebhookEvent,
)
from services import tenants
from services.payments import connect, reconciliation
from tests import make, till
from tests.cast import ALICE, MIA, RIVAL, STAN


@pytest.fixture
def account(roast, sandbox) -> str:
    return till.open_till(sandbox)


@pytest.fixture
def alice(browser, roast):
    return browser.as_(ALICE)


def orphan(sandbox, account, amount=1234) -> OrphanPayment:
    sandbox.control("unknown_charge", account=account, amount=amount)
    till.deliver_all(sandbox)
    return db.session.scalars(select(OrphanPayment)).one()


# --- the first page ---------------------------------------------------------------------------------------------------


def test_without_an_account_the_way_to_one_is_shown(alice):
    html = alice.get("/admin/payments").text
    assert "No account at Stripe yet" in html and "Connect with Stripe" in html
    assert "Bank transfer" in html


def test_balance_movements_and_the_accounts_state(account, sandbox, alice, browser):
    till.paid(sandbox, make.order())
    html = alice.get("/admin/payments").text
    assert "Free for a payout" in html and account in html and "Payouts on" in html
    assert "€10.00" in html and "Payment" in html  # the movement
    assert "Cards" in html
    manager = browser.as_(MIA).get("/admin/payments").text
    assert "Free for a payout" not in manager and account not in manager


def test_what_stripe_asks_for_is_said_in_words(account, sandbox, alice):
    with transaction():
        row = db.session.scalars(select(StripeAccount)).one()
        row.charges_enabled = False
        row.disabled_reason = "requirements.past_due"
        row.requirements = [
            "representative.dob.day",
            "representative.dob.year",
            "external_account",
            "new.thing",
        ]
    for path in ("/admin/payments", "/admin/settings/payments"):
        html = alice.get(path).text
        assert html.count("Representative: date of birth") == 1 and "Bank account for payouts" in html
        assert "New: thing" in html and "Something that Stripe asked for is overdue." in html


def test_stripe_away_the_page_is_there_all_the_same(account, alice, config):
    from dataclasses import replace

    from gateways import stripe

    stripe.configure(replace(config, stripe_api_base="http://127.0.0.1:9"))
    for path in ("/admin/payments", "/admin/payments/payouts", "/admin/payments/movements"):
        answer = alice.get(path)
        assert answer.status_code == 200 and "Stripe does not answer" in answer.text, path


def test_a_payout_is_made_once_and_more_than_there_is_is_refused(
    account, sandbox, alice, browser, everything
):
    till.pay(sandbox, make.order(), card="4000000000000077")  # this card's money is free at once
    till.deliver_all(sandbox)
    key = re.search(r'name="idempotency_key" value="([^"]+)"', alice.get("/admin/payments").text)[1]
    mia = browser.as_(MIA)
    before = everything()
    assert mia.post("/admin/payments/payout", data={"amount": "1.00"}).status_code == 403
    for wrong in ("999.00", "", "-1", "much"):
        answer = alice.post("/admin/payments/payout", data={"amount": wrong})
        assert answer.status_code in (409, 422), wrong
    assert everything() == before
    for _ in range(2):
        sent = {"amount": "2.50", "idempotency_key": key}
        assert alice.post("/admin/payments/payout", data=sent).status_code == 303
    assert [p["amount"] for p in sandbox.get("state?kind=payouts")["payouts"]] == [250]
    assert "€2.50" in alice.get("/admin/payments/payouts").text


def test_long_lists_go_on_and_back_to_the_start(account, sandbox, alice, monkeypatch):
    from admin.payments import overview

    monkeypatch.setattr(overview, "ROWS", 2)
    for _ in range(3):
        till.pay(sandbox, make.order())
    first = alice.get("/admin/payments/movements").text
    older = re.search(r'href="(/admin/payments/movements\?after=[^"]+)"', first)[1]
    last = alice.get(older).text
    assert "To the newest" in last and "Older ones" not in last
    assert alice.get("/admin/payments/movements?after=<x>").status_code == 200


# --- disputes ---------------------------------------------------------------------------------------------------------


def test_a_dispute_stands_with_its_deadline_and_the_way_to_stripe(account, sandbox, browser):
    order = till.paid(sandbox, make.order())
    [charge] = sandbox.get("state?kind=charges")["charges"]
    sandbox.control("dispute", charge=charge["id"], reason="product_not_received")
    till.deliver_all(sandbox)
    html = browser.as_(STAN).get("/admin/payments/disputes").text
    for text in (
        order.order_number,
        "Needs an answer",
        "The goods did not arrive",
        "€10.00",
        "Hand in evidence",
    ):
        assert text in html, text
    assert f'href="{sandbox.url}/?account={account}"' in html
    assert 'href="/admin/payments/disputes"' in browser.as_(STAN).get("/admin").text
    assert "No disputes match" in browser.as_(STAN).get("/admin/payments/disputes?state=won").text
    case = db.session.scalars(select(Dispute)).one()
    sandbox.control("lose_dispute", dispute=case.provider_id)
    till.deliver_all(sandbox)
    html = browser.as_(STAN).get("/admin/payments/disputes").text
    assert "Lost" in html and "Hand in evidence" not in html


def test_disputes_are_read_in_few_queries(account, sandbox, browser):
    from tests.queries import count_queries

    face = browser.as_(STAN)

    def look() -> int:
        face.get("/admin/payments/disputes")
        with count_queries() as seen:
            assert face.get("/admin/payments/disputes").status_code == 200
        return len(seen)

    def dispute() -> None:
        order = make.paid_order()
        with transaction():
            db.session.add(
                Dispute(order_id=order.id, provider_id=f"du_{uuid7()}", status="open", amount=1000)
            )

    dispute()
    one = look()
    for _ in range(5):
        dispute()
    assert look() == one


# --- payments without an order ----------------------------------------------------------------------------------------


def test_a_payment_without_an_order_is_kept_given_back_or_put_to_its_order(
    account, sandbox, alice, browser, everything
):
    ident, url = orphan(sandbox, account, 1000).id, "/admin/payments/unexpected"
    mia, stan = browser.as_(MIA), browser.as_(STAN)
    html = alice.get(url).text
    assert "€10.00" in html and "It names no order of this shop" in html
    manager = mia.get(url).text
    assert "Put to this order" in manager and "Give back" not in manager
    before = everything()
    for what in ("refund", "accept"):
        assert mia.post(f"{url}/{ident}/{what}").status_code == 403
    assert stan.post(f"{url}/{ident}/attach", data={"order_number": "T-1"}).status_code == 403
    for number in ("", "T-nothing", "x" * 50, "\x00"):
        assert alice.post(f"{url}/{ident}/attach", data={"order_number": number}).status_code == 303, number
    for what in ("refund", "accept", "attach"):
        assert alice.post(f"{url}/{uuid7()}/{what}", data={"order_number": "T-1"}).status_code == 404
    assert everything() == before
    order = make.order()
    sent = {"order_number": f" #{order.order_number} "}
    assert mia.post(f"{url}/{ident}/attach", data=sent).status_code == 303
    assert till.fresh(order).status is OrderStatus.CONFIRMED
    assert "Every payment has its order" in alice.get(url).text
    assert "Put to an order" in alice.get(f"{url}?show=all").text


def test_given_back_and_kept(account, sandbox, alice):
    ident, url = orphan(sandbox, account).id, "/admin/payments/unexpected"
    assert alice.post(f"{url}/{ident}/refund").status_code == 303
    assert [r["amount"] for r in sandbox.get("state?kind=refunds")["refunds"]] == [1234]
    alice.post(f"{url}/{ident}/accept")
    assert db.session.get_one(OrphanPayment, ident, populate_existing=True).resolved_as == "refunded"


# --- Stripe's messages ------------------------------------------------------------------------------------------------


def test_the_inbox_says_what_a_message_did_and_does_it_again(account, sandbox, alice, browser):
    order = till.paid(sandbox, make.order())
    html = alice.get("/admin/payments/messages").text
    assert "payment_intent.succeeded" in html and "Order confirmed" in html
    assert f'href="/admin/orders/{order.id}"' in html
    with every_tenant():
        query = select(WebhookEvent).where(WebhookEvent.type == "payment_intent.succeeded")
        event_id = db.session.scalars(query).one().id
    page = alice.get(f"/admin/payments/messages/{event_id}").text
    assert "•••" in page and "client_secret" in page and "_secret_" not in page
    assert (
        "payment_intent.succeeded" in alice.get("/admin/payments/messages?type=payment_intent.succeeded").text
    )
    assert "No messages match" in alice.get("/admin/payments/messages?state=failed").text
    assert browser.as_(MIA).post(f"/admin/payments/messages/{event_id}/replay").status_code == 403
    assert alice.post(f"/admin/payments/messages/{event_id}/replay").status_code == 303
    with every_tenant():
        kept = db.session.get_one(WebhookEvent, event_id, populate_existing=True)
        assert kept.status == "received"
        posted = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.topic == "webhook.received")
        ).all()
        assert [m.payload["event_id"] for m in posted].count(str(event_id)) == 2
    assert (
        db.session.scalars(select(AuditEntry).where(AuditEntry.action == "replay")).one().resource_type
        == "webhook"
    )
    from services.payments import webhooks

    webhooks.process(event_id)
    assert "Order confirmed" in alice.get(f"/admin/payments/messages/{event_id}").text


# --- the comparison ---------------------------------------------------------------------------------------------------


def test_the_comparison_is_started_followed_and_read(account, sandbox, alice, browser, everything):
    url = "/admin/payments/checks"
    assert "No differences" in alice.get(url).text
    till.paid(sandbox, make.order())
    with transaction():
        db.session.scalars(select(PaymentAttempt)).one().captured_amount = 900
    assert browser.as_(STAN).post(url).status_code == 403
    assert browser.as_(MIA).post(url).status_code == 303
    html = alice.get(url).text
    assert "A comparison is running" in html and "Compare now" not in html
    alice.post(url)  # a second one is refused, and said so
    wanted = db.session.scalars(select(PaymentCheck)).one()
    with transaction():
        from kit import clock

        db.session.get_one(PaymentCheck, wanted.id).until = clock.now()
    reconciliation.run_check(wanted.id)
    html = alice.get(url).text
    assert "The amount differs" in html and "€9.00" in html and "€10.00" in html and "Compare now" in html
    finding = db.session.scalars(select(PaymentFinding)).one()
    close = f"/admin/payments/findings/{finding.id}/close"
    mia = browser.as_(MIA)
    before = everything()
    assert mia.post(close, data={"note": "x"}).status_code == 403
    assert alice.post(close, data={"note": " "}).status_code == 303
    assert alice.post(f"/admin/payments/findings/{uuid7()}/close", data={"note": "x"}).status_code == 404
    assert everything() == before
    assert alice.post(close, data={"note": "Paid in <cash>"}).status_code == 303
    assert "Paid in &lt;cash&gt;" in alice.get(url + "?state=closed").text


# --- the other store --------------------------------------------------------------------------------------------------


def test_the_other_store_sees_and_does_nothing(account, sandbox, browser, everything):
    ident = orphan(sandbox, account).id
    till.pay(sandbox, make.order())
    reconciliation.check_now(actor=SYSTEM, grace=reconciliation.NO_GRACE)
    finding_id = db.session.scalars(select(PaymentFinding.id)).first()
    with every_tenant():
        event_id = db.session.scalars(select(WebhookEvent.id)).first()
    from tests.cast import RITA

    rita, before = browser.as_(RITA), everything()
    for path in ("/admin/payments", "/admin/payments/unexpected?show=all", "/admin/payments/checks",
                 "/admin/payments/messages", "/admin/payments/disputes"):  # fmt: skip
        html = rita.get(path).text
        assert account not in html and "€12.34" not in html and "payment_intent.succeeded" not in html, path
    assert rita.get(f"/admin/payments/messages/{event_id}").status_code == 404
    for path in (f"unexpected/{ident}/refund", f"unexpected/{ident}/accept", f"unexpected/{ident}/attach",
                 f"findings/{finding_id}/close", f"messages/{event_id}/replay"):  # fmt: skip
        answer = rita.post(f"/admin/payments/{path}", data={"note": "x", "order_number": "T-1"})
        assert answer.status_code == 404, path
    assert everything() == before
    with tenants.in_store(RIVAL):
        assert connect.find_account() is None
