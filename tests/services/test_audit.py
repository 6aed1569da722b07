"""The audit log: written with what it records or not at all, in one unbroken chain per store, changed by nobody."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from kit import clock
from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.tenancy import every_tenant
from models.audit import AuditChain, AuditEntry
from services import audit, tenants
from services.audit import AuditFilter
from tests.cast import ALICE, MIA, RITA, RIVAL, ROAST
from tests.queries import count_queries


def write(count: int = 1, *, action: str = "update", actor=ALICE.actor, resource=("thing", "1")) -> None:
    with transaction():
        for n in range(count):
            audit.record(action, resource, actor=actor, changes={"n": [n, n + 1]})


def entries() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)))


def by_force(statement: str, **values) -> None:
    """What somebody who owns the database can do, past the app and its guards."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for change in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS audit_entries_no_{change}"))
        connection.execute(text(statement), values)


def test_entries_follow_each_other_and_say_who_did_what(roast):
    write(2)
    write(actor=MIA.actor, action="delete", resource=("page", "7"))
    found = entries()
    assert [entry.number for entry in found] == [1, 2, 3]
    assert [entry.prev_hash for entry in found] == ["", found[0].entry_hash, found[1].entry_hash]
    assert len({entry.entry_hash for entry in found}) == 3
    last = found[-1]
    assert (last.actor_email, last.actor_role) == (MIA.email, Role.MANAGER)
    assert (last.action, last.resource_type, last.resource_id) == ("delete", "page", "7")
    verdict = audit.verify()
    assert (verdict.is_intact, verdict.entries, verdict.last_hash) == (True, 3, last.entry_hash)


def test_an_empty_log_is_intact(roast):
    assert audit.verify().is_intact


def test_secrets_are_masked(roast):
    with transaction():
        changes = {"webhook_secret": ["a", "b"], "password": [None, "x"], "plan": ["starter", Role.ADMIN]}
        audit.record("update", ("tenant", "1"), actor=ALICE.actor, changes=changes)
    assert entries()[0].changes == {
        "webhook_secret": ["•••", "•••"], "password": ["•••", "•••"], "plan": ["starter", "admin"]
    }  # fmt: skip
    assert audit.verify().is_intact


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_entries SET action = 'nothing' WHERE number = 2", 2),
        ("UPDATE audit_entries SET actor_email = 'mia@roast.test' WHERE number = 1", 1),
        ("UPDATE audit_entries SET changes = '{}' WHERE number = 3", 3),
        ("UPDATE audit_entries SET entry_hash = prev_hash WHERE number = 2", 2),
        ("UPDATE audit_entries SET number = 9 WHERE number = 2", 2),
        ("DELETE FROM audit_entries WHERE number = 1", 1),
        ("DELETE FROM audit_entries WHERE number = 3", 3),
        ("DELETE FROM audit_entries", 1),
        ("DELETE FROM audit_chains", 4),
    ],
)
def test_what_was_tampered_with_is_found(roast, statement, broken_at):
    write(3)
    by_force(statement)
    verdict = audit.verify()
    assert not verdict.is_intact
    assert verdict.broken_at == broken_at


def test_a_changed_entry_with_a_fresh_hash_breaks_the_next_one(roast):
    write(3)
    forged = entries()[1]
    forged.action = "forged"
    fresh = audit.hash_of(forged)
    db.session.expunge(forged)
    by_force("UPDATE audit_entries SET action = 'forged', entry_hash = :hash WHERE number = 2", hash=fresh)
    verdict = audit.verify()
    assert (verdict.broken_at, verdict.why) == (3, "does not follow the one before")


@pytest.mark.parametrize(
    "change",
    [
        lambda: setattr(entries()[0], "action", "x"),
        lambda: db.session.delete(entries()[0]),
        lambda: db.session.execute(
            update(AuditEntry).values(action="x").execution_options(synchronize_session=False)
        ),
        lambda: db.session.execute(delete(AuditEntry).execution_options(synchronize_session=False)),
    ],
)
def test_the_app_can_neither_change_nor_delete_an_entry(roast, everything, change):
    write(2)
    before = everything()
    with pytest.raises((RuntimeError, DatabaseError)), transaction():
        change()
    assert everything() == before


def test_the_platform_can_not_either(roast, everything):
    write(2)
    before = everything()
    with pytest.raises(DatabaseError), every_tenant(), transaction():
        db.session.execute(delete(AuditEntry).execution_options(synchronize_session=False))
    assert everything() == before


