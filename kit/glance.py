"""One look at the database outside of any session: what every request asks first.

It has connections of its own, as many as have looked at once: a pool's care costs more than the look, and on PostgreSQL
the role and the prepared statement belong to the connection, so that a look is one message there and back.
"""

import sqlite3
from collections import deque
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import PoolProxiedConnection

from kit.db import db

Row = tuple[Any, ...]


def glance(statement: str, name: str) -> Row | None:
    """The first row of a plain SELECT with one parameter, `:name`, over all stores, outside of any session or
    transaction; it sees what is committed. PostgreSQL answers in letters: values are to be compared, and numbers to be
    read by int()."""
    if "\0" in name:  # no name has it, and the server's library would read up to there
        return None
    engine = db.engine
    return _looks_of(engine).first(engine, statement, name)


class _SQLiteLook:
    def __init__(self, driver: Any):
        self.driver = driver

    def first(self, statement: str, name: str) -> Row | None:
        row: Row | None = self.driver.execute(statement, {"name": name}).fetchone()
        return row


class _PostgreSQLLook:
    def __init__(self, driver: psycopg.Connection):
        driver.autocommit = True
        driver.execute("SET ROLE vitrine_platform")
        self.pg = driver.pgconn
        self.prepared: dict[str, bytes] = {}

    def first(self, statement: str, name: str) -> Row | None:
        known = self.prepared.get(statement) or self._prepare(statement)
        answer = self.pg.exec_prepared(known, [name.encode()])
        if answer.status != pq.ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(answer.get_error_message())
        if answer.ntuples == 0:
            return None
        return tuple(answer.get_value(0, column) for column in range(answer.nfields))

    def _prepare(self, statement: str) -> bytes:
        name = f"look{len(self.prepared)}".encode()
        answer = self.pg.prepare(name, statement.replace(":name", "$1").encode())
        if answer.status != pq.ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError(answer.get_error_message())
        self.prepared[statement] = name
        return name


class _Own:
    """A connection that has left the pool, and how it looks."""

    def __init__(self, connection: PoolProxiedConnection):
        driver: Any = connection.driver_connection
        connection.detach()  # before anything of it is changed: it must never get back into the pool
        look = _SQLiteLook(driver) if isinstance(driver, sqlite3.Connection) else _PostgreSQLLook(driver)
        self.connection, self.first = connection, look.first

    def close(self) -> None:
        self.connection.close()


class _Looks:
    """Those of one engine that rest."""

    def __init__(self) -> None:
        self.resting: deque[_Own] = deque()

    def first(self, engine: Engine, statement: str, name: str) -> Row | None:
        while True:
            try:
                look, rested = self.resting.pop(), True
            except IndexError:
                look, rested = _Own(engine.raw_connection()), False
            try:
                row = look.first(statement, name)
            except Exception:
                look.close()
                if rested:  # the server may have closed it meanwhile: the next one, and at last a new one
                    continue
                raise
            self.resting.append(look)
            return row

    def close(self) -> None:
        while self.resting:
            self.resting.pop().close()


_all: WeakKeyDictionary[Engine, _Looks] = WeakKeyDictionary()


def _looks_of(engine: Engine) -> _Looks:
    return _all.get(engine) or _all.setdefault(engine, _Looks())


@event.listens_for(Engine, "engine_disposed")
def _close(engine: Engine) -> None:
    if looks := _all.pop(engine, None):
        looks.close()
