"""May requests come to this process? Asked every few seconds by whoever spreads them."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text

from kit import migrations
from kit.db import db, end_reading
from kit.tenancy import every_tenant
from services import health

BEARABLE = {"redis"}  # without it limits and queues wait, and shops sell on
LEAST_SPACE = 64 * 1024 * 1024  # bytes on the disk of the local data
_migrations = Path()
_local = Path()


def configure(config: Any, migrations_folder: Path) -> None:
    """Set once at start: what the database and the disk are held against."""
    global _migrations, _local
    _migrations, _local = migrations_folder, config.instance


def unready() -> dict[str, str]:
    """What this process lacks, by what was asked; empty: it is ready. But for BEARABLE it can't answer requests."""
    asked: tuple[tuple[str, Callable[[], str]], ...] = (
        ("database", health.database),
        ("migrations", _schema),
        ("row-level security", _policies),
        ("redis", health.queue),
        ("disk", _disk),
    )
    found: dict[str, str] = {}
    for name, ask in asked:
        if "database" in found and name in {"migrations", "row-level security"}:
            continue
        if (answer := ask()) != "ok":
            found[name] = answer
    return found


@cache
def _head(folder: Path) -> str:
    return migrations.head(folder)


def _schema() -> str:
    """Behind is what our models can't read. Ahead it may be during a deployment: the old version works on."""
    with every_tenant():
        there = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        end_reading()
    if there == _head(_migrations) or (there and not migrations.is_known(_migrations, there)):
        return "ok"
    return f"at {there}, this version needs {_head(_migrations)}: flask db upgrade"


def _policies() -> str:
    """On PostgreSQL: do the policies bind the role that the stores' requests take?"""
    if db.engine.dialect.name != "postgresql":
        return "ok"
    with every_tenant():
        db.session.execute(text("SELECT set_config('role', 'vitrine_app', true)"))
        unbound = db.session.scalars(text(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT row_security_active(c.oid)"
        )).all()  # fmt: skip
        end_reading()
    return f"does not bind {', '.join(sorted(unbound))}: flask db upgrade" if unbound else "ok"


def _disk() -> str:
    try:
        free = shutil.disk_usage(_local).free
    except OSError:
        return "is not there"
    return "ok" if free >= LEAST_SPACE else f"{free // 1024**2} MB free"
