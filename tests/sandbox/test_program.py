"""The program itself: its pages without JavaScript, its memory, its control API."""

import signal
from pathlib import Path

import pytest
import requests
import stripe

from tests import stripe_sandbox as sandboxes
from tests.sandbox.conftest import Shop, client_of
from tests.stripe_sandbox import Refused, StripeSandbox


def post(url: str, **form: str) -> requests.Response:
    return requests.post(url, data=form, allow_redirects=False, timeout=10)


def test_payment_page(shop: Shop) -> None:
    session = shop.session()
    assert session.url
    page = requests.get(session.url, timeout=10)
    for text in (
        "Sandbox",
        "no real money",
        "Roast",
        "Mug",
        "€25.00",
        "https://roast.example/cart",
        "MB WAY",
    ):
        assert text in page.text
    declined = post(session.url, method="card", number="4000 0000 0000 0002")
    assert declined.status_code == 402 and "Your card was declined." in declined.text
    asked = post(session.url, method="card", number="4000 0025 0000 3155")
    assert asked.status_code == 303
    confirm = asked.headers["Location"]
    base = session.url.partition("/pay/")[0]
    assert "Confirm your payment" in requests.get(base + confirm, timeout=10).text
    done = post(base + confirm, answer="confirm")
    assert done.headers["Location"] == f"https://roast.example/done?s={session.id}"
    assert shop.look(session).payment_status == "paid"
    assert "This order is paid" in requests.get(session.url, timeout=10).text
    assert post(session.url, method="card", number="4242424242424242").status_code == 409


def test_payment_page_with_a_delayed_method(shop: Shop) -> None:
    session = shop.session()
    assert session.url
    assert post(session.url, method="multibanco").status_code == 303
    intent = str(shop.look(session).payment_intent)
    base = session.url.partition("/pay/")[0]
    assert "Reference" in requests.get(f"{base}/voucher/{intent}", timeout=10).text
    assert post(f"{base}/voucher/{intent}", answer="pay").status_code == 303
    assert shop.look(session).payment_status == "paid"


def test_expired_payment_page(shop: Shop) -> None:
    session = shop.session()
    assert session.url
    shop.v1.checkout.sessions.expire(session.id, {}, shop.options)
    page = requests.get(session.url, timeout=10)
    assert "expired" in page.text and "https://roast.example/cart" in page.text


def test_onboarding_page(client: stripe.StripeClient, stripe_sandbox: StripeSandbox) -> None:
    account = client.v1.accounts.create({"type": "express"})

    def link() -> str:
        made = client.v1.account_links.create(
            {
                "account": account.id,
                "type": "account_onboarding",
                "return_url": "https://roast.example/back",
                "refresh_url": "https://roast.example/again",
            }
        )
        return made.url

    first = link()
    assert "Set up payments" in requests.get(first, timeout=10).text
    assert post(first, answer="incomplete").headers["Location"] == "https://roast.example/back"
    assert client.v1.accounts.retrieve(account.id).details_submitted is False
    # A link works once.
    assert post(first, answer="complete").headers["Location"] == "https://roast.example/again"
    post(link(), answer="complete", business_name="Roast & Co")
    after = client.v1.accounts.retrieve(account.id)
    assert (after.details_submitted, after.charges_enabled, after.payouts_enabled) == (True, True, True)
    assert after.business_profile and after.business_profile.name == "Roast & Co"
    event = stripe_sandbox.get("events?type=account.updated")["events"][-1]
    assert event["account"] == account.id
    assert client.v1.accounts.login_links.create(account.id).url.startswith(stripe_sandbox.url)
    stripe_sandbox.control("onboard", account=account.id, restrict=True)
    assert client.v1.accounts.retrieve(account.id).charges_enabled is False


def test_control_page(shop: Shop, stripe_sandbox: StripeSandbox) -> None:
    charge = stripe_sandbox.pay(shop.session().id)["payment_intent"]["latest_charge"]
    page = requests.get(stripe_sandbox.url, timeout=10).text
    for text in (charge, shop.account, "checkout.session.completed", "Spoiled signature", "order-1"):
        assert text in page
    done = requests.post(
        f"{stripe_sandbox.url}/action/refund", data={"charge": charge, "amount": "300"}, timeout=10
    )
    assert "Done: refund." in done.text
    again = requests.post(
        f"{stripe_sandbox.url}/action/refund", data={"charge": charge, "amount": "9000"}, timeout=10
    )
    assert "greater than unrefunded amount" in again.text
    assert shop.charge(charge).amount_refunded == 300
    requests.post(
        f"{stripe_sandbox.url}/action/settings", data={"delay": "2", "delayed_after": ""}, timeout=10
    )
    settings = stripe_sandbox.get("state")["settings"]
    assert (settings["deliver"], settings["delay"], settings["delayed_after"]) == (False, 2, None)
    wrong = requests.post(f"{stripe_sandbox.url}/action/settings", data={"delay": "soon"}, timeout=10)
    assert wrong.status_code == 200 and 'role="alert"' in wrong.text


