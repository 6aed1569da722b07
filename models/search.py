"""What a store tells its search, and what the search could not find."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, ref


class Synonym(TenantOwned, Timestamps, Base):
    """Words that mean the same. With `means` it goes one way: who asks for one of `words` also finds `means`, and
    not the other way round. Without, all `words` find each other."""

    __tablename__ = "synonyms"

    words: Mapped[list[str]] = mapped_column(default=list)  # as typed; compared folded
    means: Mapped[list[str]] = mapped_column(default=list)


class SearchMiss(TenantOwned, Base):
    """Something that was looked for and not found: how often, and when last. Never by whom."""

    __tablename__ = "search_misses"
    __table_args__ = (UniqueConstraint("tenant_id", "query"), Index(None, "tenant_id", "last_at"))

    QUERY_MAX = 60

    query: Mapped[str] = mapped_column(String(QUERY_MAX))  # folded words with single spaces
    count: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class StockAlert(TenantOwned, Base):
    """Somebody wants to hear once when a thing can be bought again. Counts for nothing until `confirmed_at`."""

    __tablename__ = "stock_alerts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "product_id", "variant_key", "email_key"),
        Index(None, "tenant_id", "email_key"),
    )

    product_id: Mapped[UUID] = ref("products", cascade=True, index=False)
    variant_id: Mapped[UUID | None] = ref("variants", cascade=True)  # None: the product, in any variant
    variant_key: Mapped[str] = mapped_column(
        String(36), default=""
    )  # the variant's id or '': makes NULL unique
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str | None] = mapped_column(String(5))
    asked_at: Mapped[datetime]  # when the confirmation was last asked for
    confirmed_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]  # stock is back: the one mail is on its way or sent
