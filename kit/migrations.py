"""Is a database up to date? Asked at every start, by a plain query: no import of the app nor of SQLAlchemy."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

_REVISION = re.compile(r"^revision\b.*?=\s*['\"](\w+)['\"]", re.MULTILINE)
_DOWN_REVISION = re.compile(r"^down_revision\b.*?=\s*['\"](\w+)['\"]", re.MULTILINE)
Ask = Callable[
    [str], list[Any]
]  # the first column of what a SELECT finds; nothing where there is no such table


@contextmanager
def asking(database_url: str) -> Iterator[Ask]:
    """Questions to a database as its owner: row-level security does not hide anything from them."""
    if database_url.startswith("sqlite"):
        yield from _sqlite(Path(database_url.removeprefix("sqlite:///")))
    else:
        yield from _postgresql(database_url.replace("+psycopg", "", 1))


def _sqlite(path: Path) -> Iterator[Ask]:
    if not path.exists():
        yield lambda question: []
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:

        def ask(question: str) -> list[Any]:
            try:
                return [row[0] for row in connection.execute(question)]
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

        yield ask


def _postgresql(url: str) -> Iterator[Ask]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:

        def ask(question: str) -> list[Any]:
            try:
                return [row[0] for row in connection.execute(question.encode())]
            except psycopg.errors.UndefinedTable:
                return []

        yield ask


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


def is_known(folder: Path, revision: str) -> bool:
    """Is it one of the migrations in `folder`? A newer version's is not."""
    return any(
        found[1] == revision
        for path in (folder / "versions").glob("*.py")
        if (found := _REVISION.search(path.read_text()))
    )


def is_current(ask: Ask, folder: Path) -> bool:
    """False for an empty database, too."""
    return ask("SELECT version_num FROM alembic_version") == [head(folder)]
