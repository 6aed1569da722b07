"""What things cost over time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from kit.db import Base, TenantOwned, ref


class PriceChange(TenantOwned, Base):
    """The history behind "lowest price of 30 days": what a product or variant cost from `at` on."""

    __tablename__ = "price_changes"
    __table_args__ = (Index(None, "tenant_id", "product_id", "variant_id", "at"),)

    product_id: Mapped[UUID] = ref("products", cascade=True, index=False)
    variant_id: Mapped[UUID | None] = ref("variants", cascade=True)
    price: Mapped[int]
    sale_price: Mapped[int | None]
    sale_starts_at: Mapped[datetime | None]
    sale_ends_at: Mapped[datetime | None]
    at: Mapped[datetime]
