"""Where one is signed in, and ending it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db
from kit.errors import NotFound
from models.accounts import Channel, PlatformUser, RefreshFamily, User
from services import tenants
from services.accounts import sessions, tokens
from tests.cast import CARL, CARLA, PAT, RIVAL, RUDI

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_noted():
    sessions.clear()
    yield
    sessions.clear()


def open_for(who) -> object:
    return sessions.open_browser(db.session.get(User, who.id), actor=who.actor)


def test_browsers_and_apps_stand_in_one_list_this_one_first(roast):
    with clock.at(clock.now() - timedelta(hours=1)):
        this = open_for(CARLA)
    other = open_for(CARLA)
    tokens.issue(db.session.get(User, CARLA.id), actor=CARLA.actor)
    open_for(CARL)
    found = sessions.list_sessions(actor=CARLA.actor, this=this)
    assert [one.is_this_one for one in found] == [True, False, False]
    assert {one.channel for one in found} == {Channel.BROWSER, Channel.API}
    assert {one.id for one in found} >= {this, other}


def test_one_is_ended_and_the_others_live_on(roast):
    this, other = open_for(CARLA), open_for(CARLA)
    sessions.end_one(other, actor=CARLA.actor)
    assert sessions.holder_of("user", CARLA.id, "1", other) is None
    assert sessions.holder_of("user", CARLA.id, "1", this) is not None
    with pytest.raises(NotFound):
        sessions.end_one(other, actor=CARLA.actor)


def test_all_others_are_ended_at_once_apps_too(roast):
    this = open_for(CARLA)
    open_for(CARLA)
    pair = tokens.issue(db.session.get(User, CARLA.id), actor=CARLA.actor)
    carl = open_for(CARL)
    assert sessions.end_others(actor=CARLA.actor, this=this) == 2
    assert sessions.holder_of("user", CARLA.id, "1", this) is not None
    assert tokens.holder_of(tokens.read(pair.access_token)) is None
    assert sessions.holder_of("user", CARL.id, "1", carl) is not None


def test_nobody_ends_somebody_elses(roast):
    carl = open_for(CARL)
    with tenants.in_store(RIVAL):
        rudi = open_for(RUDI)
    for one in (carl, rudi):
        with pytest.raises(NotFound):
            sessions.end_one(one, actor=CARLA.actor)
    assert sessions.holder_of("user", CARL.id, "1", carl) is not None
    assert sessions.holder_of("user", CARLA.id, "1", carl) is None, (
        "a cookie names one person and their session"
    )
    assert sessions.holder_of("user", RUDI.id, "1", rudi) is None, "not in this store"


def test_a_browsers_session_ends_after_thirty_days(roast):
    with clock.at(START):
        this = open_for(CARLA)
    with clock.at(START + timedelta(days=29)):
        assert sessions.holder_of("user", CARLA.id, "1", this) is not None
    with clock.at(START + timedelta(days=31)):
        assert sessions.holder_of("user", CARLA.id, "1", this) is None


def test_an_apps_tokens_are_no_browsers_session(roast):
    pair = tokens.issue(db.session.get(User, CARLA.id), actor=CARLA.actor)
    family = db.session.scalars(select(RefreshFamily)).one()
    assert pair.access_token and sessions.holder_of("user", CARLA.id, "1", family.id) is None


def test_when_it_was_used_is_written_later_and_not_each_time(roast):
    with clock.at(START):
        this = open_for(CARLA)
    with clock.at(START + timedelta(minutes=2)):
        sessions.holder_of("user", CARLA.id, "1", this)
        assert sessions.waiting() == 0
    with clock.at(START + timedelta(minutes=20)):
        sessions.holder_of("user", CARLA.id, "1", this)
        sessions.holder_of("user", CARLA.id, "1", this)
        assert sessions.waiting() == 1
        assert db.session.get(RefreshFamily, this).used_at == START
        assert sessions.flush() == 1
        assert db.session.get(RefreshFamily, this, populate_existing=True).used_at == START + timedelta(
            minutes=20
        )


def test_the_platforms_people_have_sessions_as_well(app):
    from kit.tenancy import every_tenant

    with every_tenant():
        pat = db.session.get(PlatformUser, PAT.id)
    this = sessions.open_browser(pat, actor=PAT.actor)
    other = sessions.open_browser(pat, actor=PAT.actor)
    assert sessions.holder_of("platform", PAT.id, "1", this) is not None
    assert [one.id for one in sessions.list_sessions(actor=PAT.actor, this=this)][0] == this
    assert sessions.end_others(actor=PAT.actor, this=this) == 1
    assert sessions.holder_of("platform", PAT.id, "1", other) is None


def test_a_place_is_known_by_a_sign_in_from_there(roast):
    tokens.issue(db.session.get(User, CARLA.id), actor=CARLA.actor)
    assert not sessions.is_known_place(CARLA.email, ip="203.0.113.9")
    from dataclasses import replace

    tokens.issue(db.session.get(User, CARLA.id), actor=replace(CARLA.actor, ip="203.0.113.9"))
    assert sessions.is_known_place(CARLA.email.upper(), ip="203.0.113.9")
    assert not sessions.is_known_place("nobody@roast.test", ip="203.0.113.9")
