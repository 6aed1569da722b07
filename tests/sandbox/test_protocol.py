"""Stripe's protocol: keys, parameters, accounts, idempotency, cursors, expansion."""

import threading
from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.conftest import Shop, client_of
from tests.stripe_sandbox import StripeSandbox

KEY = {"Authorization": "Bearer sk_test_123"}


def error_of(answer: requests.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found


@pytest.mark.parametrize(
    ("path", "form", "code", "param"),
    [
        ("payment_intents", {"amount": "500", "currency": "eur", "colour": "red"}, "parameter_unknown", "colour"),
        ("payment_intents", {"currency": "eur"}, "parameter_missing", "amount"),
        ("payment_intents", {"amount": "5.00", "currency": "eur"}, "parameter_invalid_integer", "amount"),
        ("payment_intents", {"amount": "49", "currency": "eur"}, "amount_too_small", "amount"),
        ("payment_intents", {"amount": "999999999", "currency": "eur"}, "amount_too_large", "amount"),
        ("payment_intents", {"amount": "500", "currency": "xxx"}, None, "currency"),
        ("payment_intents", {"amount": "500", "currency": ""}, "parameter_invalid_empty", "currency"),
        ("payment_intents", {"amount[a]": "1", "currency": "eur"}, None, "amount"),
        ("payment_intents", {"amount": "500", "currency": "eur", "metadata": "x"}, None, "metadata"),
        ("payment_intents", {"amount": "500", "currency": "eur", "confirm": "yes"}, None, "confirm"),
        ("payment_intents", {"amount": "500", "currency": "eur", "capture_method": "late"}, None, "capture_method"),
        ("payment_intents", {"amount": "500", "currency": "eur", "application_fee_amount": "9"}, None,
         "application_fee_amount"),
        ("refunds", {"reason": "boredom", "charge": "ch_x"}, None, "reason"),
        ("refunds", {"charge": "ch_x"}, "resource_missing", "charge"),
        ("refunds", {}, "parameter_missing", "payment_intent"),
        ("checkout/sessions", {"mode": "payment", "success_url": "/done"}, "url_invalid", "success_url"),
        ("checkout/sessions", {"mode": "payment", "success_url": "https://a.example"}, "parameter_missing",
         "line_items"),
        (
            "checkout/sessions",
            {"mode": "payment", "success_url": "https://a.example", "line_items[0][price_data][unit_amount]": "900"},
            "parameter_missing",
            "line_items[0][price_data][currency]",
        ),
        ("account_links", {"account": "acct_x", "type": "account_onboarding", "who": "me"}, "parameter_unknown",
         "who"),
    ],
)  # fmt: skip
def test_refusals(
    stripe_sandbox: StripeSandbox, path: str, form: dict[str, str], code: str | None, param: str
) -> None:
    answer = requests.post(f"{stripe_sandbox.url}/v1/{path}", data=form, headers=KEY, timeout=10)
    error = error_of(answer)
    assert answer.status_code in (400, 404)
    assert (error["type"], error.get("code"), error["param"]) == ("invalid_request_error", code, param)
    assert answer.headers["Request-Id"].startswith("req_")
    state = stripe_sandbox.get("state")
    assert not state["payment_intents"] and not state["sessions"] and not state["refunds"]


def test_expiry_bounds_and_mixed_currencies(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="at least 30 minutes"):
        shop.session(expires_at=1)
    with pytest.raises(stripe.InvalidRequestError, match="less than 24 hours"):
        shop.session(expires_at=9999999999)
    lines = [
        {"quantity": 1, "price_data": {"currency": c, "unit_amount": 900, "product_data": {"name": c}}}
        for c in ("eur", "usd")
    ]
    with pytest.raises(stripe.InvalidRequestError, match="same currency"):
        shop.session(line_items=lines)
    with pytest.raises(stripe.InvalidRequestError) as small:
        shop.session(amount=10)
    assert small.value.code == "amount_too_small"


def test_keys_and_addresses(stripe_sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    url = f"{stripe_sandbox.url}/v1/balance"
    assert requests.get(url, timeout=10).status_code == 401
    assert requests.get(url, auth=("sk_test_123", ""), timeout=10).status_code == 200
    with pytest.raises(stripe.AuthenticationError):
        client_of(stripe_sandbox, "sk_live_123").v1.balance.retrieve()
    other = {**KEY, "Stripe-Version": "2019-01-01"}
    assert requests.get(url, headers=other, timeout=10).status_code == 400
    unknown = requests.get(f"{stripe_sandbox.url}/v1/customers", headers=KEY, timeout=10)
    assert unknown.status_code == 404 and "Unrecognized request URL" in error_of(unknown)["message"]
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.charges.retrieve("ch_nowhere")
    assert (missing.value.code, missing.value.http_status) == ("resource_missing", 404)


def test_accounts_do_not_see_each_other(
    shop: Shop, client: stripe.StripeClient, stripe_sandbox: StripeSandbox
) -> None:
    intent = stripe_sandbox.pay(shop.session().id)["payment_intent"]
    other = client.v1.accounts.create({"type": "standard"})
    for options in ({}, {"stripe_account": other.id}):
        with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
            client.v1.payment_intents.retrieve(intent["id"], {}, options)
        with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
            client.v1.refunds.create({"payment_intent": intent["id"]}, options)
        assert client.v1.charges.list({}, options).data == []
    assert shop.charge(intent["latest_charge"]).amount_refunded == 0
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve({}, {"stripe_account": "acct_nobody"})


def test_not_onboarded_cannot_charge(client: stripe.StripeClient) -> None:
    fresh = client.v1.accounts.create({"type": "express", "email": "a@example.com"})
    assert fresh.charges_enabled is False
    assert fresh.requirements and fresh.requirements.currently_due
    with pytest.raises(stripe.InvalidRequestError, match="onboarding"):
        Shop(client, fresh.id).session()
    with pytest.raises(stripe.InvalidRequestError, match="not completed onboarding"):
        client.v1.accounts.login_links.create(fresh.id)


def test_same_key_same_answer(shop: Shop) -> None:
    params: Any = {"amount": 700, "currency": "eur"}
    keyed: Any = {**shop.options, "idempotency_key": "order:1:attempt:1"}
    first = shop.v1.payment_intents.create(params, keyed)
    again = shop.v1.payment_intents.create(params, keyed)
    assert again.id == first.id
    assert again.last_response and again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(shop.v1.payment_intents.list({}, shop.options).data) == 1
    with pytest.raises(stripe.IdempotencyError) as other:
        shop.v1.payment_intents.create({"amount": 701, "currency": "eur"}, keyed)
    assert other.value.http_status == 400


def test_keys_belong_to_their_account(shop: Shop, client: stripe.StripeClient) -> None:
    params: Any = {"amount": 700, "currency": "eur"}
    keyed: Any = {**shop.options, "idempotency_key": "k"}
    here = shop.v1.payment_intents.create(params, keyed)
    there = client.v1.payment_intents.create(params, {"idempotency_key": "k"})
    assert here.id != there.id


def test_a_declined_card_is_remembered_a_bad_parameter_is_not(shop: Shop) -> None:
    keyed: Any = {**shop.options, "idempotency_key": "k2"}
    params: Any = {
        "amount": 700,
        "currency": "eur",
        "confirm": True,
        "payment_method": "pm_card_chargeDeclined",
    }
    seen = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            shop.v1.payment_intents.create(params, keyed)
        seen.append(declined.value.error.payment_intent.id)
    assert seen[0] == seen[1]
    keyed["idempotency_key"] = "k3"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.payment_intents.create({"amount": 700}, keyed)  # type: ignore[typeddict-item]
    assert shop.v1.payment_intents.create({"amount": 700, "currency": "eur"}, keyed).id


def test_ten_at_once_make_one(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.control("settings", latency=0.3)
    results: list[str] = []

    keyed: Any = {**shop.options, "idempotency_key": "at-once"}

    def ask() -> None:
        try:
            made = shop.v1.payment_intents.create({"amount": 700, "currency": "eur"}, keyed)
            results.append(made.id)
        except stripe.APIError as refused:
            results.append(str(refused.http_status))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stripe_sandbox.control("settings", latency=0)
    assert len(results) == 10 and "409" in results
    assert len({result for result in results if result != "409"}) == 1
    assert len(shop.v1.payment_intents.list({}, shop.options).data) == 1


def test_cursors_and_filters(shop: Shop) -> None:
    made = [
        shop.v1.payment_intents.create({"amount": 500 + n, "currency": "eur"}, shop.options).id
        for n in range(5)
    ]
    first = shop.v1.payment_intents.list({"limit": 2}, shop.options)
    assert [item.id for item in first.data] == made[:2:-1] and first.has_more
    rest = shop.v1.payment_intents.list({"starting_after": first.data[-1].id}, shop.options)
    assert [item.id for item in rest.data] == made[2::-1] and not rest.has_more
    back = shop.v1.payment_intents.list({"ending_before": made[1], "limit": 2}, shop.options)
    assert [item.id for item in back.data] == [made[3], made[2]] and back.has_more
    everything = shop.v1.payment_intents.list({"limit": 2}, shop.options).auto_paging_iter()
    assert [item.id for item in everything] == made[::-1]
    assert shop.v1.payment_intents.list({"created": {"gt": 9999999999}}, shop.options).data == []
    for wrong in ({"limit": 101}, {"starting_after": "pi_x"}):
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.payment_intents.list(wrong, shop.options)
    created = shop.v1.events.list({"types": ["payment_intent.created"], "limit": 3}, shop.options)
    assert len(created.data) == 3 and created.has_more


def test_expansion(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    intent = stripe_sandbox.pay(shop.session().id)["payment_intent"]["id"]
    assert isinstance(shop.intent(intent).latest_charge, str)
    listed: Any = shop.v1.payment_intents.list({"expand": ["data.latest_charge.refunds"]}, shop.options)
    assert listed.data[0].latest_charge.refunds.data == []
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        shop.v1.payment_intents.retrieve(intent, {"expand": ["amount"]}, shop.options)
