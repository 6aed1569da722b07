"""Addresses of yesterday."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit import clock
from kit.db import Base, TenantOwned


class SlugRedirect(TenantOwned, Base):
    """An address that a product or category had before; answered with 301 in one hop."""

    __tablename__ = "slug_redirects"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "slug"),)

    kind: Mapped[str] = mapped_column(String(20))  # product | category | page
    slug: Mapped[str] = mapped_column(String(120))
    target_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
