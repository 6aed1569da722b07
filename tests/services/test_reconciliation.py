"""What webhooks did not tell is found by comparing the books: mended where that is safe, written down where not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from gateways import stripe
from gateways.stripe import books
from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound, Unavailable
from models.orders import OrderStatus, PaymentStatus
from models.outbox import OutboxMessage
from models.payments import (
    CheckStatus,
    Dispute,
    OrphanPayment,
    PaymentAttempt,
    PaymentCheck,
    PaymentFinding,
    Refund,
)
from services import tenants
from services.orders import effects
from services.payments import comparing, findings, orphans, reconciliation
from services.payments.refunds import RefundDraft, refund_order
from tests import make, till
from tests.cast import ALICE, MIA, RIVAL, ROAST


@pytest.fixture
def account(roast, sandbox) -> str:
    return till.open_till(sandbox)


def check() -> PaymentCheck:
    db.session.expire_all()
    return reconciliation.check_now(actor=SYSTEM, grace=reconciliation.NO_GRACE)


def found() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(PaymentFinding).order_by(PaymentFinding.id))
    return [(row.kind, row.state) for row in rows]


def the_charge(sandbox) -> str:
    [charge] = sandbox.get("state?kind=charges")["charges"]
    return charge["id"]


def posted(topic: str) -> int:
    return len(db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == topic)).all())


def test_books_that_agree_have_no_findings(account, sandbox):
    order = till.paid(sandbox, make.order())
    refund_order(order.id, RefundDraft(amount="3.00"), actor=ALICE.actor)
    done = check()
    assert (done.status, done.mended, done.open, done.looked_at) == (CheckStatus.DONE, 0, 0, 2)
    assert found() == [] and posted("payments.differences_found") == 0


def test_a_lost_webhook_is_made_up_for(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    done = check()
    assert found() == [("lost-payment", "mended")] and (done.mended, done.open) == (1, 0)
    order = till.fresh(order)
    assert (order.status, order.payment_status, order.captured_total) == (
        OrderStatus.CONFIRMED, PaymentStatus.PAID, 1000)  # fmt: skip
    row = db.session.scalars(select(PaymentFinding)).one()
    assert (row.order_id, row.ours, row.theirs, row.currency) == (order.id, 0, 1000, "EUR")
    assert posted("payments.differences_found") == 1
    till.deliver_all(sandbox)  # they come after all: nothing happens twice
    assert posted("order.confirmed") == 1
    assert check().mended == 0


def test_a_voucher_paid_long_after_is_found_though_its_charge_is_old(account, sandbox):
    order = make.order()
    attempt = till.pay(sandbox, order, method="multibanco")
    till.deliver_all(sandbox)
    assert check().mended == 0
    [intent] = sandbox.get("state?kind=payment_intents")["payment_intents"]
    sandbox.control("complete_payment", payment_intent=intent["id"])
    with transaction():
        for row in db.session.scalars(select(PaymentCheck)):
            row.until += timedelta(days=10)  # the next one looks at charges that are younger than this one
    check()
    assert found() == [("lost-payment", "mended")]
    assert till.fresh(order).status is OrderStatus.CONFIRMED
    assert db.session.get_one(PaymentAttempt, attempt.id, populate_existing=True).captured_amount == 1000


def test_a_refund_made_at_stripe_is_taken_over(account, sandbox):
    order = till.paid(sandbox, make.order())
    sandbox.control("refund", charge=the_charge(sandbox), amount=250)
    check()
    assert found() == [("refund-at-stripe", "mended")]
    order = till.fresh(order)
    assert (order.refunded_total, order.payment_status) == (250, PaymentStatus.PARTIALLY_REFUNDED)
    check()
    assert len(db.session.scalars(select(Refund)).all()) == 1


def test_news_of_our_own_refund_that_got_lost(account, sandbox):
    """Stripe took its time, and the event that it had failed never came."""
    order = make.order()
    till.pay(sandbox, order, card="4000000000007726")
    till.deliver_all(sandbox)
    refund = refund_order(order.id, RefundDraft(amount="3.00"), actor=ALICE.actor)
    assert str(refund.status) == "pending"
    sandbox.control("fail_refund", refund=refund.provider_id)
    check()
    assert found() == [("lost-refund", "mended")]
    assert str(db.session.get_one(Refund, refund.id, populate_existing=True).status) == "failed"
    assert till.fresh(order).refunded_total == 0


def test_a_charge_for_an_unknown_order_is_put_where_staff_see_it(account, sandbox):
    sandbox.control("unknown_charge", account=account, amount=1999)
    check()
    assert found() == [("unknown-charge", "mended")]
    orphan = db.session.scalars(select(OrphanPayment)).one()
    assert (orphan.amount, orphan.why) == (1999, "unknown-order")
    check()
    till.deliver_all(sandbox)
    assert len(db.session.scalars(select(OrphanPayment)).all()) == 1 and len(found()) == 1


def test_what_the_webhook_brought_already_is_no_finding(account, sandbox):
    sandbox.control("unknown_charge", account=account, amount=1999)
    till.deliver_all(sandbox)
    orphans.give_back(db.session.scalars(select(OrphanPayment.id)).one(), actor=ALICE.actor)
    check()
    assert found() == []


def test_an_amount_that_differs_is_for_a_person_and_goes_when_it_is_right_again(account, sandbox):
    order = till.paid(sandbox, make.order())
    with transaction():
        attempt = db.session.scalars(select(PaymentAttempt)).one()
        attempt.captured_amount = 900
    done = check()
    assert found() == [("amount-differs", "open")] and (done.mended, done.open) == (0, 1)
    row = db.session.scalars(select(PaymentFinding)).one()
    assert (row.ours, row.theirs, row.order_id) == (900, 1000, order.id)
    assert check().open == 1
    with transaction():
        db.session.get_one(PaymentAttempt, attempt.id).captured_amount = 1000
    assert check().open == 0
    assert found() == [("amount-differs", "closed")]


def test_refunds_that_do_not_add_up_are_for_a_person(account, sandbox):
    order = till.paid(sandbox, make.order())
    refund = refund_order(order.id, RefundDraft(amount="3.00"), actor=ALICE.actor)
    with transaction():
        db.session.get_one(Refund, refund.id).amount = 200
    check()
    assert found() == [("refunds-differ", "open")]


def test_money_that_stripe_has_not_got_is_for_a_person(account, sandbox):
    till.paid(sandbox, make.order())
    with transaction():
        db.session.scalars(select(PaymentAttempt)).one().charge_id = "ch_nowhere"
    check()
    assert ("missing-at-stripe", "open") in found()


def test_a_refund_or_dispute_that_stripe_does_not_know_ends_no_comparison(account, sandbox):
    order = till.paid(sandbox, make.order())
    with transaction():
        attempt = db.session.scalars(select(PaymentAttempt)).one()
        db.session.add_all((
            Refund(order_id=order.id, attempt_id=attempt.id, amount=100, provider_id="re_nowhere"),
            Dispute(order_id=order.id, provider_id="du_nowhere", status="open", amount=1000),
        ))  # fmt: skip
    assert check().status is CheckStatus.DONE
    assert sorted(found()) == [("missing-at-stripe", "open")] * 2 + [("refunds-differ", "open")]


def test_what_belongs_to_an_account_of_before_is_not_missed_at_the_new_one(account, sandbox):
    order = till.paid(sandbox, make.order())
    with transaction():
        attempt = db.session.scalars(select(PaymentAttempt)).one()
        attempt.account_id = "acct_before"
        db.session.add_all((
            Refund(order_id=order.id, attempt_id=attempt.id, amount=100, provider_id="re_before"),
            Dispute(order_id=order.id, provider_id="du_before", status="open", amount=1000),
        ))  # fmt: skip
    check()
    assert "missing-at-stripe" not in {kind for kind, _state in found()}


def test_a_dispute_nobody_told_of(account, sandbox):
    order = till.paid(sandbox, make.order())
    sandbox.control("dispute", charge=the_charge(sandbox))
    check()
    assert found() == [("lost-dispute", "mended")]
    assert till.fresh(order).payment_status is PaymentStatus.DISPUTED
    case = db.session.scalars(select(Dispute)).one()
    sandbox.control("lose_dispute", dispute=case.provider_id)
    check()
    assert till.fresh(order).payment_status is PaymentStatus.REFUNDED
    assert check().open == 0  # the lost dispute is no refund at Stripe, and not missed there


def test_money_for_an_order_that_was_let_go(account, sandbox):
    order = make.order()
    till.pay(sandbox, order)
    with transaction():
        effects.cancel(effects.lock_order(order.id), actor=MIA.actor)
    check()
    assert found() == [("lost-payment", "mended")]
    assert db.session.scalars(select(OrphanPayment.why)).one() == "order-cancelled"


def test_more_than_a_page(account, sandbox, monkeypatch):
    """Pages are followed to the end, and how far it is can be seen meanwhile."""
    monkeypatch.setattr(books, "PAGE", 2)
    for read in ("list_charges", "list_refunds_made", "list_disputes"):
        whole = getattr(stripe, read)
        monkeypatch.setattr(stripe, read, lambda whole=whole, **how: whole(limit=2, **how))
    for _ in range(5):
        till.pay(sandbox, make.order())
    told: list[tuple[str, int]] = []
    done = reconciliation.check_now(
        actor=SYSTEM, grace=reconciliation.NO_GRACE, tell=lambda *progress: told.append(progress)
    )
    assert (done.looked_at, done.mended) == (5, 5)
    assert [n for step, n in told if step == "charges"] == [0, 2, 4, 5]


def test_what_is_young_is_left_to_its_webhook(account, sandbox):
    till.pay(sandbox, make.order())
    assert reconciliation.check_now(actor=SYSTEM).looked_at == 0
    assert found() == []


def test_a_killed_comparison_is_started_again_and_finds_the_rest(account, sandbox, monkeypatch):
    for _ in range(3):
        till.pay(sandbox, make.order())
    wanted = reconciliation.request_check(actor=ALICE.actor)
    with transaction():
        db.session.get_one(PaymentCheck, wanted.id).until = clock.now()
    takes = iter([None, None, KeyboardInterrupt])
    take_in = comparing.Comparison._take_in

    def killed(self, charge):
        if next(takes, None):
            raise KeyboardInterrupt
        take_in(self, charge)

    monkeypatch.setattr(comparing.Comparison, "_take_in", killed)
    with pytest.raises(KeyboardInterrupt):
        reconciliation.run_check(wanted.id)
    assert len(found()) == 2
    done = reconciliation.run_check(wanted.id)
    assert (done.status, len(found())) == (CheckStatus.DONE, 3)
    assert reconciliation.run_check(wanted.id).finished_at == done.finished_at  # once done it stays done


def test_stripe_away_fails_the_check_and_it_is_tried_again(account, sandbox, config):
    till.pay(sandbox, make.order())
    wanted = reconciliation.request_check(actor=ALICE.actor)
    stripe.configure(replace(config, stripe_api_base="http://127.0.0.1:9"))
    with pytest.raises(Unavailable):
        reconciliation.run_check(wanted.id)
    kept = db.session.get_one(PaymentCheck, wanted.id, populate_existing=True)
    assert kept.status is CheckStatus.FAILED and kept.error
    stripe.configure(replace(config, stripe_api_base=sandbox.url))
    assert reconciliation.run_check(wanted.id).status is CheckStatus.DONE


def test_each_store_is_due_once_a_day(account, sandbox, monkeypatch):
    def due() -> int:
        return reconciliation.request_due()

    assert due() == 1 and due() == 0
    with tenants.in_store(ROAST):
        assert posted("payments.check_requested") == 1
        with pytest.raises(Conflict) as refused:
            reconciliation.request_check(actor=ALICE.actor)
        assert refused.value.code == "check-running"
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24))
    assert due() == 1


def test_without_an_account_there_is_nothing_to_compare(roast, sandbox, everything):
    before = everything()
    assert reconciliation.request_due() == 0
    with tenants.in_store(ROAST), pytest.raises(Conflict):
        reconciliation.request_check(actor=ALICE.actor)
    assert everything() == before


def test_a_finding_is_set_aside_with_a_reason_and_stays_so(account, sandbox, everything):
    till.paid(sandbox, make.order())
    with transaction():
        db.session.scalars(select(PaymentAttempt)).one().captured_amount = 900
    check()
    row = db.session.scalars(select(PaymentFinding)).one()
    before = everything()
    with tenants.in_store(RIVAL):
        assert findings.list_findings().total == 0
        with pytest.raises(NotFound):
            findings.set_aside(row.id, findings.SetAsideDraft(note="ours?"), actor=ALICE.actor)
    assert everything() == before
    findings.set_aside(row.id, findings.SetAsideDraft(note="Paid in cash"), actor=ALICE.actor)
    with pytest.raises(Conflict):
        findings.set_aside(row.id, findings.SetAsideDraft(note="again"), actor=ALICE.actor)
    check()
    row = db.session.scalars(select(PaymentFinding)).one()
    assert (row.state, row.note, row.closed_by) == ("closed", "Paid in cash", ALICE.actor.name)


# --- money that is put to an order by hand --------------------------------------------------------------------------


def an_orphan(sandbox, account, amount=1000) -> OrphanPayment:
    sandbox.control("unknown_charge", account=account, amount=amount)
    till.deliver_all(sandbox)
    return db.session.scalars(select(OrphanPayment)).one()


def test_an_orphan_is_put_to_its_order_and_refunded_from_there(account, sandbox):
    orphan, order = an_orphan(sandbox, account), make.order()
    till.hosted_page(order)
    orphans.attach(orphan.id, orphans.AttachDraft(order_number=order.order_number), actor=ALICE.actor)
    order = till.fresh(order)
    assert (order.status, order.payment_status, order.captured_total) == (
        OrderStatus.CONFIRMED, PaymentStatus.PAID, 1000)  # fmt: skip
    kept = db.session.get_one(OrphanPayment, orphan.id, populate_existing=True)
    assert (kept.resolved_as, kept.order_id) == ("attached", order.id)
    [session] = sandbox.get("state?kind=sessions")["sessions"]
    assert session["status"] == "expired"  # nobody pays a second time
    till.deliver_all(sandbox)
    check()
    assert found() == [] and till.fresh(order).captured_total == 1000
    refund_order(order.id, RefundDraft(), actor=ALICE.actor)
    assert [r["amount"] for r in sandbox.get("state?kind=refunds")["refunds"]] == [1000]


def test_an_expired_order_comes_back_with_its_orphan(account, sandbox):
    orphan, order = an_orphan(sandbox, account), make.order()
    with transaction():
        effects.expire(effects.lock_order(order.id), actor=SYSTEM)
    orphans.attach(orphan.id, orphans.AttachDraft(order_number=order.order_number), actor=ALICE.actor)
    assert till.fresh(order).status is OrderStatus.CONFIRMED


@pytest.mark.parametrize("why", ["unknown", "too much", "cancelled", "counted", "dealt with"])
def test_what_does_not_fit_is_refused(account, sandbox, everything, why):
    order = make.order()
    number, code = order.order_number, ""
    if why == "counted":
        till.pay(sandbox, order)
        with transaction():
            effects.cancel(effects.lock_order(order.id), actor=MIA.actor)
        till.deliver_all(sandbox)
        orphan, number, code = (
            db.session.scalars(select(OrphanPayment)).one(),
            make.order().order_number,
            "counted-already",
        )
    else:
        orphan = an_orphan(sandbox, account, 1001 if why == "too much" else 1000)
    if why == "unknown":
        number, code = "T-nothing", "invalid"
    elif why == "too much":
        code = "amount-does-not-fit"
    elif why == "cancelled":
        code = "order-not-payable"
        with transaction():
            effects.cancel(effects.lock_order(order.id), actor=MIA.actor)
    elif why == "dealt with":
        code = "already-resolved"
        orphans.accept(orphan.id, actor=ALICE.actor)
    ident = orphan.id
    before = everything()
    with pytest.raises((Conflict, Invalid)) as refused:
        orphans.attach(ident, orphans.AttachDraft(order_number=number), actor=ALICE.actor)
    assert refused.value.code == code or (
        isinstance(refused.value, Invalid) and refused.value.errors[0].field == "order_number"
    )
    assert everything() == before
    with tenants.in_store(RIVAL), pytest.raises(NotFound):
        orphans.attach(ident, orphans.AttachDraft(order_number=number), actor=ALICE.actor)
    assert everything() == before
