"""Closed for a while, with a password; and the notice for holidays."""

from datetime import UTC, date, datetime

import pytest

from kit import clock
from kit.db import db
from kit.drafts import read
from kit.errors import Conflict, Invalid
from models.audit import AuditEntry
from services import holidays, opening, tenants
from services.catalog import schedule
from services.opening import OpeningDraft
from tests.cast import ALICE, RIVAL

BOSS = ALICE.actor


def change(**sent):
    return opening.update_opening(read(OpeningDraft, {**OpeningDraft.of(tenants.row()), **sent}), actor=BOSS)


def test_a_password_is_kept_as_its_hash_and_out_of_the_log(roast):
    assert not opening.has_password() and not opening.is_password("") and opening.seal_of_password() == ""
    row = change(maintenance_mode=True, maintenance_password="open sesame")
    assert row.maintenance_mode and "sesame" not in row.maintenance_password
    assert opening.is_password("open sesame") and opening.is_password(" open sesame ")
    assert not opening.is_password("open") and not opening.is_password("")
    entry = db.session.query(AuditEntry).one()
    assert "sesame" not in str(entry.changes) and row.maintenance_password not in str(entry.changes)
    with tenants.in_store(RIVAL):
        assert not opening.is_password("open sesame")


def test_an_empty_password_keeps_the_old_one(roast):
    change(maintenance_password="open sesame")
    seal = opening.seal_of_password()
    change(maintenance_mode=True)
    assert opening.is_password("open sesame") and opening.seal_of_password() == seal
    change(maintenance_password="another one")
    assert not opening.is_password("open sesame") and opening.seal_of_password() != seal
    change(drop_password=True)
    assert not opening.has_password() and not opening.is_password("another one")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"maintenance_password": "short"}, "maintenance_password"),
        ({"holiday_from": "2026-08-10", "holiday_until": "2026-08-01"}, "holiday_until"),
        ({"holiday_from": "someday"}, "holiday_from"),
        ({"holiday_notice": "x" * 301}, "holiday_notice"),
    ],
)
def test_what_makes_no_sense_is_named(roast, everything, sent, field):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        change(**sent)
    assert [error.field for error in refusal.value.errors] == [field]
    assert everything() == before


def test_two_who_change_it_at_once(roast):
    version = tenants.row().version
    change(holiday_notice="Away")
    with pytest.raises(Conflict):
        opening.update_opening(OpeningDraft(), actor=BOSS, version=version)
    assert tenants.current().holiday_notice == "Away"


def at(*moment: int):
    return clock.at(datetime(*moment, tzinfo=UTC))


def test_a_notice_stands_on_its_days_by_the_stores_wall(roast):
    change(holiday_notice="Away", holiday_from="2026-08-01", holiday_until="2026-08-20")
    store = tenants.current()
    assert (store.holiday_from, store.holiday_until) == (date(2026, 8, 1), date(2026, 8, 20))
    # Lisbon is an hour ahead of UTC in summer.
    for moment, shown in (((2026, 7, 31, 22, 59), ""), ((2026, 7, 31, 23, 0), "Away"),
                          ((2026, 8, 20, 22, 59), "Away"), ((2026, 8, 20, 23, 0), "")):  # fmt: skip
        with at(*moment):
            assert holidays.notice_of(store) == shown, moment


def test_pages_are_kept_until_the_notice_comes_or_goes(roast):
    change(holiday_notice="Away", holiday_from="2026-08-01", holiday_until="2026-08-20")
    store = tenants.current()
    with at(2026, 7, 31, 12):
        assert holidays.next_edge(store) == datetime(2026, 7, 31, 23, tzinfo=UTC)
        assert schedule.next_moment() == datetime(2026, 7, 31, 23, tzinfo=UTC)
    with at(2026, 8, 5, 12):
        assert holidays.next_edge(store) == datetime(2026, 8, 20, 23, tzinfo=UTC)
    with at(2026, 9, 5, 12):
        assert holidays.next_edge(store) is None
