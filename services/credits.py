"""Credit notes, prepared: for every refund that succeeded what an invoice has to take back, numbered in a series of
its own and frozen. An invoicing service makes documents of them: it lists what is prepared, and says when it has
issued one.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from kit import clock, tenancy
from kit.db import db, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import _
from kit.ids import parse_id
from kit.money import share
from models.credits import CreditNote, CreditNoteStatus
from models.orders import Order
from models.payments import Refund, RefundStatus
from models.tenants import Tenant
from services.orders import effects

PREFIX = "CN-"


def prepare(order_id: str, refund_id: str, **_rest: Any) -> None:
    """The handler of `order.refunded`, inside its transaction: once per refund, however often it is told."""
    ident = parse_id(refund_id)
    refund = db.session.scalar(select(Refund).where(Refund.id == ident).options(selectinload(Refund.items)))
    if refund is None or refund.status is not RefundStatus.SUCCEEDED or find_for_refund(refund.id):
        return
    order = effects.lock_order(refund.order_id)
    lines = _lines(order, refund)
    db.session.add(CreditNote(
        order_id=order.id, refund_id=refund.id, number=_take_number(), currency=order.currency, amount=refund.amount,
        net_amount=refund.amount - refund.tax_amount, tax_amount=refund.tax_amount, reason=refund.reason, lines=lines,
        created_at=clock.now(),
    ))  # fmt: skip


def withdraw(order_id: str, refund_id: str, **_rest: Any) -> None:
    """The handler of `refund.failed`: a refund that had succeeded did not arrive. What was issued already stays, for
    its invoicing service to put right."""
    ident = parse_id(refund_id)
    note = find_for_refund(ident) if ident else None
    if note is not None and note.status is CreditNoteStatus.PREPARED:
        note.status = CreditNoteStatus.VOID


def _take_number() -> str:
    """Counts up without gaps: it is taken in the transaction that keeps the note."""
    number = db.session.execute(
        update(Tenant)
        .where(Tenant.id == tenancy.current_tenant_id())
        .values(next_credit_note_number=Tenant.next_credit_note_number + 1, updated_at=Tenant.updated_at)
        .returning(Tenant.next_credit_note_number)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    return f"{PREFIX}{number - 1}"


def _lines(order: Order, refund: Refund) -> list[dict[str, Any]]:
    """What was given back by units, then shipping, then the rest, so that the sums are those of the refund."""
    items = {item.id: item for item in order.items}
    lines: list[dict[str, Any]] = []
    for part in refund.items:
        item = items[part.order_item_id]
        about = {"order_item_id": str(item.id), "name": item.name, "sku": item.sku, "quantity": part.quantity}
        lines.append(
            {"kind": "item", **about, **_sums(part.amount, part.tax_amount), "tax_rate": item.tax_rate}
        )
    shipping_tax = _shipping_tax(order, refund)
    if refund.shipping_amount:
        about = {"order_item_id": None, "name": order.shipping_method, "sku": "", "quantity": 1}
        lines.append({"kind": "shipping", **about, **_sums(refund.shipping_amount, shipping_tax),
                      "tax_rate": None if _is_proportional(order) else order.shipping_tax_rate})  # fmt: skip
    rest = refund.amount - sum(line["gross"] for line in lines)
    rest_tax = refund.tax_amount - sum(line["tax"] for line in lines)
    if rest or rest_tax:
        about = {"order_item_id": None, "name": refund.reason, "sku": "", "quantity": 1}
        lines.append({"kind": "adjustment", **about, **_sums(rest, rest_tax), "tax_rate": None})
    return lines


def _is_proportional(order: Order) -> bool:
    """Its tax has the rates of the goods, and no one of its own."""
    return bool((order.explanation.get("shipping") or {}).get("is_proportional"))


def _shipping_tax(order: Order, refund: Refund) -> int:
    paid = order.shipping_total + (0 if order.prices_include_tax else order.shipping_tax)
    left = refund.tax_amount - sum(part.tax_amount for part in refund.items)
    return min(left, share(order.shipping_tax, refund.shipping_amount, paid)) if paid else 0


def _sums(gross: int, tax: int) -> dict[str, int]:
    return {"net": gross - tax, "tax": tax, "gross": gross}


# --- for whoever writes invoices ------------------------------------------------------------------------------------


def find_for_refund(refund_id: UUID) -> CreditNote | None:
    return db.session.scalar(select(CreditNote).where(CreditNote.refund_id == refund_id))


def list_notes(order_id: UUID) -> Sequence[CreditNote]:
    """Of one order, oldest first."""
    query = (
        select(CreditNote)
        .where(CreditNote.order_id == order_id)
        .order_by(CreditNote.created_at, CreditNote.id)
    )
    return db.session.scalars(query).all()


def list_prepared(limit: int = 100) -> Sequence[CreditNote]:
    """What waits for a document, oldest first."""
    query = select(CreditNote).where(CreditNote.status == CreditNoteStatus.PREPARED)
    return db.session.scalars(query.order_by(CreditNote.created_at, CreditNote.id).limit(limit)).all()


@transaction()
def note_issued(note_id: UUID, *, provider: str, provider_id: str) -> CreditNote:
    """A document was made of it. The same news twice changes nothing; another document is a Conflict."""
    note = db.session.get(CreditNote, note_id, with_for_update=True, populate_existing=True)
    if note is None:
        raise NotFound(_("There is no such credit note."))
    if note.status is CreditNoteStatus.ISSUED and (note.provider, note.provider_id) == (
        provider,
        provider_id,
    ):
        return note
    if note.status is not CreditNoteStatus.PREPARED:
        raise Conflict(
            _("A document was made of this credit note already, or it is void."), code="note-not-prepared"
        )
    note.status, note.provider, note.provider_id = CreditNoteStatus.ISSUED, provider, provider_id
    note.issued_at = clock.now()
    return note
