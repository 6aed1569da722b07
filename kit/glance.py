"""One look at the database outside of any session: what every request asks."""

from typing import Any, cast

from psycopg import ClientCursor

from kit.db import db


def glance(statement: str, name: str) -> tuple[Any, ...] | None:
    """The first row of a plain SELECT with one parameter, `:name`, over all stores: outside of any session or
    transaction, in one round trip. For what every request asks; it sees what is committed."""
    pooled = db.engine.raw_connection()
    try:
        if db.engine.dialect.name == "sqlite":
            driver: Any = pooled.driver_connection
            return cast("tuple[Any, ...] | None", driver.execute(statement, {"name": name}).fetchone())
        return _glance_postgresql(pooled.driver_connection, statement.replace(":name", "%(name)s"), name)
    finally:
        pooled.close()


def _glance_postgresql(connection: Any, statement: str, name: str) -> tuple[Any, ...] | None:
    """Both statements go in one message, which is one transaction: so the role holds for the second one only."""
    connection.autocommit = True
    try:
        with ClientCursor(connection) as cursor:
            cursor.execute(
                "SELECT set_config('role', 'vitrine_platform', true); " + statement, {"name": name}
            )
            cursor.nextset()
            return cast("tuple[Any, ...] | None", cursor.fetchone())
    finally:
        connection.autocommit = False
