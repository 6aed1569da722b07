"""A store, the hosts it answers on, and its settings."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit import clock
from kit.db import Base, Timestamps, Word
from kit.ids import uuid7
from models.taxes import CrossBorder, ShippingTax


class TenantStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class Tenant(Timestamps, Base):
    """The row of a store. Not tenant-owned itself: it is what others are owned by."""

    __tablename__ = "tenants"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("catalog_version >= 0", name="version_counts_up"),
        # The platform's list, the newest first, and its landing page by name: also with ten thousand stores.
        Index(None, "created_at", "id"),
        Index(None, "status", "name"),
    )

    SLUG_MAX = 40
    NAME_MAX = 200

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    slug: Mapped[str] = mapped_column(String(SLUG_MAX))
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    status: Mapped[TenantStatus] = mapped_column(Word(TenantStatus), default=TenantStatus.ACTIVE)
    suspended_reason: Mapped[str] = mapped_column(String(500), default="")
    deleted_at: Mapped[datetime | None]
    plan: Mapped[str] = mapped_column(String(40), default="starter")
    addons: Mapped[list[str]] = mapped_column(default=list)

    # Money, place and language. The currency is fixed once the store has orders.
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    prices_include_tax: Mapped[bool] = mapped_column(default=True)
    cross_border: Mapped[CrossBorder] = mapped_column(Word(CrossBorder), default=CrossBorder.FIXED_GROSS)
    shipping_tax: Mapped[ShippingTax] = mapped_column(Word(ShippingTax), default=ShippingTax.OWN_CLASS)
    timezone: Mapped[str] = mapped_column(String(60), default="Europe/Lisbon")
    locale: Mapped[str] = mapped_column(String(5), default="en")
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["en"])
    country: Mapped[str] = mapped_column(String(2), default="PT")

    # Who sells.
    legal_name: Mapped[str] = mapped_column(String(200), default="")
    legal_address: Mapped[str] = mapped_column(Text, default="")
    vat_number: Mapped[str] = mapped_column(String(30), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    notification_email: Mapped[str] = mapped_column(String(254), default="")

    # How it sells. `payment_methods`: {"card": {"enabled": true}, "bank_transfer": {…, "instructions": "…"}, …}
    payment_methods: Mapped[dict[str, Any]] = mapped_column(default=dict)
    order_number_prefix: Mapped[str] = mapped_column(String(12), default="")
    next_order_number: Mapped[int] = mapped_column(default=1001)
    next_credit_note_number: Mapped[int] = mapped_column(default=1)
    stock_reservation_minutes: Mapped[int] = mapped_column(default=15)
    low_stock_threshold: Mapped[int] = mapped_column(default=5)
    show_stock: Mapped[bool] = mapped_column(default=True)
    guest_checkout: Mapped[bool] = mapped_column(default=True)
    reviews_require_approval: Mapped[bool] = mapped_column(default=True)
    # How many days after an order is done its customer is asked for a review; 0: never.
    review_request_days: Mapped[int] = mapped_column(default=7, server_default="7")
    cors_origins: Mapped[list[str]] = mapped_column(default=list)
    terms_page_id: Mapped[UUID | None]
    privacy_page_id: Mapped[UUID | None]
    maintenance_mode: Mapped[bool] = mapped_column(default=False)
    # The hash of what lets a shopper in meanwhile; empty: nobody but staff.
    maintenance_password: Mapped[str] = mapped_column(String(200), default="", server_default="")
    # Days of the store, both included; without them it is shown until it is emptied.
    holiday_notice: Mapped[str] = mapped_column(String(300), default="", server_default="")
    holiday_from: Mapped[date | None]
    holiday_until: Mapped[date | None]
    # Who carries its parcels, beside the carriers that are known: [{"name": …, "url": "https://…{number}"}]
    carriers: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    require_two_factor: Mapped[bool] = mapped_column(default=False)  # of everybody who works in the store

    # How it looks.
    theme: Mapped[str] = mapped_column(String(40), default="market")
    branding: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The sections of the first page in their order; none: as the theme has them.
    home_sections: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    # What is tried on, and what was worn before: {"theme": …, "branding": {…}, "home_sections": […]}, each if changed.
    draft_look: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    last_look: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    # Moves with every visible change of the catalogue; pages are cached by it. Numbers "left" have a version of their
    # own: orders move it, and they shall not throw lists and their counts away.
    catalog_version: Mapped[int] = mapped_column(default=1)
    stock_version: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)

    domains: Mapped[list["TenantDomain"]] = relationship(
        back_populates="tenant", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": None}


class TenantDomain(Base):
    """A host of the store's own. Only a verified one is answered on."""

    __tablename__ = "tenant_domains"
    __table_args__ = (UniqueConstraint("host"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"), index=True)
    host: Mapped[str] = mapped_column(String(253))
    verified_at: Mapped[datetime | None]
    is_primary: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime | None] = mapped_column(default=clock.now)
    # What the last look at its name servers found; None before the first.
    checked_at: Mapped[datetime | None]
    points_here: Mapped[bool | None]

    tenant: Mapped[Tenant] = relationship(back_populates="domains")
