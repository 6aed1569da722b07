"""Messages that failed for good: delivered again, one or all, or given up with a reason."""

import pytest

from kit import clock
from kit.db import db, transaction
from kit.errors import Invalid, NotFound
from kit.ids import uuid7
from kit.tenancy import every_tenant
from models.outbox import OutboxMessage
from services import deliveries
from services.platform import jobs
from services.platform.condition import condition
from tests.cast import PAT, RIVAL, ROAST
from tests.queries import count_queries


def message(topic="order.placed", *, tenant_id=ROAST, dead=True, **payload):
    now = clock.now()
    with every_tenant(), transaction() as session:
        row = OutboxMessage(
            tenant_id=tenant_id, topic=topic, payload=payload, created_at=now, run_at=now,
            attempts=9 if dead else 0, dead_at=now if dead else None, last_error="LookupError: no" if dead else "",
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def states():
    found = {state: jobs.list_jobs(state).total for state in deliveries.STATES}
    return {state: count for state, count in found.items() if count}


def test_one_starts_over(app):
    first, _second = message(), message()
    deliveries.replay(first)
    assert states() == {"dead": 1, "waiting": 1}
    with pytest.raises(NotFound):
        deliveries.replay(first)
    assert first in [ident for ident, _topic in deliveries.next_due(5)]


def test_all_of_a_topic_or_all(app):
    message("order.placed")
    message("order.placed", dead=False)
    message("stock.low", tenant_id=RIVAL)
    message("stock.low", tenant_id=None)
    assert deliveries.replay_all("order.placed") == 1
    assert states() == {"dead": 2, "waiting": 2}
    assert deliveries.replay_all() == 2 and deliveries.replay_all() == 0
    assert states() == {"waiting": 4}


def test_given_up_is_never_delivered_and_says_why(app, everything):
    ident = message()
    deliveries.drop(ident, "  the address is gone ", by=PAT.email)
    assert states() == {"dropped": 1} and condition().dead == 0
    job, _receipts = jobs.get_job(ident)
    assert (job.message.dropped_because, job.message.dropped_by) == ("the address is gone", PAT.email)
    before = everything()
    for act in (lambda: deliveries.replay(ident), lambda: deliveries.drop(ident, "again", by=PAT.email)):
        with pytest.raises(NotFound):
            act()
    assert deliveries.replay_all() == 0 and everything() == before


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_without_a_reason_nothing_is_given_up(app, everything, reason):
    ident = message()
    before = everything()
    with pytest.raises(Invalid):
        deliveries.drop(ident, reason, by=PAT.email)
    assert everything() == before


def test_what_waits_or_is_unknown_is_not_given_up(app, everything):
    waiting = message(dead=False)
    before = everything()
    for ident in (waiting, uuid7()):
        with pytest.raises(NotFound):
            deliveries.drop(ident, "why not", by=PAT.email)
    assert everything() == before


def test_the_list_is_filtered_and_takes_few_queries(app):
    for n in range(6):
        message("stock.low" if n % 2 else "order.placed", tenant_id=(ROAST, RIVAL, None)[n % 3])
    with count_queries() as queries:
        found = jobs.list_jobs("dead")
    assert len(queries) <= 3, queries
    assert (found.total, {job.store == "" for job in found.items}) == (6, {True, False})
    assert jobs.list_jobs("dead", topic="stock.low", tenant_id=RIVAL).total == 1
    assert jobs.topics_of("dead") == ["order.placed", "stock.low"]


def test_what_opens_a_door_is_not_shown(app):
    with every_tenant():
        row = db.session.get(OutboxMessage, message(reset_token="s3cret", order_id="1"))
        assert jobs.shown_payload(row) == {"reset_token": "•••", "order_id": "1"}
