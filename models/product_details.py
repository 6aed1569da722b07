"""What hangs on a product: its texts in other languages, what goes well with it, and files for those who bought it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit import clock
from kit.db import Base, TenantOwned, Timestamps, ref


class ProductText(TenantOwned, Base):
    """A product in another language than the store's own. What is empty here is read there."""

    __tablename__ = "product_texts"
    __table_args__ = (UniqueConstraint("tenant_id", "product_id", "locale"),)

    product_id: Mapped[UUID] = ref("products", cascade=True, index=False)
    locale: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(200), default="")
    short_description: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")  # sanitised HTML
    meta_title: Mapped[str] = mapped_column(String(200), default="")
    meta_description: Mapped[str] = mapped_column(String(500), default="")


class RelatedProduct(TenantOwned, Base):
    """Chosen by hand: shown beside `product_id`, in their order."""

    __tablename__ = "related_products"
    __table_args__ = (
        UniqueConstraint("tenant_id", "product_id", "related_id"),
        CheckConstraint("product_id <> related_id", name="not_itself"),
    )

    product_id: Mapped[UUID] = ref("products", cascade=True, index=False)
    related_id: Mapped[UUID] = ref("products", cascade=True)
    position: Mapped[int] = mapped_column(default=0)


class ProductFile(TenantOwned, Timestamps, Base):
    """A file that buyers of a digital product may fetch. Never public: see services/downloads.py."""

    __tablename__ = "product_files"

    product_id: Mapped[UUID] = ref("products", cascade=True)
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))  # what it is called when it arrives
    media_type: Mapped[str] = mapped_column(String(100), default="application/octet-stream")
    size: Mapped[int]  # bytes
    position: Mapped[int] = mapped_column(default=0)


class Download(TenantOwned, Base):
    """What one order may fetch: a copy of the file's name and place, so that it outlives the product."""

    __tablename__ = "downloads"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_item_id", "key"),
        CheckConstraint("used >= 0", name="used_not_negative"),
    )

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    order_item_id: Mapped[UUID] = ref("order_items", cascade=True, index=False)
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    limit: Mapped[int | None]  # None: any number of times
    used: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None]  # None: never
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
