"""The database: base class, column types, the one transaction tool, and the guard that keeps stores apart.

Tenant-owned tables have the primary key (tenant_id, id), and every reference between them is the composite
(tenant_id, x_id): a row can't point into another store, on SQLite either. The ORM sees one id.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import has_app_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    bindparam,
    event,
    inspect,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, InternalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    declared_attr,
    mapped_column,
    registry,
    with_loader_criteria,
)

from kit import clock, sqlite, tenancy
from kit.columns import Id as Id  # models and migrations take all of their words from here
from kit.columns import Json as Json
from kit.columns import UtcTime as UtcTime
from kit.columns import Word as Word
from kit.ids import uuid7
from kit.tenancy import EVERY_TENANT, NoTenant, current_tenant_id

_metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})  # fmt: skip


class Base(DeclarativeBase):
    registry = registry(
        metadata=_metadata,
        type_annotation_map={
            UUID: Id(),
            datetime: UtcTime(),
            int: BigInteger(),
            dict[str, Any]: Json,
            list[str]: Json,
            list[int]: Json,
            list[dict[str, Any]]: Json,
        },
    )


class TenantOwned:
    """Primary key (tenant_id, id) in the database; identity is the id alone in the ORM."""

    # The type is said here, because the guard's criteria are made from this class, not from a mapped one.
    tenant_id: Mapped[UUID] = mapped_column(
        Id(), ForeignKey("tenants.id"), primary_key=True, default=current_tenant_id
    )
    id: Mapped[UUID] = mapped_column(Id(), primary_key=True, default=uuid7)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"primary_key": ["id"]}


class Timestamps:
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


def ref(parent: str, *, index: bool = True, **kw: Any) -> Any:
    """A reference to a row of the same store: `customer_id: Mapped[UUID | None] = ref("users")`.

    Say `foreign_keys=` in the relationship, and it never writes tenant_id. There is no ON DELETE SET NULL on a
    composite key (it would null the tenant); `cascade=True` deletes with the parent.
    """
    return mapped_column(
        info={"refers_to": parent, "indexed": index, "cascade": kw.pop("cascade", False)}, **kw
    )


@event.listens_for(Base, "instrument_class", propagate=True)
def _complete_table(mapper: Any, cls: type) -> None:
    table = mapper.local_table
    if table is None or "tenant_id" not in table.c or not issubclass(cls, TenantOwned):
        return
    tie_to_tenant(table)


def tie_to_tenant(table: Any) -> None:
    """Add the composite references and their indexes (also to association tables made by hand)."""
    for column in list(table.columns):
        if parent := column.info.get("refers_to"):
            cascade = "CASCADE" if column.info["cascade"] else None
            table.append_constraint(
                ForeignKeyConstraint(
                    [table.c.tenant_id, column], [f"{parent}.tenant_id", f"{parent}.id"], ondelete=cascade
                )
            )
            if column.info["indexed"]:
                Index(None, table.c.tenant_id, column)
    if "id" in table.c:
        Index(None, table.c.id)


class ShopSession(FlaskSession):
    """Flask-SQLAlchemy's session; the listeners below hang on this class."""

    def close(self) -> None:
        """What was only read ends with a COMMIT: at a ROLLBACK PostgreSQL's driver forgets all that it has prepared."""
        if (
            self.in_transaction()
            and not self.info.get("writing")
            and not (self.new or self.dirty or self.deleted)
        ):
            with suppress(DBAPIError):
                self.commit()
        super().close()


db = SQLAlchemy(model_class=Base, session_options={"class_": ShopSession, "expire_on_commit": False})


# --- one transaction tool -------------------------------------------------------------------------------------

# What is left to do while a transaction is still open: before its commit, and before a store's block of it is left.
finishing: list[Callable[[], None]] = []


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit on the way out, roll back on error; an inner one joins the outer one. Also a decorator.

    On SQLite it begins IMMEDIATE: a transaction that reads first and writes later fails at once under load. A read
    that is still open is ended first and what it read is expired, so nothing read before the lock decides after it.
    """
    session = db.session()
    if session.info.get("writing"):
        yield session
        return
    end_reading(session)
    session.info["writing"] = True
    try:
        session.connection(execution_options=sqlite.WRITING)
        yield session
        for finish in finishing:
            finish()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def end_reading(session: Session | None = None) -> None:
    """Close the read transaction that is open, if one is. Changes outside transaction() are a bug and refused."""
    session = session or db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside transaction()")
    if session.in_transaction():
        session.commit()
        session.expire_all()


def is_writing() -> bool:
    """Is a transaction open that will write? Gateways refuse to call the outside then."""
    return has_app_context() and db.session.registry.has() and bool(db.session().info.get("writing"))


def copy_of(row: Any) -> Any:
    """A copy of a row's columns that belongs to no session: it never expires, and may be kept in memory."""
    mapper = inspect(type(row))
    return type(row)(**{attribute.key: getattr(row, attribute.key) for attribute in mapper.column_attrs})


