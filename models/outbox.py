"""What is to happen after commit. Written in the transaction that makes it true, delivered by the worker."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from kit.ids import uuid7


class OutboxMessage(Base):
    """Delivered at least once; `id` is the key by which a handler can tell a repetition.

    Not TenantOwned, because the platform posts messages too; row-level security still keeps a store to its own.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (Index(None, "done_at", "run_at"), Index(None, "tenant_id", "created_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    tenant_id: Mapped[UUID | None]
    topic: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
    # Why somebody gave a dead message up, and who. It is done then, and stays dead.
    dropped_because: Mapped[str] = mapped_column(String(500), default="", server_default="")
    dropped_by: Mapped[str] = mapped_column(String(254), default="", server_default="")


class OutboxReceipt(Base):
    """One handler's work on one message is done: a retry after a crash skips what was already delivered."""

    __tablename__ = "outbox_receipts"

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    handler: Mapped[str] = mapped_column(String(120), primary_key=True)
    done_at: Mapped[datetime]
