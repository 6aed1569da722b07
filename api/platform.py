"""The platform's people: their numbers, and the stores they look after."""

from typing import Literal
from uuid import UUID

from api.contract import Created, PagedQuery, Patch, actor, endpoint
from api.schemas.platform import PlatformOut, StoreBriefOut, StoreOut, StoreUserOut
from kit.actor import Role
from services import platform
from services.platform import ProvisionDraft, SuspendDraft, TenantDraft

GROUP = "SysAdmin — Platform Dashboard"
PROVISIONING = "Tenant Provisioning"


class StoreQuery(PagedQuery):
    """Deleted stores are listed with `status=deleted` only."""

    search: str = ""
    plan: str | None = None
    status: Literal["active", "suspended", "deleted"] | None = None
    sort_by: Literal["created_at", "name", "slug", "plan", "status"] = "created_at"
    sort_order: Literal["asc", "desc"] = "desc"


@endpoint("GET", "/sysadmin/dashboard", allow=Role.SYSADMIN, group=GROUP, answer=PlatformOut, platform=True)
def dashboard():
    """What stores pay a month, how many there are, what they sell, month by month."""
    return platform.dashboard()


@endpoint("GET", "/sysadmin/tenants", allow=Role.SYSADMIN, group=GROUP, query=StoreQuery, answer=StoreBriefOut,
          many=True, platform=True)  # fmt: skip
def list_stores(query: StoreQuery):
    """The stores with their numbers. `search` looks at slug, name, contact and domain."""
    chosen = query.model_dump(exclude={"sort_order"})
    return platform.list_stores(descending=query.sort_order == "desc", **chosen)


@endpoint("POST", "/sysadmin/tenants", allow=Role.SYSADMIN, group=PROVISIONING, body=ProvisionDraft, answer=StoreOut,
          status=201, platform=True, errors=("slug-taken",))  # fmt: skip
def provision(draft: ProvisionDraft):
    """Open a store with its first admin, its country's tax rules and a delivery zone. Without a password the admin
    gets a link to choose one. Sample products come only with `demo_content`."""
    tenant = platform.provision(draft, actor=actor())
    return Created(platform.get_store(tenant.id), f"/api/sysadmin/tenants/{tenant.id}")


@endpoint("GET", "/sysadmin/tenants/<uuid:tenant_id>", allow=Role.SYSADMIN, group=PROVISIONING, answer=StoreOut,
          platform=True)  # fmt: skip
def get_store(tenant_id: UUID):
    """One store."""
    return platform.get_store(tenant_id)


@endpoint("GET", "/sysadmin/tenants/<uuid:tenant_id>/detail", allow=Role.SYSADMIN, group=GROUP, answer=StoreOut,
          platform=True)  # fmt: skip
def get_detail(tenant_id: UUID):
    """One store with its numbers, usage and limits."""
    return platform.get_store(tenant_id)


@endpoint("GET", "/sysadmin/tenants/<uuid:tenant_id>/users", allow=Role.SYSADMIN, group=GROUP, query=PagedQuery,
          answer=StoreUserOut, many=True, platform=True)  # fmt: skip
def list_users(tenant_id: UUID, query: PagedQuery):
    """Who has an account in the store; those who work there first."""
    return platform.list_users(tenant_id, page=query.page, page_size=query.page_size)


@endpoint("PUT", "/sysadmin/tenants/<uuid:tenant_id>", allow=Role.SYSADMIN, group=PROVISIONING, body=TenantDraft,
          partial=True, versioned=True, answer=StoreOut, platform=True,
          errors=("slug-taken", "domain-taken", "stripe-not-connected", "stale-version"))  # fmt: skip
def update_store(tenant_id: UUID, patch: Patch):
    """Change a store: all its settings, its plan, addons and domain. A domain set here counts as proven."""
    platform.update_store(tenant_id, dict(patch.sent), actor=actor(), version=patch.version)
    return platform.get_store(tenant_id)


def _suspend(tenant_id: UUID, draft: SuspendDraft):
    platform.suspend(tenant_id, draft, actor=actor())
    return platform.get_store(tenant_id)


def _activate(tenant_id: UUID):
    platform.activate(tenant_id, actor=actor())
    return platform.get_store(tenant_id)


@endpoint("PUT", "/sysadmin/tenants/<uuid:tenant_id>/suspend", allow=Role.SYSADMIN, group=GROUP, answer=StoreOut,
          platform=True, body=SuspendDraft, body_optional=True, errors=("store-deleted",))  # fmt: skip
def suspend(tenant_id: UUID, draft: SuspendDraft):
    """Close the store to shoppers. Its staff may read and not write."""
    return _suspend(tenant_id, draft)


@endpoint("POST", "/sysadmin/tenants/<uuid:tenant_id>/suspend", allow=Role.SYSADMIN, group=PROVISIONING,
          answer=StoreOut, platform=True, body=SuspendDraft, body_optional=True, errors=("store-deleted",))  # fmt: skip
def suspend_by_post(tenant_id: UUID, draft: SuspendDraft):
    """The same as PUT."""
    return _suspend(tenant_id, draft)


@endpoint("PUT", "/sysadmin/tenants/<uuid:tenant_id>/activate", allow=Role.SYSADMIN, group=GROUP, answer=StoreOut,
          platform=True, errors=("store-deleted",))  # fmt: skip
def activate(tenant_id: UUID):
    """Open the store again; a deleted one within 30 days."""
    return _activate(tenant_id)


@endpoint("POST", "/sysadmin/tenants/<uuid:tenant_id>/activate", allow=Role.SYSADMIN, group=PROVISIONING,
          answer=StoreOut, platform=True, errors=("store-deleted",))  # fmt: skip
def activate_by_post(tenant_id: UUID):
    """The same as PUT."""
    return _activate(tenant_id)


@endpoint(
    "DELETE",
    "/sysadmin/tenants/<uuid:tenant_id>",
    allow=Role.SYSADMIN,
    group=GROUP,
    status=204,
    platform=True,
)
def delete_store(tenant_id: UUID):
    """Soft: it answers nowhere any more, its domain is free, its books stay."""
    platform.delete_store(tenant_id, actor=actor())
