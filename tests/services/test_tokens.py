from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import jwt
import pytest

from kit import clock
from kit.db import db, transaction
from kit.errors import Unauthenticated
from kit.tenancy import every_tenant
from models.accounts import RefreshFamily, User
from services import tenants
from services.accounts import people, signing_in, tokens
from tests.cast import CARLA, PASSWORD, PAT, RIVAL, ROAST


@pytest.fixture
def pair(roast):
    return tokens.issue(signing_in.sign_in(CARLA.email, PASSWORD))


def is_good(pair):
    try:
        return tokens.holder_of(tokens.read(pair.access_token)) is not None
    except Unauthenticated:
        return False


def test_a_token_says_who_and_where_and_no_more(pair):
    claims = tokens.read(pair.access_token)
    assert (claims["sub"], claims["tenant"], claims["role"]) == (str(CARLA.id), str(ROAST), "customer")
    assert claims["exp"] - claims["iat"] == 900
    assert set(claims) == {"sub", "tenant", "role", "ver", "fam", "iat", "exp", "jti", "type", "fresh"}
    assert tokens.holder_of(claims).id == CARLA.id


def test_it_ends_after_fifteen_minutes_and_a_refresh_after_thirty_days(pair):
    with clock.at(clock.now() + timedelta(minutes=14)):
        assert is_good(pair)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert not is_good(pair)
        again = tokens.refresh(pair.refresh_token)
    with clock.at(clock.now() + timedelta(days=31)), pytest.raises(Unauthenticated):
        tokens.refresh(again.refresh_token)


def test_a_thief_and_the_owner_are_both_out(pair):
    owners = tokens.refresh(pair.refresh_token)
    with pytest.raises(Unauthenticated):
        tokens.refresh(pair.refresh_token)
    with pytest.raises(Unauthenticated):
        tokens.refresh(owners.refresh_token)
    assert not is_good(owners)
    assert db.session.query(RefreshFamily).one().revoked_at is not None


def test_one_sign_in_may_be_kept_while_all_others_end(pair):
    other = tokens.issue(signing_in.sign_in(CARLA.email, PASSWORD))
    family = UUID(tokens.read(pair.access_token)["fam"])
    with transaction():
        tokens.end_all(people.get_user(CARLA.id), keep=family)
    assert is_good(pair)
    assert not is_good(other)


def test_a_token_ends_with_the_account(pair):
    with transaction() as session:
        session.get(User, CARLA.id).is_active = False
    assert not is_good(pair)
    with pytest.raises(Unauthenticated):
        tokens.refresh(pair.refresh_token)


def test_a_token_is_worth_nothing_in_another_store(pair):
    with tenants.in_store(RIVAL):
        assert not is_good(pair)
        tokens.revoke(pair.access_token)
        with pytest.raises(Unauthenticated):
            tokens.refresh(pair.refresh_token)
    assert is_good(pair)


def test_the_platforms_token_is_good_in_every_store(app):
    pair = tokens.issue(signing_in.sign_in(PAT.email, PASSWORD))
    assert is_good(pair)
    with tenants.in_store(ROAST):
        assert is_good(pair)
    tokens.revoke(pair.refresh_token)
    assert not is_good(pair)


@pytest.mark.parametrize(
    "change", [{"sub": "x"}, {"fam": "x"}, {"fam": None}, {"type": "refresh"}, {"exp": 1}]
)
def test_a_token_with_other_claims_opens_nothing(pair, change):
    claims = {**tokens.read(pair.access_token), **change}
    forged = jwt.encode(claims, tokens._keys[0], algorithm="HS256")
    assert not is_good(replace(pair, access_token=forged))


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_only_our_own_signature_is_read(pair, algorithm):
    claims = tokens.read(pair.access_token)
    key = "" if algorithm == "none" else "s" * 64
    with pytest.raises(Unauthenticated):
        tokens.read(jwt.encode(claims, key, algorithm=algorithm))
    with pytest.raises(Unauthenticated):
        tokens.read(jwt.encode(claims, "another secret of thirty-two letters", algorithm="HS256"))


def test_an_old_secret_is_still_read(pair):
    keys = tokens._keys
    try:
        tokens.configure("a new secret that has thirty-two letters", keys)
        assert is_good(pair)
        assert is_good(tokens.refresh(pair.refresh_token))
    finally:
        tokens.configure(keys[0], keys[1:])


def test_expired_families_are_forgotten(pair):
    with every_tenant():
        assert tokens.forget_expired(clock.now()) == 0
        assert tokens.forget_expired(clock.now() + timedelta(days=40)) == 1
