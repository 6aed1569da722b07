"""Credit notes, prepared: what a refund takes back from an invoice, numbered and frozen for whoever writes invoices."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, TenantOwned, Word, ref


class CreditNoteStatus(StrEnum):
    PREPARED = "prepared"
    ISSUED = "issued"  # an invoicing service has made a document of it
    VOID = "void"  # its refund failed after all


class CreditNote(TenantOwned, Base):
    """All amounts in minor units of `currency`; `net_amount + tax_amount = amount`, and so for the sum of `lines`:
    [{kind: item | shipping | adjustment, order_item_id, name, sku, quantity, net, tax, gross, tax_rate}], where
    `tax_rate` is in hundredths of a percent."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "refund_id"),
        CheckConstraint("net_amount + tax_amount = amount", name="adds_up"),
        Index(None, "tenant_id", "order_id"),
    )

    order_id: Mapped[UUID] = ref("orders", cascade=True)
    refund_id: Mapped[UUID] = ref("refunds", cascade=True)
    number: Mapped[str] = mapped_column(String(30))
    status: Mapped[CreditNoteStatus] = mapped_column(
        Word(CreditNoteStatus), default=CreditNoteStatus.PREPARED
    )
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int]
    net_amount: Mapped[int]
    tax_amount: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500), default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    provider: Mapped[str] = mapped_column(String(40), default="")  # who made the document
    provider_id: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
