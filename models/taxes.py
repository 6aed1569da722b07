"""Tax rates by class and place."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, Word
from models.catalog import TaxClass


class TaxRule(TenantOwned, Timestamps, Base):
    """`rate` in hundredths of a percent: 23 % = 2300. Of one priority the most specific place wins; different
    priorities add up; a compound one applies on top of the sum."""

    __tablename__ = "tax_rules"
    __table_args__ = (
        CheckConstraint("rate BETWEEN 0 AND 10000", name="rate_is_a_percentage"),
        Index(None, "tenant_id", "country", "tax_class"),
    )

    name: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(String(100), default="")
    postal_codes: Mapped[list[str]] = mapped_column(default=list)
    tax_class: Mapped[TaxClass] = mapped_column(Word(TaxClass), default=TaxClass.STANDARD)
    rate: Mapped[int]
    priority: Mapped[int] = mapped_column(default=1)
    is_compound: Mapped[bool] = mapped_column(default=False)
    applies_to_shipping: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
