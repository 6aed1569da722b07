"""What a shopper is about to buy. Prices are never stored as truth here: a cart shows today's."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.db import Base, TenantOwned, Timestamps, ref
from models.catalog import Product, Variant


class Cart(TenantOwned, Timestamps, Base):
    """Of a customer (`user_id`) or of a guest (`token_hash`, the hash of 128 random bits the guest keeps)."""

    __tablename__ = "carts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        UniqueConstraint("tenant_id", "user_id"),
        Index(None, "tenant_id", "updated_at"),
    )

    user_id: Mapped[UUID | None] = ref("users", cascade=True, index=False)
    token_hash: Mapped[str | None] = mapped_column(String(64))
    coupon_code: Mapped[str | None] = mapped_column(String(60))
    # What was typed at checkout so far, so that Back and errors lose nothing.
    checkout: Mapped[dict[str, Any]] = mapped_column(default=dict)

    items: Mapped[list["CartItem"]] = relationship(
        back_populates="cart",
        order_by="CartItem.id",
        cascade="all, delete-orphan",
        foreign_keys="CartItem.cart_id",
    )


class CartItem(TenantOwned, Timestamps, Base):
    __tablename__ = "cart_items"
    __table_args__ = (
        UniqueConstraint("tenant_id", "cart_id", "product_id", "variant_key"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
    )

    QUANTITY_MAX = 999

    cart_id: Mapped[UUID] = ref("carts", cascade=True)
    product_id: Mapped[UUID] = ref("products", cascade=True)
    variant_id: Mapped[UUID | None] = ref("variants", cascade=True)
    variant_key: Mapped[str] = mapped_column(String(36), default="")
    quantity: Mapped[int]
    price_seen: Mapped[int]  # the unit price at the last look; a difference becomes a warning

    cart: Mapped[Cart] = relationship(back_populates="items", foreign_keys=[cart_id])
    product: Mapped[Product] = relationship(foreign_keys=[product_id])
    variant: Mapped[Variant | None] = relationship(foreign_keys=[variant_id])
