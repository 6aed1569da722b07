"""A store that takes cards, for tests: its account at the sandbox, and the way its events come in."""

import json
import time
from typing import Any

from sqlalchemy import inspect, select

from kit.db import db
from kit.tenancy import every_tenant
from models.orders import Order
from models.payments import PaymentAttempt, WebhookEvent
from sandbox.stripe.webhooks import sign
from services import tenants
from services.orders import reading
from services.payments import connect, sessions, webhooks
from tests.cast import ALICE, MIA
from tests.stripe_sandbox import SECRET, StripeSandbox


def open_till(sandbox: StripeSandbox) -> str:
    """Connect the store we are in; the account's id."""
    home = f"http://{tenants.current().host}/admin"
    connect.start_onboarding(connect.OnboardingDraft(return_url=home), actor=ALICE.actor)
    account = connect.find_account()
    assert account is not None
    sandbox.control("onboard", account=account.account_id)
    assert connect.get_status().charges_enabled
    return account.account_id


def hosted_page(order: Order) -> PaymentAttempt:
    home = f"http://{tenants.current().host}"
    draft = sessions.SessionDraft(order_id=order.id, success_url=home + "/done", cancel_url=home + "/cart")
    return sessions.create_session(draft, actor=MIA.actor)


def pay(sandbox: StripeSandbox, order: Order, **how: Any) -> PaymentAttempt:
    """Pay on the hosted page; nobody has told us yet."""
    attempt = hosted_page(order)
    assert attempt.session_id is not None
    sandbox.pay(attempt.session_id, **how)
    return attempt


def paid(sandbox: StripeSandbox, order: Order) -> Order:
    """Pay, and let all the events come in."""
    pay(sandbox, order)
    deliver_all(sandbox)
    return fresh(order)


def fresh(order: Order) -> Order:
    """The order as it is now. Events come in from outside the store, and leave what was read before detached."""
    db.session.expire_all()
    return reading.get_order(inspect(order).identity[0])


def events(sandbox: StripeSandbox, type: str = "") -> list[dict[str, Any]]:
    return [e for e in sandbox.get("events")["events"] if not type or e["type"] == type]


def signed(event: dict[str, Any], *, secret: str = SECRET, at: float | None = None) -> tuple[bytes, str]:
    raw = json.dumps(event).encode()
    return raw, sign(raw, secret, int(at or time.time()))


def receive(event: dict[str, Any]) -> bool:
    return webhooks.receive(*signed(event))


def process(event: dict[str, Any]) -> str:
    """Act on an event that was received, as the worker does."""
    with every_tenant():
        ident = db.session.scalar(select(WebhookEvent.id).where(WebhookEvent.provider_id == event["id"]))
    assert ident is not None
    return webhooks.process(ident)


def deliver(event: dict[str, Any]) -> str:
    receive(event)
    return process(event)


def deliver_all(sandbox: StripeSandbox) -> None:
    for event in events(sandbox):
        deliver(event)
