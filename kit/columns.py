"""Types of columns that are the same on both databases: ids, times, words of an enum, JSON."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, String
from sqlalchemy import LargeBinary as Blob
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Id(TypeDecorator[UUID]):
    """A UUID in 16 bytes: native on PostgreSQL, a blob on SQLite (SQLAlchemy's own would be 32 letters there)."""

    impl = Blob(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(postgresql.UUID(as_uuid=True) if native else Blob(16))

    def bind_processor(self, dialect: Dialect) -> Any:
        """These two are asked for every id of every row: PostgreSQL's driver needs nothing between, and SQLite's one
        call instead of three."""
        return None if dialect.name == "postgresql" else _as_bytes

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return None if dialect.name == "postgresql" else _from_bytes


def _as_bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _from_bytes(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)


class UtcTime(TypeDecorator[datetime]):
    """Aware in, aware out, UTC in between (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Word(TypeDecorator[StrEnum]):
    """An enum stored by its value, so that a new member needs no migration."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]):
        super().__init__(40)
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
