"""Who did what in the back office. Append-only and chained: each entry carries the hash of the one before it, so a
changed, removed or slipped-in row is found by `services.audit.verify`. The databases refuse changes, too, and let go of
the oldest entries only, as far as the chain says that they were let go (kit/policies.py)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned


class AuditEntry(TenantOwned, Base):
    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index(None, "tenant_id", "created_at"),
        Index(None, "tenant_id", "resource_type", "resource_id"),
        Index(None, "tenant_id", "actor_id", "number"),
    )

    number: Mapped[int]  # 1, 2, 3 … in each store, without gaps
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[UUID | None]
    actor_email: Mapped[str] = mapped_column(String(254), default="")
    actor_role: Mapped[str] = mapped_column(String(20), default="")
    # Who of the platform acted as this person; part of the hash where there is one.
    impersonator: Mapped[str] = mapped_column(String(254), default="", server_default="")
    action: Mapped[str] = mapped_column(String(60))
    resource_type: Mapped[str] = mapped_column(String(60))
    resource_id: Mapped[str] = mapped_column(String(60), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {field: [old, new]}, secrets masked
    ip: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    prev_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64))


class AuditChain(TenantOwned, Base):
    """The end of a store's chain, and where what is kept of it begins: a row per store, locked by whoever adds to it.

    Entries up to `removed_number` are gone by age (services/audit_retention.py); `removed_hash` was the last one's.
    """

    __tablename__ = "audit_chains"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    last_number: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[str] = mapped_column(String(64), default="")
    removed_number: Mapped[int] = mapped_column(default=0, server_default="0")
    removed_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _refuse(mapper: Any, connection: Any, entry: AuditEntry) -> None:
    raise RuntimeError("an entry of the audit log was about to be changed")
