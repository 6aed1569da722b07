"""Count the statements that a block sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sqlalchemy import event
from sqlalchemy.engine import Engine

from services import tenants

_SILENT = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT set_config")


class Queries(list[str]):
    def __str__(self) -> str:
        return f"{len(self)} queries:\n" + "\n".join(self)


@contextmanager
def count_queries(*, announcements: bool = False) -> Iterator[Queries]:
    """`with count_queries() as queries: …; assert len(queries) <= 4, queries`. What only opens and closes the
    transaction, and chooses the store on PostgreSQL, is not counted; nor is, unless it is asked for, the look at the
    announcements, which any page of the back office may make once in some seconds."""
    seen = Queries()

    def note(connection, cursor, statement, parameters, context, executemany) -> None:
        if not statement.startswith(_SILENT) and (announcements or "FROM announcements" not in statement):
            seen.append(statement)

    glance = tenants.glance

    def noted_glance(statement: str, name: str):
        seen.append(statement)
        return glance(statement, name)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with patch.object(tenants, "glance", noted_glance):
            yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
