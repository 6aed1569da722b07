"""What a store knows of its customers beside their accounts: what they agreed to, and how it groups them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, ref


class Consent(TenantOwned, Base):
    """One choice, as proof: never changed, a later one stands beside it."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "tenant_id", "user_id", "created_at"),)

    user_id: Mapped[UUID] = ref("users", cascade=True, index=False)
    purpose: Mapped[str] = mapped_column(String(40))
    granted: Mapped[bool]
    source: Mapped[str] = mapped_column(
        String(40)
    )  # where it was chosen: register, account, api, staff, unsubscribe
    wording: Mapped[str] = mapped_column(String(200), default="")  # what stood beside the tick
    locale: Mapped[str] = mapped_column(String(5), default="")
    created_at: Mapped[datetime]


class Segment(TenantOwned, Timestamps, Base):
    """A group of customers that the store made of rules: [{field, op, value}]."""

    __tablename__ = "segments"
    __table_args__ = (UniqueConstraint("tenant_id", "name_key"),)

    NAME_MAX = 60

    name: Mapped[str] = mapped_column(String(NAME_MAX))
    name_key: Mapped[str] = mapped_column(String(NAME_MAX))
    matches_all: Mapped[bool] = mapped_column(default=True)  # else one of the rules is enough
    rules: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
