"""Holding our books against Stripe's. What is safe is mended, by the same code that a webhook would have run; the rest
is written down for a person.

Every look is a call of its own outside any transaction, every finding a small transaction: a comparison that is killed
is started again, and finds what is left.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select

from gateways import stripe
from gateways.stripe import Batch, Charge, DisputeCase, RefundMade, StripeRefused
from kit.db import db
from models.orders import Order
from models.payments import (
    AttemptStatus,
    Dispute,
    OrphanPayment,
    PaymentAttempt,
    PaymentFinding,
    Refund,
    RefundStatus,
)
from services.orders.derived import OPEN_DISPUTE
from services.payments import attempts, disputes, findings, intake, refunds
from services.payments.amounts import LIVE
from services.payments.findings import CLOSED, MENDED, OPEN, Found

T = TypeVar("T")
MISSING = "resource_missing"
AT_MOST = 500  # things of ours that are asked for one by one

# What there is to find.
LOST_PAYMENT = "lost-payment"  # paid, and we had not heard of it
UNKNOWN_CHARGE = "unknown-charge"  # money that no order asked for
REFUND_AT_STRIPE = "refund-at-stripe"
LOST_REFUND = "lost-refund"  # of a refund of ours, how it went
LOST_DISPUTE = "lost-dispute"
UNKNOWN_DISPUTE = "unknown-dispute"
AMOUNT_DIFFERS = "amount-differs"
REFUNDS_DIFFER = "refunds-differ"
MISSING_AT_STRIPE = "missing-at-stripe"
KINDS = (
    LOST_PAYMENT, UNKNOWN_CHARGE, REFUND_AT_STRIPE, LOST_REFUND, LOST_DISPUTE, UNKNOWN_DISPUTE, AMOUNT_DIFFERS,
    REFUNDS_DIFFER, MISSING_AT_STRIPE,
)  # fmt: skip


@dataclass
class Comparison:
    """One run. `tell(step, looked_at)` is called as it goes on."""

    check_id: UUID
    account: str
    since: datetime
    until: datetime
    tell: Callable[[str, int], None]
    looked_at: int = 0
    mended: int = 0
    open: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)  # findings of this run
    charges: set[str] = field(default_factory=set)

    def run(self) -> None:
        for step, pages, look in (
            ("charges", stripe.list_charges, self._look_at_charges),
            ("refunds", stripe.list_refunds_made, self._look_at_refunds),
            ("disputes", stripe.list_disputes, self._look_at_disputes),
        ):
            self.tell(step, self.looked_at)
            for batch in self._pages(pages):
                look(batch.items)
                self.looked_at += len(batch.items)
                self.tell(step, self.looked_at)
        self.tell("ours", self.looked_at)
        self._look_at_ours()
        self.tell("findings", self.looked_at)
        self._look_again()

    def _pages(self, read: Callable[..., Batch]) -> Iterator[Batch]:
        cursor: str | None = None
        while True:
            batch = read(account=self.account, since=self.since, until=self.until, cursor=cursor)
            yield batch
            cursor = batch.next_cursor
            if cursor is None:
                return

    def _found(self, kind: str, provider_id: str, state: str, **more: object) -> None:
        self.seen.add((kind, provider_id))
        kept = findings.keep(self.check_id, Found(kind, provider_id, state, **more))  # type: ignore[arg-type]
        self.mended += kept == MENDED
        self.open += kept == OPEN

    # --- charges ----------------------------------------------------------------------------------------------------

    def _look_at_charges(self, found: tuple[Charge, ...]) -> None:
        taken = [charge for charge in found if charge.status == "succeeded" and charge.captured]
        self.charges |= {charge.id for charge in taken}
        known = self._attempts_of(taken)
        orphans = set(db.session.scalars(
            select(OrphanPayment.charge_id).where(OrphanPayment.charge_id.in_([c.id for c in taken]))
        ))  # fmt: skip
        for charge in taken:
            attempt = known.get(charge.intent_id or charge.id)
            if attempt is not None and attempt.captured_amount:
                self._compare(charge, attempt)
            elif charge.id not in orphans:
                self._take_in(charge)

    def _attempts_of(self, found: list[Charge]) -> dict[str, PaymentAttempt]:
        rows = db.session.scalars(
            select(PaymentAttempt).where(
                PaymentAttempt.account_id == self.account,
                PaymentAttempt.payment_intent_id.in_([c.intent_id for c in found if c.intent_id]),
            )
        )
        return {str(row.payment_intent_id): row for row in rows}

    def _take_in(self, charge: Charge) -> None:
        """Nobody has told us of this money: the intent is taken in as its webhook would have done."""
        money = {"theirs": charge.captured, "currency": charge.currency}
        taken = intake.intent(charge.intent_id, self.account) if charge.intent_id else None
        attempt = self._attempts_of([charge]).get(charge.intent_id or "")
        if attempt is None:
            order_id = taken.order_id if taken else None
            self._found(UNKNOWN_CHARGE, charge.id, MENDED if taken else OPEN, order_id=order_id, **money)
            return
        self._found(LOST_PAYMENT, charge.id, MENDED, order_id=attempt.order_id, ours=0, **money)
        self._compare(charge, attempt)

    def _compare(self, charge: Charge, attempt: PaymentAttempt) -> None:
        order_id, ours = attempt.order_id, attempt.captured_amount
        asked = attempt.amount if attempt.kind in ("session", "intent") else ours
        if charge.captured != ours or charge.captured != asked or charge.currency != attempt.currency:
            self._found(
                AMOUNT_DIFFERS, charge.id, OPEN, order_id=order_id,
                ours=ours if charge.captured != ours else asked, theirs=charge.captured, currency=charge.currency,
            )  # fmt: skip
        if charge.refunded == self._given_back(attempt.id):
            return
        for made in stripe.list_refunds(charge.id, account=self.account):
            self._look_at_refund(made)
        given = self._given_back(attempt.id)
        if charge.refunded != given:
            self._found(
                REFUNDS_DIFFER, charge.id, OPEN, order_id=order_id, ours=given, theirs=charge.refunded,
                currency=charge.currency,
            )  # fmt: skip

    def _given_back(self, attempt_id: UUID) -> int:
        """By refunds that Stripe knows. A lost dispute stands among our refunds, but is none there."""
        query = select(func.coalesce(func.sum(Refund.amount), 0)).where(
            Refund.attempt_id == attempt_id,
            Refund.status.in_(LIVE),
            Refund.provider_id.is_not(None),
            Refund.provider_id.not_in(select(Dispute.provider_id)),
        )
        return int(db.session.scalar(query) or 0)

    # --- refunds and disputes ---------------------------------------------------------------------------------------

    def _look_at_refunds(self, found: tuple[RefundMade, ...]) -> None:
        for made in found:
            self._look_at_refund(made)

    def _look_at_refund(self, made: RefundMade) -> None:
        ours = db.session.scalar(select(Refund).where(Refund.provider_id == made.id))
        if ours is not None and ours.status is refunds.status_of(made):
            return
        before = ours.status if ours is not None else None
        taken = intake.note_refund(made, self.account)
        if taken is None:  # of money that is no order's: the payment itself is what is told of
            return
        now = db.session.scalar(select(Refund.status).where(Refund.provider_id == made.id))
        if now is before:
            return
        is_foreign = before is None and "refund_id" not in made.metadata
        self._found(
            REFUND_AT_STRIPE if is_foreign else LOST_REFUND, made.id, MENDED, order_id=taken.order_id,
            theirs=made.amount, currency=made.currency,
        )  # fmt: skip

    def _look_at_disputes(self, found: tuple[DisputeCase, ...]) -> None:
        for case in found:
            self._look_at_dispute(case)

    def _look_at_dispute(self, case: DisputeCase) -> None:
        before = db.session.scalar(select(Dispute.status).where(Dispute.provider_id == case.id))
        if before == disputes.status_of(case):
            return
        taken = intake.note_dispute(case, self.account)
        if taken is None:
            self._found(UNKNOWN_DISPUTE, case.id, OPEN, theirs=case.amount)
            return
        if db.session.scalar(select(Dispute.status).where(Dispute.provider_id == case.id)) != before:
            self._found(LOST_DISPUTE, case.id, MENDED, order_id=taken.order_id, theirs=case.amount)

    # --- what we have and Stripe's lists may not show ---------------------------------------------------------------

    def _look_at_ours(self) -> None:
        for attempt in self._live():
            if attempts.look_again(attempt) is AttemptStatus.CAPTURED:
                self._found(
                    LOST_PAYMENT, attempt.charge_id or str(attempt.id), MENDED, order_id=attempt.order_id, ours=0,
                    theirs=attempt.captured_amount, currency=attempt.currency,
                )  # fmt: skip
        for refund in self._pending():
            provider_id, order_id, amount = str(refund.provider_id), refund.order_id, refund.amount
            made = self._known(stripe.get_refund, provider_id, order_id, amount)
            if made is not None:
                self._look_at_refund(made)
        for dispute in self._undecided():
            provider_id, order_id, amount = dispute.provider_id, dispute.order_id, dispute.amount
            case = self._known(stripe.get_dispute, provider_id, order_id, amount)
            if case is not None:
                self._look_at_dispute(case)
        for attempt in self._captured():
            if attempt.charge_id and attempt.charge_id not in self.charges:
                self._ask_for(attempt.charge_id, attempt)

    def _known(self, read: Callable[..., T], provider_id: str, order_id: UUID, amount: int) -> T | None:
        """What Stripe has under this id; where it has nothing, that is a finding."""
        there = self._still_there(read, provider_id)
        if there is None:
            self._found(MISSING_AT_STRIPE, provider_id, OPEN, order_id=order_id, ours=amount, theirs=0)
        return there

    def _still_there(self, read: Callable[..., T], provider_id: str) -> T | None:
        try:
            return read(provider_id, account=self.account)
        except StripeRefused as error:
            if error.reason != MISSING:
                raise
            return None

    def _live(self) -> list[PaymentAttempt]:
        query = select(PaymentAttempt).where(
            PaymentAttempt.live_key.is_not(None),
            PaymentAttempt.account_id == self.account,
            PaymentAttempt.created_at <= self.until,
        )
        return list(db.session.scalars(query.order_by(PaymentAttempt.id).limit(AT_MOST)))

    def _pending(self) -> list[Refund]:
        query = (
            select(Refund)
            .join(PaymentAttempt, PaymentAttempt.id == Refund.attempt_id)
            .where(
                PaymentAttempt.account_id == self.account,
                Refund.status == RefundStatus.PENDING,
                Refund.provider_id.is_not(None),
                Refund.created_at <= self.until,
            )
        )
        return list(db.session.scalars(query.order_by(Refund.id).limit(AT_MOST)))

    def _undecided(self) -> list[Dispute]:
        of_account = select(PaymentAttempt.order_id).where(PaymentAttempt.account_id == self.account)
        query = select(Dispute).where(Dispute.status.in_(OPEN_DISPUTE), Dispute.order_id.in_(of_account))
        return list(db.session.scalars(query.order_by(Dispute.id).limit(AT_MOST)))

    def _captured(self) -> list[PaymentAttempt]:
        query = select(PaymentAttempt).where(
            PaymentAttempt.account_id == self.account,
            PaymentAttempt.captured_amount > 0,
            PaymentAttempt.created_at.between(self.since, self.until),
        )
        return list(db.session.scalars(query.order_by(PaymentAttempt.id).limit(AT_MOST)))

    def _ask_for(self, charge_id: str, attempt: PaymentAttempt) -> None:
        charge = self._known(stripe.get_charge, charge_id, attempt.order_id, attempt.captured_amount)
        if charge is not None:
            self._compare(charge, attempt)

    def _look_again(self) -> None:
        """What was open before and did not show now: closed where it is gone."""
        for finding in findings.list_open(AT_MOST):
            if (finding.kind, finding.provider_id) in self.seen:
                continue
            self._look_at_finding(finding)
            if (finding.kind, finding.provider_id) not in self.seen:
                findings.close(finding.id, CLOSED)

    def _look_at_finding(self, finding: PaymentFinding) -> None:
        if finding.kind == UNKNOWN_DISPUTE:
            if case := self._still_there(stripe.get_dispute, finding.provider_id):
                self._look_at_dispute(case)
            return
        if finding.kind == UNKNOWN_CHARGE:
            if charge := self._still_there(stripe.get_charge, finding.provider_id):
                self._look_at_charges((charge,))
            return
        attempt = db.session.scalar(
            select(PaymentAttempt)
            .join(Order, Order.id == PaymentAttempt.order_id)
            .where(PaymentAttempt.charge_id == finding.provider_id, PaymentAttempt.captured_amount > 0)
        )
        if attempt is not None:
            self._ask_for(finding.provider_id, attempt)
