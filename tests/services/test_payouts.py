"""Money on its way to the store's bank: what Stripe says of it, and the mail when the bank does not take it."""

import pytest
from sqlalchemy import select

from kit.db import db
from kit.tenancy import every_tenant
from models.audit import AuditEntry
from models.outbox import OutboxMessage
from models.payments import WebhookEvent
from services import notifications
from services.payments import connect, webhooks
from services.payments.connect import PayoutDraft
from tests import make, till
from tests.cast import ALICE, ROAST
from tests.services.test_mail import only, text_of


@pytest.fixture
def payout(roast, sandbox):
    """5.00 of a paid order on its way."""
    till.open_till(sandbox)
    sandbox.control("settings", payout_after=3600)
    till.pay(sandbox, make.order(total=2000))
    return connect.create_payout(PayoutDraft(amount="5.00"), actor=ALICE.actor)


def last(sandbox, type):
    return till.events(sandbox, type)[-1]


def effects_of(event) -> list[str]:
    with every_tenant():
        found = select(WebhookEvent.effects).where(WebhookEvent.provider_id == event["id"])
        return db.session.scalars(found).one()


def posted() -> list[dict]:
    found = select(OutboxMessage.payload).where(OutboxMessage.topic == "payout.failed")
    return list(db.session.scalars(found))


# Every type that Stripe's description of these resources has.
TYPES = """payment_intent.succeeded payment_intent.payment_failed charge.refunded charge.dispute.created
    charge.dispute.closed account.updated checkout.session.completed checkout.session.expired
    checkout.session.async_payment_succeeded checkout.session.async_payment_failed charge.refund.updated refund.created
    refund.updated refund.failed payout.created payout.paid payout.failed""".split()


@pytest.mark.parametrize("type", TYPES)
def test_every_type_has_its_handler(type):
    assert type in webhooks.HANDLERS


def test_a_payout_that_goes_well_is_heard_and_changes_nothing(payout, sandbox):
    made = last(sandbox, "payout.created")
    assert till.deliver(made) == "processed" and effects_of(made) == ["payout.pending"]
    assert posted() == []


def test_one_that_the_bank_does_not_take_is_told_of_once(payout, sandbox, mailbox):
    sandbox.control("fail_payout", payout=payout.id)
    failed = last(sandbox, "payout.failed")
    assert till.deliver(failed) == "processed"
    # Said once more, and once more by an older event: the payout itself is read afresh each time.
    assert till.deliver({**failed, "id": "evt_again"}) == "processed"
    assert till.deliver(last(sandbox, "payout.created")) == "processed"
    assert effects_of(failed) == ["payout.failed"]
    with every_tenant():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "payout_failed")).one()
        assert (entry.tenant_id, entry.resource_id) == (ROAST, payout.id)
    (told,) = posted()
    assert (told["payout_id"], told["amount"], told["currency"]) == (payout.id, 500, "EUR")
    notifications.send_payout_failed(**told)
    message = only(mailbox)
    text = text_of(message)
    assert message["Subject"] == "A payout failed" and mailbox.recipients == [["orders@roast.test"]]
    assert "€5.00" in text and "has been closed" in text and "/admin/payments/payouts" in text


def test_a_payout_of_another_account_is_nothing_of_ours(payout, sandbox, everything):
    sandbox.control("fail_payout", payout=payout.id)
    failed = last(sandbox, "payout.failed")
    assert till.deliver({**failed, "id": "evt_other", "account": "acct_nobody"}) == "ignored"
    assert posted() == []
