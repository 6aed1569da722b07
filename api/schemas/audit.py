"""The audit log's answers."""

from typing import Any

from pydantic import Field

from api.schemas.base import IdOut, Out, Time
from models.audit import AuditEntry


class ActorOut(Out):
    """`kind`: user, platform (the platform's people), system. Without an account, id and e-mail are empty.
    `impersonator`: the address of the platform's person who acted as this one."""

    id: IdOut | None
    email: str
    role: str | None
    kind: str
    impersonator: str | None


class EntryOut(Out):
    """`number` counts up in each store; `hash` covers the entry and, by `prev_hash`, all that came before it."""

    id: IdOut
    number: int
    actor: ActorOut
    action: str
    resource_type: str
    resource_id: str
    changes: dict[str, Any] = Field(description="{field: [old, new]}; secrets are masked.")
    ip: str
    user_agent: str
    request_id: str
    created_at: Time
    prev_hash: str
    hash: str

    @classmethod
    def of(cls, entry: AuditEntry) -> "EntryOut":
        same = ("id", "number", "action", "resource_type", "resource_id", "changes", "ip", "user_agent", "request_id",
                "created_at", "prev_hash")  # fmt: skip
        who = ActorOut(
            id=entry.actor_id,
            email=entry.actor_email,
            role=entry.actor_role or None,
            kind=entry.actor_kind,
            impersonator=entry.impersonator or None,
        )
        return cls(**{name: getattr(entry, name) for name in same}, actor=who, hash=entry.entry_hash)
