"""The audit log as a file."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from sqlalchemy import select

from kit.actor import Actor
from kit.csv import lines
from kit.db import db, transaction
from models.audit import AuditEntry
from services import audit, tenants
from services.audit import BATCH, AuditFilter
from services.tenants import Store

EXPORTED = ("number", "created_at", "actor_kind", "actor_email", "actor_role", "impersonator", "action",
            "resource_type", "resource_id", "changes", "ip", "user_agent", "request_id", "entry_hash")  # fmt: skip


def export_entries(wanted: AuditFilter, *, actor: Actor) -> Iterator[str]:
    """The entries as CSV in pieces, oldest first. That somebody took them is an entry, too."""
    with transaction():
        audit.record("export", ("audit_log", ""), actor=actor)
    return lines(EXPORTED, _exported_rows(wanted, tenants.current()))


def _exported_rows(wanted: AuditFilter, store: Store) -> Iterator[list[Any]]:
    """Page by page, and in no store between the pages: whoever streams this may be elsewhere by then."""
    query = select(AuditEntry).where(*wanted.conditions()).order_by(AuditEntry.number).limit(BATCH)
    after = 0
    while True:
        with tenants.in_store(store):
            found = db.session.scalars(query.where(AuditEntry.number > after)).all()
        for entry in found:
            row = {name: getattr(entry, name) for name in EXPORTED}
            moment = entry.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            yield list(
                {
                    **row,
                    "created_at": moment,
                    "changes": json.dumps(entry.changes, ensure_ascii=False),
                }.values()
            )
        if len(found) < BATCH:
            return
        after = found[-1].number
