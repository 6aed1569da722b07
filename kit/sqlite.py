"""How SQLite is opened and how its transactions begin."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

# Options of a connection whose transaction will write.
WRITING = {"sqlite_begin": "IMMEDIATE"}


@event.listens_for(Engine, "connect")
def _sqlite_pragmas(dbapi: Any, record: Any) -> None:
    if type(dbapi).__module__.startswith("sqlite3"):
        dbapi.isolation_level = None  # the driver would begin too late, after the first read
        for pragma in (
            "busy_timeout=15000",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "cache_size=-16000",
            "mmap_size=268435456",
            "temp_store=MEMORY",
        ):
            dbapi.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _sqlite_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "BEGIN " + connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        )


def learn(engine: Engine) -> bool:
    """Let SQLite look at a thousand rows of each index, as PostgreSQL does by itself: without it a large table may be
    searched from the wrong end. Some milliseconds; False on another database."""
    if engine.dialect.name != "sqlite":
        return False
    connection = engine.raw_connection()
    try:
        driver: Any = connection.driver_connection
        driver.execute("PRAGMA analysis_limit=1000")
        driver.execute("ANALYZE")
    finally:
        connection.close()
    return True
