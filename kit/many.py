"""Thousands of rows in one go, for work that changes ten thousand things.

PostgreSQL gets them as one document in one statement: row by row the driver and the wire cost more than the change
itself. SQLite has no wire; it gets plain tuples, without the ORM's way of putting each of them together.

Rows are tuples in the order of `names`, all of the store we are in: its id is said here and by nobody else. What the
ORM fills in by itself (ids, times) is not filled in, and objects that it has already read stay as they are.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from kit.db import db
from kit.tenancy import current_tenant_id

Row = tuple[Any, ...]
_AT_ONCE = 2000  # rows of one document


def insert_many(kind: Any, names: Sequence[str], rows: Iterable[Row]) -> None:
    """New rows with these columns."""
    _send(kind.__table__, tuple(names), list(rows), is_new=True)


def update_many(kind: Any, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Set these columns of rows that are there. The first of `names` is `id`, and each comes once."""
    if names[0] != "id":
        raise ValueError("the first column says which row is meant")
    _send(kind.__table__, tuple(names), list(rows), is_new=False)


def _send(table: Table, names: tuple[str, ...], rows: list[Row], *, is_new: bool) -> None:
    db.session.flush()  # what they refer to
    connection = db.session.connection()
    send = _as_document if connection.dialect.name == "postgresql" else _as_tuples
    for start in range(0, len(rows), _AT_ONCE):
        send(connection, table, names, rows[start : start + _AT_ONCE], is_new)


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def _as_document(
    connection: Connection, table: Table, names: tuple[str, ...], rows: list[Row], is_new: bool
) -> None:
    keys = [f"c{n}" for n in range(len(names))]
    sent = json.dumps(
        [dict(zip(keys, row, strict=True)) for row in rows], default=_as_text, ensure_ascii=False
    )
    connection.exec_driver_sql(_of_document(table, names, is_new), (current_tenant_id(), sent))


@cache
def _of_document(table: Table, names: tuple[str, ...], is_new: bool) -> str:
    """The types are the columns' own, so that what does not fit is refused as it would be by itself."""
    dialect = postgresql.dialect()
    types = ", ".join(f"c{n} {table.c[name].type.compile(dialect)}" for n, name in enumerate(names))
    source = f"(SELECT %s::uuid AS store) AS own, json_to_recordset(%s::json) AS sent({types})"
    if is_new:
        given = ", ".join(f"c{n}" for n in range(len(names)))
        return f"INSERT INTO {table.name} (tenant_id, {_listed(names)}) SELECT store, {given} FROM {source}"  # noqa: S608
    changes = ", ".join(f'"{name}" = c{n}' for n, name in enumerate(names) if n)
    which = "old.tenant_id = store AND old.id = c0"
    return f"UPDATE {table.name} AS old SET {changes} FROM {source} WHERE {which}"  # noqa: S608


def _as_text(value: Any) -> str:
    if isinstance(value, UUID):
        return f"{value.int:032x}"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    raise TypeError(f"{value!r} is nothing for a column")


# --- SQLite ---------------------------------------------------------------------------------------------------------


def _as_tuples(
    connection: Connection, table: Table, names: tuple[str, ...], rows: list[Row], is_new: bool
) -> None:
    columns = [
        _bound(connection, table, name, values)
        for name, values in zip(names, zip(*rows, strict=True), strict=True)
    ]
    columns.append(_bound(connection, table, "tenant_id", [current_tenant_id()]) * len(rows))
    if not is_new:
        columns.append(columns.pop(0))
    connection.exec_driver_sql(_of_tuples(table, names, is_new), list(zip(*columns, strict=True)))


def _bound(connection: Connection, table: Table, name: str, values: Sequence[Any]) -> list[Any]:
    bind = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return list(values) if bind is None else [None if value is None else bind(value) for value in values]


@cache
def _of_tuples(table: Table, names: tuple[str, ...], is_new: bool) -> str:
    if is_new:
        marks = ", ".join("?" for _name in (*names, "tenant_id"))
        return f"INSERT INTO {table.name} ({_listed(names)}, tenant_id) VALUES ({marks})"  # noqa: S608
    changes = ", ".join(f'"{name}" = ?' for name in names[1:])
    return f"UPDATE {table.name} SET {changes} WHERE tenant_id = ? AND id = ?"  # noqa: S608


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
