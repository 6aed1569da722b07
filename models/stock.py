"""How much of what there is: one row per thing that can be bought, holds of open checkouts, and the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, ref


class StockItem(TenantOwned, Base):
    """The stock of a product without variants, or of one variant.

    sellable = on_hand − allocated − Σ live reservations of other carts. A writer locks this row first, then sums
    the reservations, then writes.
    """

    __tablename__ = "stock_items"
    __table_args__ = (
        UniqueConstraint("tenant_id", "product_id", "variant_key"),
        CheckConstraint("allocated >= 0", name="allocated_not_negative"),
    )

    product_id: Mapped[UUID] = ref("products", cascade=True)
    variant_id: Mapped[UUID | None] = ref("variants", cascade=True)
    variant_key: Mapped[str] = mapped_column(
        String(36), default=""
    )  # the variant's id or '': makes NULL unique
    on_hand: Mapped[int] = mapped_column(default=0)
    allocated: Mapped[int] = mapped_column(default=0)  # promised to orders, not yet shipped


class StockReservation(TenantOwned, Base):
    """A hold of an open checkout. One that has expired counts for nothing, swept or not."""

    __tablename__ = "stock_reservations"
    __table_args__ = (UniqueConstraint("tenant_id", "stock_item_id", "cart_id"),)

    stock_item_id: Mapped[UUID] = ref("stock_items", cascade=True)
    cart_id: Mapped[UUID] = ref("carts", cascade=True)
    quantity: Mapped[int]
    first_held_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class StockMovement(TenantOwned, Base):
    """The ledger of `on_hand`: on_hand = Σ quantity."""

    __tablename__ = "stock_movements"
    __table_args__ = (Index(None, "tenant_id", "stock_item_id", "created_at"),)

    stock_item_id: Mapped[UUID] = ref("stock_items", cascade=True, index=False)
    kind: Mapped[str] = mapped_column(
        String(20)
    )  # initial | count | shipped | unshipped | returned | written_off
    quantity: Mapped[int]
    before: Mapped[int]
    after: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300), default="")
    reference: Mapped[str] = mapped_column(String(60), default="")
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
