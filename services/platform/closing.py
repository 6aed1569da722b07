"""Closing a store for good, and what is seen of it from outside: who asks has to type its name."""

from typing import Annotated
from uuid import UUID

from kit.actor import Actor
from kit.drafts import Draft, Text
from kit.errors import Invalid
from kit.i18n import _
from models.audit import AuditEntry
from models.tenants import Tenant
from services import audit, tenants
from services.audit import AuditFilter
from services.platform.stores import SuspendDraft, delete_store, get_store

LATEST = 10


class ReasonedDraft(SuspendDraft):
    """People give a reason; it is shown to those who work in the store."""

    reason: Annotated[str, Text(500, min=1)]


class DeletionDraft(Draft):
    name: Annotated[str, Text(Tenant.NAME_MAX, min=1)]


def delete_named(tenant_id: UUID, draft: DeletionDraft, *, actor: Actor) -> None:
    """As `delete_store`, where the name is the store's. Invalid on `name`."""
    name = get_store(tenant_id).tenant.name
    if draft.name.casefold() != name.strip().casefold():
        raise Invalid.field(
            "name", "not_the_name", _("Type the name as it is written here: %(name)s", name=name)
        )
    delete_store(tenant_id, actor=actor)


def latest_entries(tenant_id: UUID) -> list[AuditEntry]:
    """The end of the store's audit log, newest first."""
    with tenants.in_store(tenant_id):
        return list(audit.list_entries(AuditFilter(), page_size=LATEST).items)
