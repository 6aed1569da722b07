"""Where a store sends to, how, and for how much."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base, TenantOwned, Timestamps, Word, ref
from models.catalog import TaxClass


class ShippingType(StrEnum):
    FLAT_RATE = "flat_rate"
    FREE = "free"
    WEIGHT_BASED = "weight_based"
    PRICE_BASED = "price_based"
    PER_ITEM = "per_item"
    PICKUP = "pickup"


class ShippingZone(TenantOwned, Timestamps, Base):
    """Countries (`["*"]` = the rest of the world) and postcode patterns. In `position` order the first match wins."""

    __tablename__ = "shipping_zones"

    name: Mapped[str] = mapped_column(String(100))
    countries: Mapped[list[str]] = mapped_column(default=list)
    postal_codes: Mapped[list[str]] = mapped_column(default=list)  # "10*", "1000-000...1999-999", exact
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    methods: Mapped[list["ShippingMethod"]] = relationship(
        back_populates="zone",
        order_by="ShippingMethod.position",
        cascade="all, delete-orphan",
        foreign_keys="ShippingMethod.zone_id",
    )


class ShippingMethod(TenantOwned, Timestamps, Base):
    """Amounts in minor units, weights in grams. `rates`: [{"up_to": …, "price": …}], `up_to` inclusive."""

    __tablename__ = "shipping_methods"
    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)

    zone_id: Mapped[UUID] = ref("shipping_zones", cascade=True)
    name: Mapped[str] = mapped_column(String(100))
    type: Mapped[ShippingType] = mapped_column(Word(ShippingType))
    price: Mapped[int] = mapped_column(default=0)
    free_above: Mapped[int | None]
    min_weight: Mapped[int | None]
    max_weight: Mapped[int | None]
    min_total: Mapped[int | None]
    max_total: Mapped[int | None]
    rates: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    estimated_days_min: Mapped[int | None]
    estimated_days_max: Mapped[int | None]
    tax_class: Mapped[TaxClass] = mapped_column(Word(TaxClass), default=TaxClass.STANDARD)
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    zone: Mapped[ShippingZone] = relationship(back_populates="methods", foreign_keys=[zone_id])
