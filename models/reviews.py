"""What customers say of a product: one review each, shown once approved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base, TenantOwned, Timestamps, ref
from models.accounts import User
from models.catalog import Product


class Review(TenantOwned, Timestamps, Base):
    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("tenant_id", "product_id", "user_id"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_is_1_to_5"),
        Index(None, "tenant_id", "product_id", "is_approved", "created_at"),
    )

    product_id: Mapped[UUID] = ref("products", cascade=True)
    user_id: Mapped[UUID | None] = ref("users")
    author_name: Mapped[str] = mapped_column(String(200), default="")
    rating: Mapped[int]
    title: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    is_verified_purchase: Mapped[bool] = mapped_column(default=False)
    is_approved: Mapped[bool] = mapped_column(default=False)
    helpful_count: Mapped[int] = mapped_column(default=0)
    # What the store answers, below the review for everybody to read.
    reply: Mapped[str] = mapped_column(Text, default="", server_default="")
    replied_at: Mapped[datetime | None]
    # Not shown and not waiting any more; the reason is for colleagues.
    rejected_at: Mapped[datetime | None]
    rejected_because: Mapped[str] = mapped_column(String(300), default="", server_default="")

    product: Mapped[Product] = relationship(foreign_keys=[product_id])
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
