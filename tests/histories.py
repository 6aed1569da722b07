"""Random lives of paid orders: what happens at Stripe and here, told once in order, or told by a bad network to a
worker that is killed now and then. Both must come to the same."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from sqlalchemy import event, select

from gateways.stripe import client
from kit.actor import SYSTEM
from kit.db import ShopSession, db, transaction
from models.orders import Order, OrderEvent, OrderItem
from models.outbox import OutboxMessage
from models.payments import Dispute, OrphanPayment, PaymentAttempt, Refund, RefundStatus
from models.stock import StockItem
from services.orders import effects
from services.payments import intents, offline, reconciliation, refunds
from services.payments.refunds import RefundDraft
from tests import make, till
from tests.cast import ALICE, MIA
from tests.make import Line
from tests.stripe_sandbox import StripeSandbox

Step = tuple[Any, ...]
Script = tuple[Step, ...]
SLOW_REFUND = "4000000000007726"
CARD, DECLINED = "4242424242424242", "4000000000000002"
DELAYED = ("multibanco", "mb_way", "sepa_debit")
# Steps along the way, that who hears of everything late never sees.
PASSING = {
    "payment.failed", "payment.pending", "webhook.received", "refund.requested", "payments.differences_found",
}  # fmt: skip


# --- what happens -----------------------------------------------------------------------------------------------------


def write(rng: random.Random) -> Script:
    """A life that could be."""
    steps, is_paid, slow = _paying(rng)
    left = 2000
    disputed = False
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3)) if is_paid else 0):
        what = rng.choice(("refund", "refund", "refund_at_stripe", "dispute"))
        if what == "dispute" and not disputed:
            disputed = True
            steps.append(("dispute",))
            if ending := rng.choice(("win", "lose", "")):
                steps.append((ending,))
            if ending != "win":
                break
        elif what != "dispute":
            amount = rng.choice((100, 333, 500))
            left -= amount
            steps.append((what, amount))
            if slow:
                steps.append((rng.choice(("settle_refund", "fail_refund")),))
    return tuple(steps)


def _paying(rng: random.Random) -> tuple[list[Step], bool, bool]:
    """(steps, whether the order has the money then, whether refunds take their time)."""
    kind = rng.choice(
        ("card", "card", "declined", "challenge", "delayed", "delayed", "intent", "late", "slow")
    )
    if kind == "declined":
        return [("pay", DECLINED), *rng.choice(([], [("pay", CARD)]))], False, False
    if kind == "challenge":
        return [("challenge", rng.random() < 0.7)], False, False
    if kind == "delayed":
        steps: list[Step] = [("delayed", rng.choice(DELAYED))]
        if rng.random() < 0.6:
            return [*steps, ("arrives",)], True, False
        steps.append(("fails",))
        return (
            ([*steps, ("page",), ("pay", CARD)], True, False) if rng.random() < 0.5 else (steps, False, False)
        )
    if kind == "intent":
        return [("intent",), ("pay_intent", CARD)], True, False
    if kind == "late":
        return [("page",), (rng.choice(("let_go", "cancel", "by_hand")),), ("pay", CARD)], False, False
    if kind == "slow":
        return [("pay", SLOW_REFUND)], True, True
    return [("pay", CARD)], True, False


class World:
    """One order, and what happens to it. `hears` is called after each step, `hears_all` before staff act on what they
    see."""

    def __init__(self, sandbox: StripeSandbox, hears: Callable[[], None], hears_all: Callable[[], None]):
        self.sandbox, self.hears, self.hears_all = sandbox, hears, hears_all
        self.order = make.order(Line(make.product("Mug", stock=5), quantity=2))
        self.order_id = self.order.id
        self.page_id = ""
        self.intent_id = ""

    def live(self, script: Script) -> None:
        for name, *how in script:
            getattr(self, name)(*how)
            self.hears()

    def page(self) -> None:
        self.page_id = str(till.hosted_page(till.fresh(self.order)).session_id)

    def pay(self, card: str) -> None:
        if not self.page_id:
            self.page()
        self._paid(self.sandbox.pay(self.page_id, card=card))

    def challenge(self, is_passed: bool) -> None:
        self.page()
        self._paid(self.sandbox.pay(self.page_id, card="4000002500003155", authenticate=is_passed))

    def delayed(self, method: str) -> None:
        self.page()
        self._paid(
            self.sandbox.pay(self.page_id, method=method, email="carla@roast.test", phone="+351912345678")
        )

    def arrives(self) -> None:
        self.sandbox.control("complete_payment", payment_intent=self.intent_id)

    def fails(self) -> None:
        self.sandbox.control("fail_payment", payment_intent=self.intent_id)

    def intent(self) -> None:
        draft = intents.IntentDraft(order_id=self.order_id)
        self.intent_id = intents.create_intent(draft, actor=MIA.actor).payment_intent_id

    def pay_intent(self, card: str) -> None:
        self._paid(self.sandbox.control("pay", payment_intent=self.intent_id, card=card))

    def _paid(self, answer: dict[str, Any]) -> None:
        self.intent_id = (answer["payment_intent"] or {}).get("id") or self.intent_id

    @property
    def charge_id(self) -> str:
        charges = self.sandbox.get("state?kind=charges")["charges"]
        return next(c["id"] for c in charges[::-1] if c["payment_intent"] == self.intent_id and c["paid"])

    # What staff or the clock do without asking Stripe: the money comes all the same.

    def let_go(self) -> None:
        with transaction():
            effects.expire(effects.lock_order(self.order_id), actor=SYSTEM)

    def cancel(self) -> None:
        with transaction():
            effects.cancel(effects.lock_order(self.order_id), actor=MIA.actor)

    def by_hand(self) -> None:
        with transaction():
            offline.record_payment(effects.lock_order(self.order_id), actor=MIA.actor)

    # Money back.

    def refund(self, amount: int) -> None:
        self.hears_all()
        try:
            refunds.refund_order(
                self.order_id,
                RefundDraft.model_validate({"amount": f"{amount / 100:.2f}"}),
                actor=ALICE.actor,
            )
        except Killed:
            self.finish(amount)

    def finish(self, amount: int) -> None:
        """The worker takes up what was reserved; where nothing was, the person presses the button again."""
        db.session.rollback()
        mine = select(Refund.id, Refund.status, Refund.provider_id).where(Refund.order_id == self.order_id)
        waiting = [
            row.id for row in db.session.execute(mine)
            if row.status is RefundStatus.PENDING and row.provider_id is None
        ]  # fmt: skip
        for refund_id in waiting:
            refunds.finish_refund(refund_id)
        known = self.sandbox.get("state?kind=refunds")["refunds"]
        here = db.session.scalars(select(Refund.provider_id).where(Refund.order_id == self.order_id)).all()
        if not waiting and not any(r["id"] in here and r["amount"] == amount for r in known):
            self.refund(amount)

    def refund_at_stripe(self, amount: int) -> None:
        self.sandbox.control("refund", charge=self.charge_id, amount=amount)

    def _last_refund(self) -> str:
        made = self.sandbox.get("state?kind=refunds")["refunds"]
        return next(r["id"] for r in made[::-1] if r["payment_intent"] == self.intent_id)

    def settle_refund(self) -> None:
        self.sandbox.control("settle_refund", refund=self._last_refund())

    def fail_refund(self) -> None:
        self.sandbox.control("fail_refund", refund=self._last_refund())

    def dispute(self) -> None:
        self.sandbox.control("dispute", charge=self.charge_id)

    def _case(self) -> str:
        cases = self.sandbox.get("state?kind=disputes")["disputes"]
        return next(c["id"] for c in cases[::-1] if c["payment_intent"] == self.intent_id)

    def win(self) -> None:
        self.sandbox.control("win_dispute", dispute=self._case())

    def lose(self) -> None:
        self.sandbox.control("lose_dispute", dispute=self._case())

    def outcome(self) -> dict[str, Any]:
        """What can be seen of it in the end, without ids and times."""
        db.session.expire_all()
        ident = self.order_id
        order = db.session.get_one(Order, ident)
        stock = select(StockItem.on_hand, StockItem.allocated).join(
            OrderItem, OrderItem.product_id == StockItem.product_id
        )
        attempts = select(PaymentAttempt.kind, PaymentAttempt.status, PaymentAttempt.captured_amount)
        orphans = select(OrphanPayment.amount, OrphanPayment.why, OrphanPayment.resolved_as)
        refunded = sorted(
            map(
                tuple,
                db.session.execute(
                    select(Refund.status, Refund.amount, Refund.tax_amount).where(Refund.order_id == ident)
                ),
            )
        )
        posted = db.session.execute(select(OutboxMessage.topic, OutboxMessage.payload)).all()
        told = db.session.scalars(select(OrderEvent.type).where(OrderEvent.order_id == ident)).all()
        return {
            "order": (order.status, order.payment_status, order.display_status, order.captured_total,
                      order.refunded_total, order.is_oversold),
            "attempts": sorted(map(tuple, db.session.execute(attempts.where(PaymentAttempt.order_id == ident)))),
            "refunds": refunded,
            "disputes": sorted(map(tuple, db.session.execute(
                select(Dispute.status, Dispute.amount).where(Dispute.order_id == ident)))),
            "orphans": sorted(map(tuple, db.session.execute(orphans.where(OrphanPayment.order_id == ident)))),
            "stock": tuple(db.session.execute(stock.where(OrderItem.order_id == ident)).one()),
            "posted": _lasting((topic for topic, payload in posted if payload.get("order_id") == str(ident)),
                               "order.refunded", refunded),
            "told": _lasting(told, "refund.succeeded", refunded),
        }  # fmt: skip


def _lasting(kinds: Iterable[str], success: str, refunded: list[tuple[Any, ...]]) -> Counter[str]:
    """Without what is seen in passing only: a refund that failed may have succeeded before, for who looked then."""
    seen = Counter(kind for kind in kinds if kind not in PASSING)
    good = sum(status is RefundStatus.SUCCEEDED for status, *_ in refunded)
    assert good <= seen[success] <= len(refunded), (seen, refunded)
    return Counter({**seen, success: good})


# --- how it is told ---------------------------------------------------------------------------------------------------


def told_in_order(sandbox: StripeSandbox, script: Script) -> dict[str, Any]:
    """Each event once, at once, in its order."""
    heard = len(till.events(sandbox))

    def hears() -> None:
        nonlocal heard
        events = till.events(sandbox)
        for one in events[heard:]:
            till.deliver(one)
        heard = len(events)

    world = World(sandbox, hears, hears)
    world.live(script)
    return world.outcome()


class Killed(BaseException):
    """The process is gone, as after SIGKILL: no handler runs."""


@contextmanager
def killed_after(moments: int) -> Iterator[None]:
    """Die at the n-th moment: before a commit, or before Stripe is called."""
    left = moments

    def moment(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    is_writing = client.is_writing

    def asked() -> bool:
        moment()
        return is_writing()

    event.listen(ShopSession, "before_commit", moment)
    try:
        with patch.object(client, "is_writing", asked):
            yield
    finally:
        event.remove(ShopSession, "before_commit", moment)
        db.session.rollback()


@dataclass
class BadNetwork:
    """Events come twice, late, in any order, or get lost until they are sent once more; the worker is killed."""

    sandbox: StripeSandbox
    rng: random.Random
    heard: int
    waiting: list[dict[str, Any]] = field(default_factory=list)
    old: list[dict[str, Any]] = field(default_factory=list)
    kills: int = 0

    def hears(self) -> None:
        self._collect()
        self.rng.shuffle(self.waiting)
        cut = self.rng.randint(0, len(self.waiting))
        now, self.waiting = self.waiting[:cut], self.waiting[cut:]
        for one in now:
            self._deliver(one)
        if self.old and self.rng.random() < 0.5:
            self._deliver(self.rng.choice(self.old))

    def hears_all(self) -> None:
        self._collect()
        self.rng.shuffle(self.waiting)
        while self.waiting:
            self._deliver(self.waiting.pop())

    def ends(self) -> None:
        """What was lost is told after all, by a replay or, where it never comes, by the comparison of the books."""
        self._collect()
        if self.waiting and self.rng.random() < 0.3:
            reconciliation.check_now(actor=SYSTEM, grace=reconciliation.NO_GRACE)
        self.waiting += self.rng.sample(self.old, min(len(self.old), 3))
        self.hears_all()

    def _collect(self) -> None:
        events = till.events(self.sandbox)
        self.waiting += events[self.heard :]
        self.heard = len(events)

    def _deliver(self, one: dict[str, Any]) -> None:
        till.receive(one)
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            if self.rng.random() < 0.4:
                try:
                    with killed_after(self.rng.randint(1, 7)):
                        till.process(one)
                except Killed:
                    self.kills += 1
            till.receive(one)
            till.process(one)
        self.old.append(one)


def told_badly(sandbox: StripeSandbox, script: Script, rng: random.Random) -> tuple[dict[str, Any], int]:
    """The outcome, and how often the worker was killed on the way."""
    network = BadNetwork(sandbox, rng, len(till.events(sandbox)))
    world = World(sandbox, network.hears, network.hears_all)
    world.live(script)
    network.ends()
    return world.outcome(), network.kills
