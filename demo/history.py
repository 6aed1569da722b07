"""Thirteen months of orders: more every month, Mondays busier than Saturdays, December before all.

What is to happen to every order is put on one list by time, and told from the first moment to the last: so numbers,
timelines and the ledger of the stock are in order.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import select

from demo.catalog import Made
from demo.counter import Counter, choose
from demo.people import Shopper, guest
from demo.shelf import Shelf
from demo.story import Story
from kit import clock
from kit.actor import Actor
from kit.db import db
from models.orders import PaymentMethod
from models.promotions import Coupon
from services import shipping, stock, tenants
from services.orders.making import DUE

MONTHS = 13
WEEKDAYS = (1.15, 1.0, 1.0, 1.05, 1.1, 0.75, 0.95)
HOURS = (1, 0, 0, 0, 0, 0, 1, 3, 5, 7, 8, 8, 9, 8, 7, 7, 7, 7, 8, 9, 11, 11, 8, 4)
SEASONS = {11: 1.35, 12: 1.7, 1: 0.75, 2: 0.8, 8: 0.7}

AWAITED = 52  # minutes ago: whatever the dice say, one order's money is still awaited
# Of a hundred orders of an age, how many went how. `age` in days: the first row whose number is not reached holds.
FATES: tuple[tuple[float, dict[str, int]], ...] = (
    (0.4, {"new": 78, "unpaid": 22}),
    (2.0, {"new": 62, "unpaid": 16, "packing": 14, "held": 4, "cancelled": 4}),
    (5.0, {"sent": 62, "part_sent": 8, "new": 10, "unpaid": 8, "packing": 8, "cancelled": 4}),
    (9.0, {"sent": 30, "done": 62, "part_sent": 3, "cancelled": 3, "refunded_part": 2}),
    (
        9999.0,
        {
            "done": 865,
            "refunded_part": 38,
            "refunded": 29,
            "cancelled": 26,
            "cancelled_paid": 12,
            "expired": 30,
        },
    ),
)


@dataclass(frozen=True)
class Crew:
    """Who does what in the store's name."""

    admin: Actor
    manager: Actor
    staff: Actor


