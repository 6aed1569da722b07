"""What the clock does. Every task bears being run twice or by several workers at once: it looks at what is due.

A task runs across all stores in as few statements as it can; what needs a store's rules enters each store that has
something due.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from kit import clock, meters, sqlite
from kit.db import db
from kit.tenancy import every_tenant
from services import (
    audit_retention,
    deliveries,
    domains,
    idempotency,
    newsletter,
    pages,
    review_requests,
    stock,
    stock_alerts,
)
from services.accounts import hand_over, impersonating, invitations, tokens
from services.catalog import collections, publishing
from services.orders import expiry
from services.payments import reconciliation
from services.search import misses

MINUTE, HOUR, DAY = 60, 3600, 86_400
log = structlog.get_logger("jobs.schedule")


@dataclass(frozen=True, slots=True)
class Task:
    """`every` in seconds; `work` answers how much there was to do."""

    name: str
    every: int
    work: Callable[[], Any]


def sweep_holds() -> int:
    with every_tenant():
        return stock.sweep_expired()


def forget_idempotency_keys() -> int:
    with every_tenant():
        return idempotency.sweep_old()


def forget_tokens() -> int:
    with every_tenant():
        return tokens.forget_expired(clock.now()) + hand_over.forget_old() + impersonating.forget_old()


def forget_delivered_messages() -> int:
    total = 0
    while part := deliveries.purge():
        total += part
    return total


def check_stock_ledgers() -> int:
    with every_tenant():
        wrong = stock.ledger_mismatches()
    if wrong:
        log.error("stock does not equal its ledger", stock_items=[str(item) for item in wrong])
    return len(wrong)


def forget_misses() -> int:
    with every_tenant():
        return misses.forget_old()


def forget_invitations() -> int:
    with every_tenant():
        return invitations.forget_old()


def learn_how_rows_lie() -> int:
    return int(sqlite.learn(db.engine))


TASKS: tuple[Task, ...] = (
    Task("sweep holds", MINUTE, sweep_holds),
    Task("expire unpaid orders", MINUTE, expiry.expire_due),
    Task("show and hide products", MINUTE, publishing.publish_due),
    Task("show and hide pages", MINUTE, pages.publish_due),
    Task("complete sent orders", HOUR, expiry.complete_due),
    Task("forget idempotency keys", HOUR, forget_idempotency_keys),
    Task("look at own domains", HOUR, domains.look_again),
    Task("forget tokens", HOUR, forget_tokens),
    Task("ask the rules of collections", MINUTE, collections.refresh_due),
    Task("forget old misses", DAY, forget_misses),
    Task("forget old invitations", DAY, forget_invitations),
    Task("tell who waits for stock", 15 * MINUTE, stock_alerts.tell_overlooked),
    Task("forget old stock alerts", DAY, stock_alerts.forget_old),
    Task("ask for reviews", 15 * MINUTE, review_requests.ask_due),
    Task("forget who never said yes to the newsletter", DAY, newsletter.forget_old),
    Task("forget delivered messages", HOUR, forget_delivered_messages),
    Task("let go of old entries of audit logs", DAY, audit_retention.trim_due),
    Task("check stock ledgers", DAY, check_stock_ledgers),
    Task("let SQLite learn how rows lie", DAY, learn_how_rows_lie),
    # Once a day for each store: it asks which were not compared for a day.
    Task("compare with Stripe", HOUR, reconciliation.request_due),
)


class Timetable:
    """When each task is due next, by a clock that only goes forward. The first time comes soon after the start."""

    def __init__(self, ticks: Callable[[], float], tasks: tuple[Task, ...] = TASKS):
        self.ticks = ticks
        start = ticks()
        self.next = {task: start + min(task.every, MINUTE) for task in tasks}

    def due(self) -> Iterator[Task]:
        for task, moment in self.next.items():
            if moment <= self.ticks():
                self.next[task] = self.ticks() + task.every
                yield task


def run(task: Task) -> None:
    """A failure is logged, and the task comes round again."""
    try:
        done = task.work()
    except Exception:
        log.exception("task failed", task=task.name)
        meters.task(task.name, done=False)
    else:
        meters.task(task.name, done=True)
        if done:
            log.info("task done", task=task.name, count=done)
