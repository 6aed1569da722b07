"""One key, one call."""

from datetime import timedelta

import pytest

from kit import clock
from kit.errors import Conflict, Invalid
from services import idempotency as keys
from services import tenants
from tests import cast

CALL = ("user:1", "checkout", "abc")


def test_the_second_call_gets_the_first_ones_answer(roast):
    assert keys.claim(*CALL, "hash") is None
    keys.finish(*CALL, 201, {"Location": "/x"}, b"{}")
    assert keys.claim(*CALL, "hash") == keys.Replay(201, {"Location": "/x"}, b"{}")


def test_another_body_is_refused_and_the_answer_stays(roast):
    keys.claim(*CALL, "hash")
    keys.finish(*CALL, 201, {}, b"{}")
    with pytest.raises(Invalid) as refusal:
        keys.claim(*CALL, "other")
    assert refusal.value.code == "idempotency-key-reused"
    assert keys.claim(*CALL, "hash").status == 201


def test_a_second_call_while_the_first_is_running_is_refused(roast):
    keys.claim(*CALL, "hash")
    with pytest.raises(Conflict) as refusal:
        keys.claim(*CALL, "hash")
    assert refusal.value.code == "request-in-progress"


def test_a_call_that_died_frees_its_key_when_its_lease_is_over(roast):
    keys.claim(*CALL, "hash")
    with clock.at(clock.now() + keys.LEASE + timedelta(seconds=1)):
        assert keys.claim(*CALL, "other") is None


def test_an_abandoned_key_is_free_at_once(roast):
    keys.claim(*CALL, "hash")
    keys.abandon(*CALL)
    assert keys.claim(*CALL, "other") is None


def test_after_a_day_the_key_is_new_again(roast):
    keys.claim(*CALL, "hash")
    keys.finish(*CALL, 201, {}, b"{}")
    with clock.at(clock.now() + keys.KEPT):
        assert keys.claim(*CALL, "other") is None
        assert keys.sweep_old() == 0
    with clock.at(clock.now() + 2 * keys.KEPT):
        assert keys.sweep_old() == 1


def test_keys_belong_to_the_caller_the_endpoint_and_the_store(app):
    with tenants.in_store(cast.ROAST):
        keys.claim(*CALL, "hash")
        assert keys.claim("user:2", "checkout", "abc", "x") is None
        assert keys.claim("user:1", "refund", "abc", "x") is None
    with tenants.in_store(cast.RIVAL):
        assert keys.claim(*CALL, "x") is None
