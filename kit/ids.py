"""Ids are UUIDv7: they sort by time, so that indexes grow at one end."""

from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["parse_id", "uuid7"]


def parse_id(text: str | UUID) -> UUID | None:
    """The id in `text`, or None where there is none: a malformed id is answered as an unknown one."""
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