def test_nothing_is_written_of_what_was_rolled_back(roast):
    with pytest.raises(ZeroDivisionError), transaction():
        audit.record("update", ("thing", "1"), actor=ALICE.actor)
        raise ZeroDivisionError
    write(action="later")
    assert [(entry.number, entry.action) for entry in entries()] == [(1, "later")]


def test_a_savepoint_takes_its_entries_with_it(roast):
    with transaction():
        audit.record("first", ("thing", "1"), actor=ALICE.actor)
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            audit.record("lost", ("thing", "1"), actor=ALICE.actor)
            with db.session.begin_nested():
                audit.record("lost too", ("thing", "1"), actor=ALICE.actor)
            raise ZeroDivisionError
        with db.session.begin_nested():
            audit.record("kept", ("thing", "1"), actor=ALICE.actor)
    assert [entry.action for entry in entries()] == ["first", "kept"]
    assert audit.verify().is_intact


def test_outside_a_transaction_nothing_can_be_recorded(roast):
    with pytest.raises(RuntimeError):
        audit.record("update", ("thing", "1"), actor=ALICE.actor)


def test_each_store_has_a_chain_of_its_own(app):
    with every_tenant(), transaction():
        for store, who in ((ROAST, ALICE), (RIVAL, RITA), (ROAST, MIA)):
            with tenants.in_store(store):
                audit.record("login", ("user", who.id), actor=who.actor)
    for store, people in ((ROAST, [ALICE, MIA]), (RIVAL, [RITA])):
        with tenants.in_store(store):
            assert [(e.number, e.actor_email) for e in entries()] == [
                (n, p.email) for n, p in enumerate(people, 1)
            ]
            assert audit.verify().is_intact
            assert audit.list_entries(AuditFilter()).total == len(people)


def test_entries_written_at_the_same_moment_make_one_chain(roast, the_app):
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with the_app.app_context(), tenants.in_store(ROAST):
                for _ in range(5):
                    write(2)
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    db.session.rollback()  # what was read before the others wrote
    assert [entry.number for entry in entries()] == list(range(1, 41))
    assert audit.verify().is_intact
    assert db.session.scalars(select(AuditChain.last_number)).all() == [40]


def test_entries_are_found_by_person_action_thing_and_time(roast):
    lisbon = ZoneInfo("Europe/Lisbon")
    noon = datetime(2026, 3, 10, 12, tzinfo=lisbon)
    for days, (actor, action, kind) in enumerate(
        [(ALICE, "create", "page"), (MIA, "update", "page"), (MIA, "delete", "tag")]
    ):
        with clock.at(noon + timedelta(days=days)):
            write(actor=actor.actor, action=action, resource=(kind, "1"))

    def numbers(**wanted) -> list[int]:
        return [entry.number for entry in audit.list_entries(AuditFilter(**wanted)).items]

    assert numbers() == [3, 2, 1]
    assert numbers(user_id=MIA.id) == [3, 2]
    assert numbers(action="create") == [1]
    assert numbers(resource_type="page", resource_id="1") == [2, 1]
    assert numbers(since=noon + timedelta(days=1)) == [3, 2]
    assert numbers(before=noon + timedelta(days=1)) == [1]
    found = audit.choices()
    assert found.resource_types == ["page", "tag"]
    assert found.people == [(ALICE.id, ALICE.email), (MIA.id, MIA.email)]


def test_what_there_is_to_choose_from_is_the_stores_own_under_the_last_address(app):
    with tenants.in_store(ROAST):
        assert audit.choices() == audit.Choices([], [])
        write(3)
        write(actor=replace(ALICE.actor, email="new@example.test"), resource=("page", "1"))
        write(actor=Actor("system"), resource=("order", "1"))
        write(actor=MIA.actor, resource=("order", "1"))
    with tenants.in_store(RIVAL):
        write(actor=RITA.actor, resource=("zebra", "1"))
        assert audit.choices() == audit.Choices(["zebra"], [(RITA.id, RITA.email)])
    with tenants.in_store(ROAST):
        with count_queries() as queries:
            found = audit.choices()
        assert len(queries) == 2
    assert found.resource_types == ["order", "page", "thing"]
    assert found.people == [(MIA.id, MIA.email), (ALICE.id, "new@example.test")]
