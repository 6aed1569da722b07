"""The audit log is kept as long as the plan says: the oldest entries go, and the chain holds from the first kept."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from jobs import schedule
from kit import clock
from kit.db import db, transaction
from kit.tenancy import every_tenant
from models.audit import AuditChain, AuditEntry
from models.tenants import Tenant, TenantStatus
from services import audit, audit_retention, tenants
from services.audit import AuditFilter
from tests.cast import RITA, RIVAL, ROAST
from tests.queries import count_queries
from tests.services.test_audit import by_force, entries, write
from tests.services.test_plans import change

AGES = (400, 390, 380, 20, 10)


def grown(ages=AGES, **kw) -> None:
    """A log with an entry of each age in days."""
    for days in ages:
        with clock.at(clock.now() - timedelta(days=days)):
            write(**kw)


def numbers() -> list[int]:
    db.session.rollback()
    return [entry.number for entry in entries()]


def trim() -> int:
    """In no store, as the clock does."""
    (task,) = [task for task in schedule.TASKS if task.work is audit_retention.trim_due]
    return task.work()


def test_what_is_older_than_the_plan_keeps_goes_and_the_chain_holds(app):
    with tenants.in_store(ROAST):
        grown()
        old = entries()[2]
    assert trim() == 3
    with tenants.in_store(ROAST):
        assert numbers() == [4, 5, 6]
        told = entries()[-1]
        assert (told.action, told.actor_kind, told.resource_type) == ("trimmed", "system", "audit_log")
        assert told.changes == {"removed_until": 3, "last_removed_hash": old.entry_hash}
        assert entries()[0].prev_hash == old.entry_hash
        verdict = audit.verify()
        assert (verdict.is_intact, verdict.entries, verdict.last_hash) == (True, 3, told.entry_hash)
        write()
        assert numbers() == [4, 5, 6, 7] and audit.verify().is_intact
        assert audit.list_entries(AuditFilter()).total == 4
    assert trim() == 0


def test_it_goes_on_year_after_year_and_rests_where_nothing_happens(app):
    with tenants.in_store(ROAST):
        grown()
    assert trim() == 3
    with clock.at(clock.now() + timedelta(days=360)):
        assert trim() == 2
        with tenants.in_store(ROAST):
            assert numbers() == [6, 7] and audit.verify().is_intact
    with clock.at(clock.now() + timedelta(days=3_000)):
        assert trim() == 0
        with tenants.in_store(ROAST):
            write()
            assert audit.verify().is_intact


def test_a_long_log_goes_in_parts(app, monkeypatch):
    monkeypatch.setattr(audit_retention, "PART", 2)
    with tenants.in_store(ROAST):
        grown((500, 490, 480, 470, 460, 1))
    assert trim() == 5
    with tenants.in_store(ROAST):
        assert numbers() == [6, 7, 8, 9] and audit.verify().is_intact


def test_an_entry_behind_a_younger_one_waits_for_it(app):
    with tenants.in_store(ROAST):
        grown((400, 20, 390))
    assert trim() == 1
    with tenants.in_store(ROAST):
        assert numbers() == [2, 3, 4] and audit.verify().is_intact


def test_each_store_is_kept_by_its_own_plan(app):
    with every_tenant(), transaction() as session:
        session.get(Tenant, RIVAL).plan = "scale"  # for ever
    for store, who in ((ROAST, None), (RIVAL, RITA)):
        with tenants.in_store(store):
            grown(**({"actor": who.actor} if who else {}))
    assert trim() == 3
    change("starter", audit_days="30")
    with tenants.in_store(ROAST):
        assert tenants.current().offer.audit_days == 30
    assert trim() == 0  # 20 and 10 days old
    with clock.at(clock.now() + timedelta(days=15)):
        assert trim() == 1
    with tenants.in_store(RIVAL):
        assert numbers() == [1, 2, 3, 4, 5] and audit.verify().is_intact
    with tenants.in_store(ROAST):
        assert numbers() == [5, 6, 7] and audit.verify().is_intact


def test_a_deleted_store_keeps_what_it_has(app):
    with tenants.in_store(ROAST):
        grown()
    with every_tenant(), transaction() as session:
        session.get(Tenant, ROAST).status = TenantStatus.DELETED
    assert trim() == 0


def test_many_stores_are_asked_in_as_many_statements_as_few(app):
    with count_queries() as few:
        assert trim() == 0
    with every_tenant(), transaction() as session:
        session.add_all(Tenant(slug=f"shop-{n}", name=f"Shop {n}") for n in range(10))
    with count_queries() as many:
        assert trim() == 0
    assert len(many) == len(few), many


@pytest.mark.parametrize(("statement", "broken_at"), [
    ("UPDATE audit_entries SET action = 'nothing' WHERE number = 5", 5),
    ("DELETE FROM audit_entries WHERE number = 4", 4),
    ("DELETE FROM audit_entries WHERE number = 6", 6),
    ("UPDATE audit_entries SET changes = '{}' WHERE number = 6", 6),
    ("UPDATE audit_chains SET removed_number = 0, removed_hash = ''", 1),
    ("UPDATE audit_chains SET removed_hash = 'abc'", 4),
    ("DELETE FROM audit_chains", 1),
])  # fmt: skip
def test_what_was_tampered_with_afterwards_is_found(app, statement, broken_at):
    with tenants.in_store(ROAST):
        grown()
    assert trim() == 3
    by_force(statement)
    with tenants.in_store(ROAST):
        verdict = audit.verify()
        assert (verdict.is_intact, verdict.broken_at) == (False, broken_at)


def test_an_end_that_no_entry_tells_of_is_found(app):
    """Somebody who owns the database cuts off the beginning, and moves the chain's word for it."""
    with tenants.in_store(ROAST):
        grown()
        hash_of_four = entries()[3].entry_hash
    by_force("DELETE FROM audit_entries WHERE number <= 4")
    by_force("UPDATE audit_chains SET removed_number = 4, removed_hash = :hash", hash=hash_of_four)
    with tenants.in_store(ROAST):
        verdict = audit.verify()
        assert (verdict.is_intact, verdict.broken_at) == (False, 4)
        assert verdict.why == "removed, and no entry tells of it"


