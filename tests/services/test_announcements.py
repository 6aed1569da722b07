"""What the platform tells all stores: when, in which words, and to whom."""

from datetime import timedelta

import pytest

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import speaking
from kit.tenancy import every_tenant
from models.plans import Announcement
from services import announcements, platform, tenants
from services.platform import announcements as telling
from services.platform.announcements import AnnouncementDraft
from tests.cast import ALICE, PAT, RIVAL, ROAST
from tests.queries import count_queries


def tell(text="Maintenance tonight", **sent):
    return telling.announce(read(AnnouncementDraft, {"text": text, **sent}), actor=PAT.actor)


def told(store=ROAST):
    with tenants.in_store(store):
        return [one.text for one in announcements.running()]


def at(**later):
    return (clock.now() + timedelta(**later)).isoformat()


def test_it_runs_from_its_time_until_it_ends(app):
    tell("now")
    tell("soon", starts_at=at(hours=1), ends_at=at(hours=2))
    assert told() == told(RIVAL) == ["now"]
    with clock.at(clock.now() + timedelta(minutes=90)):
        assert set(told()) == {"now", "soon"}
    with clock.at(clock.now() + timedelta(hours=3)):
        assert told() == ["now"]


def test_it_is_read_once_for_many_pages_and_again_when_something_was_announced(app):
    with clock.at(clock.now()):
        assert told() == []
        with count_queries(announcements=True) as queries:
            assert told() == told(RIVAL) == []
        assert not [one for one in queries if "announcements" in one]
        ident = tell("now")
        soon = tell("soon", starts_at=at(seconds=3), ends_at=at(seconds=5))
        assert told() == told(RIVAL) == ["now"]
        telling.end_announcement(ident, actor=PAT.actor)
        assert told() == []
        now = clock.now()
    for seconds, texts in ((4, ["soon"]), (6, [])):
        with clock.at(now + timedelta(seconds=seconds)):
            assert told() == texts
    with every_tenant(), transaction():  # by another process: nobody tells this one
        db.session.get_one(Announcement, soon).ends_at = now + timedelta(days=1)
    with clock.at(now + timedelta(seconds=announcements.KEPT_FOR + 6)):
        assert told() == ["soon"]


def test_the_urgent_comes_first_and_some_are_for_some_plans(app):
    platform.update_store(RIVAL, {"plan": "growth"}, actor=PAT.actor)
    tell("for growth", plans=["growth"])
    tell("to all", level="urgent")
    assert (told(), told(RIVAL)) == (["to all"], ["to all", "for growth"])


def test_each_reader_gets_it_in_their_language_where_there_is_one(app):
    tell("Hello", translations={"pt": "Olá", "de": ""})
    for language, text in (("pt", "Olá"), ("de", "Hello"), ("en", "Hello")):
        with speaking(language):
            assert told() == [text]


def test_changing_and_ending(app):
    ident = tell()
    draft = read(
        AnnouncementDraft, {**AnnouncementDraft.of(telling.get_announcement(ident)), "text": "Later"}
    )
    telling.update_announcement(ident, draft, actor=PAT.actor, version=1)
    assert told() == ["Later"]
    with pytest.raises(Conflict):
        telling.update_announcement(ident, draft, actor=PAT.actor, version=1)
    telling.end_announcement(ident, actor=PAT.actor)
    telling.end_announcement(ident, actor=PAT.actor)
    assert told() == [] and telling.list_announcements().total == 1
    coming = tell(starts_at=at(days=1))
    telling.end_announcement(coming, actor=PAT.actor)
    assert telling.list_announcements().total == 1
    with pytest.raises(NotFound):
        telling.end_announcement(coming, actor=PAT.actor)


def test_without_a_start_one_that_was_to_come_begins_now(app):
    ident = tell(starts_at=at(days=1), ends_at=at(days=2))
    begun = clock.now()
    sent = {"text": "Now", "ends_at": at(hours=1)}
    telling.update_announcement(ident, read(AnnouncementDraft, sent), actor=PAT.actor)
    assert told() == ["Now"]
    with clock.at(clock.now() + timedelta(minutes=30)):  # one that runs keeps its beginning
        telling.update_announcement(ident, read(AnnouncementDraft, sent), actor=PAT.actor)
    started = telling.get_announcement(ident).starts_at
    assert begun <= started <= clock.now()


@pytest.mark.parametrize("sent", [
    {"text": ""}, {"text": "x" * 1001}, {"level": "loud"}, {"plans": ["gold"]}, {"translations": {"xx": "?"}},
    {"translations": {"de": "x" * 1001}}, {"ends_at": "2020-01-01T00:00:00Z"},
    {"starts_at": "2030-01-02T00:00:00Z", "ends_at": "2030-01-01T00:00:00Z"}, {"starts_at": "tomorrow"},
])  # fmt: skip
def test_a_wrong_one_is_not_told(app, everything, sent):
    before = everything()
    with pytest.raises(Invalid):
        telling.announce(read(AnnouncementDraft, {"text": "Hello", **sent}), actor=PAT.actor)
    assert everything() == before


def test_nobody_but_the_platform_writes(app, everything):
    ident = tell()
    before = everything()
    with pytest.raises(NotFound):
        telling.end_announcement(ALICE.id, actor=PAT.actor)
    assert everything() == before and telling.get_announcement(ident).changed_by == PAT.email
