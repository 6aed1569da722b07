"""Parcels."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base, TenantOwned, Timestamps, Word, ref
from models.orders import Order


class ParcelStatus(StrEnum):
    """`pending`: packed, and still in the house."""

    PENDING = "pending"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Fulfillment(TenantOwned, Timestamps, Base):
    __tablename__ = "fulfillments"

    TRACKING_URL_MAX = 500

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    status: Mapped[ParcelStatus] = mapped_column(Word(ParcelStatus), default=ParcelStatus.SHIPPED)
    carrier: Mapped[str] = mapped_column(String(100), default="")
    tracking_number: Mapped[str] = mapped_column(String(100), default="")
    tracking_url: Mapped[str] = mapped_column(String(TRACKING_URL_MAX), default="")
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(foreign_keys=[order_id])
    items: Mapped[list["FulfillmentItem"]] = relationship(
        cascade="all, delete-orphan",
        foreign_keys="FulfillmentItem.fulfillment_id",
        order_by="FulfillmentItem.id",
    )


class FulfillmentItem(TenantOwned, Base):
    __tablename__ = "fulfillment_items"
    __table_args__ = (CheckConstraint("quantity >= 1", name="quantity_positive"),)

    fulfillment_id: Mapped[UUID] = ref("fulfillments", cascade=True)
    order_item_id: Mapped[UUID] = ref("order_items", cascade=True)
    quantity: Mapped[int]
