"""Customers as JSON: what they see of themselves, and what the store sees."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict

from api.schemas.addresses import AddressOut
from api.schemas.base import MoneyOut, Out, Time
from kit.actor import Role
from models.accounts import User
from models.orders import Order
from services import tenants
from services.customers import Customer, PreferencesDraft

Segment = Literal["new", "returning", "vip", "at_risk", "inactive"]


class ProfileOut(Out):
    """One's own account. Amounts are in `currency`; orders count once they are confirmed."""

    id: UUID
    email: str
    email_verified: bool
    first_name: str
    last_name: str
    phone: str
    locale: str | None
    accepts_marketing: bool
    role: Role
    segment: Segment
    orders_count: int
    total_spent: MoneyOut
    average_order_value: MoneyOut
    currency: str
    last_order_at: Time | None
    is_active: bool
    created_at: Time

    @classmethod
    def values(cls, customer: Customer) -> dict[str, Any]:
        user = customer.user
        names = ("id", "email", "first_name", "last_name", "phone", "locale", "accepts_marketing", "role", "is_active",
                 "created_at")  # fmt: skip
        stats = ("segment", "orders_count", "total_spent", "average_order_value", "last_order_at")
        return {
            **{name: getattr(user, name) for name in names},
            **{name: getattr(customer, name) for name in stats},
            "email_verified": user.email_verified_at is not None,
            "currency": tenants.current().currency,
        }

    @classmethod
    def of(cls, customer: Customer) -> "ProfileOut":
        return cls(**cls.values(customer))


class CustomerOut(ProfileOut):
    """`note` is the staff's and never shown to the customer."""

    note: str
    last_login_at: Time | None

    @classmethod
    def of(cls, customer: Customer) -> "CustomerOut":
        user = customer.user
        return cls(**cls.values(customer), note=user.note, last_login_at=user.last_login_at)


class OrderBriefOut(Out):
    id: UUID
    order_number: str
    status: str
    payment_status: str
    fulfillment_status: str
    display_status: str
    total: MoneyOut
    currency: str
    placed_at: Time | None


class StatsOut(Out):
    orders_count: int
    total_spent: MoneyOut
    average_order_value: MoneyOut
    last_order_at: Time | None


class PreferencesOut(Out):
    order_updates: bool
    marketing: bool
    newsletter: bool
    review_reminders: bool
    back_in_stock: bool

    @classmethod
    def of(cls, user: User) -> "PreferencesOut":
        return cls(**PreferencesDraft.of(user))


class CustomerDetailOut(CustomerOut):
    """`orders` are the latest 20, whatever became of them; the numbers count what was bought."""

    stats: StatsOut
    addresses: list[AddressOut]
    orders: list[OrderBriefOut]
    preferences: PreferencesOut

    @classmethod
    def build(cls, customer: Customer, addresses: list[Any], orders: list[Order]) -> "CustomerDetailOut":
        base = CustomerOut.of(customer)
        return cls(
            **{name: getattr(base, name) for name in CustomerOut.model_fields},
            stats=StatsOut.model_validate(customer),
            addresses=[AddressOut.model_validate(address) for address in addresses],
            orders=[OrderBriefOut.model_validate(order) for order in orders],
            preferences=PreferencesOut.of(customer.user),
        )


class SegmentsOut(Out):
    new: int
    returning: int
    vip: int
    at_risk: int
    inactive: int


class TrendOut(Out):
    date: date
    new: int
    returning: int


class TopCustomerOut(Out):
    id: UUID
    email: str
    name: str
    orders_count: int
    total_spent: MoneyOut


class OverviewOut(Out):
    segments: SegmentsOut
    trend: list[TrendOut]
    top_customers: list[TopCustomerOut]
    currency: str

    @classmethod
    def of(cls, overview: dict[str, Any]) -> "OverviewOut":
        return cls(**overview, currency=tenants.current().currency)


class StoreNameOut(Out):
    name: str
    slug: str


class ExportOut(Out):
    """Everything that the store holds on a person. The records are as they are stored, and more sections may come."""

    model_config = ConfigDict(extra="allow")

    exported_at: str
    store: StoreNameOut
    account: dict[str, Any]
    preferences: dict[str, Any]
    addresses: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    reviews: list[dict[str, Any]]
    cart: dict[str, Any] | None
    sessions: list[dict[str, Any]]
