"""However events come (twice, late, in any order, lost and sent again) and whenever the worker is killed: an order ends
as if everything had been told once, in its order. 20 lives, and 1,000 with `make test-deep`."""

import random

import pytest
import stripe

from kit.db import db
from tests import histories, till
from tests.histories import Script

BATCH, FEW, MANY = 20, 1, 50
BATCHES = [pytest.param(n, marks=[] if n < FEW else pytest.mark.deep) for n in range(MANY)]


@pytest.fixture
def account(roast, sandbox) -> str:
    return till.open_till(sandbox)


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Watches every request to Stripe: the database's transaction must be over by then, of writing or reading."""
    seen: list[str] = []
    request = stripe.RequestsClient.request

    def watched(self, method, url, *more, **kw):
        session = db.session()
        assert not session.in_transaction() and not session.info.get("writing"), f"{method} {url}"
        seen.append(url)
        return request(self, method, url, *more, **kw)

    monkeypatch.setattr(stripe.RequestsClient, "request", watched)
    return seen


@pytest.mark.parametrize("batch", BATCHES)
def test_a_life_told_badly_ends_like_one_told_well(account, sandbox, asked, batch):
    clean: dict[Script, dict] = {}
    kills = 0
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        rng = random.Random(seed)
        script = histories.write(rng)
        if script not in clean:
            clean[script] = histories.told_in_order(sandbox, script)
        outcome, killed = histories.told_badly(sandbox, script, rng)
        assert outcome == clean[script], (seed, script)
        kills += killed
    assert kills > BATCH / 2 and len(asked) > BATCH  # else nothing was tried


def test_the_lives_are_many_and_different():
    scripts = [histories.write(random.Random(seed)) for seed in range(BATCH * MANY)]
    steps = {step[0] for script in scripts for step in script}
    assert len(set(scripts)) > 150
    assert steps == {
        "page", "pay", "challenge", "delayed", "arrives", "fails", "intent", "pay_intent", "let_go", "cancel",
        "by_hand", "refund", "refund_at_stripe", "settle_refund", "fail_refund", "dispute", "win", "lose",
    }  # fmt: skip