# --- the databases' own walls ---------------------------------------------------------------------------------------


def take(*where):
    db.session.execute(delete(AuditEntry).where(*where).execution_options(synchronize_session=False))


def test_nothing_goes_that_the_chain_does_not_name(app, everything):
    with tenants.in_store(ROAST):
        grown()
    assert trim() == 3
    before = everything()
    for where in ((AuditEntry.number == 4,), (AuditEntry.number > 0,)):
        with pytest.raises(DatabaseError), every_tenant(), transaction():
            take(AuditEntry.tenant_id == ROAST, *where)
    for changed in ({"action": "x"}, {"number": 1}):
        with pytest.raises(DatabaseError), every_tenant(), transaction():
            wish = update(AuditEntry).where(AuditEntry.number == 4).values(**changed)
            db.session.execute(wish.execution_options(synchronize_session=False))
    assert everything() == before


def test_one_store_is_no_key_to_another(app, everything):
    for store in (ROAST, RIVAL):
        with tenants.in_store(store):
            grown()
    with every_tenant():
        audit_retention.trim(ROAST, clock.now() - timedelta(days=365))
    before = everything()
    with pytest.raises(DatabaseError), every_tenant(), transaction():
        take(AuditEntry.tenant_id == RIVAL, AuditEntry.number == 1)
    assert everything() == before


@pytest.mark.postgres_only
def test_a_store_itself_may_delete_nothing_whatever_its_chain_says(roast, everything):
    grown()
    with transaction():
        db.session.execute(update(AuditChain).values(removed_number=5))
    before = everything()
    with pytest.raises(DatabaseError), transaction():
        take(AuditEntry.number == 1)
    with pytest.raises(DatabaseError), transaction():
        db.session.execute(text("TRUNCATE audit_entries"))
    assert everything() == before
    with pytest.raises(DatabaseError), every_tenant(), transaction():
        db.session.execute(text("TRUNCATE audit_entries"))


def test_an_error_on_the_way_leaves_all_as_it_was(app, everything, monkeypatch):
    with tenants.in_store(ROAST):
        grown()
    before = everything()
    monkeypatch.setattr(audit_retention, "delete", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        trim()
    assert everything() == before
    with tenants.in_store(ROAST):
        assert audit.verify().is_intact
        assert db.session.scalars(select(AuditChain.removed_number)).all() == [0]
