"""What customers like and have not bought yet, and the link under which they show it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base, TenantOwned, ref
from models.catalog import Product


class WishlistItem(TenantOwned, Base):
    __tablename__ = "wishlist_items"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id", "product_id"),
        Index(None, "tenant_id", "user_id", "added_at"),
    )

    user_id: Mapped[UUID] = ref("users", cascade=True, index=False)
    product_id: Mapped[UUID] = ref("products", cascade=True)
    price_when_added: Mapped[int]  # minor units: a lower price now is worth a word
    added_at: Mapped[datetime]

    product: Mapped[Product] = relationship(foreign_keys=[product_id])


class WishlistShare(TenantOwned, Base):
    """At most one live link per customer; taking it back deletes the row."""

    __tablename__ = "wishlist_shares"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id"), UniqueConstraint("token"))

    user_id: Mapped[UUID] = ref("users", cascade=True, index=False)
    token: Mapped[str] = mapped_column(String(43))  # 256 random bits; it opens a list of products, no person
    created_at: Mapped[datetime]
