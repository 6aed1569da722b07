"""What the console's form of a store begins with."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.actor import Actor
from services import pages, tenants
from services.platform.stores import TenantDraft

PAGES_MAX = 100


@dataclass(frozen=True, slots=True)
class Editable:
    """`values` in the form that TenantDraft reads; `pages`: id and title of what may be linked as terms."""

    values: dict[str, Any]
    version: int
    pages: list[tuple[UUID, str]]


def editable(tenant_id: UUID, *, actor: Actor) -> Editable:
    """NotFound where there is no such store."""
    with tenants.in_store(tenant_id):
        tenant = tenants.row()
        found = pages.list_pages(page_size=PAGES_MAX, actor=actor).items
        return Editable(TenantDraft.of(tenant), tenant.version, [(one.id, one.title) for one in found])
