"""SQLite knows how its rows lie, as PostgreSQL does by itself."""

from sqlalchemy import text

from jobs.schedule import TASKS, learn_how_rows_lie
from kit.db import db
from kit.tenancy import every_tenant
from tests import make


def test_once_a_day_sqlite_looks_at_its_indexes(roast, dialect):
    make.product("Mug")
    assert any(task.work is learn_how_rows_lie for task in TASKS)
    assert learn_how_rows_lie() == (dialect == "sqlite")
    if dialect != "sqlite":
        return
    with every_tenant():
        known = set(db.session.scalars(text("SELECT DISTINCT tbl FROM sqlite_stat1")))
    assert {"products", "tenants"} <= known