def reused(statement: Any) -> Any:
    """A statement that is put together once, with bindparams, and run often: narrowing it to a store is kept, too."""
    return statement.execution_options(is_reused=True)


# --- stores are kept apart --------------------------------------------------------------------------------------


class _CurrentTenant(ColumnElement[UUID]):
    """The store that one is in when a statement is sent: so what narrows is the same for all stores, and is put
    together once. (As a parameter it would be compared anew at every sending, a tenth of a small request.)"""

    type = Id()
    inherit_cache = True
    _traverse_internals: Any = ()  # it is made of nothing else


_current = _CurrentTenant()
_sent = bindparam("store", callable_=current_tenant_id, type_=Id())
_only_current = with_loader_criteria(TenantOwned, lambda cls: cls.tenant_id == _current, include_aliases=True)


@compiles(_CurrentTenant)
def _as_parameter(element: _CurrentTenant, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(_sent, **kw))


@lru_cache(maxsize=1_000)
def _only_of(tenant: UUID) -> Any:
    """For UPDATE and DELETE, whose conditions the ORM works out on the rows in memory, too."""
    return with_loader_criteria(TenantOwned, lambda cls: cls.tenant_id == tenant, include_aliases=True)


@lru_cache(maxsize=2_000)
def _narrowed(statement: Any, option: Any) -> Any:
    return statement.options(option)


@event.listens_for(ShopSession, "do_orm_execute")
def _narrow_to_tenant(state: ORMExecuteState) -> None:
    if tenancy.scope() is EVERY_TENANT:
        return
    tenant = current_tenant_id()
    if state.is_column_load or state.is_relationship_load:
        return  # these go by the row's own composite keys, which stay in its store
    option = _only_current if state.is_select else _only_of(tenant)
    if state.execution_options.get("is_reused"):
        state.statement = _narrowed(state.statement, option)
    else:
        state.statement = state.statement.options(option)


@event.listens_for(ShopSession, "before_flush")
def _refuse_foreign_rows(session: Session, context: UOWTransaction, instances: Any) -> None:
    scope = tenancy.scope()
    if scope is None:
        raise NoTenant("Rows were about to be written outside every store.")
    if scope is EVERY_TENANT:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantOwned) and row.tenant_id not in (None, scope):
            raise NoTenant(f"A {type(row).__name__} of another store was about to be written.")


@event.listens_for(ShopSession, "after_begin")
def _bind_policies(session: Session, transaction: Any, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        _set_role(connection)


def _set_role(connection: Connection) -> None:
    """Row-level security binds this transaction to the store (transaction-local, so pooling is safe). It goes together
    with the BEGIN, which the driver would send by itself: one message instead of two."""
    scope = tenancy.scope()
    role, tenant = ("vitrine_platform", "") if scope is EVERY_TENANT else ("vitrine_app", str(scope or ""))
    says = f"SELECT set_config('role', '{role}', true), set_config('app.tenant', '{tenant}', true)"
    driver: Any = connection.connection.driver_connection
    begin = "BEGIN; " if driver.pgconn.transaction_status == TransactionStatus.IDLE else ""
    if driver.pgconn.exec_(f"{begin}{says}".encode()).status != ExecStatus.TUPLES_OK:
        # Once more by way of the library, which knows a lost connection and a failed transaction from each other.
        connection.exec_driver_sql(says)


def _finish_in_scope() -> None:
    """What was added in a store is written while we are in it. Left by an error, it is dropped with the transaction."""
    if is_writing():
        for finish in finishing:
            finish()
        db.session.flush()


def _scope_changed() -> None:
    """One session per store: objects of one store must never answer in another."""
    if not has_app_context() or not db.session.registry.has():  # there is no session that could know anything
        return
    session = db.session()
    if session.info.get("writing"):
        session.expunge_all()
        if session.is_active and session.get_bind().dialect.name == "postgresql":
            with suppress(
                InternalError
            ):  # the transaction has failed: it takes no statement, but will be rolled back
                _set_role(session.connection())
    else:
        session.close()


tenancy.before_change.append(_finish_in_scope)
tenancy.on_change.append(_scope_changed)
