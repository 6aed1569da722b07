"""Every message is delivered, and nothing happens twice, however often workers are killed in the middle of it."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs import outbox as jobs_outbox
from jobs.outbox import HANDLERS, Handler, claim, deliver, inside, outside
from kit import clock
from kit.actor import SYSTEM
from kit.db import db, is_writing, transaction
from kit.errors import NotFound
from kit.tenancy import current_tenant_id, every_tenant
from models.audit import AuditEntry
from models.outbox import OutboxMessage, OutboxReceipt
from services import audit, deliveries, outbox, tenants
from tests import cast, servers

ROOT = Path(__file__).resolve().parents[2]
TOPIC = "test.counted"  # of tests/jobs/a_worker.py, which runs in processes of its own only
MESSAGES = 60
NUMBERS = list(range(1, MESSAGES + 1))


@contextmanager
def handlers(topic: str, *named: Handler) -> Iterator[None]:
    HANDLERS[topic] = named
    try:
        yield
    finally:
        del HANDLERS[topic]


def post(topic: str, **payload) -> OutboxMessage:
    with transaction():
        return outbox.post(topic, **payload)


def message(of: OutboxMessage) -> OutboxMessage:
    with every_tenant():
        found = db.session.get(OutboxMessage, of.id)
        assert found is not None
        return found


def try_again(of: OutboxMessage) -> bool:
    held = claim(of.id)
    assert held is not None
    return deliver(held)


def written(action: str) -> list[str]:
    with tenants.in_store(cast.ROAST):
        return list(db.session.scalars(select(AuditEntry.resource_id).where(AuditEntry.action == action)))


# --- one message ------------------------------------------------------------------------------------------------


def test_a_handler_runs_in_the_store_of_the_message_with_its_payload(roast):
    seen = []
    with handlers("t.x", inside(lambda **kw: seen.append((current_tenant_id(), is_writing(), kw)))):
        assert try_again(post("t.x", n=1, who="Ana"))
    assert seen == [(cast.ROAST, True, {"n": 1, "who": "Ana"})]


def test_a_handler_that_calls_out_runs_outside_any_transaction(roast):
    seen = []
    with handlers("t.x", outside(lambda: seen.append((current_tenant_id(), is_writing())))):
        assert try_again(post("t.x"))
    assert seen == [(cast.ROAST, False)]


def test_the_platform_names_the_store_in_the_payload(app):
    seen = []
    with every_tenant():
        sent = post("t.x", tenant_id=cast.RIVAL, n=2)
    with handlers("t.x", outside(lambda **kw: seen.append((current_tenant_id(), kw)))):
        assert try_again(sent)
    assert seen == [(cast.RIVAL, {"n": 2})]


def test_what_a_handler_wrote_is_gone_when_it_fails_and_the_others_have_run(roast):
    def half_done():
        audit.record("half", ("test", 1), actor=SYSTEM)
        db.session.flush()
        raise RuntimeError("no")

    with handlers("t.x", inside(half_done), inside(lambda: audit.record("whole", ("test", 1), actor=SYSTEM))):
        sent = post("t.x")
        assert not try_again(sent)
    assert written("half") == [] and len(written("whole")) == 1
    after = message(sent)
    assert after.done_at is None and "RuntimeError: no" in after.last_error
    assert after.run_at > clock.now() and after.lease_until is None


def test_a_retry_does_not_repeat_what_is_done(roast):
    calls: Counter[str] = Counter()

    def good():
        calls["good"] += 1

    def bad():
        calls["bad"] += 1
        if calls["bad"] < 3:
            raise RuntimeError("not yet")

    with handlers("t.x", inside(good), outside(bad)):
        sent = post("t.x")
        assert [try_again(sent), try_again(sent), try_again(sent)] == [False, False, True]
    assert calls == {"good": 1, "bad": 3}
    assert message(sent).done_at is not None
    assert claim(sent.id) is None


def test_delays_grow_and_end_in_a_dead_message_that_can_be_replayed(roast):
    def bad():
        raise RuntimeError("never")

    with handlers("t.x", outside(bad)):
        sent = post("t.x")
        waits = []
        for _ in deliveries.DELAYS:
            try_again(sent)
            waits.append(message(sent).run_at - clock.now())
        assert waits == sorted(waits) and waits[-1] > timedelta(hours=11)
        try_again(sent)
    assert message(sent).dead_at is not None
    assert claim(sent.id) is None and deliveries.next_due() == []
    assert [m.id for m in deliveries.list_messages("dead")] == [sent.id]
    deliveries.replay(sent.id)
    assert [found for found, _topic in deliveries.next_due()] == [sent.id]
    with handlers("t.x", outside(lambda: None)):
        assert try_again(sent)
    with pytest.raises(NotFound):
        deliveries.replay(sent.id)


def test_a_topic_that_nobody_knows_is_not_lost(roast):
    sent = post("t.unheard-of")
    assert not try_again(sent)
    assert "t.unheard-of" in message(sent).last_error and message(sent).done_at is None


def test_a_message_is_not_due_before_its_time_and_not_while_it_is_leased(roast):
    with transaction():
        later = outbox.post("t.x", delay=timedelta(minutes=5))
    now = post("t.x")
    assert [found for found, _topic in deliveries.next_due(10)] == [now.id]
    assert claim(now.id) and claim(now.id) is None
    assert deliveries.next_due(10) == []
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert {found for found, _topic in deliveries.next_due(10)} == {now.id, later.id}


def test_who_lost_the_lease_changes_nothing(roast):
    calls = []

    def slow():
        calls.append(1)
        if len(calls) == 1:  # meanwhile the lease runs out, and another worker delivers
            with clock.at(clock.now() + jobs_outbox.LEASE + timedelta(seconds=1)):
                held = claim(sent.id)
                assert held and deliver(held)

    with handlers("t.x", outside(slow), inside(lambda: audit.record("then", ("test", 1), actor=SYSTEM))):
        sent = post("t.x")
        held = claim(sent.id)
        assert held
        deliver(held)
    assert len(written("then")) == 1
    assert message(sent).attempts == 2 and message(sent).done_at is not None


def test_delivered_messages_are_forgotten_after_a_while_with_their_receipts(roast):
    with handlers("t.x", inside(lambda: None)):
        old = post("t.x")
        try_again(old)
        with clock.at(clock.now() + deliveries.KEPT + timedelta(days=1)):
            young = post("t.x")
            try_again(young)
            assert deliveries.purge() == 1
    with every_tenant():
        assert list(db.session.scalars(select(OutboxMessage.id))) == [young.id]
        assert list(db.session.scalars(select(OutboxReceipt.message_id))) == [young.id]


# --- real workers, killed -----------------------------------------------------------------------------------------


class Traces:
    def __init__(self, folder: Path, url: str, **more: str):
        self.folder = folder
        self.env = os.environ | {
            "APP_ENV": "testing",
            "INSTANCE_DIR": str(folder / "instance"),
            "DATABASE_URL": url,
            "TRACES": str(folder),
            **more,
        }
        self.log = (folder / "log").open("ab")
        self.started: list[subprocess.Popen] = []

    def start(self, *command: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.env, stdout=self.log, stderr=self.log
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """Whatever a failed test left running."""
        for process in self.started:
            if process.poll() is None:
                _kill_with_children(process)
        self.log.close()

    def calls(self) -> int:
        file = self.folder / "calls"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def told(self) -> list[int]:
        return sorted(int(file.read_text()) for file in self.folder.glob("????????-????-*"))


@pytest.fixture
def traces(tmp_path, database) -> Iterator[Callable[..., Traces]]:
    made = []

    def make(**more: str) -> Traces:
        made.append(Traces(tmp_path, database.url, **more))
        return made[-1]

    yield make
    for each in made:
        each.end()


def post_many() -> None:
    with tenants.in_store(cast.ROAST), transaction():
        for number in NUMBERS:
            outbox.post(TOPIC, number=number)
    db.session.remove()


def waiting() -> int:
    with every_tenant():
        db.session.rollback()
        return len(db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.done_at.is_(None))).all())


def until(true: Callable[[], bool], traces: Traces, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, (traces.folder / "log").read_text()[-4000:]
        time.sleep(0.05)


def assert_each_once(traces: Traces) -> None:
    assert sorted(map(int, written("counted"))) == NUMBERS
    assert sorted(map(int, written("counted-after"))) == NUMBERS
    assert traces.told() == NUMBERS


def stop(process: subprocess.Popen) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(15)


def test_killed_workers_lose_nothing_and_repeat_nothing(app, traces):
    here = traces()
    post_many()
    for killed_after in (MESSAGES // 6, MESSAGES // 3, MESSAGES // 2):
        worker = here.start("-m", "tests.jobs.a_worker", "--lease", "1")
        until(lambda goal=killed_after: here.calls() >= goal, here)
        worker.kill()
        assert worker.wait(5) == -signal.SIGKILL
        assert waiting() > 0
    workers = [here.start("-m", "tests.jobs.a_worker", "--lease", "1") for _ in range(2)]
    until(lambda: waiting() == 0, here)
    assert [stop(worker) for worker in workers] == [0, 0]
    assert_each_once(here)


def test_a_worker_told_to_stop_finishes_its_message_and_goes(app, traces):
    here = traces()
    post_many()
    worker = here.start("-m", "tests.jobs.a_worker")
    until(lambda: here.calls() >= 3, here)
    assert stop(worker) == 0
    with every_tenant():
        db.session.rollback()
        leased = select(OutboxMessage.id).where(OutboxMessage.lease_until.is_not(None))
        assert db.session.scalars(leased).all() == []
    assert 0 < waiting() < MESSAGES
    assert here.calls() == len(here.told()) == MESSAGES - waiting()


def test_killed_queue_workers_lose_nothing_and_repeat_nothing(app, traces):
    redis_url = f"{servers.shared_redis().url}/{hash(os.environ.get('PYTEST_XDIST_WORKER', '')) % 60}"
    here = traces(REDIS_URL=redis_url)
    _empty(redis_url)
    post_many()
    relay = here.start("-m", "tests.jobs.a_worker")
    pool = ("-m", "rq.cli", "worker-pool", "prompt", "slow", "-n", "2", "-S", "json", "--url", redis_url)
    for killed_after in (MESSAGES // 6, MESSAGES // 2):
        workers = here.start(*pool, "-w", "tests.jobs.a_worker.QueueWorker")
        until(lambda goal=killed_after: here.calls() >= goal, here)
        _kill_with_children(workers)
        assert waiting() > 0
    workers = here.start(*pool, "-w", "tests.jobs.a_worker.QueueWorker")
    until(lambda: waiting() == 0, here)
    assert stop(relay) == 0
    assert stop(workers) == 0
    assert_each_once(here)


def _empty(redis_url: str) -> None:
    from redis import Redis

    with Redis.from_url(redis_url) as redis:
        redis.flushdb()


def _kill_with_children(process: subprocess.Popen) -> None:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    for pid in [process.pid, *map(int, listed.stdout.split())]:
        os.kill(pid, signal.SIGKILL)
    process.wait(5)
