"""The look that every request takes first: it sees what is committed, and outlives a lost connection."""

import threading

import pytest
from sqlalchemy import text

from kit.db import db, transaction
from kit.glance import _looks_of, glance
from kit.tenancy import every_tenant
from services import tenants

LOOK = "SELECT name, slug FROM tenants WHERE slug = :name"


def read(slug: str) -> tuple[str, ...] | None:
    row = glance(LOOK, slug)
    return row and tuple(value.decode() if isinstance(value, bytes) else value for value in row)


def rename(name: str) -> None:
    with every_tenant(), transaction() as session:
        session.execute(text("UPDATE tenants SET name = :name WHERE slug = 'roast'"), {"name": name})


def test_it_sees_what_is_committed_and_nothing_else(roast):
    first = read("roast")
    rename("Another name")
    assert first != read("roast") == ("Another name", "roast")
    with pytest.raises(ZeroDivisionError), every_tenant(), transaction() as session:
        session.execute(text("UPDATE tenants SET name = 'Never' WHERE slug = 'roast'"))
        raise ZeroDivisionError
    assert read("roast") == ("Another name", "roast")


@pytest.mark.parametrize("name", ["nobody", "", "roast\0", "Roast", "rOast' OR '1'='1", "\xe9\xff", "%"])
def test_a_name_that_none_has_finds_none(roast, name):
    assert read(name) is None
    assert tenants.find_by_host(f"{name}.localhost") is None


def test_many_at_once_each_get_their_own(app, roast):
    found: list[tuple[str, tuple[str, ...] | None]] = []

    def look(slug: str) -> None:
        with app.app_context():
            found.extend((slug, read(slug)) for _ in range(50))

    threads = [threading.Thread(target=look, args=(slug,)) for slug in ("roast", "rival") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 400
    assert all(row is not None and row[1] == slug for slug, row in found)


def test_lost_connections_are_made_anew(roast, dialect):
    first = read("roast")
    rested = [look.connection for look in _looks_of(db.engine).resting]
    assert rested
    for connection in rested:
        if dialect == "postgresql":  # as a restarted server would
            pid = connection.dbapi_connection.info.backend_pid
            with db.engine.connect() as server:
                server.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        else:
            connection.dbapi_connection.close()
    assert read("roast") == first


def test_what_is_no_statement_is_an_error_and_leaves_no_connection_behind(roast):
    with pytest.raises(Exception, match="nowhere"):
        glance("SELECT a FROM nowhere WHERE b = :name", "roast")
    assert not _looks_of(db.engine).resting
    assert read("roast") is not None
