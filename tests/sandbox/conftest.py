"""A sandbox in a process of its own, the real SDK, and someone who receives its webhooks."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from tests import stripe_sandbox as sandboxes
from tests.stripe_sandbox import StripeSandbox


class Receiver:
    """Keeps (signature, raw body) of each delivery; answers `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.headers["Stripe-Signature"], body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/hooks"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def events(self) -> list[stripe.Event]:
        """All deliveries so far, each with its signature verified by the SDK."""
        return [
            stripe.Webhook.construct_event(body, signature, sandboxes.SECRET) for signature, body in self.got
        ]

    def wait(self, count: int) -> list[stripe.Event]:
        wait_for(lambda: len(self.got) >= count)
        return self.events()


def wait_for(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def stripe_sandbox() -> Iterator[StripeSandbox]:
    sandbox = sandboxes.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture(autouse=True)
def _clean(stripe_sandbox: StripeSandbox) -> None:
    """Each test begins with nothing and the usual settings."""
    stripe_sandbox.control("reset")
    stripe_sandbox.control(
        "settings",
        webhook_url="",
        deliver=True,
        hold=False,
        copies=1,
        delay=0,
        delayed_after=None,
        refund_after=None,
        payout_after=0,
        settle_after=0,
        latency=0,
        retry_delays=[0.05, 0.05],
    )


@pytest.fixture
def receiver(stripe_sandbox: StripeSandbox) -> Iterator[Receiver]:
    found = Receiver()
    stripe_sandbox.control("settings", webhook_url=found.url)
    yield found
    stripe_sandbox.control("settings", webhook_url="")
    found.http.shutdown()
    found.http.server_close()


@pytest.fixture
def client(stripe_sandbox: StripeSandbox) -> stripe.StripeClient:
    return client_of(stripe_sandbox)


def client_of(sandbox: StripeSandbox, key: str = "sk_test_123") -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": sandbox.url}, max_network_retries=0)


@pytest.fixture
def account(client: stripe.StripeClient, stripe_sandbox: StripeSandbox) -> str:
    """An onboarded connected account's id."""
    made = client.v1.accounts.create(
        {"type": "express", "country": "PT", "business_profile": {"name": "Roast"}}
    )
    stripe_sandbox.control("onboard", account=made.id)
    return made.id


class Shop:
    """Calls for one connected account, as the shops make them."""

    def __init__(self, client: stripe.StripeClient, account: str) -> None:
        self.v1 = client.v1
        self.account = account
        self.options: Any = {"stripe_account": account}

    def session(self, amount: int = 2500, **more: Any) -> stripe.checkout.Session:
        price = {"currency": "eur", "unit_amount": amount, "product_data": {"name": "Mug"}}
        params: Any = {
            "mode": "payment",
            "success_url": "https://roast.example/done?s={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://roast.example/cart",
            "client_reference_id": "order-1",
            "metadata": {"order": "1"},
            "payment_intent_data": {"metadata": {"order": "1"}},
            "line_items": [{"quantity": 1, "price_data": price}],
            **more,
        }
        return self.v1.checkout.sessions.create(params, self.options)

    def intent(self, id: Any) -> stripe.PaymentIntent:
        return self.v1.payment_intents.retrieve(str(id), {}, self.options)

    def look(self, session: stripe.checkout.Session) -> stripe.checkout.Session:
        return self.v1.checkout.sessions.retrieve(session.id, {}, self.options)

    def charge(self, id: Any) -> stripe.Charge:
        return self.v1.charges.retrieve(str(id), {}, self.options)

    def available(self) -> int:
        return self.v1.balance.retrieve({}, self.options).available[0].amount


@pytest.fixture
def shop(client: stripe.StripeClient, account: str) -> Shop:
    return Shop(client, account)
