"""Refunds, disputes, balances and payouts."""

import pytest
import stripe

from tests.sandbox.conftest import Shop, wait_for
from tests.stripe_sandbox import Refused, StripeSandbox


@pytest.fixture
def charge(shop: Shop, stripe_sandbox: StripeSandbox) -> str:
    paid = stripe_sandbox.pay(shop.session(payment_intent_data={"application_fee_amount": 100}).id)
    return str(paid["payment_intent"]["latest_charge"])


def types(sandbox: StripeSandbox) -> list[str]:
    return [event["type"] for event in sandbox.get("events")["events"]]


def test_refunds_add_up_and_stop(shop: Shop, charge: str, stripe_sandbox: StripeSandbox) -> None:
    first = shop.v1.refunds.create({"charge": charge, "amount": 1000}, shop.options)
    assert first.status == "succeeded"
    assert (shop.charge(charge).amount_refunded, shop.charge(charge).refunded) == (1000, False)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as beyond:
        shop.v1.refunds.create({"charge": charge, "amount": 1501}, shop.options)
    assert beyond.value.param == "amount"
    assert shop.charge(charge).amount_refunded == 1000
    shop.v1.refunds.create({"payment_intent": str(first.payment_intent)}, shop.options)
    assert shop.charge(charge).refunded is True
    with pytest.raises(stripe.InvalidRequestError) as again:
        shop.v1.refunds.create({"charge": charge}, shop.options)
    assert again.value.code == "charge_already_refunded"
    found = stripe_sandbox.get("events?type=charge.refunded")["events"]
    assert [event["data"]["object"]["amount_refunded"] for event in found] == [1000, 2500]
    assert len(shop.v1.refunds.list({"charge": charge}, shop.options).data) == 2
    assert shop.available() == -163


def test_the_platforms_fee_goes_back_in_proportion(
    shop: Shop, charge: str, client: stripe.StripeClient
) -> None:
    shop.v1.refunds.create({"charge": charge, "amount": 1250, "refund_application_fee": True}, shop.options)
    fee = client.v1.application_fees.list().data[0]
    assert (fee.amount, fee.amount_refunded) == (100, 50)
    assert client.v1.balance.retrieve().available[0].amount == 50
    assert shop.available() == 2500 - 163 - 1250 + 50


def test_a_refund_that_fails_opens_the_amount_again(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    paid = stripe_sandbox.pay(shop.session().id, card="4000000000005126")
    charge = paid["payment_intent"]["latest_charge"]
    refund = shop.v1.refunds.create({"charge": charge}, shop.options)
    wait_for(lambda: shop.v1.refunds.retrieve(refund.id, {}, shop.options).status == "failed")
    assert (shop.charge(charge).amount_refunded, shop.charge(charge).refunded) == (0, False)
    seen = types(stripe_sandbox)
    assert {"refund.created", "refund.failed", "refund.updated", "charge.refund.updated"} <= set(seen)
    assert shop.available() == 2500 - 63


def test_a_slow_refund(shop: Shop, charge: str, stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.control("settings", refund_after=3600)
    refund = shop.v1.refunds.create({"charge": charge, "amount": 100}, shop.options)
    assert refund.status == "pending"
    stripe_sandbox.control("settle_refund", refund=refund.id)
    assert shop.v1.refunds.retrieve(refund.id, {}, shop.options).status == "succeeded"


def test_refunded_at_stripe(shop: Shop, charge: str, stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.control("refund", charge=charge, amount=700)
    assert shop.charge(charge).amount_refunded == 700
    with pytest.raises(Refused):
        stripe_sandbox.control("refund", charge=charge, amount=1801)


def test_dispute_won(shop: Shop, charge: str, stripe_sandbox: StripeSandbox) -> None:
    dispute = stripe_sandbox.control("dispute", charge=charge)
    assert shop.charge(charge).disputed is True
    assert shop.available() == 2500 - 163 - 2500 - 2000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create({"charge": charge}, shop.options)
    assert refused.value.code == "charge_disputed"
    sent = shop.v1.disputes.update(
        dispute["id"], {"evidence": {"uncategorized_text": "It was delivered."}}, shop.options
    )
    assert (sent.status, sent.evidence_details.has_evidence) == ("under_review", True)
    assert stripe_sandbox.control("win_dispute", dispute=dispute["id"])["status"] == "won"
    assert shop.available() == 2500 - 163 - 2000
    expected = ["charge.updated", "charge.dispute.created", "charge.dispute.funds_withdrawn"]
    expected += ["charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"]
    assert types(stripe_sandbox)[-6:] == expected


def test_dispute_lost(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    paid = stripe_sandbox.pay(shop.session().id, card="4000000000000259")
    charge = paid["payment_intent"]["latest_charge"]
    dispute = shop.v1.disputes.list({"charge": charge}, shop.options).data[0]
    assert dispute.status == "needs_response" and dispute.evidence_details.due_by
    assert shop.v1.disputes.close(dispute.id, {}, shop.options).status == "lost"
    with pytest.raises(Refused):
        stripe_sandbox.control("win_dispute", dispute=dispute.id)


def test_payouts(shop: Shop, charge: str, stripe_sandbox: StripeSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as poor:
        shop.v1.payouts.create({"amount": 2338, "currency": "eur"}, shop.options)
    assert poor.value.code == "balance_insufficient"
    payout = shop.v1.payouts.create({"amount": 2337, "currency": "eur"}, shop.options)
    assert payout.status == "pending"
    assert shop.available() == 0
    assert shop.v1.payouts.retrieve(payout.id, {}, shop.options).status == "paid"
    assert types(stripe_sandbox)[-2:] == ["payout.created", "payout.paid"]
    entries = shop.v1.balance_transactions.list({"type": "payout"}, shop.options).data
    assert [entry.net for entry in entries] == [-2337]


def test_a_payout_that_the_bank_does_not_take(shop: Shop, charge: str, stripe_sandbox: StripeSandbox) -> None:
    payout = shop.v1.payouts.create({"amount": 2337, "currency": "eur"}, shop.options)
    stripe_sandbox.control("fail_payout", payout=payout.id)
    failed = shop.v1.payouts.retrieve(payout.id, {}, shop.options)
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    assert shop.available() == 2337 and types(stripe_sandbox)[-1] == "payout.failed"
    with pytest.raises(Refused):
        stripe_sandbox.control("fail_payout", payout=payout.id)


def test_money_waits_before_it_is_available(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.control("settings", settle_after=3600)
    stripe_sandbox.pay(shop.session().id)
    balance = shop.v1.balance.retrieve({}, shop.options)
    assert (balance.available[0].amount, balance.pending[0].amount) == (0, 2437)


def test_a_charge_nobody_ordered(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    made = stripe_sandbox.control("unknown_charge", account=shop.account, amount=4200)
    assert made["status"] == "succeeded"
    assert shop.v1.charges.list({}, shop.options).data[0].amount == 4200
