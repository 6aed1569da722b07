"""The audit log: who did what, from where, before and after."""

from typing import Any

from kit import clock
from kit.actor import Actor
from kit.db import db
from models.audit import AuditEntry

MASKED = ("password", "secret", "token", "key")


def record(action: str, resource: Any, *, actor: Actor, changes: dict[str, Any] | None = None) -> None:
    """Write one entry in the transaction of what it records. `resource` is a model or a (type, id) pair."""
    kind, ident = resource if isinstance(resource, tuple) else (type(resource).__name__.lower(), resource.id)
    db.session.add(
        AuditEntry(
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_email=actor.email,
            actor_role=str(actor.role or ""),
            action=action,
            resource_type=kind,
            resource_id=str(ident or ""),
            changes={name: _shown(name, value) for name, value in (changes or {}).items()},
            ip=actor.ip,
            user_agent=actor.user_agent[:300],
            request_id=actor.request_id,
            created_at=clock.now(),
        )
    )


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """{field: [old, new]} for what differs."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def _shown(name: str, value: Any) -> Any:
    if any(word in name for word in MASKED):
        return ["•••", "•••"]
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return str(value)
