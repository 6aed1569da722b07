"""Lists of the back office as somebody left them."""

from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, ref


class SavedView(TenantOwned, Timestamps, Base):
    """`state` is what the list's address says. Who owns it is a person's id as text, for the platform's people look
    in, too; an empty owner makes it everybody's."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "owner", "name"),)

    NAME_MAX = 60
    KIND_MAX = 20

    kind: Mapped[str] = mapped_column(String(KIND_MAX))  # which list: products, orders
    owner: Mapped[str] = mapped_column(String(36), default="")
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    state: Mapped[str] = mapped_column(String(2000), default="")  # a query string
    version: Mapped[int] = mapped_column(default=1)


class DefaultView(TenantOwned, Base):
    """What a person's list opens with."""

    __tablename__ = "default_views"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "owner"),)

    kind: Mapped[str] = mapped_column(String(SavedView.KIND_MAX))
    owner: Mapped[str] = mapped_column(String(36))
    view_id: Mapped[UUID] = ref("saved_views", cascade=True)
