"""How Alembic runs here: batch mode for SQLite, and the policies re-applied afterwards."""

from alembic import context
from flask import current_app
from sqlalchemy import text

import models  # noqa: F401  (knows every table)
from kit.db import Base, Id, Json, UtcTime, Word, db
from kit.policies import apply_policies, keep_append_only, release_append_only

IGNORED = ("product_search", "alembic_version")  # kept by hand: full-text tables differ by database


def _include(obj, name, type_, reflected, compare_to) -> bool:
    by_hand = {"table": IGNORED, "index": ("search_",)}.get(type_, ())
    return not (by_hand and (name or "").startswith(by_hand))


def _render(type_, obj, autogen) -> str | bool:
    """Write our column types as what the database sees, so that migrations do not import the models."""
    if type_ == "type" and isinstance(obj, Id | UtcTime | Word):
        autogen.imports.add("from kit.db import Id, Json, UtcTime")
        if isinstance(obj, Word):
            return "sa.String(length=40)"
        return f"{type(obj).__name__}()"
    if type_ == "type" and obj is Json:
        autogen.imports.add("from kit.db import Id, Json, UtcTime")
        return "Json"
    return False


def run() -> None:
    with current_app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # batch mode copies tables
            connection.rollback()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=False,
            include_object=_include,
            render_item=_render,  # type: ignore[arg-type]
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(777)"))  # two deploys at once
            else:
                release_append_only(connection)
            context.run_migrations()
            script = context.script
            revision = context.get_context().get_current_revision()
            if connection.dialect.name == "sqlite":
                keep_append_only(connection)
            elif revision and revision == script.get_current_head():
                apply_policies(connection, Base.metadata)
        connection.commit()


run()
