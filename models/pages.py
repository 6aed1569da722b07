"""Content pages: terms, privacy, delivery, about."""

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps


class Page(TenantOwned, Timestamps, Base):
    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text, default="")  # sanitised HTML
    is_active: Mapped[bool] = mapped_column(default=True)
    show_in_menu: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    meta_title: Mapped[str] = mapped_column(String(200), default="")
    meta_description: Mapped[str] = mapped_column(String(500), default="")
