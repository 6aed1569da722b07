"""The platform's own work: opening stores, looking after them, and its numbers."""

from services.platform.numbers import dashboard
from services.platform.provisioning import ProvisionDraft, ensure_first_sysadmin, provision
from services.platform.stores import (
    StoreView,
    SuspendDraft,
    TenantDraft,
    activate,
    delete_store,
    get_store,
    list_all,
    list_stores,
    list_users,
    suspend,
    update_store,
)

__all__ = [
    "ProvisionDraft",
    "StoreView",
    "SuspendDraft",
    "TenantDraft",
    "activate",
    "dashboard",
    "delete_store",
    "ensure_first_sysadmin",
    "get_store",
    "list_all",
    "list_stores",
    "list_users",
    "provision",
    "suspend",
    "update_store",
]
