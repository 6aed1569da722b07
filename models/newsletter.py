"""Who wants the store's newsletter, with or without an account, and how that came about."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, ref


class Subscriber(TenantOwned, Base):
    """An address that was put down for the newsletter. It counts from `confirmed_at`, until `left_at`."""

    __tablename__ = "subscribers"
    __table_args__ = (
        UniqueConstraint("tenant_id", "email_key"),
        Index(None, "tenant_id", "confirmed_at"),
    )

    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(5), default="")
    source: Mapped[str] = mapped_column(String(40))  # where it was put down last: footer, checkout, account
    asked_at: Mapped[datetime]  # when the confirmation was last asked for
    confirmed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]  # who is asked again after that has left until the new yes

    @property
    def is_waiting(self) -> bool:
        """Asked, and neither yes nor no since."""
        if self.left_at is not None:
            return self.left_at < self.asked_at
        return self.confirmed_at is None


class SubscriberChoice(TenantOwned, Base):
    """One choice, as proof: never changed, a later one stands beside it."""

    __tablename__ = "subscriber_choices"
    __table_args__ = (
        Index(None, "tenant_id", "subscriber_id", "created_at"),
        Index(None, "tenant_id", "email_key"),
    )

    subscriber_id: Mapped[UUID] = ref("subscribers", cascade=True, index=False)
    email_key: Mapped[str] = mapped_column(String(254))
    what: Mapped[str] = mapped_column(String(20))  # asked, confirmed, left
    source: Mapped[str] = mapped_column(String(40))  # footer, checkout, account, mail, staff
    wording: Mapped[str] = mapped_column(String(200), default="")  # what stood beside the field
    locale: Mapped[str] = mapped_column(String(5), default="")
    created_at: Mapped[datetime]