def test_links_lead_to_where_the_caller_came(stripe_sandbox: StripeSandbox, shop: Shop) -> None:
    answer = requests.post(
        f"{stripe_sandbox.url}/v1/checkout/sessions",
        data={
            "mode": "payment",
            "success_url": "https://roast.example/",
            "line_items[0][price_data][currency]": "eur",
            "line_items[0][price_data][unit_amount]": "900",
            "line_items[0][price_data][product_data][name]": "Mug",
        },
        headers={"Host": "pay.localhost:7777", "Stripe-Account": shop.account},
        auth=("sk_test_1", ""),
        timeout=10,
    )
    assert answer.json()["url"].startswith("http://pay.localhost:7777/pay/cs_test_")


@pytest.mark.parametrize("path", ["pay/x", "authenticate/x", "voucher/x", "onboard/x"])
def test_pages_that_do_not_exist(stripe_sandbox: StripeSandbox, path: str) -> None:
    url = f"{stripe_sandbox.url}/{path}"
    assert requests.get(url, timeout=10).status_code == 404
    assert post(url, answer="pay", number="1").status_code == 404


def test_control_refusals(stripe_sandbox: StripeSandbox) -> None:
    for action, given, status in (
        ("nonsense", {}, 404),
        ("pay", {"session_id": "cs_nobody"}, 404),
        ("dispute", {}, 400),
        ("settings", {"colour": "red"}, 400),
        ("settings", {"webhook_url": "file:///etc/passwd"}, 400),
        ("import", {"cats": []}, 400),
        ("import", {"payment_intents": [{"id": "pi_1"}]}, 400),
        ("import", {"payment_intents": 5}, 400),
        ("resend", {"event": "evt_nobody"}, 404),
        ("unknown_charge", {"amount": "much"}, 400),
        ("import", {"charges": [{"id": "ch_1", "amount": 5}]}, 404),
    ):
        with pytest.raises(Refused) as refused:
            stripe_sandbox.control(action, **given)
        assert refused.value.status == status
    broken = requests.post(f"{stripe_sandbox.url}/_control/pay", data=b"{", timeout=10)
    assert broken.status_code == 400


def test_import(client: stripe.StripeClient, stripe_sandbox: StripeSandbox) -> None:
    past = {
        "accounts": [{"id": "acct_demo", "business_profile": {"name": "Demo"}, "metadata": {"tenant": "7"}}],
        "payment_intents": [
            {
                "id": "pi_old",
                "account": "acct_demo",
                "amount": 5000,
                "currency": "eur",
                "created": 1750000000,
                "metadata": {"order": "9"},
                "application_fee_amount": 50,
            }
        ],
        "charges": [{"id": "ch_old", "payment_intent": "pi_old", "amount": 5000}],
        "refunds": [{"id": "re_old", "charge": "ch_old", "amount": 1200, "created": 1750100000}],
        "sessions": [
            {
                "id": "cs_test_old",
                "account": "acct_demo",
                "amount_total": 5000,
                "payment_intent": "pi_old",
                "created": 1750000000,
                "client_reference_id": "order-9",
                "line_items": [{"name": "Mug", "unit_amount": 2500, "quantity": 2}],
            }
        ],
    }
    for _ in range(2):  # Again is the same.
        counts = stripe_sandbox.control("import", **past)
        assert counts == dict.fromkeys(past, 1)
    demo = Shop(client, "acct_demo")
    intent = demo.intent("pi_old")
    assert (intent.status, intent.latest_charge, intent.created) == ("succeeded", "ch_old", 1750000000)
    assert demo.charge("ch_old").amount_refunded == 1200
    assert demo.available() == 5000 - 100 - 50 - 1200
    assert demo.v1.checkout.sessions.retrieve("cs_test_old", {}, demo.options).payment_status == "paid"
    lines = demo.v1.checkout.sessions.line_items.list("cs_test_old", {}, demo.options).data
    assert [(line.description, line.amount_total) for line in lines] == [("Mug", 5000)]
    rest = demo.v1.refunds.create({"payment_intent": "pi_old"}, demo.options)
    assert rest.amount == 3800
    assert client.v1.accounts.retrieve("acct_demo").charges_enabled is True
    with pytest.raises(Refused, match="more than it took"):
        stripe_sandbox.control("import", refunds=[{"id": "re_2", "charge": "ch_old", "amount": 9999}])
    assert demo.charge("ch_old").amount_refunded == 5000


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    state = str(tmp_path / "state.sqlite")
    first = sandboxes.start(state=state)
    try:
        account = client_of(first).v1.accounts.create({"type": "express"}).id
        first.control("onboard", account=account)
        shop = Shop(client_of(first), account)
        intent = first.pay(shop.session().id)["payment_intent"]["id"]
    finally:
        first.stop()
    assert first.process.returncode == 0
    second = sandboxes.start(state=state)
    try:
        shop = Shop(client_of(second), account)
        assert shop.intent(intent).status == "succeeded"
        assert shop.v1.refunds.create({"payment_intent": intent}, shop.options).status == "succeeded"
        second.process.send_signal(signal.SIGINT)
        assert second.process.wait(timeout=10) == 0
    finally:
        second.stop()
