"""Tax rates by class and place, and what became of the tax numbers of businesses."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Timestamps, Word
from models.catalog import TaxClass


class TaxTreatment(StrEnum):
    """Whose tax is in an order."""

    HOME = "home"  # the store's own country, or its rates where a member state has none here
    DESTINATION = "destination"  # the country that it goes to
    REVERSE_CHARGE = "reverse_charge"  # a business elsewhere in the EU accounts for it itself
    EXPORT = "export"  # leaves the EU (or the store's country): none


class CrossBorder(StrEnum):
    """What stays fixed when another country's rate applies."""

    FIXED_GROSS = "fixed_gross"  # what the shopper pays
    FIXED_NET = "fixed_net"  # what the store gets


class ShippingTax(StrEnum):
    OWN_CLASS = "own_class"  # the tax class of the way of sending
    PROPORTIONAL = "proportional"  # the rates of the goods, by their share


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


class VatCheck(TenantOwned, Base):
    """What the EU's register (VIES) answered about a number: the proof that reverse charge rests on."""

    __tablename__ = "vat_checks"
    __table_args__ = (Index(None, "tenant_id", "number", "checked_at"),)

    number: Mapped[str] = mapped_column(String(20))  # with its country's prefix, no spaces
    is_valid: Mapped[bool]
    name: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    consultation: Mapped[str] = mapped_column(
        String(60), default=""
    )  # the register's own number of the answer
    checked_at: Mapped[datetime]