@dataclass
class History:
    store: str
    made: list[Made]
    shoppers: list[Shopper]
    crew: Crew
    account_id: str
    words: dict[str, str]
    rng: random.Random
    stories: list[Story] = field(default_factory=list)
    _plan: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)

    def write(self, orders: int, opened: datetime) -> None:
        """In the caller's transaction."""
        self.now = clock.now()
        self.shelf = Shelf.of_store()
        row = tenants.row(lock=True)
        self.counter = Counter(
            shipping.list_zones(), list(db.session.scalars(select(Coupon))), self.shelf, row.next_order_number
        )
        for moment in self._moments(orders, opened):
            self._at(moment, self._place)
        with db.session.no_autoflush:
            while self._plan:
                moment, _turn, act = heapq.heappop(self._plan)
                with clock.at(moment):
                    act()
            self.shelf.count(self.crew.manager)
            for story in self.stories:
                story.settle()
        row.next_order_number = self.counter.number
        self._save()

    def _save(self) -> None:
        db.session.add_all([story.order for story in self.stories])
        db.session.flush()
        db.session.add_all([row for story in self.stories for row in story.rows])
        db.session.add_all(self.counter.uses)
        self.shelf.save()
        db.session.flush()
        stock.refresh({m.product.id for m in self.made})

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Plan an act; what would be in the future has not happened."""
        if moment <= self.now:
            heapq.heappush(self._plan, (moment, next(self._turn), act))

    # --- when -----------------------------------------------------------------------------------------------------

    def _moments(self, orders: int, opened: datetime) -> list[datetime]:
        zone = ZoneInfo(tenants.current().timezone)
        first, last = opened.astimezone(zone).date(), self.now.astimezone(zone).date()
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        weights = [
            (0.35 + 0.65 * n / len(days)) * WEEKDAYS[day.weekday()] * SEASONS.get(day.month, 1.0)
            for n, day in enumerate(days)
        ]
        chosen = self.rng.choices(days, weights, k=orders)
        moments = [
            datetime.combine(
                day,
                time(self.rng.choices(range(24), HOURS)[0], self.rng.randint(0, 59), self.rng.randint(0, 59)),
                tzinfo=zone,
            )
            for day in chosen
        ]
        # Today's orders so far, however early it is: a shop that opens in the morning must not look deserted.
        moments += [self.now - timedelta(minutes=minutes) for minutes in (11, AWAITED, 140, 265)]
        return [moment for moment in moments if moment <= self.now]

    # --- what -----------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        rng, moment = self.rng, clock.now()
        shopper = self._who(moment)
        lines = choose(self.made, rng)
        if not lines:
            return
        age = self.now - moment
        fate = "unpaid" if age == timedelta(minutes=AWAITED) else self._fate(age / timedelta(days=1))
        method = PaymentMethod.BANK_TRANSFER if rng.random() < 0.18 else PaymentMethod.CARD
        if fate == "unpaid":
            method = PaymentMethod.BANK_TRANSFER
        order = self.counter.place(shopper, lines, method, rng)
        order.payment_due_at = moment + DUE[method]
        story = Story(order, shopper, self.shelf, self.account_id)
        self.stories.append(story)
        story.tell("order.placed", shopper.actor, total=order.total, currency=order.currency)
        if rng.random() < 0.06:
            order.customer_note = self.words["note"]
        getattr(self, f"_{fate}")(story, moment)

    def _who(self, moment: datetime) -> Shopper:
        there = [shopper for shopper in self.shoppers if shopper.since <= moment]
        if not there or self.rng.random() < 0.27:
            return guest(self.store, self.rng, moment)
        return self.rng.choices(there, [shopper.eagerness for shopper in there])[0]

    def _fate(self, age: float) -> str:
        odds = next(odds for days, odds in FATES if age < days)
        return self.rng.choices(list(odds), list(odds.values()))[0]

    def _later(self, low: float, high: float) -> timedelta:
        return timedelta(hours=self.rng.uniform(low, high))

    def _paid(self, story: Story, moment: datetime) -> datetime:
        """When the money came: at once, or after a bank's day or two (for young orders soon enough)."""
        if story.order.payment_method is PaymentMethod.CARD:
            moment += timedelta(seconds=self.rng.randint(40, 240))
        else:
            moment += min(self._later(14, 50), (self.now - moment) * 0.4)
        self._at(moment, lambda: story.pay(self.crew.manager))
        return moment

    def _sent(self, story: Story, moment: datetime, *, only_first: bool = False) -> datetime:
        paid = self._paid(story, moment)
        moment = paid + min(self._later(5, 40), (self.now - paid) * 0.6)
        number = len(self.stories)
        self._at(moment, lambda: story.send(self.crew.staff, number, only_first=only_first))
        return moment

    def _arrived(self, story: Story, moment: datetime) -> datetime:
        sent = self._sent(story, moment)
        moment = sent + min(self._later(22, 96), (self.now - sent) * 0.8)
        self._at(moment, story.arrive)
        return moment

    # --- fates: each plans what comes after the placing -----------------------------------------------------------

    def _new(self, story: Story, moment: datetime) -> None:
        self._paid(story, moment)

    def _unpaid(self, story: Story, moment: datetime) -> None:
        """A transfer that is still awaited; its due date lies ahead."""

    def _packing(self, story: Story, moment: datetime) -> None:
        paid = self._paid(story, moment)
        self._at(paid + (self.now - paid) * 0.5, lambda: story.process(self.crew.staff))

    def _held(self, story: Story, moment: datetime) -> None:
        def hold() -> None:
            story.order.is_on_hold = True
            story.tell("order.held", self.crew.staff, self.words["hold"])

        paid = self._paid(story, moment)
        self._at(paid + (self.now - paid) * 0.5, hold)

    def _done(self, story: Story, moment: datetime) -> None:
        self._arrived(story, moment)

    def _part_sent(self, story: Story, moment: datetime) -> None:
        self._sent(story, moment, only_first=True)

    def _refunded_part(self, story: Story, moment: datetime) -> None:
        arrived = self._arrived(story, moment)

        def give_back() -> None:
            item = self.rng.choice(story.order.items)
            story.refund(self.crew.admin, self.words["returned"], [(item, 1)])

        self._at(arrived + min(self._later(50, 260), (self.now - arrived) * 0.8), give_back)

    def _refunded(self, story: Story, moment: datetime) -> None:
        arrived = self._arrived(story, moment)
        self._at(
            arrived + min(self._later(50, 260), (self.now - arrived) * 0.8),
            lambda: story.refund(self.crew.admin, self.words["all_returned"]),
        )

    def _cancelled(self, story: Story, moment: datetime) -> None:
        self._at(
            moment + min(self._later(1, 20), (self.now - moment) * 0.5),
            lambda: story.cancel(self.crew.staff, self.words["changed_mind"], self.counter),
        )

    def _cancelled_paid(self, story: Story, moment: datetime) -> None:
        paid = self._paid(story, moment)

        def give_up() -> None:
            story.cancel(self.crew.manager, self.words["damaged"], self.counter)
            story.refund(self.crew.admin, self.words["damaged"])

        self._at(paid + min(self._later(2, 20), (self.now - paid) * 0.5), give_up)

    def _expired(self, story: Story, moment: datetime) -> None:
        due = story.order.payment_due_at
        assert due is not None
        self._at(due + timedelta(minutes=1), lambda: story.expire(self.counter))
