"""Is a database up to date? Asked at every start, so it costs one query and no import of the app."""

import re
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

_REVISION = re.compile(r"^revision\b.*?=\s*['\"](\w+)['\"]", re.MULTILINE)
_DOWN_REVISION = re.compile(r"^down_revision\b.*?=\s*['\"](\w+)['\"]", re.MULTILINE)


def head(folder: Path) -> str:
    """The last migration in `folder`: the one that no other builds on."""
    sources = [path.read_text() for path in sorted((folder / "versions").glob("*.py"))]
    built_on = {found[1] for source in sources if (found := _DOWN_REVISION.search(source))}
    heads = [
        found[1] for source in sources if (found := _REVISION.search(source)) and found[1] not in built_on
    ]
    if len(heads) != 1:
        raise RuntimeError(f"there must be one last migration, not {heads}")
    return heads[0]


def is_current(connection: Connection, folder: Path) -> bool:
    """False for an empty database, too."""
    try:
        return connection.scalar(text("SELECT version_num FROM alembic_version")) == head(folder)
    except (OperationalError, ProgrammingError):  # there is no such table yet
        return False
