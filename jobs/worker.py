"""`python -m jobs.worker`: delivers the outbox and keeps the clock.

Without REDIS_URL it works messages off itself, in two lanes. With it, it relays them to RQ; `run_message` is what
RQ's workers call. SIGTERM or Ctrl-C: it finishes the message it is at, and ends.
"""

import argparse
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from uuid import UUID

import structlog
from flask import Flask

from app import create_app
from config import Config
from jobs import schedule
from jobs.outbox import LEASE, SLOW, claim, deliver
from kit import meters
from kit.db import db
from services import deliveries

ENDS_US = {signal.SIGTERM, signal.SIGINT}
POLL = 0.25  # seconds
TROUBLE = 5.0  # seconds to wait when the database or Redis does not answer
log = structlog.get_logger("jobs.worker")


class Worker:
    def __init__(self, app: Flask, lease: timedelta = LEASE):
        self.app = app
        self.lease = lease
        self.config: Config = app.config["VITRINE"]
        self.stopping = threading.Event()

    def run(self) -> None:
        # Waited for below rather than handled: a handler that sets an event waits for ever where it interrupts the same
        # event being set or waited for.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS_US)
        lanes = [self._relay()] if self.config.redis_url else [self._prompt_message, self._slow_message]
        threads = [threading.Thread(target=self._lane, args=(lane,)) for lane in lanes]
        threads.append(threading.Thread(target=self._clock))
        for thread in threads:
            thread.start()
        log.info("worker started", mode="relay" if self.config.redis_url else "alone")
        signal.sigwait(ENDS_US)
        self.stopping.set()
        for thread in threads:
            thread.join()

    def _lane(self, step: Callable[[], bool]) -> None:
        if step == self._slow_message:
            _yield_to_shoppers()
        with self.app.app_context():
            while not self.stopping.is_set():
                try:
                    worked = step()
                except Exception:
                    log.exception("the worker can't get on")
                    self.stopping.wait(TROUBLE)
                    worked = True
                finally:
                    db.session.remove()
                if not worked:
                    self.stopping.wait(POLL)

    def _prompt_message(self) -> bool:
        return self._deliver(deliveries.next_due(without=SLOW))

    def _slow_message(self) -> bool:
        return self._deliver(deliveries.next_due(only=SLOW))

    def _deliver(self, due: list[tuple[UUID, str]]) -> bool:
        for message_id, _topic in due:
            if held := claim(message_id, self.lease):
                deliver(held)
        return bool(due)

    def _relay(self) -> Callable[[], bool]:
        from jobs.queue import Relay  # only an installation with Redis pays for RQ's import

        return Relay(self.config.redis_url).step

    def _clock(self) -> None:
        with self.app.app_context():
            timetable = schedule.Timetable(time.monotonic)
            while not self.stopping.is_set():
                for task in timetable.due():
                    if self.stopping.is_set():
                        return
                    schedule.run(task)
                    db.session.remove()
                meters.tick()
                self.stopping.wait(1)


def _yield_to_shoppers() -> None:
    """On Linux a thread has its own priority: pictures are made in what time the shop leaves."""
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


@cache
def the_app() -> Flask:
    """Of a process of RQ's, made for its first message."""
    return create_app(with_commands=False)


def run_message(message_id: str) -> None:
    """The one job of RQ: deliver this message, unless it is done or somebody is at it. Its row says how it went."""
    with the_app().app_context():
        try:
            if held := claim(UUID(message_id)):
                deliver(held)
        finally:
            db.session.remove()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m jobs.worker", description=__doc__)
    parser.add_argument(
        "--lease",
        type=int,
        default=int(LEASE.total_seconds()),
        metavar="SECONDS",
        help="after how long a message returns whose worker died (default: %(default)s)",
    )
    options = parser.parse_args()
    Worker(create_app(with_commands=False), timedelta(seconds=options.lease)).run()


if __name__ == "__main__":
    main()
