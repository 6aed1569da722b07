"""Customers: oneself, and the store's view of everybody."""

from typing import Literal
from uuid import UUID

from flask import Response, stream_with_context

from api.contract import PagedQuery, Patch, actor, endpoint
from api.schemas.customers import (
    CustomerDetailOut,
    CustomerOut,
    ExportOut,
    OverviewOut,
    PreferencesOut,
    ProfileOut,
    Segment,
)
from kit.actor import Role
from services import addresses, customers, privacy, segments
from services.accounts import passwords, roles
from services.accounts.passwords import ChangePasswordDraft
from services.accounts.roles import RoleDraft
from services.customers import CustomerDraft, PreferencesDraft, ProfileDraft
from services.privacy import EraseDraft
from web.access import SIGNED_IN
from web.auth import token_family

GROUP = "Customers"


class CustomerQuery(PagedQuery):
    search: str = ""
    segment: Segment | None = None
    role: Literal["customer", "staff", "manager", "admin", "any"] = "customer"
    sort_by: Literal["created_at", "name", "email", "orders_count", "total_spent", "last_order_at"] = (
        "created_at"
    )
    sort_dir: Literal["asc", "desc"] = "desc"


@endpoint("GET", "/customers/me", allow=SIGNED_IN, group=GROUP, answer=ProfileOut)
def get_me():
    """Your own profile."""
    return customers.get_me(actor=actor())


@endpoint(
    "PUT", "/customers/me", allow=SIGNED_IN, group=GROUP, body=ProfileDraft, partial=True, answer=ProfileOut
)
def update_me(patch: Patch):
    """Change your own profile."""
    me = addresses.owner_of(actor())
    customers.update_me(patch.onto(ProfileDraft.of(me)), actor=actor(), source="api")
    return customers.get_me(actor=actor())


@endpoint("PUT", "/customers/me/password", allow=SIGNED_IN, group=GROUP, body=ChangePasswordDraft, status=204,
          platform=True, limit="10 per minute")  # fmt: skip
def change_password(draft: ChangePasswordDraft):
    """Change your own password. Every other session ends; the one that asks lives on."""
    passwords.change_password(draft, actor=actor(), keep_family=token_family())


@endpoint("GET", "/customers/me/preferences", allow=SIGNED_IN, group=GROUP, answer=PreferencesOut)
def get_preferences():
    """Which mails you want."""
    return addresses.owner_of(actor())


@endpoint("PUT", "/customers/me/preferences", allow=SIGNED_IN, group=GROUP, body=PreferencesDraft, partial=True,
          answer=PreferencesOut)  # fmt: skip
def update_preferences(patch: Patch):
    """Choose which mails you want."""
    me = addresses.owner_of(actor())
    return customers.update_preferences(patch.onto(PreferencesDraft.of(me)), actor=actor(), source="api")


@endpoint("GET", "/customers/me/data-export", allow=SIGNED_IN, group=GROUP, answer=ExportOut,
          limit="10 per minute")  # fmt: skip
def export_my_data():
    """Everything that the store holds on you."""
    return privacy.export_me(actor=actor())


@endpoint("DELETE", "/customers/me", allow=SIGNED_IN, group=GROUP, body=EraseDraft, status=204, limit="10 per minute",
          errors=("open-orders", "last-admin"))  # fmt: skip
def erase_me(draft: EraseDraft):
    """Delete your account. Orders stay for the books, without you in them; refused while an order is open."""
    privacy.erase_me(draft, actor=actor())


@endpoint(
    "GET", "/customers", allow=Role.MANAGER, group=GROUP, query=CustomerQuery, answer=CustomerOut, many=True
)
def list_customers(query: CustomerQuery):
    """The store's customers. `search` looks at e-mail, name and phone."""
    chosen = query.model_dump(exclude={"role"})
    return customers.list_customers(role=None if query.role == "any" else Role(query.role), **chosen)


@endpoint("GET", "/customers/analytics/overview", allow=Role.MANAGER, group=GROUP, answer=OverviewOut)
def overview():
    """Segments, the last 30 days, and the best customers."""
    return segments.overview()


@endpoint("GET", "/customers/export", allow=Role.ADMIN, group=GROUP, media="text/csv")
def export_customers():
    """Every customer as CSV (UTF-8 with BOM; formulas are defused)."""
    pieces = customers.export_customers(actor=actor())
    headers = {"Content-Disposition": 'attachment; filename="customers.csv"'}
    return Response(stream_with_context(pieces), 200, headers, content_type="text/csv; charset=utf-8")


@endpoint("GET", "/customers/<uuid:customer_id>", allow=Role.MANAGER, group=GROUP, answer=CustomerDetailOut)
def get_customer(customer_id: UUID):
    """A customer with numbers, addresses and latest orders."""
    customer = customers.open_customer(customer_id, actor=actor())
    return CustomerDetailOut.build(
        customer, addresses.list_of(customer.user.id), customers.latest_orders(customer.user.id)
    )


@endpoint("PUT", "/customers/<uuid:customer_id>", allow=Role.MANAGER, group=GROUP, body=CustomerDraft, partial=True,
          answer=CustomerOut, errors=("last-admin",))  # fmt: skip
def update_customer(customer_id: UUID, patch: Patch):
    """Change a customer. Disabling an account ends its sessions at once."""
    customer = customers.get_customer(customer_id)
    customers.update_customer(customer_id, patch.onto(CustomerDraft.of(customer.user)), actor=actor())
    return customers.get_customer(customer_id)


@endpoint("PUT", "/customers/<uuid:user_id>/role", allow=Role.ADMIN, group=GROUP, body=RoleDraft, answer=CustomerOut,
          errors=("last-admin", "plan-limit-reached"))  # fmt: skip
def change_role(user_id: UUID, draft: RoleDraft):
    """Give somebody another role: never above your own, and never away from the last admin."""
    roles.change_role(user_id, draft, actor=actor())
    return customers.get_customer(user_id)
