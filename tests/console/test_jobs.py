"""The console's page of jobs: what waits, what failed, and what can be done about it."""

import re

import pytest
from redis.exceptions import RedisError

from kit.ids import uuid7
from services import deliveries, health
from tests.cast import ALICE, CARLA, PAT, RIVAL
from tests.queries import count_queries
from tests.services.test_dead_letters import message, states

JOBS = "/platform/jobs"


@pytest.fixture
def pat(app, browser):
    return browser.as_(PAT)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_each_state_has_its_list(pat):
    message("order.placed", order_id="o1")
    message("stock.low", dead=False, tenant_id=None)
    dropped = message("order.paid", tenant_id=RIVAL)
    deliveries.drop(dropped, "gone for good", by=PAT.email)
    dead = text_of(pat.get(JOBS))
    assert "order.placed" in dead and "LookupError: no" in dead and "stock.low" not in dead
    assert "stock.low" in pat.get(f"{JOBS}?view=waiting").text
    assert "gone for good" in pat.get(f"{JOBS}?view=dropped").text
    assert "Nothing was delivered lately" in pat.get(f"{JOBS}?view=done").text
    assert pat.get(f"{JOBS}?view=nonsense&topic=x&store=y&page=-1&size=7").status_code == 200
    assert "Nothing here matches" in pat.get(f"{JOBS}?store={RIVAL}").text


def test_one_is_looked_at_and_delivered_again(pat):
    ident = message("order.placed", order_id="o1", reset_token="s3cret")
    page = pat.get(f"{JOBS}/{ident}")
    assert "o1" in page.text and "s3cret" not in page.text and page.text.count("<h1") == 1
    assert pat.post(f"{JOBS}/{ident}/replay").location == f"{JOBS}/{ident}"
    assert states() == {"waiting": 1}
    pat.post(f"{JOBS}/{ident}/replay")
    assert "not among the failed ones" in pat.get(JOBS).text


def test_all_of_a_topic_are_delivered_again(pat):
    for topic in ("order.placed", "order.placed", "stock.low"):
        message(topic)
    assert "Deliver all of “stock.low” again" in pat.get(f"{JOBS}?topic=stock.low").text
    assert pat.post(f"{JOBS}/replay", data={"topic": "stock.low"}).location == f"{JOBS}?view=waiting"
    assert states() == {"dead": 2, "waiting": 1}
    pat.post(f"{JOBS}/replay")
    assert states() == {"waiting": 3}


def test_giving_up_needs_a_reason(pat, everything):
    ident = message()
    before = everything()
    refused = pat.post(f"{JOBS}/{ident}/drop", data={"reason": " "})
    assert refused.status_code == 422 and "Say why" in refused.text
    assert everything() == before
    assert pat.post(f"{JOBS}/{ident}/drop", data={"reason": "test shop"}).location == f"{JOBS}/{ident}"
    page = text_of(pat.get(f"{JOBS}/{ident}"))
    assert "Given up" in page and "test shop" in page and PAT.email in page


def test_who_is_not_of_the_platform_changes_nothing(app, browser, everything):
    ident = message()
    faces = [(browser.at("localhost"), 401), (browser.as_(ALICE), 404), (browser.as_(CARLA), 404)]
    before = everything()
    for face, status in faces:
        for path in (f"{JOBS}/replay", f"{JOBS}/{ident}/replay", f"{JOBS}/{ident}/drop"):
            assert face.post(path, data={"reason": "mine"}).status_code == status
        for path in (JOBS, f"{JOBS}/{ident}"):
            assert face.get(path).status_code == (303 if status == 401 else 404)
    assert everything() == before


def test_unknown_ones_are_not_here(pat, everything):
    before = everything()
    assert pat.get(f"{JOBS}/{uuid7()}").status_code == 404
    for act in ("replay", "drop"):
        assert pat.post(f"{JOBS}/{uuid7()}/{act}", data={"reason": "x"}).status_code == 404
    assert everything() == before


def test_more_jobs_take_no_more_queries(pat):
    counts = []
    for _n in range(2):
        for n in range(4):
            message("stock.low" if n % 2 else "order.placed", tenant_id=RIVAL if n % 2 else None)
        pat.get(JOBS)
        with count_queries() as queries:
            pat.get(JOBS)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9, queries


class Queues:
    """Redis, as far as the page asks it."""

    def __init__(self, **lengths):
        self.lengths = lengths

    def llen(self, key):
        if not self.lengths:
            raise RedisError("down")
        return self.lengths[key.removeprefix("rq:queue:")]


def test_where_there_is_redis_its_queues_are_told(pat, monkeypatch):
    assert "In the queues" not in pat.get(JOBS).text
    monkeypatch.setattr(health, "_redis", Queues(prompt=3, slow=4))
    assert "In the queues 7 prompt: 3, slow: 4" in text_of(pat.get(JOBS))
    monkeypatch.setattr(health, "_redis", Queues())
    assert "In the queues" not in pat.get(JOBS).text
